"""How somebody's applications stand, in short: for the home page, and for the list of energy help."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, cast

from flask import g, url_for
from sqlalchemy.orm import Session

from portal.blueprints.energy.queries import afterwards
from portal.blueprints.energy.queries.afterwards import CaseStands, Stands
from portal.blueprints.energy.routes import common, progress_words
from portal.blueprints.energy.routes.addresses import evidence_address
from portal.blueprints.energy.rules.progress import OPEN, State
from portal.facts import Panel, PanelState, ToDo
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.party import Party
from portal.web import current

NEWS_FOR: Final = timedelta(days=28)
"""How long the home page says what came of a case."""


@dataclass(frozen=True, slots=True)
class SentInWords:
    """One application in a list. cases: the name of each scheme, its state in a word or two, and that word's colour."""

    address: str
    reference: str
    sent_at: datetime
    cases: tuple[tuple[str, str, str], ...]
    wait: str
    unread: bool


def sent(db: Session, party: Party, at: datetime) -> list[SentInWords]:
    """Return the applications that somebody has sent, the latest first."""
    return [
        SentInWords(
            address=_address(one),
            reference=one.reference or "",
            sent_at=one.sent_at,
            cases=tuple(
                (_name(case), str(progress_words.STATES[case.state].tag), progress_words.STATES[case.state].colour)
                for case in one.cases
            ),
            wait=next((progress_words.wait(case.due) for case in one.cases if case.due), ""),
            unread=one.unread,
        )
        for one in _standing(db, party, at)
        if one.sent_at
    ]


def draft(db: Session, party: Party, at: datetime) -> Stands | None:
    """Return the form that somebody has begun and not sent, if there is one."""
    return next((one for one in _standing(db, party, at) if one.expires_at), None)


def panel(db: Session, party: Party, at: datetime) -> Panel | None:
    """Return what the home page says of applications: first what waits for the person; None if there is nothing."""
    there = _standing(db, party, at)
    waits = [(case.due, one) for one, case in _cases(there) if case.due]
    if waits:
        due, one = min(waits, key=lambda found: found[0])
        return _panel(_("We wait for you"), progress_words.wait(due), one)
    if unread := next((one for one in there if one.unread), None):
        link = (_messages(unread), _("Read it"))
        return _panel(_("We have written to you"), _names(unread), unread, link)
    if begun := draft(db, party, at):
        day = format_date(cast(datetime, begun.expires_at), "long")
        text = _("Finish it by %(day)s. Then we delete it.", day=day)
        return _panel(_("Your form isn’t sent yet"), text, begun, (_address(begun), _("Go on with it")))
    if open_one := next(((one, case) for one, case in _cases(there) if case.state in OPEN and case.since), None):
        one, case = open_one
        day = format_date(cast(datetime, case.since), "long")
        return _panel(_("With us since %(day)s", day=day), _stands(case), one)
    news = ((one, case) for one, case in _cases(there) if case.since and at - case.since <= NEWS_FOR)
    latest = max(news, key=lambda found: cast(datetime, found[1].since), default=None)
    if latest is None or latest[1].state is State.WITHDRAWN:
        return None
    return _panel(str(progress_words.STATES[latest[1].state].tag), _stands(latest[1]), latest[0])


def todos(db: Session, party: Party, at: datetime) -> Iterator[ToDo]:
    """Yield what waits for the person: what is to be shown, a form to finish, a message to read."""
    for one in _standing(db, party, at):
        for case in one.cases:
            if case.due:
                yield ToDo(
                    text=_("Show us what we asked for"),
                    detail=_name(case),
                    address=evidence_address(one.id),
                    due=datetime.combine(case.due, time.min, current.council().zone),
                    is_late=case.due < common.local_day(),
                )
        if one.unread:
            yield ToDo(_("Read what we have written to you"), _names(one), _messages(one))
        if one.expires_at:
            text = _("Finish your form for help with energy")
            yield ToDo(text, _names(one), _address(one), due=one.expires_at)


def _standing(db: Session, party: Party, at: datetime) -> list[Stands]:
    """Return how the person's applications stand, read once in a request."""
    if "energy_applications" not in g:
        g.energy_applications = afterwards.stand(db, party, at=at)
    return cast(list[Stands], g.energy_applications)


def _cases(there: list[Stands]) -> Iterator[tuple[Stands, CaseStands]]:
    return ((one, case) for one in there for case in one.cases)


def _panel(fact: str, text: str, one: Stands, link: tuple[str, str] | None = None) -> Panel:
    return Panel(fact=fact, text=text, state=PanelState.FRESH, link=link or (_address(one), _("See how it stands")))


def _stands(case: CaseStands) -> str:
    return f"{_name(case)}: {progress_words.STATES[case.state].means}"


def _address(one: Stands) -> str:
    return url_for("energy.application", application=one.id)


def _messages(one: Stands) -> str:
    return url_for("energy.messages", application=one.id)


def names(one: Stands) -> list[str]:
    """Return what its schemes are called."""
    return [_name(case) for case in one.cases]


def _names(one: Stands) -> str:
    return ", ".join(names(one))


def _name(case: CaseStands) -> str:
    return progress_words.name_of(common.edition(case.scheme, case.edition), case.scheme)
