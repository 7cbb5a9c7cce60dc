"""The session at a computer: check in, time left, more time, the end."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import sitting, starting
from portal.blueprints.internet.forms.sitting import CheckInForm
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.routes import checking, common, seat
from portal.blueprints.internet.routes.seat import Seat
from portal.council_service import Glance
from portal.db import at_once
from portal.web import current, sessions
from portal.web.pages import page, see_other

GLANCE = Glance("internet.session_left", "/internet/sessions/", "/left", seat.glance)


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    one = "/sessions/<uuid:booking>"
    bp.get(one, endpoint="session")(session)
    bp.post(one, endpoint="check_in_session")(check_in)
    bp.get(f"{one}/left", endpoint="session_left")(left)
    bp.post(f"{one}/extend", endpoint="extend_session")(extend)
    bp.post(f"{one}/end", endpoint="end_session")(end)
    bp.get("/check-in", endpoint="check_in")(at_computer)
    bp.post("/check-in", endpoint="start")(start)


def session(booking: UUID) -> Response:
    return seat.show(_seat(booking))


def check_in(booking: UUID) -> AnyResponse:
    theirs, form = _seat(booking), CheckInForm()
    _begun, status = checking.tried(
        form,
        lambda policy_from: sitting.check_in(theirs.turn, booking, code=form.code.data, policy_from=policy_from),
        person=str(theirs.turn.holder.id),
    )
    if form.errors and seat.may_check_in(theirs.held, theirs.turn.now):
        return seat.show(theirs, form, status=status)
    return see_other(theirs.page)


def left(booking: UUID) -> AnyResponse:
    """Answer where the glance doesn't: in a help, say."""
    sessions.is_no_use()
    with at_once(current.db()) as connection:
        answer = seat.glance(connection, current.party().subject, booking, request.args.get("seen", ""), current.now())
    return answer or abort(404)


def extend(booking: UUID) -> AnyResponse:
    return seat.extend(_seat(booking))


def end(booking: UUID) -> AnyResponse:
    return seat.end(_seat(booking))


def at_computer() -> AnyResponse:
    """Show the form to whoever sits at a computer; who has one already goes to its page."""
    if own := starting.due(common.turn()):
        return see_other(url_for(".session", booking=own.id))
    return page("internet/check_in.html", **checking.shown(current.db(), CheckInForm(), now=current.now()))


def start() -> AnyResponse:
    turn, form = common.turn(), CheckInForm()
    begun, status = checking.tried(
        form,
        lambda policy_from: starting.start(turn, form.code.data, policy_from=policy_from, key=UUID(form.key.data)),
        person=str(turn.holder.id),
    )
    if begun:
        return see_other(url_for(".session", booking=begun))
    return page("internet/check_in.html", status=status, **checking.shown(current.db(), form, now=current.now()))


def _seat(booking: UUID) -> Seat:
    turn = common.turn()
    held = bookings.one(current.db(), current.party(), booking)
    if held is None:
        abort(404)
    return Seat(
        turn=turn,
        held=held,
        page=url_for(".session", booking=booking),
        left=url_for(".session_left", booking=booking),
        extend=url_for(".extend_session", booking=booking),
        end=url_for(".end_session", booking=booking),
        index=url_for(".index"),
        change=url_for(".change", booking=booking),
        cancel=url_for(".ask_to_cancel", booking=booking),
        calendar=url_for(".calendar", booking=booking),
        take=url_for(".take", booking=booking),
        decline=url_for(".decline", booking=booking),
    )
