"""The session at a computer: check in, take more time, end early."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from portal.blueprints.internet.actions import holding, settling
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Computer
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.rules.desk import is_code
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import QUICK_MINUTES, Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import EARLY, OPEN, Held, State
from portal.db import committing


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is possible for somebody at a computer. more: minutes that one step would give; 0 where ``no`` says why.

    left: minutes of their day that are not taken. stops_at: when the library's computers stop; None if they have.
    """

    more: int
    no: NotAllowed | None
    left: int
    stops_at: datetime | None


class PolicyChanged(Exception):
    """The acceptable-use policy was changed since it was shown."""


def check_in(turn: Turn, booking_id: UUID, *, code: str | None, policy_from: datetime) -> None:
    """Begin the session of a booking at its computer. Twice is as good as once.

    code: what the computer shows; None where staff see the person sit there. policy_from: which text was agreed to.
    Raises NoSuch, PolicyChanged, NotAllowed (OVER, BLOCKED, NOT_YET, WRONG_CODE, OTHER_COMPUTER, SOMEBODY_THERE,
    AT_ANOTHER).
    """
    settling.settle(
        turn.db, turn.desk, holding.branch_of(turn, booking_id), holder=turn.holder.id, now=turn.now
    )  # what nobody claimed doesn't stand in the way of who is early
    with holding.refusing_what_the_database_refuses(), committing(turn.db):
        held = holding.mine(turn, booking_id)
        state = held.state(turn.now)
        if state is State.IN_USE:
            return
        if state not in OPEN:
            raise NotAllowed(Why.OVER)
        if (until := bookings.about(turn.db, turn.holder.id).blocked_until) and turn.now < until:
            raise NotAllowed(Why.BLOCKED, until=until)
        if turn.now < _earliest(turn, held):
            raise NotAllowed(Why.NOT_YET, until=held.starts_at)
        if code is not None:
            _check_code(turn, held, code)
        if before := _who_is_there(turn, held):
            raise NotAllowed(Why.SOMEBODY_THERE, until=before.ends_at)
        if turn.now < held.starts_at:
            _bring_forward(turn, held)
        begin(turn, booking_id, policy_from=policy_from)


def _earliest(turn: Turn, held: Held) -> datetime:
    """Return from when on somebody may check in: a little early, but not before it opens."""
    if held.starts_at <= turn.now:
        return held.starts_at
    spell = holding.look(turn, held.branch_id).spell_at(held.starts_at)
    return max(held.starts_at - EARLY, spell.start) if spell else held.starts_at - EARLY


def _bring_forward(turn: Turn, held: Held) -> None:
    """Let the time of somebody who is early begin now, and end so much sooner: so the database knows that they sit
    there, and nobody has minutes that no day counts.
    """
    ends_at = held.ends_at - (held.starts_at - turn.now)
    turn.db.execute(update(Booking).where(Booking.id == held.id).values(starts_at=turn.now, ends_at=ends_at))


def begin(turn: Turn, booking_id: UUID, *, policy_from: datetime) -> None:
    """Note that somebody sits at the computer that they hold, and waits for none, in the caller's transaction.

    Raises PolicyChanged.
    """
    if rooms.policy(turn.db, now=turn.now).since != policy_from:
        raise PolicyChanged
    begun = (
        update(Booking)
        .where(Booking.id == booking_id, Booking.checked_in_at.is_(None))
        .values(checked_in_at=turn.now, policy_from=policy_from)
    )
    if turn.db.execute(begun.returning(Booking.id)).one_or_none():
        holding.stop_waiting(turn)
        turn.record("internet.check-in", booking_id)


def _check_code(turn: Turn, held: Held, code: str) -> None:
    if is_code(turn.desk.secret, held.computer_id, code, turn.now):
        return
    others = turn.db.scalars(select(Computer.id).where(Computer.branch_id == held.branch_id))
    if any(is_code(turn.desk.secret, other, code, turn.now) for other in others):
        raise NotAllowed(Why.OTHER_COMPUTER, name=held.computer)
    raise NotAllowed(Why.WRONG_CODE)


def _who_is_there(turn: Turn, held: Held) -> Held | None:
    """Return whoever has the computer before this booking's time has begun."""
    if held.starts_at <= turn.now:
        return None
    found = bookings.held(
        turn.db,
        Booking.computer_id == held.computer_id,
        Booking.id != held.id,
        Booking.starts_at <= turn.now,
        Booking.ends_at > turn.now,
    )
    return next((other for other in found if other.state(turn.now) in OPEN), None)


