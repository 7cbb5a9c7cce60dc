"""Booking a computer, now or for later; changing and cancelling it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from portal.blueprints.internet.actions import holding, settling
from portal.blueprints.internet.actions.holding import NoSuch, Room
from portal.blueprints.internet.actions.telling import tell
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.free import (
    Machine,
    nearest,
    next_free,
    pick,
    pick_now,
    slots,
    span_of,
)
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import LEAST_MINUTES, NotAllowed, Offer, Why, check
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.db import committing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. kind: None for any computer. starts_at: aware; None for now. minutes: how long.

    computer_id: the very one that they sit at; None for whichever is free.
    """

    branch_id: UUID
    kind: Kind | None
    starts_at: datetime | None
    minutes: int
    computer_id: UUID | None = None


def book(turn: Turn, wanted: Wanted, *, key: UUID) -> UUID:
    """Keep a computer for somebody, and return the booking's id.

    key: of the form that was sent; the same one again returns what it booked. By staff it is possible for whom the page
    is closed, on any day ahead, however many there are. Whoever asks for now gets what there is until the next booking,
    if that is worth it.
    Raises NoSuch (branch, person), NotAllowed (with what is possible instead).
    """
    settling.settle(turn.db, turn.desk, wanted.branch_id, holder=turn.holder.id, now=turn.now)
    try:
        with holding.refusing_what_the_database_refuses(), committing(turn.db):
            return keep(turn, wanted, key)
    except NotAllowed as refused:
        if refused.why is Why.TAKEN:
            with committing(turn.db):
                holding.count(turn.db, turn.desk.where, wanted.branch_id, "turned-away", now=turn.now)
            if wanted.starts_at:
                refused.others = refused.others or _on_another_day(turn, wanted, wanted.starts_at)
        raise


def keep(turn: Turn, wanted: Wanted, key: UUID) -> UUID:
    """As ``book``, in the caller's transaction."""
    room = holding.enter(turn, wanted.branch_id, _day(turn, wanted))
    if earlier := _by_key(turn, key):
        return earlier
    machine, span = _choose(turn, room, wanted)
    booking_id = uuid4()
    whose = "guest_id" if turn.holder.is_guest else "person_id"
    turn.db.execute(
        insert(Booking).values(
            {
                "id": booking_id,
                whose: turn.holder.id,
                "made_at": turn.now,
                "by_staff": turn.by_staff,
                "request_key": key,
                **_kept(room, wanted, machine, span),
            }
        )
    )
    turn.record("internet.book", booking_id)
    if wanted.starts_at is None:
        holding.stop_waiting(turn)
    if wanted.starts_at:
        tell(turn.db, turn.desk, "internet-booked", holding.mine(turn, booking_id), room.branch, now=turn.now)
    return booking_id


@dataclass(frozen=True, slots=True)
class Preview:
    """What somebody would get. left: minutes of that day that would be left. held_until: as in ``models.Booking``."""

    branch: BranchView
    kind: Kind
    span: Span
    held_until: datetime
    left: int


def look_over(turn: Turn, wanted: Wanted, *, booking_id: UUID | None = None) -> Preview:
    """Return what ``book`` would do now, or ``change`` to a booking; nothing is changed.

    Raises NoSuch, NotAllowed.
    """
    day = _day(turn, wanted)
    room = holding.look(turn, wanted.branch_id, day)
    blocked_until = bookings.about(turn.db, turn.holder.id).blocked_until
    if blocked_until and turn.now < blocked_until:
        raise NotAllowed(Why.BLOCKED, until=blocked_until)
    held = next((one for one in holding.open_ones(turn) if one.id == booking_id), None)
    if booking_id and (held is None or held.state(turn.now) not in (State.BOOKED, State.HELD)):
        raise NotAllowed(Why.OVER)
    machine, span = _choose(turn, room, wanted, instead_of=held)
    back = held.minutes if held and held.day == day else 0
    return Preview(room.branch, machine.kind, span, span.start + room.limits.grace, room.left + back - span.minutes)


def change(turn: Turn, booking_id: UUID, wanted: Wanted) -> None:
    """Move a booking that hasn't been claimed to another time, kind, length or branch; it keeps its place until the
    other one is certain.

    Raises NoSuch, NotAllowed.
    """
    settling.settle(turn.db, turn.desk, wanted.branch_id, holder=turn.holder.id, now=turn.now)
    with holding.refusing_what_the_database_refuses(), committing(turn.db):
        room = holding.enter(turn, wanted.branch_id, _day(turn, wanted))
        held = holding.mine(turn, booking_id)
        if held.state(turn.now) not in (State.BOOKED, State.HELD):
            raise NotAllowed(Why.OVER)
        machine, span = _choose(turn, room, wanted, instead_of=held)
        turn.db.execute(update(Booking).where(Booking.id == booking_id).values(_kept(room, wanted, machine, span)))
        turn.record("internet.change", booking_id)
        if wanted.starts_at:
            tell(turn.db, turn.desk, "internet-booked", holding.mine(turn, booking_id), room.branch, now=turn.now)


def _kept(room: Room, wanted: Wanted, machine: Machine, span: Span) -> dict[str, object]:
    """Return the columns that say which computer is kept when."""
    return {
        "computer_id": machine.id,
        "how": "booked" if wanted.starts_at else "now",
        "day": room.day,
        "starts_at": span.start,
        "ends_at": span.end,
        "held_until": min(span.start + room.limits.grace, span.end),
    }


