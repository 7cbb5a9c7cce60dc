"""Helps in the words of the resident whose account it is: for them, and for a manager who looks into one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.i18n import Lazy, format_date, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.helping import Agreement
from portal.identity.visits import PAGE_SENT, Change, Visit
from portal.web import current
from portal.web.helping import team_name

REASONS: dict[str, Lazy] = {
    "question": _l("You had a question about it"),
    "cannot-use": _l("You couldn’t use the website: no device, no internet, or not used to it"),
    "health": _l("Health, sight, hearing or hands made it hard for you"),
    "language": _l("Language or reading made it hard for you"),
    "went-wrong": _l("Something went wrong when you tried"),
    "urgent": _l("It was urgent"),
    "other": _l("Something else"),
}
_ON_ITS_WAY = frozenset({"asked", "done", "waits", "unknown"})
"""Outcomes of what was done, or may yet have been; any other is of something that wasn't."""
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """old, new: None where there was or is nothing, or nothing more to say than ``what``."""

    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class VisitInWords:
    """Texts that a page shows of one help. tried: of what wasn't done. extensions: until when, and why."""

    id: UUID
    who: str
    how: str
    since: datetime
    until: datetime
    is_going_on: bool
    agreed: str
    reason: str
    words: str
    may: str
    seen: tuple[str, ...]
    changes: tuple[ChangeInWords, ...]
    tried: tuple[str, ...]
    extensions: tuple[tuple[datetime, str], ...]


def in_words(visit: Visit) -> VisitInWords:
    """Return a help as a page shows it, in the reader's language."""
    who = shown_as(name=visit.staff_name, team=visit.team)
    return VisitInWords(
        id=visit.id,
        who=who,
        how=_how(visit.agreement, who),
        since=visit.started_at,
        until=visit.ends_at,
        is_going_on=visit.ends_at > current.now(),
        agreed=_agreed(visit),
        reason=str(REASONS.get(visit.reason, REASONS["other"])),
        words=visit.words,
        may=_may(visit),
        seen=acts_in_words(act.act for act in visit.acts if _is_seen(act.act)),
        changes=tuple(_changes(visit)),
        tried=tuple(_tried(visit)),
        extensions=tuple((one.until, one.words) for one in visit.extensions),
    )


def shown_as(*, name: str, team: str) -> str:
    """Return what residents read of a member of staff: the team or the name, as the council has settled."""
    if current.council().staff.shown_as == "name":
        return name
    return team_name(team) or words(current.council().short_name)


def acts_in_words(acts: Iterable[str]) -> tuple[str, ...]:
    """Return what acts of the audit showed or did, as residents know it: each once, in their order."""
    known = _seen() | _done()
    return tuple(dict.fromkeys(str(known[act]) if act in known else _unnamed(act) for act in acts))


def _unnamed(act: str) -> str:
    """Return words for an act that none were written for: of a page, whose service it is."""
    kind, _colon, endpoint = act.partition(":")
    name = _names().get(endpoint.partition(".")[0])
    if name is None:
        return _("Something else in your account")
    if kind == PAGE_SENT:
        return _("Something sent on a page of %(service)s", service=name)
    return _("Other pages of %(service)s", service=name)


def _names() -> dict[str, Lazy]:
    """Return what each blueprint's service is called."""
    return {face.blueprint.name: service.name for service in current.services() for face in service.faces}


def _seen() -> dict[str, Lazy]:
    return {act: text for service in current.services() for act, text in service.seen.items()}


def _done() -> dict[str, Lazy]:
    return {act: text for service in current.services() for act, text in service.done.items()}


def _is_seen(act: str) -> bool:
    """Tell whether an act showed something; one that nobody knows may have."""
    return not (act.startswith(("help.", PAGE_SENT)) or act in _done())


def _changes(visit: Visit) -> Iterator[ChangeInWords]:
    """Yield what was changed, and what was done without changing anything that could be told. The code of a change is
    its act's, perhaps with more behind it.
    """
    noted = tuple(f"{change.what}." for change in visit.changes)
    for change in visit.changes:
        yield _change(change)
    for act in visit.acts:
        is_shown = _is_seen(act.act) or act.act.startswith("help.")
        is_noted = any(what.startswith(f"{act.act}.") for what in noted)
        if not (is_shown or is_noted) and "done" in act.outcomes:
            (what,) = acts_in_words([act.act])
            yield ChangeInWords(what, None, None)


def _change(change: Change) -> ChangeInWords:
    (what,) = acts_in_words([change.what])
    old, new = (with_days(value) if value is not None else None for value in (change.old, change.new))
    return ChangeInWords(what, old, new)


def _tried(visit: Visit) -> Iterator[str]:
    done = _done()
    for act in visit.acts:
        if act.act not in done:
            continue
        if "unknown" in act.outcomes:
            yield _("We asked for it, and didn’t hear the answer: %(what)s", what=done[act.act])
        if act.outcomes - _ON_ITS_WAY:
            yield _("Not done: %(what)s", what=done[act.act])


def with_days(text: str) -> str:
    """Return a text with its days, which are in ISO 8601, as the reader writes them."""

    def in_words(found: re.Match[str]) -> str:
        try:
            return format_date(date.fromisoformat(found[0]))
        except ValueError:
            return found[0]

    return _DAY.sub(in_words, text)


def _how(agreement: Agreement, who: str) -> str:
    match agreement:
        case Agreement.IN_PERSON:
            return _("%(who)s, together with you", who=who)
        case Agreement.PHONE:
            return _("%(who)s, on the phone with you", who=who)
        case Agreement.STANDING:
            return _("%(who)s, as you agreed before", who=who)
        case Agreement.LEGAL:
            return _("%(who)s, with somebody who acts for you by law", who=who)


def _agreed(visit: Visit) -> str:
    until = format_date(visit.agreed_until, "long") if visit.agreed_until else ""
    match visit.agreement:
        case Agreement.IN_PERSON:
            return _("You were there, and agreed.")
        case Agreement.PHONE:
            return _("You agreed on the phone, call %(reference)s.", reference=visit.agreed)
        case Agreement.STANDING:
            return _("You agreed in writing until %(day)s: %(document)s.", document=visit.agreed, day=until)
        case Agreement.LEGAL:
            return _(
                "Somebody acts for you by law until %(day)s, and agreed: %(document)s.",
                document=visit.agreed,
                day=until,
            )


def _may(visit: Visit) -> str:
    services = ", ".join(str(service.name) for service in current.services() if service.slug in visit.services)
    if visit.may_act:
        return _("Look, and do things for you: %(services)s", services=services)
    return _("Look only: %(services)s", services=services)
