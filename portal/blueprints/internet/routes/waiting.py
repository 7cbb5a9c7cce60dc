"""Waiting for a computer: into the queue, the place in it, and what is offered when it is one's turn.

With JavaScript the page asks again by itself, and is told 204 until something has changed. Each look also hands out
what has become free, whether or not the worker runs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import booking as cancelling
from portal.blueprints.internet.actions import holding, queueing, settling
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.bookings import Place
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes.asked import NOW, wanted
from portal.blueprints.internet.routes.common import desk, turn, where
from portal.blueprints.internet.routes.mine import Mine, as_mine, mine_or_404, session_address
from portal.blueprints.internet.routes.refusing import refused
from portal.blueprints.internet.routes.words import branch_name, kind_name
from portal.blueprints.internet.rules.free import next_free
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.blueprints.internet.rules.standing import State
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web import current
from portal.web.htmx import htmx
from portal.web.pages import page, see_other
from portal.web.watching import STOP, Look, is_over

EVERY_S = 15
FOLLOWS_FOR = timedelta(hours=1)
"""No longer: each look counts as use of the sign-in."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's waiting stands. place: in the queue, with its branch; offer: of a computer; neither if they don't
    wait. is_on: the branch's computers are on. free_at: the first may be free then, as bookings stand.
    """

    place: Place | None = None
    branch: BranchView | None = None
    offer: Mine | None = None
    is_on: bool = False
    free_at: datetime | None = None

    @property
    def seen(self) -> str:
        """Return what is another as soon as there is something new to tell."""
        if self.offer:
            return f"{self.offer.held.id}-{self.offer.kept_minutes}"
        return f"{self.place.id}-{self.place.place}-{self.free_at}" if self.place else "none"


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/wait", view_func=wait)
    bp.add_url_rule("/wait", view_func=join, methods=["POST"])
    bp.add_url_rule("/wait/leave", view_func=leave, methods=["POST"])
    bp.add_url_rule("/sessions/<uuid:booking>/take", view_func=take, methods=["POST"])
    bp.add_url_rule("/sessions/<uuid:booking>/decline", view_func=decline, methods=["POST"])


def standing() -> Standing:
    """Return how the waiting stands, after what has become free was handed out."""
    db, now, person = current.db(), current.now(), current.party().subject
    today = where().day(now)
    if place := bookings.waiting(db, person, today=today):
        settling.settle(db, desk(), place.branch_id, holder=person, now=now)
        place = bookings.waiting(db, person, today=today)
    if place is None:
        return Standing(offer=_offer())
    room = holding.look(turn(), place.branch_id)
    spell = room.spell_at(now)
    free_at = next_free(holding.machines(turn(), room), place.kind, spell, now) if spell else None
    return Standing(place, room.branch, is_on=spell is not None, free_at=free_at)


def _offer() -> Mine | None:
    mine = as_mine(bookings.of_party(current.db(), current.party(), since=current.now()))
    return next((one for one in mine if one.state is State.OFFERED), None)


def wait() -> Response:
    """Show the place in the queue, or what is offered; 204 to a page that asks whether something has changed."""
    found = standing()
    is_update = htmx() is not None and "seen" in request.args
    if is_update and request.args["seen"] == found.seen:
        return make_response("", STOP if is_over() else 204, {"HX-Reswap": "none"})
    until = current.now() + FOLLOWS_FOR
    again = url_for(".wait", seen=found.seen, until=f"{int(until.timestamp()):x}")
    look = Look(again, trigger=f"every {EVERY_S}s")
    return page("internet/wait.html", is_update=is_update, look=look, **context(found))


def context(found: Standing) -> dict[str, Any]:
    """Return what pages say of the waiting."""
    return {
        "offer": found.offer,
        "place": found.place,
        "place_words": place_in_words(found.place.place) if found.place else "",
        "queue_branch": branch_name(found.branch) if found.branch else "",
        "queue_kind": kind_name(found.place.kind) if found.place else "",
        "free_at": found.free_at,
        "queue_is_on": found.is_on,
    }


def join() -> AnyResponse:
    asks = wanted({**request.form, "at": NOW})
    try:
        queueing.wait(turn(), asks.branch_id, asks.kind, asks.minutes)
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        return refused(no, asks, status=409)
    return see_other(url_for(".wait"))


def leave() -> AnyResponse:
    if queueing.leave(turn()):
        flash(_("You’re not waiting for a computer any more."), "success")
    return see_other(url_for(".index"))


def take(booking: UUID) -> AnyResponse:
    mine = mine_or_404(booking)
    try:
        queueing.take(turn(), booking)
    except NotAllowed:
        words = _("The computer was offered to somebody else, since its time was over. You can wait again.")
        return page("internet/over.html", status=409, mine=mine, words=words)
    return see_other(session_address(booking))


def decline(booking: UUID) -> AnyResponse:
    """Leave what was offered to the next. What was taken in the meantime isn't given back by this."""
    mine = mine_or_404(booking)
    if mine.state is State.OFFERED:
        cancelling.cancel(turn(), booking)
        flash(_("The computer is offered to the next person."), "success")
    return see_other(url_for(".index"))


def place_in_words(place: int) -> str:
    """Return in words how many people come first."""
    if place == 1:
        return _("You’re next.")
    return ngettext("There is %(num)d person before you.", "There are %(num)d people before you.", place - 1)
