"""What staff see of their rooms: computers, who holds them, who waits. In one read each, however many there are.

Of people only initials are read; of somebody at risk not even these.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Computer, Member, Program, Waiting
from portal.blueprints.internet.queries.bookings import SELECT, as_held
from portal.blueprints.internet.queries.rooms import effective_end
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.people import initials
from portal.blueprints.internet.rules.standing import Held
from portal.models import Person


@dataclass(frozen=True, slots=True)
class Use:
    """A booking as staff see it. who: initials; empty for guests, blocks, people at risk, and who isn't known any more.

    is_restricted: they are at risk, and nothing is shown of them. words: sealed, of a block.
    """

    held: Held
    who: str = field(repr=False)
    is_restricted: bool
    words: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seat:
    """A computer, and what holds it from now on, earliest first. has_program: one is
    enrolled, which shows messages; seen_at: when it last called.
    """

    id: UUID
    branch_id: UUID
    name: str
    kind: Kind
    status: str
    has_program: bool
    seen_at: datetime | None
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody in the queue. kind: None for any computer. who: as ``Use``."""

    kind: Kind | None
    minutes: int
    asked_at: datetime
    who: str = field(repr=False)


@dataclass(slots=True)
class Tally:
    """How many computers of a branch are what now, and how many people wait."""

    in_use: int = 0
    kept: int = 0
    blocked: int = 0
    free: int = 0
    out_of_order: int = 0
    waiting: int = 0


def seats(db: Session, span: Span, *conditions: ColumnElement[bool], now: datetime) -> list[Seat]:
    """Return computers that aren't retired, by name, with what holds them within ``span``, whatever became of it."""
    held = and_(
        Booking.computer_id == Computer.id,
        Booking.starts_at < span.end,
        Booking.ends_at > span.start,
        effective_end(now) > func.greatest(Booking.starts_at, span.start),
    )
    columns = [*(SELECT.selected_columns), Booking.words, Person.name, Person.restricted]
    found = db.execute(
        select(
            Computer.id,
            Computer.branch_id,
            Computer.name,
            Computer.kind,
            Computer.status,
            Program.key.is_not(None),
            Program.seen_at,
            *columns,
        )
        .select_from(Computer)
        .outerjoin(Program, Program.computer_id == Computer.id)
        .outerjoin(Booking, held)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Computer.status != "retired", *conditions)
        .order_by(func.length(Computer.name), Computer.name, Computer.id, Booking.starts_at)
    )
    return [
        Seat(
            id_,
            branch_id,
            name,
            Kind(kind),
            status,
            has_program,
            seen_at,
            tuple(_use(row[7:]) for row in rows if row[7]),
        )
        for (id_, branch_id, name, kind, status, has_program, seen_at), rows in groupby(found, key=lambda row: row[:7])
    ]


def _use(row: tuple[object, ...]) -> Use:
    *held, words, name, is_restricted = row
    who = initials(str(name)) if name and not is_restricted else ""
    return Use(as_held(*held), who, bool(is_restricted), words)  # type: ignore[arg-type]  # as the columns have them


def waiting(db: Session, branch_id: UUID, *, today: date) -> list[Waits]:
    """Return who waits at a branch, first come first."""
    found = db.execute(
        select(Waiting.kind, Waiting.minutes, Waiting.asked_at, Person.name, Person.restricted)
        .join(Person, Person.id == Waiting.person_id)
        .where(Waiting.branch_id == branch_id, Waiting.left_at.is_(None), Waiting.day == today)
        .order_by(Waiting.asked_at, Waiting.id)
    )
    return [
        Waits(Kind(kind) if kind else None, minutes, asked_at, "" if is_restricted else initials(name))
        for kind, minutes, asked_at, name, is_restricted in found
    ]


def tallies(db: Session, *, today: date, now: datetime) -> dict[UUID, Tally]:
    """Return how things stand at each branch that has a computer, in two reads."""
    ends_at = effective_end(now)
    holds = and_(Booking.computer_id == Computer.id, Booking.starts_at <= now, ends_at > now, Booking.ends_at > now)
    checked_in = Booking.checked_in_at.is_not(None)
    found = db.execute(
        select(Computer.branch_id, Computer.status, Booking.how, checked_in, func.count())
        .outerjoin(Booking, holds)
        .where(Computer.status != "retired")
        .group_by(Computer.branch_id, Computer.status, Booking.how, checked_in)
    )
    tallies: dict[UUID, Tally] = {}
    for branch_id, status, how, is_in_use, count in found:
        tally = tallies.setdefault(branch_id, Tally())
        what = _what(status, how, is_in_use=is_in_use)
        setattr(tally, what, getattr(tally, what) + count)
    wait = select(Waiting.branch_id, func.count()).where(Waiting.left_at.is_(None), Waiting.day == today)
    for branch_id, count in db.execute(wait.group_by(Waiting.branch_id)):
        tallies.setdefault(branch_id, Tally()).waiting = count
    return tallies


def _what(status: str, how: str | None, *, is_in_use: bool) -> str:
    if status == "out-of-order":
        return "out_of_order"
    if how is None:
        return "free"
    if how == "block":
        return "blocked"
    return "in_use" if is_in_use else "kept"


def names(db: Session, persons: Collection[UUID]) -> dict[UUID, str]:
    """Return what people are called; of whoever is at risk nothing."""
    found = db.execute(select(Person.id, Person.name).where(Person.id.in_(persons), Person.restricted.is_(False)))
    return {row.id: row.name for row in found}


def name_of(db: Session, person_id: UUID) -> str | None:
    """Return what somebody is called whom the reader may see; None if there is nobody."""
    return db.execute(select(Person.name).where(Person.id == person_id)).scalar_one_or_none()


def blocked_why(db: Session, person_id: UUID) -> bytes | None:
    """Return why somebody may not use the computers, sealed; None if there is nothing noted."""
    return db.execute(select(Member.blocked_why).where(Member.person_id == person_id)).scalar_one_or_none()
