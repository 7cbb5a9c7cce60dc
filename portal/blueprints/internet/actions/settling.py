"""What follows from the clock is written: what nobody claimed in time, what is offered to who waits.

Every answer counts it in before (``rules.standing``). It is written before a constraint is asked, and by a job, so that
people hear of it. Each step is a transaction of its own (see ``holding``).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.actions import holding
from portal.blueprints.internet.actions.holding import Room
from portal.blueprints.internet.actions.telling import tell, tell_closed
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Computer, Waiting
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.free import Machine, pick_now
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Holder, Kind
from portal.blueprints.internet.rules.limits import LEAST_MINUTES, NotAllowed, Why
from portal.db import committing
from portal.models import Person

OFFER_LASTS = timedelta(minutes=4)
"""So long a free computer is kept for whoever is first in the queue; then it is offered to the next."""

_IS_OFFER = Booking.how == "offer"


@dataclass(frozen=True, slots=True)
class _Waits:
    """Somebody's place in a queue. kind: None for any computer."""

    id: UUID
    person_id: UUID
    branch_id: UUID
    kind: str | None
    minutes: int


def settle(db: Session, desk: Desk, branch_id: UUID, *, holder: UUID | None = None, now: datetime) -> None:
    """Write what has come of the bookings at a branch, and of one person's elsewhere; then offer what is free."""
    of_branch = Computer.branch_id == branch_id
    _release_missed(db, desk, or_(of_branch, Booking.holder == holder) if holder else of_branch, now=now)
    for place in _queue(db, desk, branch_id, now=now):
        _offer(db, desk, place, now=now)


def settle_everywhere(db: Session, desk: Desk, *, now: datetime) -> None:
    """As ``settle``, for every branch where there is something to write. One that fails keeps no other from it; an
    ExceptionGroup is raised then, when all had their turn.
    """
    missed = select(Computer.branch_id).join(Booking, Booking.computer_id == Computer.id).where(_is_missed(now))
    waited = select(Waiting.branch_id).where(Waiting.left_at.is_(None))
    due = sorted(set(db.scalars(missed.union(waited))))
    db.rollback()
    failed = []
    for branch_id in due:
        try:
            settle(db, desk, branch_id, now=now)
        except Exception as error:  # noqa: BLE001 -- whatever it is: raised below
            db.rollback()
            failed.append(error)
    if failed:
        raise ExceptionGroup("branches that could not be settled", failed)


def _is_missed(now: datetime) -> ColumnElement[bool]:
    return and_(Booking.checked_in_at.is_(None), Booking.ended_at.is_(None), Booking.held_until <= now)


def _release_missed(db: Session, desk: Desk, condition: ColumnElement[bool], *, now: datetime) -> None:
    missed = select(Booking.id, Booking.holder, Booking.guest_id).join(Computer).where(condition, _is_missed(now))
    found = db.execute(missed.order_by(Booking.held_until)).all()
    db.rollback()  # nothing is held while each is written by itself
    for booking_id, holder, guest_id in found:
        whose = Holder(holder, is_guest=guest_id is not None) if holder else None
        _release(db, desk, booking_id, whose, now=now)


def _release(db: Session, desk: Desk, booking_id: UUID, holder: Holder | None, *, now: datetime) -> None:
    """Give up what nobody claimed. The minutes for which it was kept count; those of an offer don't."""
    used_until = func.greatest(Booking.starts_at, func.least(Booking.ends_at, Booking.held_until))
    kept_until = case((_IS_OFFER, Booking.starts_at), else_=used_until)
    with committing(db):
        if holder:
            holding.lock_holder(db, holder)
        row = db.execute(
            update(Booking)
            .where(Booking.id == booking_id, _is_missed(now), Computer.id == Booking.computer_id)
            .values(ended_at=Booking.held_until, ended_why="missed", ends_at=kept_until)
            .returning(Booking.person_id, Booking.how, Computer.branch_id)
        ).one_or_none()
        if row is None:
            return
        if row.how == "offer":
            holding.count(db, desk.where, row.branch_id, "offer-missed", now=now)
        record(db, None, "internet.miss", at=now, object=f"internet.booking:{booking_id}", subject=row.person_id)