def extend(turn: Turn, booking_id: UUID, *, until: datetime) -> datetime:
    """Give somebody more time at their computer, as much as one step allows, and return their new end.

    until: the end that they saw: whoever presses twice gets one step. A step is cut short by the next booking, by
    closing and by what is left of their day.
    Raises NoSuch, NotAllowed (OVER, SOMEBODY_WAITS, BOOKED_NEXT, AT_ANOTHER, CLOSING, NO_MINUTES, TOO_LONG).
    """
    branch_id = holding.branch_of(turn, booking_id)
    settling.settle(turn.db, turn.desk, branch_id, holder=turn.holder.id, now=turn.now)
    with holding.refusing_what_the_database_refuses(), committing(turn.db):
        room = holding.enter(turn, branch_id, turn.today)
        held = holding.mine(turn, booking_id)
        if held.state(turn.now) is not State.IN_USE:
            raise NotAllowed(Why.OVER)
        if held.ends_at != until:
            return held.ends_at
        ends_at = held.ends_at + timedelta(minutes=_more(turn, room, held))
        turn.db.execute(update(Booking).where(Booking.id == booking_id).values(ends_at=ends_at))
        turn.record("internet.extend", booking_id)
        return ends_at


def outlook(turn: Turn, held: Held) -> Outlook:
    """Return what is possible for somebody at a computer; nothing is changed. Raises NoSuch."""
    room = holding.look(turn, held.branch_id)
    spell = room.spell_at(held.starts_at)
    more, no = 0, None
    try:
        more = _more(turn, room, held)
    except NotAllowed as refused:
        no = refused
    return Outlook(more, no, max(0, room.left), spell.end if spell else None)


def _more(turn: Turn, room: holding.Room, held: Held) -> int:
    if not turn.by_staff and bookings.queue(turn.db, room.branch.id, today=room.day, kind=held.kind):
        raise NotAllowed(Why.SOMEBODY_WAITS)
    spell = room.spell_at(held.starts_at)
    machine = next((one for one in holding.machines(turn, room, but=held.id) if one.id == held.computer_id), None)
    if spell is None or machine is None:
        raise NotAllowed(Why.CLOSING, until=held.ends_at)
    following = min((other.start for other in machine.busy if other.start >= held.ends_at), default=spell.end)
    own = [one.starts_at for one in holding.open_ones(turn, but=held.id) if one.starts_at >= held.ends_at]
    quick = QUICK_MINUTES - held.minutes if held.kind is Kind.QUICK and not turn.by_staff else room.limits.extend_by
    most = (
        (quick, NotAllowed(Why.TOO_LONG, minutes=QUICK_MINUTES)),
        (room.left, NotAllowed(Why.NO_MINUTES)),
        (Span(held.ends_at, spell.end).minutes, NotAllowed(Why.CLOSING, until=spell.end)),
        (Span(held.ends_at, following).minutes, NotAllowed(Why.BOOKED_NEXT)),
        (Span(held.ends_at, min(own, default=spell.end)).minutes, NotAllowed(Why.AT_ANOTHER)),
    )
    for minutes, refused in most:
        if minutes < 1:
            raise refused
    return min(room.limits.extend_by, *(minutes for minutes, _ in most))


def end(turn: Turn, booking_id: UUID, *, why: str = "finished") -> Held:
    """End a session before its time, and give the rest back; one that is over stays as it is. Return it as it was.

    why: as ``models.Booking.ended_why``. Raises NoSuch, NotAllowed (NOT_YET: nobody has checked in; it can be
    cancelled).
    """
    with committing(turn.db):
        held = holding.mine(turn, booking_id)
        state = held.state(turn.now)
        if state in OPEN and state is not State.IN_USE:
            raise NotAllowed(Why.NOT_YET, until=held.starts_at)
        if state is State.IN_USE:
            turn.db.execute(
                update(Booking)
                .where(Booking.id == booking_id)
                .values(ended_at=turn.now, ended_why=why, ends_at=max(held.starts_at, turn.now))
            )
            turn.record("internet.end", booking_id)
    settling.settle(turn.db, turn.desk, held.branch_id, now=turn.now)
    return held
