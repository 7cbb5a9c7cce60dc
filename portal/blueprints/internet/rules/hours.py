"""When branches are open: weekdays, bank holidays, other exceptions, both changes of the clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from portal.council import Nation

HALF_HOUR = timedelta(minutes=30)
MIDNIGHT = 1440
_OF_NATION = {
    "england": ("GB", "ENG"),
    "wales": ("GB", "WLS"),
    "scotland": ("GB", "SCT"),
    "northern-ireland": ("GB", "NIR"),
    "ireland": ("IE", None),
}


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment until another, which isn't part of it. Aware, UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end

    @property
    def minutes(self) -> int:
        """Whole minutes, those begun left out."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Hours:
    """opens, closes: minutes after midnight by the clock on the wall; ``MIDNIGHT`` is the end of the day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Where:
    """The council's clock and calendar."""

    zone: ZoneInfo
    nation: Nation

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, minute: int) -> datetime:
        """Return when the clock on the wall shows so many minutes after midnight. Where it is put forward, a time that
        it doesn't show is as long after midnight as if it weren't; where it is put back, the first of both.
        """
        if minute == MIDNIGHT:
            day, minute = day + timedelta(days=1), 0
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).astimezone(UTC)

    def whole_day(self, day: date) -> Span:
        """Return a local day, of 23, 24 or 25 hours."""
        return Span(self.moment(day, 0), self.moment(day, MIDNIGHT))

    def bank_holiday(self, day: date) -> str | None:
        """Return the English name of the bank holiday that a day is."""
        return _bank_holidays(self.nation, day.year).get(day)


@dataclass(frozen=True, slots=True)
class Opening:
    """The hours of one branch. weekly: by weekday, Monday 0. exceptions: by day; without hours it is closed."""

    weekly: Mapping[int, tuple[Hours, ...]]
    exceptions: Mapping[date, tuple[Hours, ...]]
    on_bank_holidays: bool
    is_open: bool

    def hours(self, day: date, where: Where) -> tuple[Hours, ...]:
        """Return when it is open on a day, earliest first. What was said of the day itself counts before its being a
        bank holiday, and that before its weekday.
        """
        if not self.is_open:
            return ()
        if day in self.exceptions:
            return self.exceptions[day]
        if not self.on_bank_holidays and where.bank_holiday(day):
            return ()
        return self.weekly.get(day.weekday(), ())

    def spells(self, day: date, where: Where, *, stops_before: int = 0) -> list[Span]:
        """Return the stretches of a day in which computers may be used, earliest first. stops_before: minutes before
        each closing.
        """
        spans = (
            Span(where.moment(day, hours.opens), where.moment(day, hours.closes) - timedelta(minutes=stops_before))
            for hours in self.hours(day, where)
        )
        return [span for span in spans if span.start < span.end]


def half_hours(spell: Span, where: Where) -> Iterator[datetime]:
    """Yield each full and half hour by the clock on the wall that a session may begin at."""
    local = spell.start.astimezone(where.zone)
    late = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    moment = spell.start + (HALF_HOUR - late if late else timedelta())
    while moment < spell.end:
        yield moment
        moment += HALF_HOUR


@lru_cache(maxsize=16)
def _bank_holidays(nation: Nation, year: int) -> Mapping[date, str]:
    country, part = _OF_NATION[nation]
    return holidays.country_holidays(country, subdiv=part, years=year, language="en_GB" if country == "GB" else "en_IE")
