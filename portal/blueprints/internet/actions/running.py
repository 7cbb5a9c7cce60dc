"""What staff do in a running room: more time, another computer, out of order, blocks. ``moving`` gives others' bookings
another computer; ``sitting`` and ``booking`` do for staff, too, what people do by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from sqlalchemy import insert, select, update

from portal.audit import record
from portal.blueprints.internet.actions import holding, moving, settling
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.actions.moving import Mover, Replaced, replace_or_cancel
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Computer, Day
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.db import committing

WORDS = "internet_booking.words"
"""Seals why a computer is blocked."""
LONGEST_BLOCK = timedelta(days=31)


def extend(turn: Turn, booking_id: UUID, *, until: datetime, minutes: int) -> datetime:
    """Give somebody who sits at a computer so many minutes more, and return their new end. What their day doesn't have
    is granted; whoever waits, waits longer. The next booking and the closing of the branch still cut it short.

    until: the end that was seen: whoever presses twice gives it once. Raises NoSuch, NotAllowed (OVER, BLOCKED,
    BOOKED_NEXT, CLOSING).
    """
    branch_id = holding.branch_of(turn, booking_id)
    settling.settle(turn.db, turn.desk, branch_id, now=turn.now)
    with holding.refusing_what_the_database_refuses(), committing(turn.db):
        day = turn.db.execute(select(Booking.day).where(Booking.id == booking_id)).scalar_one()
        room = holding.enter(turn, branch_id, day)
        held = holding.mine(turn, booking_id)
        if held.state(turn.now) is not State.IN_USE:
            raise NotAllowed(Why.OVER)
        if held.ends_at != until:
            return held.ends_at
        more = min(minutes, _room_for_more(turn, room, held))
        if more > room.left:
            _grant(turn, day, more - max(room.left, 0))
        ends_at = held.ends_at + timedelta(minutes=more)
        turn.db.execute(update(Booking).where(Booking.id == booking_id).values(ends_at=ends_at))
        turn.record("internet.extend", booking_id)
        return ends_at


def _room_for_more(turn: Turn, room: holding.Room, held: Held) -> int:
    """Return how many minutes there are after a session. Raises NotAllowed if there are none."""
    spells = room.branch.opening.spells(held.day, turn.desk.where)
    spell = next((one for one in spells if one.start <= held.starts_at < one.end), None)
    machines = rooms.machines(turn.db, room.branch.id, room.whole, now=turn.now, but=held.id)
    machine = next((one for one in machines if one.id == held.computer_id), None)
    if spell is None or machine is None or Span(held.ends_at, spell.end).minutes < 1:
        raise NotAllowed(Why.CLOSING, until=spell.end if spell else held.ends_at)
    following = min((other.start for other in machine.busy if other.start >= held.ends_at), default=spell.end)
    if Span(held.ends_at, following).minutes < 1:
        raise NotAllowed(Why.BOOKED_NEXT)
    return Span(held.ends_at, min(following, spell.end)).minutes


def grant(turn: Turn, branch_id: UUID, *, minutes: int, before: int) -> None:
    """Let somebody have so many minutes more today, wherever they use them. before: how many were granted when the form
    was shown: whoever sends it twice grants once.

    branch_id: where the member of staff is. Raises NoSuch, NotAllowed (BLOCKED).
    """
    with committing(turn.db):
        holding.enter(turn, branch_id, turn.today)
        if bookings.granted(turn.db, turn.holder, turn.today) == before:
            _grant(turn, turn.today, minutes)


def _grant(turn: Turn, day: date, minutes: int) -> None:
    theirs = update(Day).where(Day.holder == turn.holder.id, Day.day == day)
    turn.db.execute(theirs.values(granted=Day.granted + minutes))
    record(turn.db, turn.party, "internet.grant", at=turn.now, object=f"internet.day:{day}", minutes=minutes)


def move(by: Mover, booking_id: UUID, computer_id: UUID) -> None:
    """Move a booking or session to another computer of its branch, for all that is left of it. Twice is as good as
    once.

    Raises NoSuch, NotAllowed (OVER, TAKEN).
    """
    found = bookings.held(by.db, Booking.id == booking_id)
    by.db.rollback()
    if not found:
        raise NoSuch(str(booking_id))
    settling.settle(by.db, by.desk, found[0].branch_id, now=by.now)
    with holding.refusing_what_the_database_refuses(), committing(by.db):
        held, branch = moving.lock(by, booking_id)
        if held.state(by.now) not in OPEN or held.how == "block":
            raise NotAllowed(Why.OVER)
        if held.computer_id != computer_id:
            machine = next((one for one in moving.machines_for(by, held) if one.id == computer_id), None)
            if machine is None or not machine.is_free(moving.rest_of(held, by.now)):
                raise NotAllowed(Why.TAKEN)
            moving.put(by, held, branch, machine, ends_at=held.ends_at)
    settling.settle(by.db, by.desk, held.branch_id, now=by.now)


def put_out_of_order(by: Mover, computer_id: UUID, *, until_repaired: bool) -> Replaced:
    """Take a computer out of service, and give whoever has it today another. until_repaired: on later days, too.

    Raises NoSuch.
    """
    _set_status(by, computer_id, "out-of-order", "internet.break")
    found = bookings.held(by.db, Booking.computer_id == computer_id, Booking.ends_at > by.now)
    by.db.rollback()
    today = by.desk.where.day(by.now)
    theirs = [held.id for held in found if held.how != "block" and (until_repaired or held.day <= today)]
    return replace_or_cancel(by, theirs)


def put_in_service(by: Mover, computer_id: UUID) -> None:
    """Bring a computer back, and offer it to whoever waits. Raises NoSuch."""
    branch_id = _set_status(by, computer_id, "in-service", "internet.repair")
    settling.settle(by.db, by.desk, branch_id, now=by.now)


def _set_status(by: Mover, computer_id: UUID, status: str, act: str) -> UUID:
    """Change a computer's status, and return its branch. One that has it already stays as it is."""
    with committing(by.db):
        branch_id = by.db.scalar(
            select(Computer.branch_id).where(Computer.id == computer_id, Computer.status != "retired")
        )
        if branch_id is None:
            raise NoSuch(str(computer_id))
        holding.lock_branch(by.db, branch_id, since=by.desk.where.day(by.now))
        changed = update(Computer).where(Computer.id == computer_id, Computer.status != status)
        if by.db.execute(changed.values(status=status).returning(Computer.id)).one_or_none():
            record(by.db, by.party, act, at=by.now, object=f"internet.computer:{computer_id}")
    return branch_id


