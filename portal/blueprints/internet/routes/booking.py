"""Finding a free computer, looking a time over, booking it; the modules beside it change, cancel and wait."""

from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import booking as bookings
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes import changing, finding, home, waiting
from portal.blueprints.internet.routes.asked import asked, key, wanted
from portal.blueprints.internet.routes.common import turn
from portal.blueprints.internet.routes.looking import look_over
from portal.blueprints.internet.routes.mine import Mine, mine_or_404, session_address
from portal.blueprints.internet.routes.refusing import refused
from portal.blueprints.internet.routes.words import branch_name
from portal.blueprints.internet.rules.calendar import event
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("", view_func=home.index, endpoint="index")
    bp.add_url_rule("/book", view_func=find)
    bp.add_url_rule("/book/check", view_func=check)
    bp.add_url_rule("/book/check", view_func=book, methods=["POST"])
    bp.add_url_rule("/sessions/<uuid:booking>/booked", view_func=booked)
    bp.add_url_rule("/sessions/<uuid:booking>/calendar.ics", view_func=calendar)
    changing.add_to(bp)
    waiting.add_to(bp)


def find() -> Response:
    found = finding.search(asked())
    if found is None:
        return page("internet/none.html")
    return page("internet/book.html", mine=None, missing="", **finding.context(found))


def check() -> AnyResponse:
    """Show what somebody is about to book. From the list of times it may come without any."""
    if "at" not in request.args:
        found = finding.search(asked())
        if found is None:
            return page("internet/none.html")
        return page("internet/book.html", status=422, mine=None, missing=_("Select a time"), **finding.context(found))
    asks = wanted(request.args)
    try:
        preview = bookings.look_over(turn(), asks)
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        return refused(no, asks, status=200)
    return look_over(asks, preview)


def book() -> AnyResponse:
    asks = wanted(request.form)
    try:
        booking_id = bookings.book(turn(), asks, key=key())
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        return refused(no, asks, status=409)
    return see_other(url_for(".booked", booking=booking_id) if asks.starts_at else session_address(booking_id))


def booked(booking: UUID) -> AnyResponse:
    found = mine_or_404(booking)
    if not found.may_change:
        return see_other(session_address(booking))
    return page("internet/booked.html", mine=found, session_address=session_address(booking))


def calendar(booking: UUID) -> Response:
    """Send a booking as a file that a calendar takes in.."""
    found = mine_or_404(booking)
    response = make_response(
        event(
            uid=str(booking),
            span=found.held.span(current.now()),
            title=_("Computer %(number)s", number=found.held.computer),
            place=_place(found.branch),
            about=_about(found),
            now=current.now(),
        )
    )
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="booking.ics"'
    return response


def _place(branch: BranchView) -> str:
    return f"{branch_name(branch)}, {branch.address}"


def _about(found: Mine) -> str:
    return _("We keep it for you until %(time)s.", time=found.kept_until)
