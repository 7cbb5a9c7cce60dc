"""Bookings, minutes and places in the queue, as whoever they belong to may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Computer, Day, Member, Waiting
from portal.blueprints.internet.queries.rooms import effective_end
from portal.blueprints.internet.rules.kinds import Holder, Kind
from portal.blueprints.internet.rules.limits import Limits
from portal.blueprints.internet.rules.standing import Glimpse, Held
from portal.db import rows
from portal.party import Party

SELECT = select(
    Booking.id,
    Computer.branch_id,
    Booking.computer_id,
    Computer.name,
    Computer.kind,
    Booking.holder,
    Booking.guest_id.is_not(None),
    Booking.how,
    Booking.day,
    Booking.starts_at,
    Booking.ends_at,
    Booking.held_until,
    Booking.checked_in_at,
    Booking.ended_at,
    Booking.ended_why,
).join(Computer, Computer.id == Booking.computer_id)


@dataclass(frozen=True, slots=True)
class About:
    """What the rooms know of somebody. child_until: a day; None for adults, and for whom nothing is known."""

    last_branch_id: UUID | None
    child_until: date | None
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue for a computer. place: from 1."""

    id: UUID
    branch_id: UUID
    kind: Kind | None
    minutes: int
    asked_at: datetime
    place: int


def held(db: Session, *conditions: ColumnElement[bool]) -> list[Held]:
    """Return bookings, earliest first; for actions and staff, not for residents' pages."""
    return [as_held(*row) for row in db.execute(SELECT.where(*conditions).order_by(Booking.starts_at, Booking.id))]


def of_party(db: Session, party: Party, *, since: datetime) -> list[Held]:
    """Return the subject's bookings that end after ``since``, earliest first."""
    return held(
        db, Booking.person_id == party.subject, Booking.ends_at > since, Booking.ended_why.is_distinct_from("cancelled")
    )


def one(db: Session, party: Party, booking_id: UUID) -> Held | None:
    """Return one booking; None if there is none or it isn't the subject's: the same answer for both."""
    return next(iter(held(db, Booking.id == booking_id, Booking.person_id == party.subject)), None)


def of_guest(db: Session, guest_id: UUID, booking_id: UUID) -> Held | None:
    """As ``one``, for a guest."""
    return next(iter(held(db, Booking.id == booking_id, Booking.guest_id == guest_id)), None)


_GLIMPSE = select(
    Booking.how,
    Booking.starts_at,
    Booking.ends_at,
    Booking.held_until,
    Booking.checked_in_at,
    Booking.ended_at,
    Booking.ended_why,
).where(Booking.id == bindparam("booking"), Booking.holder == bindparam("whose"))


def glimpse(db: Connection, holder: UUID, booking_id: UUID) -> Glimpse | None:
    """Return what has become of somebody's booking; None if it isn't theirs. Pages ask for it every minute."""
    row = rows(db, _GLIMPSE, booking=booking_id, whose=holder).one_or_none()
    return Glimpse(*row) if row else None


def about(db: Session, person_id: UUID) -> About:
    """Return what the rooms know of somebody."""
    row = db.execute(
        select(Member.last_branch_id, Member.child_until, Member.blocked_until).where(Member.person_id == person_id)
    ).one_or_none()
    return About(*row) if row else About(None, None, None)


def taken_by(now: datetime) -> ColumnElement[int]:
    """Return, as SQL beside ``Day``, its ``taken`` as it will be once what was missed until now has been written."""
    missed_offer = and_(Booking.how == "offer", Booking.checked_in_at.is_(None), Booking.held_until <= now)
    ends_at = case((missed_offer, Booking.starts_at), else_=effective_end(now))
    minutes = func.sum(func.ceil(func.extract("epoch", ends_at - Booking.starts_at) / 60))
    of_day = select(func.coalesce(minutes, 0)).where(Booking.holder == Day.holder, Booking.day == Day.day)
    return of_day.correlate(Day).scalar_subquery()


def minutes_left(db: Session, holder: Holder, day: date, limits: Limits, *, now: datetime) -> int:
    """Return how many minutes of a day somebody may still take, as ``actions.holding.lock_day`` does: those of what
    they missed are given back, whether or not that has been written.
    """
    row = db.execute(
        select(Day.allowed, Day.granted, taken_by(now)).where(Day.holder == holder.id, Day.day == day)
    ).one_or_none()
    if row is None:
        return limits.minutes_a_day
    allowed, granted, taken = row[0], row[1], int(row[2])
    return left_of(allowed if holder.is_guest else limits.minutes_a_day, granted, taken)


def left_of(allowed: int, granted: int, taken: int) -> int:
    """Return how many minutes of a day are left. Of a rule that was lowered since, what was taken stays theirs."""
    return max(allowed, taken - granted) + granted - taken


def granted(db: Session, holder: Holder, day: date) -> int:
    """Return how many minutes of a day staff have granted somebody."""
    return db.scalar(select(Day.granted).where(Day.holder == holder.id, Day.day == day)) or 0


def waiting(db: Session, person_id: UUID, *, today: date) -> Place | None:
    """Return somebody's place in a queue today; None if they wait for nothing."""
    row = db.execute(
        select(Waiting.id, Waiting.branch_id, Waiting.kind, Waiting.minutes, Waiting.asked_at).where(
            Waiting.person_id == person_id, Waiting.left_at.is_(None), Waiting.day == today
        )
    ).one_or_none()
    if row is None:
        return None
    id_, branch_id, kind, minutes, asked_at = row
    before = db.execute(
        select(func.count()).where(
            Waiting.branch_id == branch_id,
            Waiting.left_at.is_(None),
            Waiting.day == today,
            Waiting.asked_at < asked_at,
        )
    ).scalar_one()
    return Place(id_, branch_id, Kind(kind) if kind else None, minutes, asked_at, before + 1)


def queue(db: Session, branch_id: UUID, *, today: date, kind: Kind | None = None) -> int:
    """Return how many people wait at a branch. kind: for a computer of that kind, or for any."""
    waiting = [Waiting.branch_id == branch_id, Waiting.left_at.is_(None), Waiting.day == today]
    if kind:
        waiting.append(or_(Waiting.kind.is_(None), Waiting.kind == kind))
    return db.execute(select(func.count()).where(*waiting)).scalar_one()


def as_held(*row: object) -> Held:
    """Return a booking of a row of ``SELECT``."""
    values = list(row)
    values[4] = Kind(str(values[4]))
    return Held(*values)  # type: ignore[arg-type]  # as SELECT has them
