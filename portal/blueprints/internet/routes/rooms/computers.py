"""One computer: who has it, and all that staff do there: sessions, bookings, faults, blocks.

A name is shown here only, one computer at a time, and each time it is on record.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import booking, people, programs, running, sitting
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.actions.moving import Replaced
from portal.blueprints.internet.actions.running import Block
from portal.blueprints.internet.actions.sitting import PolicyChanged
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.forms.rooms import BlockForm, FaultForm, MessageForm, MoreForm, MoveForm
from portal.blueprints.internet.models import Booking, Computer
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries import running as seen
from portal.blueprints.internet.queries.running import Seat, Use
from portal.blueprints.internet.routes import common, policy, words
from portal.blueprints.internet.routes.rooms import desk, glance
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Holder
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.blueprints.internet.rules.standing import EARLY, Held, State
from portal.i18n import format_time, ngettext
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other

NAMED = 2
"""Of a computer's bookings today, so many are shown with a name: who is there, and who is next."""

View = Callable[..., AnyResponse]


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/computers/<uuid:computer_id>", view_func=computer)
    for deed in (fault, repair, say):
        bp.add_url_rule(f"/computers/<uuid:computer_id>/{deed.__name__}", view_func=deed, methods=["POST"])
    for name, deed in (("check-in", check_in), ("more", more), ("end", end), ("cancel", cancel), ("move", move)):
        bp.add_url_rule(f"/bookings/<uuid:booking_id>/{name}", view_func=deed, methods=["POST"])
    bp.add_url_rule("/bookings/<uuid:booking_id>/lift", view_func=lift, methods=["POST"])
    bp.add_url_rule("/<uuid:branch_id>/block", view_func=block)
    bp.add_url_rule("/<uuid:branch_id>/block", view_func=block_now, methods=["POST"])


def computer(computer_id: UUID) -> Response:
    return _page(computer_id, MessageForm(formdata=None))


def _page(computer_id: UUID, message: MessageForm, *, status: int = 200) -> Response:
    now, where = current.now(), common.where()
    day = where.whole_day(where.day(now))
    span = Span(now, day.end + running.LONGEST_BLOCK)
    seats = seen.seats(current.db(), span, *_of_branch(computer_id), now=now)
    seat = next((one for one in seats if one.id == computer_id), None) or abort(404)
    branch = desk.branch(seat.branch_id)
    spells = branch.opening.spells(where.day(now), where)
    here, following = glance.divided(seat, now)
    shown = [use for use in (here, *following) if use]
    names = _names([use for use in shown[:NAMED] if use.held.starts_at < day.end])
    return page(
        "internet/staff/seat.html",
        branch=branch,
        branch_name=words.branch_name(branch),
        card=glance.card(seat, glance.Scene(spells, current.sealer(), now)),
        is_out_of_order=seat.status == "out-of-order",
        uses=[_shown(use, seats, names, now) for use in shown],
        fault=FaultForm(formdata=None),
        message=message if seat.has_program else None,
        policy=policy.in_words(rooms.policy(current.db(), now=now)),
        status=status,
    )


def _of_branch(computer_id: UUID) -> tuple[Any, ...]:
    branch = Computer.__table__.alias()
    ids = branch.select().with_only_columns(branch.c.branch_id).where(branch.c.id == computer_id)
    return (Computer.branch_id.in_(ids),)


def _names(uses: Sequence[Use]) -> dict[UUID, str]:
    """Return what those are called whom the member of staff may see, each of them put on record."""
    turns = [
        common.turn_at_desk(Holder(use.held.holder))
        for use in uses
        if use.held.holder and not use.held.is_guest and not use.is_restricted
    ]
    if not turns:
        return {}
    allowed = people.see(current.db(), current.finders(), turns)
    desk.remember(allowed)
    return seen.names(current.db(), allowed)


