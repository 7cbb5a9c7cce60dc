"""The first page of the service, and its place on the resident's home page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Response, g, url_for
from sqlalchemy.orm import Session

from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.bookings import Place
from portal.blueprints.internet.routes import opening, waiting
from portal.blueprints.internet.routes.asked import USUAL_MINUTES, Asked
from portal.blueprints.internet.routes.common import where
from portal.blueprints.internet.routes.finding import Search, search
from portal.blueprints.internet.routes.mine import Mine, as_mine, session_address
from portal.blueprints.internet.routes.words import branch_name, length
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import LEAST_MINUTES
from portal.blueprints.internet.rules.standing import OPEN, State
from portal.facts import Panel, PanelState, ToDo
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.party import Party
from portal.web import current
from portal.web.pages import page


def index() -> Response:
    found = search(Asked(None, where().day(current.now()), USUAL_MINUTES, None))
    if found is None:
        return page("internet/none.html")
    stands = waiting.standing()  # it may hand something out, so bookings are read after it
    held = bookings.of_party(current.db(), current.party(), since=current.now())
    mine = [one for one in as_mine(held, list(found.week.branches)) if one.state in OPEN]
    return page(
        "internet/index.html",
        sessions=[one for one in mine if one.state is State.IN_USE],
        mine=[one for one in mine if one.may_change],
        session_address=session_address,
        refused=found.refused(),
        may_book=found.may_book(),
        **_now(found),
        **waiting.context(stands),
    )


def _now(found: Search) -> dict[str, Any]:
    """Return what is possible at this moment at the library that they used last."""
    branch, day = found.week.branch, found.day
    soon = [one for one in found.machines if one.kind is not Kind.QUICK and one.is_free(_soon(found))]
    is_on = any(spell.start <= found.now < spell.end for spell in day.spells)
    return {
        "branch_name": branch_name(branch),
        "is_on": is_on,
        "hours": opening.hours(branch, day.day, found.where, day.spells)
        if day.spells
        else opening.why_closed(branch, day.day, found.where),
        "left": length(day.left),
        "free_now": ngettext("%(num)d computer is free now.", "%(num)d computers are free now.", len(soon))
        if soon
        else _("No computer is free now. You can wait for one."),
        "now_address": found.to_check(None, None) if found.may_be_used_now() else None,
        "to_book": found.address(day=None),
    }


def _soon(found: Search) -> Span:
    return Span(found.now, found.now + timedelta(minutes=LEAST_MINUTES))


@dataclass(frozen=True, slots=True)
class _Stands:
    """How things stand for somebody, for the home page. mine: what isn't over, earliest first."""

    mine: list[Mine]
    place: Place | None
    has_branches: bool

    def first(self, *states: State) -> Mine | None:
        return next((one for one in self.mine if one.state in states), None)


def _stands(party: Party) -> _Stands:
    """Return how things stand, read once in a request for both the panel and what has to be done."""
    if "internet_stands" not in g:
        db, now = current.db(), current.now()
        today = where().day(now)
        branches = rooms.branches(db, since=today)
        held = [one for one in bookings.of_party(db, party, since=now) if one.state(now) in OPEN]
        place = bookings.waiting(db, party.subject, today=today)
        g.internet_stands = _Stands(as_mine(held, branches), place, bool(branches))
    return cast(_Stands, g.internet_stands)


def panel(_db: Session, party: Party, _at: datetime) -> Panel:
    """Return what comes first: an offer, the session that runs, the place in the queue, the next booking."""
    stands = _stands(party)
    if one := stands.first(State.OFFERED, State.IN_USE, State.HELD):
        return _panel_now(one)
    if stands.place:
        return _panel(
            waiting.place_in_words(stands.place.place),
            _("You’re waiting for a computer."),
            (url_for("internet.wait"), _("See your place")),
        )
    if one := stands.first(State.BOOKED):
        day = one.day[:1].upper() + one.day[1:]
        fact = _("%(day)s, %(time)s", day=day, time=one.begins)
        return _panel(fact, _whose(one), (url_for("internet.index"), _("Change or cancel")))
    if not stands.has_branches:
        return _panel(None, _("No library has computers to book yet."), None)
    return _panel(
        None, _("Use a computer at a library, now or later."), (url_for("internet.index"), _("Find a free computer"))
    )


def _panel_now(one: Mine) -> Panel:
    if one.state is State.OFFERED:
        fact, link = _("A computer is free for you"), (url_for("internet.wait"), _("Take it, or leave it"))
    elif one.state is State.HELD:
        fact, link = _("Your time has begun"), (session_address(one.held.id), _("Sit down at your computer"))
    else:
        fact = _("%(length)s left", length=one.left)
        return _panel(fact, _whose(one), (session_address(one.held.id), _("See your time")))
    return _panel(fact, f"{_whose(one)} {_kept(one)}", link)


def _panel(fact: str | None, text: str, link: tuple[str, str] | None) -> Panel:
    return Panel(fact=fact, text=text, state=PanelState.FRESH, link=link)


def _whose(one: Mine) -> str:
    return _("Computer %(number)s at %(branch)s.", number=one.held.computer, branch=one.branch_name)


def _kept(one: Mine) -> str:
    return _("We keep it for you until %(time)s.", time=one.kept_until)


def todos(_db: Session, party: Party, _at: datetime) -> Iterator[ToDo]:
    """Yield what can't wait: a computer that is kept for some minutes."""
    for one in _stands(party).mine:
        if one.state is State.OFFERED:
            text, address = _("Take the computer that is free for you"), url_for("internet.wait")
        elif one.state is State.HELD:
            text, address = _("Sit down at the computer that you booked"), session_address(one.held.id)
        else:
            continue
        yield ToDo(text=text, detail=f"{_whose(one)} {_kept(one)}", address=address, due=one.held.held_until)
