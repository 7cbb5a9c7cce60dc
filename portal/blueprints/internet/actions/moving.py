"""Giving somebody another computer than the one they have: because it broke, is needed, or its branch closes then.

One booking at a time, each in a transaction of its own, with the locks in the order of ``holding``.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.actions import holding, settling
from portal.blueprints.internet.actions.telling import tell
from portal.blueprints.internet.models import Booking, Computer, Day, Guest, Member
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.free import Machine
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.limits import LEAST_MINUTES
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.db import committing
from portal.party import Party

MINUTE = timedelta(minutes=1)
_SAME = (
    Booking.person_id,
    Booking.guest_id,
    Booking.how,
    Booking.day,
    Booking.held_until,
    Booking.checked_in_at,
    Booking.policy_from,
    Booking.made_at,
    Booking.by_staff,
)


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves others' bookings, why (as ``models.Booking.ended_why``), when, with what. party: the member of staff;
    None for a command or a job.
    """

    db: Session
    desk: Desk
    party: Party | None
    why: Literal["closed", "out-of-order", "by-staff", "cancelled"]
    now: datetime


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many bookings have another computer or a shorter time, and how many had to be cancelled or ended."""

    moved: int = 0
    cancelled: int = 0


def replace_or_cancel(by: Mover, booking_ids: Iterable[UUID], *, away_from: Collection[UUID] = ()) -> Replaced:
    """Give each of these bookings and sessions a computer of its kind, for as long as its branch is open; cancel or end
    those for which there is none. Whoever is concerned is told. What is over, unaffected or a block stays as it is.

    Whatever is the reason is written before: the computer's status, the branch's hours. Where it can't be yet (a block
    that is to come), ``away_from`` names the computers that may not be used. All are of one branch.
    """
    ids = list(booking_ids)
    branch_id = _branch_of(by.db, ids)
    if branch_id is None:
        return Replaced()
    settling.settle(by.db, by.desk, branch_id, now=by.now)
    moved = cancelled = 0
    for booking_id in ids:
        with committing(by.db):
            done = _replace_or_cancel(by, booking_id, away_from)
        moved += done == "moved"
        cancelled += done == "cancelled"
    settling.settle(by.db, by.desk, branch_id, now=by.now)
    return Replaced(moved, cancelled)


def _branch_of(db: Session, booking_ids: list[UUID]) -> UUID | None:
    of_any = select(Computer.branch_id).join(Booking, Booking.computer_id == Computer.id)
    found = db.scalars(of_any.where(Booking.id.in_(booking_ids)).limit(1)).one_or_none()
    db.rollback()
    return found


def _replace_or_cancel(
    by: Mover, booking_id: UUID, away_from: Collection[UUID]
) -> Literal["moved", "cancelled"] | None:
    held, branch = lock(by, booking_id)
    if held.how == "block" or held.state(by.now) not in OPEN:
        return None
    wanted = _while_open(by, held, branch)
    machine = another(by, held, wanted, away_from) if wanted else None
    if wanted is None or machine is None:
        give_up(by, held, branch)
        return "cancelled"
    if machine.id == held.computer_id and wanted.end == held.ends_at:
        return None
    put(by, held, branch, machine, ends_at=wanted.end)
    return "moved"


def _while_open(by: Mover, held: Held, branch: BranchView) -> Span | None:
    """Return what is left of a booking or session before its branch closes; None if that isn't worth sitting down."""
    rest = rest_of(held, by.now)
    spells = branch.opening.spells(held.day, by.desk.where)
    spell = next((one for one in spells if one.start <= rest.start < one.end), None)
    wanted = Span(rest.start, min(rest.end, spell.end)) if spell else None
    is_worth = wanted and wanted.end - wanted.start >= min(timedelta(minutes=LEAST_MINUTES), rest.end - rest.start)
    return wanted if is_worth else None


def another(by: Mover, held: Held, wanted: Span, away_from: Collection[UUID]) -> Machine | None:
    """Return a computer of the same kind that is free for what is wanted: its own if it still will do."""
    fitting = [
        machine
        for machine in machines_for(by, held)
        if machine.kind is held.kind and machine.id not in away_from and machine.is_free(wanted)
    ]
    return min(fitting, key=lambda machine: machine.id != held.computer_id, default=None)


