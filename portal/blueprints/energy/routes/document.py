"""What a check found, as a document to print and as a message."""

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from flask import request

from portal.blueprints.energy.routes.words import BY_AREA, IF_OWING, Found, SchemeInWords, sentence
from portal.documents import Guide, Item, Part
from portal.i18n import current_language, format_moment, words
from portal.i18n import gettext as _
from portal.web import current


def document(found: Found) -> Guide:
    """Return what was found as a document in the reader's language."""
    parts = [
        *_first(found),
        *(Part(str(one.heading), str(one.note), tuple(map(_item, one.schemes))) for one in found.sections),
        *_open(found),
        *_short(_("You already get this"), ((one.name, one.gives) for one in found.already)),
        *_named(_("Perhaps, if something else is so"), map(_item, found.perhaps)),
        *_short(_("Not announced yet"), ((one.name, one.gives) for one in found.later)),
        *_short(_("Not for you, and why"), found.not_for),
    ]
    return Guide(
        language=current_language(),
        title=_("Help with energy that you could get"),
        about=(found.in_short, _("This is a guide. A person decides, not a computer.")),
        parts=tuple(parts),
        end=(reach(), _("Made on %(moment)s.", moment=format_moment(current.now()))),
        written_at=current.now(),
    )


def message(found: Found) -> str:
    """Return what was found as paragraphs, a line each: what there is and how to get it, without the answers."""
    lines = [f"{_('Call us now')}: {reach()}"] if found.is_urgent else []
    lines.append(found.in_short)
    for section in found.sections:
        lines += [f"{section.heading}. {section.note}", *map(_in_a_line, section.schemes)]
    return "\n".join((*lines, reach()))


def _in_a_line(scheme: SchemeInWords) -> str:
    return " ".join((f"{scheme.name}:", *(f"{label} {text}".strip() for label, text in _what_to_do(scheme))))


def reach() -> str:
    """Return how to reach the council."""
    contacts = current.council().contacts
    return _(
        "Call %(phone)s, %(hours)s, or write to %(email)s.",
        phone=contacts.phone,
        hours=words(contacts.hours),
        email=contacts.email,
    )


def _first(found: Found) -> Iterator[Part]:
    """Yield what comes before all else: whom to call, and what to do first."""
    if found.is_urgent:
        yield Part(_("Call us now"), " ".join((reach(), *found.urgent)), ())
    if found.steps:
        items = tuple(
            Item(str(step.what), (("", ", ".join(name for _slug, name in step.about)),)) for step in found.steps
        )
        yield Part(_("What to do first"), "", items)
    if found.owing:
        advice = [
            _("Free advice: %(name)s, %(phone)s.", name=words(adviser.name), phone=adviser.phone)
            for adviser in current.council().contacts.advice
        ]
        told = " ".join((*map(str, found.owing), *advice))
        yield Part(str(IF_OWING), told, ())
    if found.pension_credit:
        yield Part(_("Pension Credit"), " ".join(found.about_pension_credit), ())


def _open(found: Found) -> Iterator[Part]:
    """Yield what isn't known yet: which answers could open what."""
    if not found.open:
        return
    asked = [(one.title, one.opens) for one in found.questions]
    asked += [(str(BY_AREA), found.by_area)] if found.by_area else []
    items = (Item(what, (("", _("It could open: %(names)s.", names=", ".join(opens))),)) for what, opens in asked)
    yield Part(_("What we don’t know yet"), _("We can go through these questions with you: call us."), tuple(items))


def _short(heading: str, lines: Iterable[tuple[str, str]]) -> Iterator[Part]:
    """Yield a part of things that a line each says enough of; nothing if there are none."""
    return _named(heading, (Item(name, (("", text),)) for name, text in lines))


def _named(heading: str, items: Iterable[Item]) -> Iterator[Part]:
    there = tuple(items)
    if there:
        yield Part(heading, "", there)


def _item(scheme: SchemeInWords) -> Item:
    return Item(scheme.name, tuple(_lines(scheme)))


def _lines(scheme: SchemeInWords) -> Iterator[tuple[str, str]]:
    if scheme.status:
        yield str(scheme.status[0]) + ".", str(scheme.status[1])
    first, *further = _what_to_do(scheme)
    confirm = _("It depends on this too, which we can’t know from your answers:")
    more = ((_("Why:"), scheme.why), (confirm, " ".join(scheme.confirm)))
    yield first
    yield from ((label, text) for label, text in more if text)
    yield from further


def _what_to_do(scheme: SchemeInWords) -> Iterator[tuple[str, str]]:
    """Yield what there is and how to get it."""
    yield f"{scheme.amount}." if scheme.amount else "", scheme.gives
    labelled = (
        (_("How:"), scheme.how),
        (_("On our website:"), urljoin(request.url_root, scheme.way[0]) if scheme.way else ""),
        (_("By when:"), scheme.by_when),
        (_("How long it takes:"), scheme.decision),
        (_("You will need:"), sentence(scheme.show)),
        (_("If it doesn’t come:"), scheme.otherwise),
        ("", scheme.link or ""),
    )
    yield from ((label, text) for label, text in labelled if text)
