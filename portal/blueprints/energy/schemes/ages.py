"""Ages, as days between which somebody has to be born."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from portal.blueprints.energy.schemes.household import Person
from portal.blueprints.energy.schemes.weighing import Weighed, answers

_TOLD: Final = answers("people.date_of_birth")


class Birthdays(NamedTuple):
    """From the earliest to the latest day of birth that will do, both counted; None is no limit."""

    earliest: date | None
    latest: date | None


@lru_cache(maxsize=1024)
def birthdays(on: date, youngest: int | None, oldest: int | None) -> Birthdays:
    """Return when somebody is born who is from ``youngest`` to ``oldest`` years old on a day.

    Whoever is born on 29 February is a year older on 1 March, in a year without that day.
    """
    latest = None if youngest is None else _years_before(on, youngest)
    earliest = None if oldest is None else _years_before(on, oldest + 1) + timedelta(days=1)
    return Birthdays(earliest, latest)


def born_within(days: Birthdays, person: Person) -> Weighed:
    """Tell whether a person is born between days."""
    born = person.date_of_birth
    if born is None:
        return _TOLD[None]
    earliest, latest = days
    return _TOLD[(earliest is None or earliest <= born) and (latest is None or born <= latest)]


def _years_before(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return date(on.year - years, 2, 28)