def machines_for(by: Mover, held: Held) -> list[Machine]:
    """Return the computers of a booking's branch that work, and when others hold them on its day."""
    return rooms.machines(by.db, held.branch_id, by.desk.where.whole_day(held.day), now=by.now, but=held.id)


def give_up(by: Mover, held: Held, branch: BranchView) -> None:
    """Cancel a booking, or end a session. Of one that wasn't claimed no minute counts: it is the library's doing."""
    is_used = held.state(by.now) is State.IN_USE
    ends_at = max(held.starts_at, by.now) if is_used else held.starts_at
    given_up = update(Booking).where(Booking.id == held.id)
    by.db.execute(given_up.values(ended_at=by.now, ended_why=by.why, ends_at=ends_at))
    note(by, "internet.end" if is_used else "internet.cancel", held)
    tell(by.db, by.desk, "internet-cancelled", held, branch, now=by.now)


def lock(by: Mover, booking_id: UUID) -> tuple[Held, BranchView]:
    """Lock a booking, after its branch, whoever holds it and their day, and return it as it stands. Raises NoSuch."""
    found = bookings.held(by.db, Booking.id == booking_id)
    if not found:
        raise holding.NoSuch(str(booking_id))
    held = found[0]
    branch = holding.lock_branch(by.db, held.branch_id, since=held.day)
    if held.holder:
        holder = Guest.id if held.is_guest else Member.person_id
        by.db.execute(select(holder).where(holder == held.holder).with_for_update())
        by.db.execute(select(Day.day).where(Day.holder == held.holder, Day.day == held.day).with_for_update())
    by.db.execute(select(Booking.id).where(Booking.id == booking_id).with_for_update())
    return bookings.held(by.db, Booking.id == booking_id)[0], branch


def rest_of(held: Held, now: datetime) -> Span:
    """Return what is left of a booking or session: nothing of it is in the past."""
    return Span(min(max(held.starts_at, now), held.ends_at), held.ends_at)


def put(by: Mover, held: Held, branch: BranchView, machine: Machine, *, ends_at: datetime) -> None:
    """Move a locked booking or session to a computer that is free for what is left of it, or let it end sooner at its
    own, in the caller's transaction.

    A session keeps its id, by which its page and the programs know it. What was used of the first computer stays on
    record as a row of its own, of whole minutes: together they take no more of the day than before.
    """
    values: dict[str, object] = {"computer_id": machine.id, "ends_at": ends_at}
    left_at = held.starts_at
    if machine.id != held.computer_id:
        if held.state(by.now) is State.IN_USE:
            left_at += max(timedelta(), by.now - held.starts_at) // MINUTE * MINUTE
        values["starts_at"] = max([left_at, *(other.end for other in machine.busy if other.end <= by.now)])
    by.db.execute(update(Booking).where(Booking.id == held.id).values(values))
    if left_at > held.starts_at:
        _leave_behind(by, held, left_at)
    note(by, "internet.move", held)
    tell(by.db, by.desk, "internet-moved", bookings.held(by.db, Booking.id == held.id)[0], branch, now=by.now)


def _leave_behind(by: Mover, held: Held, left_at: datetime) -> None:
    """Add the row of what was used of the computer that somebody moved away from."""
    row = by.db.execute(select(*_SAME).where(Booking.id == held.id)).one()
    was = {"id": uuid4(), "computer_id": held.computer_id, "starts_at": held.starts_at, "ends_at": left_at}
    ended = {"ended_at": by.now, "ended_why": by.why}
    by.db.execute(insert(Booking).values(row._asdict() | was | ended))


def note(by: Mover, act: str, held: Held) -> None:
    """Add the audit record of what was done to somebody's booking, in the transaction under way."""
    subject = None if held.is_guest else held.holder
    party = replace(by.party, subject=subject) if by.party and subject else by.party
    record(by.db, party, act, at=by.now, object=f"internet.booking:{held.id}", subject=subject, why=by.why)