@dataclass(frozen=True, slots=True)
class Block:
    """Computers of a branch that are kept for something else, such as a class. words: why, for staff."""

    branch_id: UUID
    computer_ids: Sequence[UUID]
    span: Span
    words: str


def block(by: Mover, wanted: Block, *, key: UUID) -> Replaced:
    """Keep computers for something else, and give whoever has them then others.

    key: of the form that was sent; the same one again blocks nothing more.
    Raises NoSuch, NotAllowed (PAST; TOO_LONG; TAKEN: somebody booked one of them just now, or it is blocked then).
    """
    span = wanted.span
    if span.end <= by.now or span.end <= span.start:
        raise NotAllowed(Why.PAST)
    if span.end - span.start > LONGEST_BLOCK:
        raise NotAllowed(Why.TOO_LONG)
    settling.settle(by.db, by.desk, wanted.branch_id, now=by.now)
    found = bookings.held(
        by.db,
        Computer.branch_id == wanted.branch_id,
        Booking.computer_id.in_(wanted.computer_ids),
        Booking.starts_at < span.end,
        Booking.ends_at > max(span.start, by.now),
        Booking.how != "block",
    )
    by.db.rollback()
    replaced = replace_or_cancel(by, [held.id for held in found], away_from=wanted.computer_ids)
    with holding.refusing_what_the_database_refuses(), committing(by.db):
        holding.lock_branch(by.db, wanted.branch_id, since=by.desk.where.day(by.now))
        _insert_blocks(by, wanted, key)
    return replaced


def _insert_blocks(by: Mover, wanted: Block, key: UUID) -> None:
    there = select(Computer.id).where(Computer.branch_id == wanted.branch_id, Computer.status != "retired")
    if not set(wanted.computer_ids) <= set(by.db.scalars(there)):
        raise NoSuch(str(wanted.branch_id))
    keys = {computer_id: uuid5(key, str(computer_id)) for computer_id in wanted.computer_ids}
    done = set(by.db.scalars(select(Booking.request_key).where(Booking.request_key.in_(keys.values()))))
    starts_at = max(wanted.span.start, by.now)
    for computer_id, its_key in keys.items():
        if its_key in done:
            continue
        block_id = uuid4()
        by.db.execute(
            insert(Booking).values(
                id=block_id,
                computer_id=computer_id,
                how="block",
                words=by.desk.sealer.seal(wanted.words, context=WORDS),
                day=by.desk.where.day(starts_at),
                starts_at=starts_at,
                ends_at=wanted.span.end,
                made_at=by.now,
                by_staff=True,
                request_key=its_key,
            )
        )
        record(by.db, by.party, "internet.reserve", at=by.now, object=f"internet.booking:{block_id}")


def lift_block(by: Mover, block_id: UUID) -> None:
    """End a block now. Twice is as good as once. Raises NoSuch."""
    with committing(by.db):
        held, _ = moving.lock(by, block_id)
        if held.how != "block":
            raise NoSuch(str(block_id))
        if held.state(by.now) in OPEN:
            lifted = update(Booking).where(Booking.id == block_id)
            ends_at = max(held.starts_at, by.now)
            by.db.execute(lifted.values(ended_at=by.now, ended_why="by-staff", ends_at=ends_at))
            record(by.db, by.party, "internet.free", at=by.now, object=f"internet.booking:{block_id}")
    settling.settle(by.db, by.desk, held.branch_id, now=by.now)
