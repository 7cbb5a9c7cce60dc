"""What every action on bookings begins with.

Locks are taken in one order: the branch, the person (or guest), their day, their bookings. Whoever changes a booking
holds its person before it, also where no branch matters: the trigger that counts minutes locks their day. Whatever
touches others' bookings (what nobody claimed, what is offered to who waits) is a transaction of its own before it
(``settling``), which holds one of others' days at a time. So nobody waits in a circle.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Branch, Count, Day, Guest, Member, Waiting
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.free import Machine
from portal.blueprints.internet.rules.hours import Span, Where
from portal.blueprints.internet.rules.kinds import Holder, Who, who_is
from portal.blueprints.internet.rules.limits import LEAST_MINUTES, Limits, NotAllowed, Why, limits_on
from portal.blueprints.internet.rules.standing import OPEN, Held

OVERLAPS = {
    "ex_internet_booking_one_on_a_computer": Why.TAKEN,
    "ex_internet_booking_one_at_a_time": Why.AT_ANOTHER,
    "ck_internet_day_enough": Why.NO_MINUTES,
}
"""What the database itself refuses, were a check here ever forgotten."""

_STANDING_IN_LINE = text("set local lock_timeout = '12s'")
"""Longer than elsewhere: whoever books when many do waits for all before them, and is served."""


class NoSuch(Exception):
    """There is no such branch, booking or person, or it isn't theirs."""


@dataclass(frozen=True, slots=True)
class Room:
    """A branch on one day, locked, as its rules hold for one person. left: minutes of their day that are not taken.

    spells: when its computers may be used, earliest first.
    """

    branch: BranchView
    day: date
    whole: Span
    limits: Limits
    left: int
    spells: tuple[Span, ...]

    def spell_at(self, moment: datetime) -> Span | None:
        """Return the stretch that a moment is in."""
        return next((spell for spell in self.spells if spell.start <= moment < spell.end), None)

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return when it opens again on the same day."""
        return next((spell.start for spell in self.spells if spell.start > moment), None)


def lock_branch(db: Session, branch_id: UUID, *, since: date) -> BranchView:
    """Return a branch, locked until the transaction ends. since: no day before it matters. Raises NoSuch.

    Who only refers to the branch (foreign keys of what is counted there) doesn't wait: they may hold a person already.
    """
    db.execute(_STANDING_IN_LINE)
    db.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True))
    found = rooms.branch(db, branch_id, since=since)
    if found is None:
        raise NoSuch(str(branch_id))
    return found


def enter(turn: Turn, branch_id: UUID, day: date) -> Room:
    """Lock a branch, a person and their day, and return what holds there for them. Raises NoSuch, NotAllowed."""
    where = turn.desk.where
    branch = lock_branch(turn.db, branch_id, since=day)
    who, blocked_until = _lock_holder(turn, branch_id, day)
    if blocked_until and turn.now < blocked_until:
        raise NotAllowed(Why.BLOCKED, until=blocked_until)
    limits = limits_on(day, branch_id, who, rooms.rules(turn.db))
    left = lock_day(turn.db, turn.holder, day, limits)
    spells = branch.opening.spells(day, where, stops_before=limits.stops_before)
    return Room(branch, day, where.whole_day(day), limits, left, tuple(spells))


def _lock_holder(turn: Turn, branch_id: UUID, day: date) -> tuple[Who, datetime | None]:
    """Lock a person or a guest, and return whose rules hold for them and until when they are blocked."""
    if turn.holder.is_guest:
        ticket = turn.db.execute(select(Guest.day).where(Guest.id == turn.holder.id).with_for_update()).one_or_none()
        if ticket is None:
            raise NoSuch(str(turn.holder.id))
        if ticket.day != day:
            raise NotAllowed(Why.OVER)
        return Who.GUEST, None
    row = upsert(Member).values(person_id=turn.holder.id, last_branch_id=branch_id)
    child_until, blocked_until = turn.db.execute(
        row.on_conflict_do_update(
            index_elements=[Member.person_id], set_={"last_branch_id": row.excluded.last_branch_id}
        ).returning(Member.child_until, Member.blocked_until)
    ).one()
    return who_is(child_until, day), blocked_until


def lock_day(db: Session, holder: Holder, day: date, limits: Limits) -> int:
    """Lock somebody's day, and return how many minutes of it they may still take.

    Of a rule that was lowered since, what they have taken stays theirs.
    """
    minutes = limits.minutes_a_day
    if holder.is_guest:
        minutes = db.execute(select(Guest.minutes).where(Guest.id == holder.id)).scalar_one()
    row = upsert(Day).values(holder=holder.id, day=day, allowed=minutes, granted=0, taken=0)
    return db.execute(
        row.on_conflict_do_update(
            index_elements=[Day.holder, Day.day],
            set_={"allowed": func.greatest(row.excluded.allowed, Day.taken - Day.granted)},
        ).returning(Day.allowed + Day.granted - Day.taken)
    ).scalar_one()


def look(turn: Turn, branch_id: UUID, day: date | None = None) -> Room:
    """Return what ``enter`` does, for today if no day is named, with nothing locked or written: for pages. Raises
    NoSuch.
    """
    where, day = turn.desk.where, day or turn.today
    branch = rooms.branch(turn.db, branch_id, since=day)
    if branch is None:
        raise NoSuch(str(branch_id))
    who = Who.GUEST if turn.holder.is_guest else who_is(bookings.about(turn.db, turn.holder.id).child_until, day)
    limits = limits_on(day, branch_id, who, rooms.rules(turn.db))
    left = bookings.minutes_left(turn.db, turn.holder, day, limits, now=turn.now)
    spells = branch.opening.spells(day, where, stops_before=limits.stops_before)
    return Room(branch, day, where.whole_day(day), limits, left, tuple(spells))


def machines(turn: Turn, room: Room, *, but: UUID | None = None) -> list[Machine]:
    """Return the room's computers that this person may use, and when they are held on the day."""
    found = rooms.machines(turn.db, room.branch.id, room.whole, now=turn.now, but=but)
    return [machine for machine in found if machine.kind in room.limits.kinds]


