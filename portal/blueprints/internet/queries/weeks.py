"""A branch's days ahead as one person may book them: four reads, whatever the number of computers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Day, Member
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.bookings import About, left_of, taken_by
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.free import Machine
from portal.blueprints.internet.rules.hours import Span, Where
from portal.blueprints.internet.rules.kinds import who_is
from portal.blueprints.internet.rules.limits import DatedLimits, limits_on
from portal.blueprints.internet.rules.standing import Held
from portal.blueprints.internet.rules.week import BookableDay, Own

MOST_DAYS = 90
"""No rule lets anybody book further ahead."""


@dataclass(frozen=True, slots=True)
class Week:
    """branches: all, for the list. days: from today on as far as they may book. machines: those that work, with all
    that they are held for in these days. own: their bookings anywhere.
    """

    branch: BranchView
    branches: Sequence[BranchView]
    about: About
    days: Sequence[BookableDay]
    machines: Sequence[Machine]
    own: Sequence[Own]

    def day(self, day: date | None) -> BookableDay | None:
        return next((one for one in self.days if one.day == day), None)


@dataclass(frozen=True, slots=True)
class _Person:
    """What is known of somebody. days: granted and taken minutes by day."""

    today: date
    about: About
    days: dict[date, tuple[int, int]]
    own: list[Own]


def week(
    db: Session, where: Where, person_id: UUID, *, branch_id: UUID | None = None, but: Held | None = None, now: datetime
) -> Week | None:
    """Return the days ahead at a branch; None if the council has none.

    branch_id: None, or one that there is no more, for the one that they used last, else the first. but: a booking of
    theirs that is to be changed: its time and its minutes count as free.
    """
    today = where.day(now)
    person = _person(db, person_id, today=today, but=but, now=now)
    branches = rooms.branches(db, since=today)
    branch = _chosen(branches, branch_id, person.about.last_branch_id)
    if branch is None:
        return None
    of_branch = [one for one in rooms.rules(db) if one.branch_id in (None, branch.id)]
    days = list(_days(where, branch, person, of_branch, but))
    span = Span(where.whole_day(days[0].day).start, where.whole_day(days[-1].day).end)
    machines = rooms.machines(db, branch.id, span, now=now, but=but.id if but else None)
    return Week(branch, branches, person.about, days, machines, person.own)


def _chosen(branches: list[BranchView], wanted: UUID | None, last: UUID | None) -> BranchView | None:
    ways = (lambda one: one.id == wanted, lambda one: one.id == last, lambda one: one.opening.is_open, lambda _: True)
    return next((branch for fits in ways for branch in branches if fits(branch)), None)


def _days(
    where: Where, branch: BranchView, person: _Person, rules: list[DatedLimits], but: Held | None
) -> Iterator[BookableDay]:
    """Yield today, and each day that isn't too far ahead by the rule of that very day."""
    for ahead in range(MOST_DAYS + 1):
        day = person.today + timedelta(days=ahead)
        limits = limits_on(day, branch.id, who_is(person.about.child_until, day), rules)
        if ahead <= limits.days_ahead:
            granted, taken = person.days.get(day, (0, 0))
            back = but.minutes if but and but.day == day else 0
            left = left_of(limits.minutes_a_day, granted, taken) + back
            spells = branch.opening.spells(day, where, stops_before=limits.stops_before)
            yield BookableDay(day, limits, max(0, left), tuple(spells))


def _person(db: Session, person_id: UUID, *, today: date, but: Held | None, now: datetime) -> _Person:
    """Read all that is known of somebody at once."""
    days = (
        select(func.json_agg(func.json_build_array(Day.day, Day.granted, taken_by(now))))
        .where(Day.holder == person_id, Day.day >= today)
        .scalar_subquery()
    )
    own = (
        select(func.json_agg(func.json_build_array(Booking.starts_at, rooms.effective_end(now), Booking.checked_in_at)))
        .where(
            Booking.holder == person_id,
            Booking.ends_at > now,
            Booking.ended_at.is_(None),
            rooms.effective_end(now) > now,
            Booking.id != but.id if but else literal(value=True),
        )
        .scalar_subquery()
    )
    one = select(literal(person_id).label("id")).subquery()
    row = db.execute(
        select(Member.last_branch_id, Member.child_until, Member.blocked_until, days, own)
        .select_from(one)
        .outerjoin(Member, Member.person_id == one.c.id)
    ).one()
    minutes = {date.fromisoformat(day): (granted, taken) for day, granted, taken in row[3] or ()}
    return _Person(today, About(*row[:3]), minutes, [_own(*held, now=now) for held in row[4] or ()])


def _own(starts_at: str, ends_at: str, checked_in_at: str | None, *, now: datetime) -> Own:
    span = Span(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
    return Own(span, is_ahead=checked_in_at is None and span.start > now)