def _shown(use: Use, seats: Sequence[Seat], names: dict[UUID, str], now: datetime) -> dict[str, Any]:
    """Return what the page shows of a booking: who, when, and what can be done with it."""
    held, state = use.held, use.held.state(now)
    person = held.holder if held.holder in names else None
    is_block = held.how == "block"
    to = [] if is_block else [(one.id, _called(one, held)) for one in _free(seats, held, now)]
    is_day = held.day == common.where().day(now)
    return {
        "held": held,
        "state": state,
        "who": "" if is_block else names.get(held.holder, glance.whose(use)) if held.holder else glance.whose(use),
        "person": person,
        "why": glance.why(use, current.sealer()) if is_block else "",
        "is_block": is_block,
        "may_check_in": not is_block and state is not State.IN_USE and now >= held.starts_at - EARLY,
        "is_in_use": state is State.IN_USE,
        "is_today": is_day,
        "move": MoveForm(to) if to else None,
        "more": MoreForm(formdata=None, until=held.ends_at.isoformat()) if state is State.IN_USE else None,
    }


def _called(seat: Seat, held: Held) -> str:
    """Return what a computer to move to is called: with its kind, if it is another."""
    name = _("Computer %(name)s", name=seat.name)
    return name if seat.kind is held.kind else f"{name} ({words.kind_name(seat.kind)})"


def _free(seats: Sequence[Seat], held: Held, now: datetime) -> list[Seat]:
    """Return the other computers that are free for all that is left of a booking, those of its kind first."""
    rest = Span(max(held.starts_at, now), held.ends_at)
    free = [
        seat
        for seat in seats
        if seat.id != held.computer_id
        and seat.status == "in-service"
        and not any(use.held.span(now).overlaps(rest) for use in seat.uses if use.held.ended_at is None)
    ]
    return sorted(free, key=lambda seat: seat.kind is not held.kind)


def _deed(act: Callable[[Held], str]) -> View:
    """Return a view that does something to a booking and goes back to its computer, saying what came of it."""

    @wraps(act)
    def view(booking_id: UUID) -> AnyResponse:
        held = _held(booking_id)
        try:
            flash(act(held), "success")
        except NotAllowed as no:
            flash(desk.in_words(no), "problem")
        except PolicyChanged:
            flash(str(desk.POLICY_CHANGED), "problem")
        except NoSuch:
            abort(404)
        return see_other(url_for(".computer", computer_id=held.computer_id))

    return view


def _held(booking_id: UUID) -> Held:
    found = bookings.held(current.db(), Booking.id == booking_id)
    current.db().rollback()
    return found[0] if found else abort(404)


def _turn(held: Held) -> Turn:
    if held.holder is None:
        raise NoSuch(str(held.id))
    return common.turn_at_desk(Holder(held.holder, held.is_guest))


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        abort(400)
    return moment if moment.tzinfo else abort(400)


@_deed
def check_in(held: Held) -> str:
    sitting.check_in(_turn(held), held.id, code=None, policy_from=_moment(request.form.get("policy")))
    until = format_time(held.ends_at)
    return _("They are checked in at computer %(name)s until %(time)s.", name=held.computer, time=until)


@_deed
def more(held: Held) -> str:
    form = MoreForm()
    if not form.is_good():
        abort(400)
    until = running.extend(_turn(held), held.id, until=_moment(form.until.data), minutes=form.minutes.data)
    return _("They have until %(time)s.", time=format_time(until))


@_deed
def end(held: Held) -> str:
    sitting.end(_turn(held), held.id, why="by-staff")
    return _("The session at computer %(name)s has ended.", name=held.computer)


@_deed
def cancel(held: Held) -> str:
    booking.cancel(_turn(held), held.id)
    return _("The booking is cancelled.")


@_deed
def move(held: Held) -> str:
    try:
        to = UUID(request.form.get("to", ""))
    except ValueError:
        abort(400)
    running.move(desk.mover("by-staff"), held.id, to)
    name = _held(held.id).computer
    return _("They have computer %(name)s now, and are told by e-mail if they have one.", name=name)


def lift(booking_id: UUID) -> AnyResponse:
    held = _held(booking_id)
    try:
        running.lift_block(desk.mover("by-staff"), booking_id)
    except NoSuch:
        abort(404)
    flash(_("Computer %(name)s is not blocked any more.", name=held.computer), "success")
    return see_other(url_for(".computer", computer_id=held.computer_id))