def cancel(turn: Turn, booking_id: UUID) -> Held:
    """Give a booking back before it is claimed; what was over or cancelled already stays as it is. Return it as it was.

    Raises NoSuch, NotAllowed (IN_USE: somebody sits there, and ends it instead).
    """
    with committing(turn.db):
        held = holding.mine(turn, booking_id)
        state = held.state(turn.now)
        if state is State.IN_USE:
            raise NotAllowed(Why.IN_USE)
        if state in OPEN:
            ends_at = held.starts_at if state is State.OFFERED else min(max(held.starts_at, turn.now), held.ends_at)
            turn.db.execute(
                update(Booking)
                .where(Booking.id == booking_id)
                .values(ended_at=turn.now, ended_why="cancelled", ends_at=ends_at)
            )
            turn.record("internet.cancel", booking_id)
    settling.settle(turn.db, turn.desk, held.branch_id, now=turn.now)
    return held


def _day(turn: Turn, wanted: Wanted) -> date:
    return turn.desk.where.day(wanted.starts_at or turn.now)


def _choose(turn: Turn, room: Room, wanted: Wanted, instead_of: Held | None = None) -> tuple[Machine, Span]:
    """Return the computer that somebody gets and for how long. instead_of: the booking that is changed."""
    left = room.left + (instead_of.minutes if instead_of and instead_of.day == room.day else 0)
    but = instead_of.id if instead_of else None
    check(room.limits, kind=wanted.kind, day=room.day, today=turn.today, minutes=wanted.minutes, by_staff=turn.by_staff)
    own, machines = holding.open_ones(turn, but=but), holding.machines(turn, room, but=but)
    if wanted.computer_id:
        machines = [machine for machine in machines if machine.id == wanted.computer_id]
    if wanted.starts_at is None:
        return _choose_now(turn, room, wanted, machines, holding.most_now(turn, own, left))
    _check_later(turn, room, own, left, Span(wanted.starts_at, wanted.starts_at + timedelta(minutes=wanted.minutes)))
    return _choose_later(turn, room, wanted, machines, wanted.starts_at)


def _choose_now(turn: Turn, room: Room, wanted: Wanted, machines: list[Machine], most: int) -> tuple[Machine, Span]:
    spell = room.spell_at(turn.now)
    if spell is None or Span(turn.now, spell.end).minutes < LEAST_MINUTES:
        raise NotAllowed(Why.BRANCH_CLOSED, until=room.next_opening(turn.now))
    picked = pick_now(machines, wanted.kind, spell, turn.now, min(wanted.minutes, most))
    if picked is None:
        raise NotAllowed(
            Why.TAKEN,
            until=next_free(machines, wanted.kind, spell, turn.now),
            others=_others(turn, room, wanted, machines, turn.now),
            may_wait=not turn.holder.is_guest,
        )
    return picked


def _check_later(turn: Turn, room: Room, own: list[Held], left: int, asked: Span) -> None:
    if asked.start < turn.now:
        raise NotAllowed(Why.PAST)
    if any(held.span(turn.now).overlaps(asked) for held in own):
        raise NotAllowed(Why.AT_ANOTHER)
    ahead = sum(held.state(turn.now) is State.BOOKED for held in own)
    if not turn.by_staff and ahead >= room.limits.bookings_at_once:
        raise NotAllowed(Why.TOO_MANY, minutes=room.limits.bookings_at_once)
    if left < asked.minutes:
        raise NotAllowed(Why.NO_MINUTES, minutes=max(left, 0))


def _choose_later(
    turn: Turn, room: Room, wanted: Wanted, machines: list[Machine], starts_at: datetime
) -> tuple[Machine, Span]:
    spell = room.spell_at(starts_at)
    if spell is None:
        raise NotAllowed(Why.BRANCH_CLOSED, until=room.next_opening(starts_at))
    if span_of(wanted.kind or Kind.STANDARD, starts_at, wanted.minutes).end > spell.end:
        raise NotAllowed(Why.CLOSING, until=spell.end)
    machine = pick(machines, wanted.kind, spell, starts_at, wanted.minutes)
    if machine is None:
        raise NotAllowed(Why.TAKEN, others=_others(turn, room, wanted, machines, starts_at))
    return machine, span_of(machine.kind, starts_at, wanted.minutes)


def _others(turn: Turn, room: Room, wanted: Wanted, machines: list[Machine], near: datetime) -> tuple[Offer, ...]:
    found = slots(machines, room.spells, turn.desk.where, minutes=wanted.minutes, not_before=turn.now)
    return nearest(found, wanted.kind, near, wanted.minutes)


def _on_another_day(turn: Turn, wanted: Wanted, near: datetime) -> tuple[Offer, ...]:
    """Return free times of the nearest day with any, for whom a whole day is full; nobody waits for this look."""
    day = _day(turn, wanted)
    ahead = holding.look(turn, wanted.branch_id, day).limits.days_ahead
    days = (turn.today + timedelta(days=days) for days in range(ahead + 1))
    for other in sorted(days, key=lambda one: abs(one - day)):
        room = holding.look(turn, wanted.branch_id, other)
        if other != day and room.left >= wanted.minutes:
            found = _others(turn, room, wanted, holding.machines(turn, room), near + (other - day))
            if found:
                return found
    return ()


def _by_key(turn: Turn, key: UUID) -> UUID | None:
    """Return what the same form has booked already. Raises NoSuch for a key of somebody else's."""
    row = turn.db.execute(select(Booking.id, Booking.holder).where(Booking.request_key == key)).one_or_none()
    if row and row.holder != turn.holder.id:
        raise NoSuch(str(key))
    return row.id if row else None
