"""Waiting for a computer now: into the queue, out of it, and taking what is offered."""

from uuid import UUID, uuid4

from sqlalchemy import insert, update

from portal.audit import record
from portal.blueprints.internet.actions import holding, settling
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Waiting
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.rules.free import pick_now
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why, check
from portal.blueprints.internet.rules.standing import OPEN, State
from portal.db import committing


def wait(turn: Turn, branch_id: UUID, kind: Kind | None, minutes: int) -> UUID:
    """Put somebody into the queue of a branch, and return their place's id; who waits there already keeps theirs.

    Raises NoSuch, NotAllowed (NOTHING_TO_WAIT_FOR where a computer is free; ALREADY_WAITS at another branch;
    THROUGH_STAFF for guests).
    """
    if turn.holder.is_guest:  # nobody could be told that it is their turn
        raise NotAllowed(Why.THROUGH_STAFF)
    settling.settle(turn.db, turn.desk, branch_id, holder=turn.holder.id, now=turn.now)
    with committing(turn.db):
        room = holding.enter(turn, branch_id, turn.today)
        check(room.limits, kind=kind, day=turn.today, today=turn.today, minutes=minutes, by_staff=turn.by_staff)
        _check_worth(turn, room, kind, minutes)
        if place := bookings.waiting(turn.db, turn.holder.id, today=turn.today):
            if place.branch_id != branch_id:
                raise NotAllowed(Why.ALREADY_WAITS)
            return place.id
        return _enqueue(turn, branch_id, kind, minutes)


def _check_worth(turn: Turn, room: holding.Room, kind: Kind | None, minutes: int) -> None:
    spell = room.spell_at(turn.now)
    if spell is None:
        raise NotAllowed(Why.BRANCH_CLOSED, until=room.next_opening(turn.now))
    holding.most_now(turn, holding.open_ones(turn), room.left)
    if pick_now(holding.machines(turn, room), kind, spell, turn.now, minutes):
        raise NotAllowed(Why.NOTHING_TO_WAIT_FOR)


def _enqueue(turn: Turn, branch_id: UUID, kind: Kind | None, minutes: int) -> UUID:
    over = update(Waiting).where(
        Waiting.person_id == turn.holder.id, Waiting.left_at.is_(None), Waiting.day != turn.today
    )
    turn.db.execute(over.values(left_at=turn.now))
    place = uuid4()
    turn.db.execute(
        insert(Waiting).values(
            id=place,
            person_id=turn.holder.id,
            branch_id=branch_id,
            kind=kind,
            minutes=minutes,
            day=turn.today,
            asked_at=turn.now,
        )
    )
    holding.count(turn.db, turn.desk.where, branch_id, "waited", now=turn.now)
    record(turn.db, turn.party, "internet.wait", at=turn.now, object=f"internet.branch:{branch_id}")
    return place


def leave(turn: Turn) -> bool:
    """Take somebody out of the queue; False if they are in none."""
    with committing(turn.db):
        left = turn.db.execute(
            update(Waiting)
            .where(Waiting.person_id == turn.holder.id, Waiting.left_at.is_(None))
            .values(left_at=turn.now)
            .returning(Waiting.branch_id)
        ).one_or_none()
        if left:
            record(turn.db, turn.party, "internet.leave", at=turn.now, object=f"internet.branch:{left.branch_id}")
        return left is not None


def take(turn: Turn, booking_id: UUID) -> None:
    """Take the computer that is offered: it is kept as long as any that was booked. Twice is as good as once.

    Raises NoSuch, NotAllowed (OVER: it was offered to the next).
    """
    with committing(turn.db):
        held = holding.mine(turn, booking_id)
        state = held.state(turn.now)
        if state not in OPEN:
            raise NotAllowed(Why.OVER)
        if state is State.OFFERED:
            grace = holding.look(turn, held.branch_id).limits.grace
            since = max(turn.now, held.starts_at)  # of a clock that was put back
            kept = update(Booking).where(Booking.id == booking_id)
            turn.db.execute(kept.values(how="now", held_until=min(since + grace, held.ends_at)))
            turn.record("internet.take", booking_id)
