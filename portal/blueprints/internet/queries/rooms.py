"""Branches, their hours, rules and computers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Branch, Computer, Opening, OpeningException, Policy, Rule
from portal.blueprints.internet.rules import hours
from portal.blueprints.internet.rules.free import Machine
from portal.blueprints.internet.rules.hours import Hours, Span
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.blueprints.internet.rules.limits import DatedLimits, Limits

BEFORE_ALL = datetime(2020, 1, 1, tzinfo=UTC)
"""When the policy began that every portal begins with."""


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch as pages show it. name: by language. why: its hours are others than usual on a day, by language."""

    id: UUID
    code: str
    name: Mapping[str, str]
    address: str
    phone: str | None
    opening: hours.Opening
    why: Mapping[date, Mapping[str, str]] = field(default_factory=dict)

    def called(self, language: str) -> str:
        """Return its name in a language, else in the first that it was given in."""
        return self.name.get(language) or next(iter(self.name.values()))


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The acceptable-use policy, since when it is so. body: by language, paragraphs divided by line ends; None for the
    one that every portal begins with.
    """

    since: datetime
    body: Mapping[str, str] | None


_WEEKLY = (
    select(func.json_agg(func.json_build_array(Opening.weekday, Opening.opens, Opening.closes)))
    .where(Opening.branch_id == Branch.id)
    .scalar_subquery()
)


def branches(db: Session, *, since: date) -> list[BranchView]:
    """Return all branches by code, in one read. since: exceptions before that day are left out."""
    exceptions = (
        select(
            func.json_agg(
                func.json_build_array(
                    OpeningException.day, OpeningException.opens, OpeningException.closes, OpeningException.why
                )
            )
        )
        .where(OpeningException.branch_id == Branch.id, OpeningException.day >= since)
        .scalar_subquery()
    )
    found = db.execute(select(Branch, _WEEKLY, exceptions).order_by(Branch.code))
    return [_branch(*row) for row in found]


def branch(db: Session, branch_id: UUID, *, since: date) -> BranchView | None:
    """Return one branch; None if there is none."""
    return next((one for one in branches(db, since=since) if one.id == branch_id), None)


def _branch(row: Branch, weekly: list[list[int]] | None, exceptions: list[list[Any]] | None) -> BranchView:
    by_weekday: dict[int, tuple[Hours, ...]] = {}
    for weekday, opens, closes in sorted(weekly or ()):
        by_weekday[weekday] = (*by_weekday.get(weekday, ()), Hours(opens, closes))
    by_day = {
        date.fromisoformat(day): () if opens is None else (Hours(opens, closes),)
        for day, opens, closes, _ in exceptions or ()
    }
    opening = hours.Opening(by_weekday, by_day, row.on_bank_holidays, row.is_open)
    why = {date.fromisoformat(day): words for day, *_, words in exceptions or ()}
    return BranchView(row.id, row.code, row.name, row.address, row.phone, opening, why)


def rules(db: Session) -> list[DatedLimits]:
    """Return every rule there is: a few for each branch and kind of person."""
    return [
        DatedLimits(
            row.branch_id,
            row.from_day,
            Limits(
                who=Who(row.who),
                minutes_a_day=row.minutes_a_day,
                minutes_a_session=row.minutes_a_session,
                bookings_at_once=row.bookings_at_once,
                days_ahead=row.days_ahead,
                grace_minutes=row.grace_minutes,
                stops_before=row.stops_before,
                extend_by=row.extend_by,
                on_line=row.on_line,
                kinds=frozenset(Kind(kind) for kind in row.kinds),
            ),
        )
        for row in db.execute(select(Rule)).scalars()
    ]


def effective_end(now: datetime) -> Any:
    """Return, as SQL, until when a booking holds its computer: one that nobody claimed in time is free again, whether
    or not that has been written (``rules.standing.Held.span``).
    """
    missed = and_(Booking.checked_in_at.is_(None), Booking.held_until <= now)
    return case((missed, func.least(Booking.held_until, Booking.ends_at)), else_=Booking.ends_at)


def machines(db: Session, branch_id: UUID, span: Span, *, now: datetime, but: UUID | None = None) -> list[Machine]:
    """Return the computers of a branch that work, by name, and when each is held within ``span``, in one read.

    but: a booking that is to be changed, which doesn't stand in its own way.
    """
    ends_at = effective_end(now)
    held = and_(
        Booking.computer_id == Computer.id,
        Booking.starts_at < span.end,
        Booking.ends_at > span.start,
        ends_at > func.greatest(Booking.starts_at, span.start),
    )
    if but:
        held = and_(held, Booking.id != but)
    found = db.execute(
        select(Computer.id, Computer.name, Computer.kind, Booking.starts_at, ends_at)
        .outerjoin(Booking, held)
        .where(Computer.branch_id == branch_id, Computer.status == "in-service")
        .order_by(func.length(Computer.name), Computer.name, Booking.starts_at)
    )
    return [
        Machine(id_, name, Kind(kind), tuple(Span(start, end) for *_, start, end in same if start is not None))
        for (id_, name, kind), same in groupby(found, key=lambda row: (row[0], row[1], row[2]))
    ]


def policy(db: Session, *, now: datetime) -> PolicyText:
    """Return the acceptable-use policy as it reads now."""
    row = db.execute(
        select(Policy.from_moment, Policy.body)
        .where(Policy.from_moment <= now)
        .order_by(Policy.from_moment.desc())
        .limit(1)
    ).one_or_none()
    return PolicyText(*row) if row else PolicyText(BEFORE_ALL, None)
