"""What the council learns: use of the computers by hour of the week, without who.

Made from what stays when nobody can tell any more who it was: bookings without their holders, and counts. Hours and
computers are those of today, exceptions those of each day: what was changed since isn't known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Computer, Count
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.hours import Span, Where

HOUR = timedelta(hours=1)
Hour = tuple[int, int]
"""Weekday, Monday 0, and the hour by the clock on the wall."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the week, over a period. open_minutes, used_minutes: of all computers together."""

    open_minutes: int = 0
    used_minutes: int = 0
    sessions: int = 0
    no_shows: int = 0
    waited: int = 0
    turned_away: int = 0

    @property
    def share(self) -> int | None:
        """Return how much of the time was used, in percent; None if it wasn't open."""
        return min(100, round(100 * self.used_minutes / self.open_minutes)) if self.open_minutes else None

    def plus(self, **more: int) -> "Cell":
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})


@dataclass(frozen=True, slots=True)
class OfBranch:
    """The figures of one branch. cells: of each hour in which it is open or something happened."""

    branch: BranchView
    cells: Mapping[Hour, Cell]


_USED = text("""
    select computer.branch_id,
        extract(isodow from hour at time zone :zone)::int - 1,
        extract(hour from hour at time zone :zone)::int,
        round(sum(extract(epoch from least(ends_at, :now, hour + interval '1 hour') - greatest(starts_at, hour)) / 60)
        )::int,
        count(*)
    from internet_booking
    join internet_computer computer on computer.id = computer_id
    cross join lateral generate_series(date_trunc('hour', starts_at), ends_at, interval '1 hour') hour
    where checked_in_at is not null and ends_at > :since and starts_at >= :since and starts_at < :until
        and least(ends_at, :now) > greatest(starts_at, hour)
    group by 1, 2, 3
""")
_NO_SHOWS = text("""
    select computer.branch_id,
        extract(isodow from starts_at at time zone :zone)::int - 1,
        extract(hour from starts_at at time zone :zone)::int,
        count(*)
    from internet_booking
    join internet_computer computer on computer.id = computer_id
    where checked_in_at is null and how in ('booked', 'now') and ends_at >= :since
        and starts_at >= :since and starts_at < :until
        and (ended_why = 'missed' or (ended_at is null and held_until <= :now))
    group by 1, 2, 3
""")


def by_hour(db: Session, where: Where, *, since: date, until: date, now: datetime) -> list[OfBranch]:
    """Return the figures of each branch, by code. since, until: local days, both part of the period."""
    branches = rooms.branches(db, since=since)
    cells: dict[UUID, dict[Hour, Cell]] = {one.id: {} for one in branches}

    def add(branch: UUID, hour: Hour, **more: int) -> None:
        cells[branch][hour] = cells[branch].get(hour, Cell()).plus(**more)

    period = Span(where.moment(since, 0), min(where.whole_day(until).end, now))
    given = {"zone": where.zone.key, "now": now, "since": period.start, "until": period.end}
    for branch, weekday, hour, minutes, sessions in db.execute(_USED, given):
        add(branch, (weekday, hour), used_minutes=minutes, sessions=sessions)
    for branch, weekday, hour, number in db.execute(_NO_SHOWS, given):
        add(branch, (weekday, hour), no_shows=number)
    for branch, day, hour, what, number in db.execute(_counts(since, until)):
        add(branch, (day.weekday(), hour), **{_NAMES[what]: number})
    computers = _computers(db)
    for one in branches:
        for moment, minutes in _open_minutes(one, where, since, until, now):
            local = moment.astimezone(where.zone)
            add(one.id, (local.weekday(), local.hour), open_minutes=minutes * computers.get(one.id, 0))
    return [OfBranch(one, cells[one.id]) for one in branches]


def together(every: Sequence[OfBranch]) -> dict[Hour, Cell]:
    """Return the figures of several branches in one."""
    total: dict[Hour, Cell] = {}
    for one in every:
        for hour, cell in one.cells.items():
            more = {name: getattr(cell, name) for name in Cell.__dataclass_fields__}
            total[hour] = total.get(hour, Cell()).plus(**more)
    return total


_NAMES = {"turned-away": "turned_away", "waited": "waited"}


def _counts(since: date, until: date) -> Select[*tuple[Any, ...]]:
    return select(Count.branch_id, Count.day, Count.hour, Count.what, Count.count).where(
        Count.day.between(since, until), Count.what.in_(_NAMES)
    )


def _computers(db: Session) -> dict[UUID, int]:
    """Return how many computers each branch has, those that are out of order counted."""
    found = db.execute(
        select(Computer.branch_id, func.count()).where(Computer.status != "retired").group_by(Computer.branch_id)
    )
    return {branch: number for branch, number in found}  # noqa: C416 -- rows, which dict() doesn't take


def _open_minutes(
    branch: BranchView, where: Where, since: date, until: date, now: datetime
) -> list[tuple[datetime, int]]:
    """Return how many minutes of each hour a branch was open, up to now."""
    found = []
    for number in range((until - since).days + 1):
        for spell in branch.opening.spells(since + timedelta(days=number), where):
            moment, end = spell.start, min(spell.end, now)
            while moment < end:
                following = min(end, moment.replace(minute=0, second=0, microsecond=0) + HOUR)
                found.append((moment, Span(moment, following).minutes))
                moment = following
    return found
