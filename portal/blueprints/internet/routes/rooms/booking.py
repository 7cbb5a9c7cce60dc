"""Booking for somebody at the desk, for now or for later."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import booking as acts
from portal.blueprints.internet.actions import queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.forms.rooms import DeskForm
from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries import running as seen
from portal.blueprints.internet.routes import common, policy, words
from portal.blueprints.internet.routes.rooms import desk, glance
from portal.blueprints.internet.routes.rooms.people import turn_of
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Offer, Why
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/people/<uuid:person>/book", view_func=book)
    bp.add_url_rule("/people/<uuid:person>/book", view_func=book_now, methods=["POST"])


def book(person: UUID) -> Response:
    last = desk.last_branch()
    form = _form(formdata=None, branch=str(last) if last else None, day=desk.today())
    return _page(turn_of(person), form)


def book_now(person: UUID) -> AnyResponse:
    turn, form = turn_of(person), _form()
    if not form.is_good():
        return _page(turn, form, status=422)
    wanted = _wanted(form)
    try:
        booking_id = acts.book(turn, wanted, key=UUID(form.key.data))
    except NoSuch:
        abort(404)
    except NotAllowed as no:
        if no.why is Why.TAKEN and no.may_wait and form.waits.data:
            return _wait(turn, form, wanted)
        form.fail(_OF_FIELD.get(no.why, "at"), desk.in_words(no))
        return _page(turn, form, others=no.others, status=409)
    if form.sits.data and wanted.starts_at is None:
        since = rooms.policy(turn.db, now=turn.now).since
        turn.db.rollback()
        sitting.check_in(turn, booking_id, code=None, policy_from=since)
    held = bookings.held(turn.db, Booking.id == booking_id)[0]
    flash(
        _(
            "They have computer %(name)s on %(day)s, %(times)s.",
            name=held.computer,
            day=format_date(held.starts_at, "day"),
            times=glance.times(held),
        ),
        "success",
    )
    return see_other(url_for(".room", branch_id=held.branch_id))


_OF_FIELD = {Why.NOT_FOR_YOU: "kind", Why.TOO_LONG: "minutes", Why.NO_MINUTES: "minutes", Why.BRANCH_CLOSED: "day"}


def _wait(turn: Turn, form: DeskForm, wanted: Wanted) -> AnyResponse:
    try:
        queueing.wait(turn, wanted.branch_id, wanted.kind, wanted.minutes)
    except NotAllowed as no:
        form.fail("at", desk.in_words(no))
        return _page(turn, form, status=409)
    flash(_("They are in the queue. They are told by e-mail when a computer is kept for them."), "success")
    return see_other(url_for(".room", branch_id=wanted.branch_id))


def _form(**given: object) -> DeskForm:
    branches = [(one.id, words.branch_name(one)) for one in rooms.branches(current.db(), since=desk.today())]
    return DeskForm(branches, [(kind.value, words.kind_name(kind)) for kind in Kind], **given)


def _wanted(form: DeskForm) -> Wanted:
    starts_at = None
    if form.at.data:
        starts_at = datetime.combine(form.day.data, form.at.data, common.where().zone)
    kind = Kind(form.kind.data) if form.kind.data else None
    return Wanted(UUID(form.branch.data), kind, starts_at, form.minutes.data)


def _page(turn: Turn, form: DeskForm, *, others: tuple[Offer, ...] = (), status: int = 200) -> Response:
    return page(
        "internet/staff/book.html",
        person=turn.holder.id,
        name=seen.name_of(turn.db, turn.holder.id),
        form=form,
        others=[f"{format_time(offer.starts_at)}, {words.kind_name(offer.kind)}" for offer in others],
        policy=policy.in_words(rooms.policy(turn.db, now=turn.now)),
        status=status,
    )
