"""What a statement can show: rent years, or days that somebody chooses."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.blueprints.rent.rules.calendar import next_year_start, year_start
from portal.council import RentCalendar

KINDS: dict[str, tuple[str, ...] | None] = {
    "all": None,
    "charges": ("charge",),
    "payments": ("payment",),
    "benefit": ("benefit", "universal-credit"),
    "other": ("adjustment", "opening", "other"),
}
"""What can be asked for, and the kinds of lines (``RentLine.kind``) that it is; None for all.

The table of the year has a column for each but ``all``: its sums are those of ``queries.Month``.
"""

PAGE = 100
"""Entries."""


@dataclass(frozen=True, slots=True)
class Year:
    """One rent year. until: its last day."""

    since: date
    until: date

    @property
    def name(self) -> str:
        """What it is called in addresses: the calendar year that it begins in."""
        return str(self.since.year)


def years(first_line: date, today: date, calendar: RentCalendar) -> list[Year]:
    """Return the rent years from the one of the first line to the present one, newest first."""
    start, found = year_start(today, calendar), []
    while True:
        found.append(Year(start, next_year_start(start, calendar) - timedelta(days=1)))
        if start <= first_line:
            return found
        start = year_start(start - timedelta(days=1), calendar)


def pages(count: int) -> int:
    """Return how many pages a statement has; one at least."""
    return max(1, -(-count // PAGE))
