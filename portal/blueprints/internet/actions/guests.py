"""Guests: a ticket from the desk, with which somebody without an account sits down once."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.actions import holding, settling, starting
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Guest
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import CODE_LETTERS, TICKET_LENGTH, Desk, ticket_hash
from portal.blueprints.internet.rules.kinds import Holder
from portal.db import committing
from portal.party import Party


class TicketWhy(StrEnum):
    UNKNOWN = "unknown"
    """There is no such ticket, or it was used."""
    OTHER_DAY = "other-day"
    """day: the one that it is good on."""
    OTHER_BRANCH = "other-branch"
    """branch: the one that it is good at."""


@dataclass
class TicketRefused(Exception):
    """A ticket doesn't open this computer today. What ``day`` and ``branch`` mean is said at each ``TicketWhy``."""

    why: TicketWhy
    day: date | None = None
    branch: BranchView | None = None

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Seated:
    """A guest, and the booking of the computer that they sit at."""

    guest: UUID
    booking: UUID


def make_ticket(
    db: Session, desk: Desk, party: Party, branch_id: UUID, *, minutes: int, key: UUID | None = None, now: datetime
) -> str:
    """Make a ticket for somebody at the desk, and return what it says: it is shown once, since only its HMAC is kept.

    It is good today, at this branch, for one session of so many minutes. party: the member of staff.
    key: of the form that was sent, from which the code follows: the same one again returns the same ticket.
    """
    key = key or uuid4()
    code, guest = _code_of(desk.secret, key), uuid5(key, "guest")
    with committing(db):
        ticket = insert(Guest).values(
            id=guest,
            branch_id=branch_id,
            day=desk.where.day(now),
            minutes=minutes,
            code_hash=ticket_hash(desk.secret, code),
            made_at=now,
        )
        if db.execute(ticket.on_conflict_do_nothing(index_elements=[Guest.id]).returning(Guest.id)).one_or_none():
            record(db, party, "internet.ticket", at=now, object=f"internet.guest:{guest}")
    return code


def _code_of(secret: bytes, key: UUID) -> str:
    number = int.from_bytes(hmac.digest(secret, b"internet ticket of " + key.bytes, hashlib.sha256))
    letters = []
    for _ in range(TICKET_LENGTH):
        number, place = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return "".join(letters)


def begin(
    db: Session, desk: Desk, ticket: str, code: str, *, policy_from: datetime, key: UUID, now: datetime
) -> Seated:
    """Let whoever has a ticket begin at the computer that shows ``code``; the ticket is used up by it.

    key: of the form that was sent; the same one again returns what it began.
    Raises TicketRefused, PolicyChanged, NotAllowed (as ``starting.start``).
    """
    hashed = ticket_hash(desk.secret, ticket)
    row = db.execute(select(Guest.id, Guest.branch_id, Guest.day).where(Guest.code_hash == hashed)).one_or_none()
    db.rollback()
    if row is None:
        return _begun(db, key)
    if row.day != desk.where.day(now):
        raise TicketRefused(TicketWhy.OTHER_DAY, day=row.day)
    turn = Turn(db, desk, Holder(row.id, is_guest=True), None, now, by_staff=True)  # who made the ticket let them in
    computer = starting.computer_of(turn, code)
    if computer.branch_id != row.branch_id:
        raise TicketRefused(TicketWhy.OTHER_BRANCH, branch=rooms.branch(db, row.branch_id, since=turn.today))
    settling.settle(db, desk, computer.branch_id, now=now)
    with holding.refusing_what_the_database_refuses(), committing(db):
        holding.lock_branch(db, computer.branch_id, since=turn.today)
        used = update(Guest).where(Guest.id == row.id, Guest.code_hash == hashed).values(code_hash=None)
        if db.execute(used.returning(Guest.id)).one_or_none() is None:
            return _begun(db, key)
        return Seated(row.id, starting.sit_down(turn, computer, policy_from=policy_from, key=key))


def _begun(db: Session, key: UUID) -> Seated:
    """Return what the same form has begun already. Raises TicketRefused if it hasn't."""
    row = db.execute(select(Booking.guest_id, Booking.id).where(Booking.request_key == key)).one_or_none()
    if row is None or row.guest_id is None:
        raise TicketRefused(TicketWhy.UNKNOWN)
    return Seated(row.guest_id, row.id)