def fault(computer_id: UUID) -> AnyResponse:
    form = FaultForm()
    if not form.is_good():
        abort(400)
    try:
        by = desk.mover("out-of-order")
        replaced = running.put_out_of_order(by, computer_id, until_repaired=form.how_long.data == "longer")
    except NoSuch:
        abort(404)
    flash(" ".join((_("The computer is out of order."), *_what_came(replaced))), "success")
    return see_other(url_for(".computer", computer_id=computer_id))


def repair(computer_id: UUID) -> AnyResponse:
    try:
        running.put_in_service(desk.mover("by-staff"), computer_id)
    except NoSuch:
        abort(404)
    flash(_("The computer is back in service."), "success")
    return see_other(url_for(".computer", computer_id=computer_id))


def say(computer_id: UUID) -> AnyResponse:
    form = MessageForm()
    if not form.is_good():
        return _page(computer_id, form, status=422)
    try:
        text = form.text.data.strip()
        programs.send_message(current.db(), common.desk(), current.party(), computer_id, text=text, now=current.now())
    except NoSuch:
        abort(404)
    flash(_("Its screen shows the message when its program asks next."), "success")
    return see_other(url_for(".computer", computer_id=computer_id))


def _what_came(replaced: Replaced) -> list[str]:
    said = []
    if replaced.moved:
        said.append(ngettext("%(num)d booking was moved.", "%(num)d bookings were moved.", replaced.moved))
    if replaced.cancelled:
        one, many = "%(num)d booking was cancelled or ended.", "%(num)d bookings were cancelled or ended."
        said.append(ngettext(one, many, replaced.cancelled))
    return said


def block(branch_id: UUID) -> Response:
    where, now = common.where(), current.now()
    local = now.astimezone(where.zone)
    first = local + timedelta(minutes=5 - local.minute % 5)
    until = first + timedelta(hours=1)
    chosen = [text for text in request.args.getlist("computer") if text]
    given = {"from_day": first.date(), "from_time": first.time(), "until_day": until.date(), "until_time": until.time()}
    form = BlockForm(_choices(branch_id), formdata=None, computers=chosen, **given)
    return _block_page(branch_id, form)


def block_now(branch_id: UUID) -> AnyResponse:
    form = BlockForm(_choices(branch_id))
    if not form.is_good():
        return _block_page(branch_id, form, status=422)
    zone = common.where().zone
    span = Span(
        datetime.combine(form.from_day.data, form.from_time.data, zone),
        datetime.combine(form.until_day.data, form.until_time.data, zone),
    )
    if span.end <= span.start or span.end <= current.now() or span.end - span.start > running.LONGEST_BLOCK:
        form.fail("until_day", _("It has to end after it begins, in the future, and within a month"))
        return _block_page(branch_id, form, status=422)
    ids = [UUID(text) for text in form.computers.data]
    wanted = Block(branch_id, ids, span, form.why.data.strip())
    try:
        replaced = running.block(desk.mover("closed"), wanted, key=UUID(form.key.data))
    except NotAllowed:
        form.fail("from_day", _("One of these computers is blocked or was booked just now for a part of that time"))
        return _block_page(branch_id, form, status=409)
    said = ngettext("%(num)d computer is blocked.", "%(num)d computers are blocked.", len(ids))
    flash(" ".join((said, *_what_came(replaced))), "success")
    return see_other(url_for(".room", branch_id=branch_id))


def _choices(branch_id: UUID) -> list[tuple[UUID, str]]:
    now = current.now()
    seats = seen.seats(current.db(), Span(now, now), Computer.branch_id == branch_id, now=now)
    return [(seat.id, f"{seat.name}: {words.kind_name(seat.kind)}") for seat in seats]


def _block_page(branch_id: UUID, form: BlockForm, *, status: int = 200) -> Response:
    branch = desk.branch(branch_id)
    return page("internet/staff/block.html", branch=branch, name=words.branch_name(branch), form=form, status=status)
