"""Figures of a month of helps, and the sample of it that a manager looks into. Pure: nothing here knows a database."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

LENGTHS = (15, 30, 60)
"""Minutes up to which helps are counted together."""
SAMPLE = 10

Choose = Callable[[Sequence[UUID], int], Sequence[UUID]]
"""Draws so many at random, as ``random.Random.sample``."""


@dataclass(frozen=True, slots=True)
class Given:
    """One help that has ended. acts: things might be done, not only looked at."""

    team: str
    reason: str
    lasted: timedelta
    acts: bool
    is_extended: bool
    is_objected: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of helps. by_length: by the most minutes of ``LENGTHS``. median_minutes: None where there was none."""

    helps: int
    acted: int
    looked: int
    extended: int
    objected: int
    median_minutes: int | None
    by_team: Mapping[str, int]
    by_reason: Mapping[str, int]
    by_length: Mapping[int, int]


def figures(helps: Sequence[Given]) -> Figures:
    """Return the numbers of a month, teams and reasons with the most helps first."""
    acted = sum(one.acts for one in helps)
    lengths = Counter(_length(one.lasted) for one in helps)
    return Figures(
        helps=len(helps),
        acted=acted,
        looked=len(helps) - acted,
        extended=sum(one.is_extended for one in helps),
        objected=sum(one.is_objected for one in helps),
        median_minutes=round(median(one.lasted.total_seconds() / 60 for one in helps)) if helps else None,
        by_team=_most_first(one.team for one in helps),
        by_reason=_most_first(one.reason for one in helps),
        by_length={minutes: lengths[minutes] for minutes in LENGTHS},
    )


def draw(helps: Sequence[UUID], choose: Choose) -> list[UUID]:
    """Return the sample of a month: ten drawn at random, or all where there are fewer."""
    return list(choose(helps, min(SAMPLE, len(helps))))


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the council's month. at: aware."""
    return at.astimezone(zone).date().replace(day=1)


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a month begins and when it is over, in the council's zone."""
    after = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(month, time.min, zone), datetime.combine(after, time.min, zone)


def _length(lasted: timedelta) -> int:
    return next(minutes for minutes in LENGTHS if lasted <= timedelta(minutes=minutes))


def _most_first(codes: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(codes).items(), key=lambda one: (-one[1], one[0])))
