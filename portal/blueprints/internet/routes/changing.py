"""Changing a booking to another time, and cancelling it."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import booking as bookings
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.routes import finding
from portal.blueprints.internet.routes.asked import asked, wanted
from portal.blueprints.internet.routes.common import turn
from portal.blueprints.internet.routes.looking import look_over
from portal.blueprints.internet.routes.mine import Mine, mine_or_404
from portal.blueprints.internet.routes.refusing import refused
from portal.blueprints.internet.routes.words import refusal
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import OPEN, State
from portal.i18n import gettext as _
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/sessions/<uuid:booking>/change", view_func=change)
    bp.add_url_rule("/sessions/<uuid:booking>/change/check", view_func=check_change)
    bp.add_url_rule("/sessions/<uuid:booking>/change/check", view_func=move, methods=["POST"])
    bp.add_url_rule("/sessions/<uuid:booking>/cancel", view_func=ask_to_cancel)
    bp.add_url_rule("/sessions/<uuid:booking>/cancel", view_func=cancel, methods=["POST"])


def change(booking: UUID) -> AnyResponse:
    """Show the free times, those of the booking itself among them."""
    mine = mine_or_404(booking)
    return _times(mine) if mine.may_change else _over(mine)


def _times(mine: Mine, *, missing: str = "") -> Response:
    found = finding.search(asked(like=mine.held), mine.held)
    if found is None:
        abort(404)
    status = 422 if missing else 200
    return page("internet/book.html", status=status, missing=missing, mine=mine, **finding.context(found))


def check_change(booking: UUID) -> AnyResponse:
    mine = mine_or_404(booking)
    if not mine.may_change:
        return _over(mine)
    if "at" not in request.args:
        return _times(mine, missing=_("Select a time"))
    asks = wanted(request.args)
    try:
        preview = bookings.look_over(turn(), asks, booking_id=booking)
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        return refused(no, asks, status=200, mine=mine)
    return look_over(asks, preview, mine=mine)


def move(booking: UUID) -> AnyResponse:
    mine, asks = mine_or_404(booking), wanted(request.form)
    try:
        bookings.change(turn(), booking, asks)
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        return _over(mine) if no.why is Why.OVER else refused(no, asks, status=409, mine=mine)
    flash(_("Your booking is changed."), "success")
    return see_other(url_for(".booked", booking=booking))


def ask_to_cancel(booking: UUID) -> AnyResponse:
    mine = mine_or_404(booking)
    return page("internet/cancel.html", mine=mine) if _may_cancel(mine) else _over(mine)


def cancel(booking: UUID) -> AnyResponse:
    """Cancel a booking; one that was cancelled a moment ago is as good. 409 where they sit there, or it is over."""
    mine = mine_or_404(booking)
    if mine.state in (State.MISSED, State.ENDED):
        return _over(mine, status=409)
    try:
        bookings.cancel(turn(), booking)
    except NoSuch:
        abort(404)
    except NotAllowed:
        return _over(mine, status=409)
    flash(_("Cancelled. The minutes are yours again."), "success")
    return see_other(url_for(".index"))


def _may_cancel(mine: Mine) -> bool:
    return mine.state in OPEN - {State.IN_USE}


def _over(mine: Mine, *, status: int = 200) -> Response:
    """Say that a booking can't be changed or cancelled any more, and what is possible instead."""
    why = Why.IN_USE if mine.state is State.IN_USE else Why.OVER
    return page("internet/over.html", status=status, mine=mine, words=refusal(NotAllowed(why)))
