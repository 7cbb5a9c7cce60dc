"""Forgetting who sat where. What is counted stays; who it was goes, for good."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from portal.blueprints.internet.models import Booking, Day, Guest, Member, Waiting
from portal.blueprints.internet.rules.hours import Where
from portal.db import committing

BATCH = 500
"""Rows in one transaction: nobody waits long for what is being forgotten."""


def forget(db: Session, where: Where, *, keep_days: int, now: datetime, batch: int = BATCH) -> int:
    """Take people and guests off the bookings that ended more than ``keep_days`` ago; delete the blocks, days, tickets
    and places in queues of before, and why somebody was kept from the computers until then. Return how many rows were
    touched. Twice is as good as once.
    """
    ended_before = now - timedelta(days=keep_days)
    day = where.day(ended_before)
    is_over = Booking.ends_at < ended_before
    has_holder = or_(Booking.person_id.is_not(None), Booking.guest_id.is_not(None), Booking.request_key.is_not(None))
    whose = select(Booking.id).where(is_over, has_holder).limit(batch)
    blocks = select(Booking.id).where(is_over, Booking.how == "block").limit(batch)
    places = select(Waiting.id).where(Waiting.day < day).limit(batch)
    is_named = exists().where(Booking.guest_id == Guest.id)
    guests = select(Guest.id).where(Guest.day < day, ~is_named).limit(batch)
    is_counted = exists().where(Booking.holder == Day.holder, Booking.day == Day.day)
    days = select(Day.holder, Day.day).where(Day.day < day, ~is_counted).limit(batch)
    steps = (
        update(Booking)
        .where(Booking.id.in_(whose))
        .values(person_id=None, guest_id=None, request_key=None)
        .returning(Booking.id),
        delete(Booking).where(Booking.id.in_(blocks)).returning(Booking.id),
        update(Member)
        .where(Member.blocked_until < ended_before)
        .values(blocked_until=None, blocked_why=None)
        .returning(Member.person_id),
        delete(Waiting).where(Waiting.id.in_(places)).returning(Waiting.id),
        delete(Guest).where(Guest.id.in_(guests)).returning(Guest.id),
        delete(Day).where(tuple_(Day.holder, Day.day).in_(days)).returning(Day.day),
    )
    return sum(_in_batches(db, step) for step in steps)


def _in_batches(db: Session, step: ReturningUpdate[Any] | ReturningDelete[Any]) -> int:
    """Repeat a step, each time in a transaction of its own, until nothing is left."""
    total = 0
    while True:
        with committing(db):
            touched = len(db.execute(step, execution_options={"synchronize_session": False}).all())
        if not touched:
            return total
        total += touched
