"""The council's rent calendar: when rent is charged, when it isn't, and when a rent year begins.

Sources: week 1 is the week of the first such day in a month (Darlington); councils leave out up to four weeks a year
(Highland, Rugby, Stoke); a year has 53 of them every five to six years (Lambeth, Bolsover); other landlords charge by
four weeks or by calendar month (MHCLG CORE, question "period").
"""

from datetime import date, timedelta

from portal.council import WEEKDAYS, RentCalendar

WEEK = timedelta(days=7)
LOOKED_BACK = 6
"""Periods; councils leave out four weeks a year at most, hardly ever more than two in a row."""


def last_charge(day: date, calendar: RentCalendar) -> date:
    """Return the last day of charge up to ``day``, itself included. Days without rent count: the calendar has them."""
    if calendar.every == "month":
        this_month = _in_month(day.year, day.month, calendar.day_of_month)
        return this_month if this_month <= day else _in_month(*_month_before(day), calendar.day_of_month)
    start = year_start(day, calendar)
    return start + (day - start) // _span(calendar) * _span(calendar)


def last_charges_before(day: date, calendar: RentCalendar) -> list[date]:
    """Return the last days of charge up to ``day``, newest first: enough of them to pass over weeks without rent."""
    days = [last_charge(day, calendar)]
    while len(days) < LOOKED_BACK:
        days.append(last_charge(days[-1] - timedelta(days=1), calendar))
    return days


def period_ends(charged_on: date, calendar: RentCalendar) -> date:
    """Return the last day that a charge is for. charged_on: a day of charge."""
    return _following(charged_on, calendar) - timedelta(days=1)


def next_charge(day: date, calendar: RentCalendar) -> date | None:
    """Return the next day after ``day`` on which rent is charged.

    None at the end of a rent year that isn't whole periods, such as 53 weeks of four: councils differ there.
    """
    following = last_charge(day, calendar)
    while True:
        whole = calendar.every in ("week", "month") or following + _span(calendar) <= next_year_start(
            year_start(following, calendar), calendar
        )
        following = _following(following, calendar)
        if not whole:
            return None
        if following not in calendar.rent_free:
            return following


def free_days(after: date, until: date, calendar: RentCalendar) -> list[date]:
    """Return the days of charge on which no rent is charged, from the day after ``after`` to ``until``."""
    return sorted(day for day in calendar.rent_free if after < day <= until)


def year_start(day: date, calendar: RentCalendar) -> date:
    """Return the first day of the rent year that a day lies in."""
    start = _first(day.year, calendar)
    return start if start <= day else _first(day.year - 1, calendar)


def next_year_start(start: date, calendar: RentCalendar) -> date:
    """Return the first day of the rent year after the one that begins on ``start``."""
    return _first(start.year + 1, calendar)


def _first(year: int, calendar: RentCalendar) -> date:
    """Return the first day of charge in the month in which the year begins; the first of it where rent is monthly."""
    first = date(year, calendar.year_starts_in, 1)
    if calendar.every == "month":
        return first
    return first + timedelta(days=(WEEKDAYS.index(calendar.charged_on) - first.weekday()) % 7)


def _span(calendar: RentCalendar) -> timedelta:
    return {"week": WEEK, "fortnight": 2 * WEEK, "four-weeks": 4 * WEEK}[calendar.every]


def _following(charged_on: date, calendar: RentCalendar) -> date:
    if calendar.every == "month":
        year, month = (charged_on.year + 1, 1) if charged_on.month == 12 else (charged_on.year, charged_on.month + 1)
        return _in_month(year, month, calendar.day_of_month)
    following = charged_on + _span(calendar)
    return min(following, next_year_start(year_start(charged_on, calendar), calendar))  # a year begins a period


def _in_month(year: int, month: int, day: int) -> date:
    """Return a day of a month. day: 28 at most, which every month has."""
    return date(year, month, day)


def _month_before(day: date) -> tuple[int, int]:
    return (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
