"""The council's rent calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules import calendar as rules
from portal.council import RentCalendar

DAYS = st.dates(date(2018, 1, 1), date(2045, 12, 31))
WEEKLY = RentCalendar(charged_on="monday", year_starts_in=4, rent_free=(date(2026, 12, 21), date(2026, 12, 28)))
CALENDARS = [
    RentCalendar.model_validate({"charged_on": "monday", "every": every, "year_starts_in": 4, "day_of_month": day})
    for every, day in (("week", 1), ("fortnight", 1), ("four-weeks", 1), ("month", 1), ("month", 28))
]


@pytest.mark.parametrize(
    ("day", "start"),
    [("2026-04-05", "2025-04-07"), ("2026-04-06", "2026-04-06"), ("2027-01-01", "2026-04-06")],
)
def test_a_year_begins_with_the_first_monday_in_april(day: str, start: str) -> None:
    assert rules.year_start(date.fromisoformat(day), WEEKLY) == date.fromisoformat(start)


@pytest.mark.parametrize(("year", "weeks"), [(2019, 53), (2024, 53), (2025, 52), (2026, 52), (2030, 53)])
def test_some_years_have_53_weeks(year: int, weeks: int) -> None:
    start = rules.year_start(date(year, 6, 1), WEEKLY)
    assert (rules.next_year_start(start, WEEKLY) - start).days == 7 * weeks


@given(DAYS)
def test_the_last_day_of_charge_is_within_the_week(day: date) -> None:
    charged = rules.last_charge(day, WEEKLY)
    assert charged.weekday() == 0
    assert 0 <= (day - charged).days < 7


@pytest.mark.parametrize("calendar", CALENDARS)
@given(DAYS)
def test_a_day_lies_between_its_last_charge_and_the_next(calendar: RentCalendar, day: date) -> None:
    last, ends_on = rules.last_charge(day, calendar), rules.period_ends(rules.last_charge(day, calendar), calendar)
    assert last <= day <= ends_on
    assert rules.last_charge(ends_on, calendar) == last
    assert rules.last_charge(ends_on + timedelta(days=1), calendar) == ends_on + timedelta(days=1)
    assert rules.next_charge(day, calendar) in (None, ends_on + timedelta(days=1))


def test_where_the_year_is_no_whole_periods_nothing_is_promised() -> None:
    """2024/25 had 53 weeks: thirteen periods of four, and one week that councils charge for in different ways."""
    four_weekly = CALENDARS[2]
    assert rules.next_charge(date(2025, 3, 1), four_weekly) == date(2025, 3, 3)
    assert rules.next_charge(date(2025, 3, 3), four_weekly) == date(2025, 3, 31)
    assert rules.next_charge(date(2025, 4, 1), four_weekly) is None


def test_no_rent_is_charged_in_a_free_week() -> None:
    assert rules.next_charge(date(2026, 12, 15), WEEKLY) == date(2027, 1, 4)
    assert rules.free_days(date(2026, 12, 15), date(2027, 1, 4), WEEKLY) == [date(2026, 12, 21), date(2026, 12, 28)]


@pytest.mark.parametrize("calendar", CALENDARS)
@given(DAYS)
def test_a_year_is_whole_periods_but_for_its_last(calendar: RentCalendar, day: date) -> None:
    start = rules.year_start(day, calendar)
    assert start <= day < rules.next_year_start(start, calendar)
    if calendar.every != "month":
        assert rules.last_charge(start, calendar) == start
