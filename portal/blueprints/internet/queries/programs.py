"""The programs that lock computers: who one is that asks, what it is about, which are silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Computer, Program
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.rules.programs import SILENT_AFTER
from portal.blueprints.internet.rules.standing import Held

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """The program of a computer as it was when it asked last. key, message: sealed. counter: of its last request."""

    computer_id: UUID
    branch_id: UUID
    in_service: bool
    key: bytes
    counter: int
    seen_at: datetime | None
    is_locked: bool | None
    message: bytes | None
    message_until: datetime | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A computer's program as staff see it. enrolled_at: None if there is none. code_until: of a code that would enrol
    one, if that is still good. is_locked: as it said when it asked last.
    """

    enrolled_at: datetime | None
    seen_at: datetime | None
    is_locked: bool | None
    code_until: datetime | None

    def is_silent(self, now: datetime) -> bool:
        """Tell whether a program is enrolled that has not asked for a while."""
        last = self.seen_at or self.enrolled_at
        return self.enrolled_at is not None and last is not None and now - last > SILENT_AFTER


def known(db: Session, computer_id: UUID) -> Known | None:
    """Return who asks; None if no program is enrolled for the computer, or it isn't there any more."""
    row = db.execute(
        select(
            Computer.id,
            Computer.branch_id,
            Computer.status == "in-service",
            Program.key,
            Program.counter,
            Program.seen_at,
            Program.is_locked,
            Program.message,
            Program.message_until,
        )
        .join(Program, Program.computer_id == Computer.id)
        .where(Computer.id == computer_id, Computer.status != "retired", Program.key.is_not(None))
    ).one_or_none()
    return Known(*row) if row else None  # type: ignore[arg-type]  # the key is there


def at_computer(db: Session, computer_id: UUID, *, now: datetime) -> list[Held]:
    """Return what is booked at a computer from now on for a day, earliest first."""
    return bookings.held(db, Booking.computer_id == computer_id, Booking.ends_at > now, Booking.starts_at < now + A_DAY)


def standing(db: Session, branch_id: UUID, *, now: datetime) -> dict[UUID, Enrolled]:
    """Return the programs of a branch by their computers; a computer without one has no entry."""
    found = db.execute(
        select(Program.computer_id, Program.enrolled_at, Program.seen_at, Program.is_locked, Program.code_until)
        .join(Computer, Computer.id == Program.computer_id)
        .where(Computer.branch_id == branch_id)
    )
    return {
        id_: Enrolled(enrolled_at, seen_at, is_locked, code_until if code_until and now < code_until else None)
        for id_, enrolled_at, seen_at, is_locked, code_until in found
    }
