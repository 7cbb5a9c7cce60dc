"""What time it is, and what the library's wall says."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Tells the present moment: aware, UTC."""

LONDON = ZoneInfo("Europe/London")
_CLOSING = time(23, 59)


def system_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- the simulator may not import the portal, nor so its clock


def local(moment: datetime) -> datetime:
    """Return a moment as the library's wall shows it."""
    return moment.astimezone(LONDON)


def end_of(day: date) -> datetime:
    """Return when something that is due on ``day`` is late: 23:59 in the library."""
    return datetime.combine(day, _CLOSING, LONDON)


def years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; 1 March for 29 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, month=3, day=1)


def age_on(day: date, born_on: date) -> int:
    """Return how many birthdays somebody has had."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def days(count: int) -> timedelta:
    return timedelta(days=count)
