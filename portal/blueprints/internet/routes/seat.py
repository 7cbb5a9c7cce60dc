"""The page of one booking, from the day it was made until it is over: a resident's and a guest's are the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import holding, sitting
from portal.blueprints.internet.actions.sitting import Outlook
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.forms.sitting import CheckInForm
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.routes import checking, time_left
from portal.blueprints.internet.routes.words import refusal
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import EARLY, Glimpse, Held, State
from portal.i18n import format_time, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.htmx import htmx
from portal.web.pages import page, see_other

CHANGED = 286
"""Ends htmx's asking; and is no page that was seen, which would be put on record."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A booking, whose turn it is, and the addresses of its page: of a resident's or of a guest's.

    index: where a computer can be booked. change, cancel, calendar, take, decline: of the booking. None for guests.
    """

    turn: Turn
    held: Held
    page: str
    left: str
    extend: str
    end: str
    index: str | None = None
    change: str | None = None
    cancel: str | None = None
    calendar: str | None = None
    take: str | None = None
    decline: str | None = None

    @property
    def state(self) -> State:
        return self.held.state(self.turn.now)


def show(seat: Seat, form: CheckInForm | None = None, *, status: int = 200) -> Response:
    """Return the page. form: with errors."""
    turn, held, state = seat.turn, seat.held, seat.state
    branch = rooms.branch(turn.db, held.branch_id, since=turn.today)
    if branch is None:
        raise holding.NoSuch(str(held.branch_id))
    context: dict[str, Any] = {}
    if may_check_in(held, turn.now):
        context = checking.shown(turn.db, form or CheckInForm(), now=turn.now)
    if state in (State.IN_USE, State.ENDED):
        context |= _outlook(turn, held)
    return page(
        "internet/session.html",
        status=status,
        seat=seat,
        held=held,
        state=state,
        heading=_heading(held, state),
        branch=branch,
        early=held.starts_at - EARLY,
        may_check_in=may_check_in(held, turn.now),
        clock=time_left.clock(held, turn.now, _stops(context, held)),
        told=_news(held, state, turn.now),
        **context,
    )


def may_check_in(held: Held, now: datetime) -> bool:
    """Tell whether the code of the computer begins the session now."""
    state = held.state(now)
    return state in (State.OFFERED, State.HELD) or (state is State.BOOKED and held.starts_at - EARLY <= now)


def _outlook(turn: Turn, held: Held) -> dict[str, Any]:
    outlook = sitting.outlook(turn, held)
    return {
        "outlook": outlook,
        "no_more": _no_more(outlook.no),
        "left_today": outlook.left if held.day == turn.today else 0,
    }


def _no_more(no: NotAllowed | None) -> str:
    """Return why there is no more time."""
    if no is None:
        return ""
    if no.why is Why.CLOSING:
        time = format_time(no.until) if no.until else ""
        return _("The library’s computers stop at %(time)s, so you can’t have more time.", time=time)
    if no.why is Why.NO_MINUTES:
        return _(
            "You have used all your minutes for today, so you can’t have more time. Staff can give you more: ask them."
        )
    return refusal(no)


def _stops(context: dict[str, Any], held: Held) -> datetime | None:
    """Return when the computers stop, where that is what ends the session."""
    outlook: Outlook | None = context.get("outlook")
    stops_at = outlook.stops_at if outlook else None
    return stops_at if stops_at and held.ends_at >= stops_at else None


_HEADINGS = {
    State.OFFERED: _l("A computer is free for you until %(time)s"),
    State.BOOKED: _l("Your computer is booked"),
    State.HELD: _l("Your computer is waiting until %(time)s"),
    State.IN_USE: _l("Your time on this computer ends at %(time)s"),
    State.MISSED: _l("Your booking was given up"),
    State.CANCELLED: _l("This booking was cancelled"),
    State.ENDED: _l("Your time on this computer is over"),
}


def _heading(held: Held, state: State) -> str:
    return str(_HEADINGS[state]) % {"time": format_time(held.changes_at())}


def _news(held: Held, state: State, now: datetime) -> str:
    """Return what listeners are told when the page has looked by itself and something else is true than it said; of a
    warning its script tells them.
    """
    seen, mark = request.args.get("seen", ""), held.mark(now)
    is_news = htmx() is not None and seen and seen.rpartition("-")[0] != mark.rpartition("-")[0]
    return _heading(held, state) if is_news else ""


def glance(connection: Connection, person: UUID, booking: UUID, seen: str, now: datetime) -> AnyResponse | None:
    """Answer a resident's page that asks by itself. See ``Glance``."""
    found = bookings.glimpse(connection, person, booking)
    return look(found, now, seen, page_address=f"/internet/sessions/{booking}") if found else None


def look(found: Glimpse, now: datetime, seen: str, *, page_address: str) -> AnyResponse:
    """Return what a page gets that asks by itself: nothing while all that it shows is true, else what makes it load its
    content. seen: what it shows, by ``Course.mark``.
    """
    if seen == found.mark(now):
        return AnyResponse(status=204, headers={"HX-Trigger": f'{{"left":{{"s":{found.seconds_left(now)}}}}}'})
    again = f"{page_address}?seen={seen}" if seen.replace("-", "").isalnum() else page_address
    body = f'<div id="look" hx-get="{again}" hx-trigger="load, look" hx-target="#content"></div>'
    return AnyResponse(body, status=CHANGED, mimetype="text/html")


def extend(seat: Seat) -> AnyResponse:
    """Give one step more."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
        ends_at = sitting.extend(seat.turn, seat.held.id, until=until)
    except ValueError:
        return see_other(seat.page)
    except NotAllowed as no:
        if no.why is not Why.OVER:
            flash(_no_more(no), "problem")
    else:
        flash(_("You can stay until %(time)s now", time=format_time(ends_at)), "success")
    return see_other(seat.page)


def end(seat: Seat) -> AnyResponse:
    """End the session; one that is over already stays as it was."""
    back = seat.held.minutes_back(seat.turn.now)
    try:
        was = sitting.end(seat.turn, seat.held.id)
    except NotAllowed as no:
        flash(refusal(no), "problem")
    else:
        if was.state(seat.turn.now) is State.IN_USE and back:
            flash(
                ngettext("You got %(num)d minute back for today", "You got %(num)d minutes back for today", back),
                "success",
            )
    return see_other(seat.page)