def _queue(db: Session, desk: Desk, branch_id: UUID, *, now: datetime) -> list[_Waits]:
    """Return who waits at a branch for a kind of computer of which one is free there now, first come first; everybody
    who waits there once it has closed for today.
    """
    waiting = (
        select(Waiting.id, Waiting.person_id, Waiting.branch_id, Waiting.kind, Waiting.minutes)
        .where(Waiting.branch_id == branch_id, Waiting.left_at.is_(None), Waiting.day == desk.where.day(now))
        .order_by(Waiting.asked_at, Waiting.id)
    )
    found = [_Waits(*row) for row in db.execute(waiting)]
    soon = Span(now, now + timedelta(minutes=LEAST_MINUTES))
    machines = rooms.machines(db, branch_id, soon, now=now) if found else []
    free = {machine.kind for machine in machines if machine.is_free(soon)}
    branch = rooms.branch(db, branch_id, since=desk.where.day(now)) if found else None
    db.rollback()
    if branch and _is_over(branch.opening.spells(desk.where.day(now), desk.where), now):
        return found
    return [place for place in found if free and (place.kind is None or place.kind in free)]


def _is_over(spells: Iterable[Span], now: datetime) -> bool:
    """Tell whether nobody can sit down any more in any of the times of a day."""
    return all(Span(now, spell.end).minutes < LEAST_MINUTES for spell in spells)


def _offer(db: Session, desk: Desk, place: _Waits, *, now: datetime) -> None:
    """Keep a free computer for somebody who waits, if there is one for them. Whoever may have none any more (their
    minutes are taken, they sit elsewhere, it has closed for today) waits no longer; of what they can't know they hear.
    """
    turn = Turn(db, desk, Holder(place.person_id), None, now)
    _release_missed(db, desk, Booking.person_id == place.person_id, now=now)
    # What the database refuses (of a clock that was put back) is refused to one, and holds up nobody else.
    with suppress(NotAllowed), holding.refusing_what_the_database_refuses(), committing(db):
        try:
            room, most = _may_have(turn, place)
        except NotAllowed as refused:
            _send_away(turn, place, refused.why)
            return
        picked = _pick(turn, room, place, most)
        if picked is None or not _leave(turn, place):
            return
        booking_id = _keep(turn, room, *picked)
        db.execute(update(Waiting).where(Waiting.id == place.id).values(booking_id=booking_id))
        of = f"internet.booking:{booking_id}"
        record(db, None, "internet.offer", at=now, object=of, subject=place.person_id)
        tell(db, desk, "internet-offered", holding.mine(turn, booking_id), room.branch, now=now)


def _may_have(turn: Turn, place: _Waits) -> tuple[Room, int]:
    """Return the branch where somebody waits, and how many minutes they may have now. Raises NotAllowed."""
    room = holding.enter(turn, place.branch_id, turn.today)
    if turn.db.execute(select(Person.closed_at).where(Person.id == place.person_id)).scalar_one():
        raise NotAllowed(Why.OVER)
    if _is_over(room.spells, turn.now):
        raise NotAllowed(Why.BRANCH_CLOSED)
    return room, holding.most_now(turn, holding.open_ones(turn), room.left)


def _pick(turn: Turn, room: Room, place: _Waits, most: int) -> tuple[Machine, Span] | None:
    spell, kind = room.spell_at(turn.now), Kind(place.kind) if place.kind else None
    machines = holding.machines(turn, room)
    return pick_now(machines, kind, spell, turn.now, min(place.minutes, most)) if spell else None


def _keep(turn: Turn, room: Room, machine: Machine, span: Span) -> UUID:
    booking_id = uuid4()
    turn.db.execute(
        insert(Booking).values(
            id=booking_id,
            computer_id=machine.id,
            person_id=turn.holder.id,
            how="offer",
            day=room.day,
            starts_at=span.start,
            ends_at=span.end,
            held_until=turn.now + OFFER_LASTS,
            made_at=turn.now,
            by_staff=False,
        )
    )
    return booking_id


def _send_away(turn: Turn, place: _Waits, why: Why) -> None:
    """Take somebody out of the queue who may have no computer any more, and tell them if it is closed."""
    if not _leave(turn, place):
        return
    of = f"internet.branch:{place.branch_id}"
    record(turn.db, None, "internet.leave", at=turn.now, object=of, subject=place.person_id, why=why)
    branch = rooms.branch(turn.db, place.branch_id, since=turn.today)
    if branch and why is Why.BRANCH_CLOSED:
        tell_closed(turn.db, turn.desk, place.person_id, branch, now=turn.now)


def _leave(turn: Turn, place: _Waits) -> bool:
    """Take somebody out of the queue; False if they have left already."""
    left = update(Waiting).where(Waiting.id == place.id, Waiting.left_at.is_(None)).values(left_at=turn.now)
    return turn.db.execute(left.returning(Waiting.id)).one_or_none() is not None
