"""A guest's session: without an account, with a ticket from the desk, known by what this browser's session keeps."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import guests
from portal.blueprints.internet.actions.guests import Seated
from portal.blueprints.internet.forms.sitting import GuestForm
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.routes import checking, common, seat
from portal.blueprints.internet.routes.seat import Seat
from portal.blueprints.internet.rules.standing import Glimpse
from portal.db import at_once
from portal.web import current, sessions
from portal.web.pages import page, see_other

bp = Blueprint("internet_guest", __name__, url_prefix="/internet/guest", template_folder="../templates")

KEPT = "internet-guest"
"""Where a visitor's session keeps which guest they are, and at which booking."""


@bp.get("")
def begin() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(url_for("home.index" if current_user.is_staff else "internet.check_in"), code=303)
    return page("internet/guest.html", **checking.shown(current.db(), GuestForm(), now=current.now()))


@bp.post("")
def check_in() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(url_for(".begin"), code=303)
    form = GuestForm()
    seated, status = checking.tried(form, lambda policy_from: _begin(form, policy_from))
    if seated is None:
        return page("internet/guest.html", status=status, **checking.shown(current.db(), form, now=current.now()))
    session[KEPT] = {"guest": str(seated.guest), "booking": str(seated.booking)}
    _last_until_the_end(seated)
    return see_other(url_for(".time"))


def _begin(form: GuestForm, policy_from: datetime) -> Seated:
    return guests.begin(
        current.db(),
        common.desk(),
        form.ticket.data,
        form.code.data,
        policy_from=policy_from,
        key=UUID(form.key.data),
        now=current.now(),
    )


@bp.get("/session")
def time() -> AnyResponse:
    theirs = _seat()
    return seat.show(theirs) if theirs else redirect(url_for(".begin"), code=303)


@bp.get("/session/left")
def left() -> AnyResponse:
    sessions.is_no_use()
    seated = _seated()
    found = _glimpse(seated) if seated else None
    if found is None:
        return AnyResponse(status=seat.CHANGED)
    return seat.look(found, current.now(), request.args.get("seen", ""), page_address=url_for(".time"))


@bp.post("/session/extend")
def extend() -> AnyResponse:
    theirs, seated = _seat(), _seated()
    if theirs is None or seated is None:
        return see_other(url_for(".begin"))
    answer = seat.extend(theirs)
    _last_until_the_end(seated)
    return answer


@bp.post("/session/end")
def end() -> AnyResponse:
    theirs = _seat()
    return seat.end(theirs) if theirs else see_other(url_for(".begin"))


def _last_until_the_end(seated: Seated) -> None:
    """Let this browser's session last until the guest's time is over: their ticket lets nobody in again."""
    found = _glimpse(seated)
    if found:
        sessions.rotate(lasts=found.ends_at - current.now() + current.settings().resident_idle)


def _seated() -> Seated | None:
    """Return which guest this browser is."""
    kept = cast(dict[str, Any] | None, session.get(KEPT))
    return Seated(UUID(kept["guest"]), UUID(kept["booking"])) if kept else None


def _glimpse(seated: Seated) -> Glimpse | None:
    with at_once(current.db()) as connection:
        return bookings.glimpse(connection, seated.guest, seated.booking)


def _seat() -> Seat | None:
    """Return the guest's seat; None if this browser is nobody's, or the booking is a guest's no more."""
    seated = _seated()
    held = bookings.of_guest(current.db(), seated.guest, seated.booking) if seated else None
    if seated is None or held is None:
        return None
    return Seat(
        turn=common.turn_of_guest(seated.guest),
        held=held,
        page=url_for(".time"),
        left=url_for(".left"),
        extend=url_for(".extend"),
        end=url_for(".end"),
    )