def lock_holder(db: Session, holder: Holder) -> None:
    """Lock a person or a guest, before any of their bookings."""
    whose = Guest.id if holder.is_guest else Member.person_id
    db.execute(select(whose).where(whose == holder.id).with_for_update())


def branch_of(turn: Turn, booking_id: UUID) -> UUID:
    """Return the branch of a booking of the holder's, for it is locked before; nothing is locked yet. Raises NoSuch."""
    found = bookings.held(turn.db, Booking.id == booking_id, Booking.holder == turn.holder.id)
    turn.db.rollback()
    if not found:
        raise NoSuch(str(booking_id))
    return found[0].branch_id


def mine(turn: Turn, booking_id: UUID) -> Held:
    """Return a booking of the holder's own, locked as the holder is. Raises NoSuch."""
    lock_holder(turn.db, turn.holder)
    is_theirs = (Booking.id == booking_id, Booking.holder == turn.holder.id)
    turn.db.execute(select(Booking.id).where(*is_theirs).with_for_update())
    found = bookings.held(turn.db, *is_theirs)
    if not found:
        raise NoSuch(str(booking_id))
    return found[0]


def open_ones(turn: Turn, *, but: UUID | None = None) -> list[Held]:
    """Return the holder's bookings that are not over, anywhere, earliest first."""
    found = bookings.held(turn.db, Booking.holder == turn.holder.id, Booking.ends_at > turn.now)
    return [held for held in found if held.state(turn.now) in OPEN and held.id != but]


def stop_waiting(turn: Turn) -> None:
    """Take somebody who has a computer now out of the queue, where they would keep others from more time."""
    waits = update(Waiting).where(Waiting.person_id == turn.holder.id, Waiting.left_at.is_(None))
    turn.db.execute(waits.values(left_at=turn.now))


def most_now(turn: Turn, own: list[Held], left: int) -> int:
    """Return how many minutes from now somebody may have: until their own next booking at most.

    own: as ``open_ones``. left: minutes of their day. Raises NotAllowed.
    """
    if left < LEAST_MINUTES:
        raise NotAllowed(Why.NO_MINUTES, minutes=max(left, 0))
    until_own = min((Span(turn.now, held.starts_at).minutes for held in own), default=left)
    if until_own < LEAST_MINUTES:
        raise NotAllowed(Why.AT_ANOTHER)
    return min(left, until_own)


@contextmanager
def refusing_what_the_database_refuses() -> Iterator[None]:
    """Turn what a constraint says no to into the rule that it stands for."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        if name in OVERLAPS:
            raise NotAllowed(OVERLAPS[name]) from None
        raise


def count(db: Session, where: Where, branch_id: UUID, what: str, *, now: datetime) -> None:
    """Count that something happened in this hour at a branch, without who. what: see ``models.Count``."""
    local = now.astimezone(where.zone)
    row = upsert(Count).values(branch_id=branch_id, day=local.date(), hour=local.hour, what=what, count=1)
    db.execute(
        row.on_conflict_do_update(
            index_elements=[Count.branch_id, Count.day, Count.hour, Count.what], set_={"count": Count.count + 1}
        )
    )
