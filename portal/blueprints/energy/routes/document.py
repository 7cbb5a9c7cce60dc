"""What a check found, as a document to print and as a message."""

from collections.abc import Iterator

from portal.blueprints.energy.routes.words import Found, SchemeInWords
from portal.documents import Guide, Item, Part
from portal.i18n import current_language, format_moment
from portal.i18n import gettext as _
from portal.web import current


def document(found: Found) -> Guide:
    """Return what was found as a document in the reader's language."""
    parts = [
        Part(str(section.heading), str(section.note), tuple(_item(scheme) for scheme in section.schemes))
        for section in found.sections
    ]
    further = (
        (_("We don’t know yet"), found.open),
        (_("Perhaps, if something else is so"), found.perhaps),
        (_("Not announced yet"), found.later),
    )
    parts += [Part(heading, "", tuple(_item(scheme) for scheme in schemes)) for heading, schemes in further if schemes]
    if found.not_for:
        items = tuple(Item(name, (("", why),)) for name, why in found.not_for)
        parts.append(Part(_("Not for you, and why"), "", items))
    contacts = current.council().contacts
    return Guide(
        language=current_language(),
        title=_("Help with energy that you could get"),
        about=(
            found.in_short or _("From your answers, we found nothing that you could get now."),
            _("This is a guide. A person decides, not a computer."),
        ),
        parts=tuple(parts),
        end=(
            _("Need a person? Call %(phone)s.", phone=contacts.phone),
            _("Made on %(moment)s.", moment=format_moment(current.now())),
        ),
        written_at=current.now(),
    )


def message(found: Found) -> str:
    """Return what was found as paragraphs, a line each: what there is and how to get it."""
    lines = [found.in_short or _("From your answers, we found nothing that you could get now.")]
    for section in found.sections:
        lines.append(f"{section.heading}:")
        lines += [
            " ".join(filter(None, (f"{one.name}. {one.amount}", one.how, one.by_when))) for one in section.schemes
        ]
    return "\n".join(lines)


def _item(scheme: SchemeInWords) -> Item:
    return Item(scheme.name, tuple(_lines(scheme)))


def _lines(scheme: SchemeInWords) -> Iterator[tuple[str, str]]:
    if scheme.status:
        yield str(scheme.status[0]) + ".", str(scheme.status[1])
    yield "" if scheme.gives.startswith(scheme.amount) else scheme.amount, scheme.gives
    labelled = (
        (_("Why:"), scheme.why),
        (_("By when:"), scheme.by_when),
        (_("You will need:"), f"{scheme.show}." if scheme.show else ""),
        (_("How:"), scheme.how),
        (_("If it doesn’t come:"), scheme.otherwise),
        (_("It depends on this too, which we can’t know from your answers:"), " ".join(scheme.confirm)),
        (_("Not confirmed:"), " ".join(scheme.unconfirmed)),
        ("", scheme.link or ""),
    )
    yield from ((label, text) for label, text in labelled if text)
