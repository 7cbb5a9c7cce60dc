"""When a check should be done again: a season begins, or a birthday changes something."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from portal.blueprints.energy.schemes.catalogue import Scheme
from portal.blueprints.energy.schemes.engine import assess
from portal.blueprints.energy.schemes.household import Household

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Again:
    on: date
    because: Literal["season", "birthday"]


def look_again(schemes: Sequence[Scheme], household: Household, on: date) -> Again | None:
    """Return the first day after ``on`` on which something may change; None where nothing is known that would."""
    return min((*_seasons(schemes, household, on), *_birthdays(schemes, household, on)), default=None)


def _seasons(schemes: Sequence[Scheme], household: Household, on: date) -> Iterator[Again]:
    for scheme in schemes:
        for ready in scheme.editions:
            if household.nation in ready.edition.nations and ready.edition.in_force.from_ > on:
                yield Again(ready.edition.in_force.from_, "season")


def _birthdays(schemes: Sequence[Scheme], household: Household, on: date) -> Iterator[Again]:
    """Yield the birthdays of the coming year on which an answer changes."""
    for person in household.people or ():
        if person.date_of_birth:
            day = _next_birthday(person.date_of_birth, on)
            if _answers(schemes, household, day) != _answers(schemes, household, day - DAY):
                yield Again(day, "birthday")


def _next_birthday(born: date, on: date) -> date:
    return next(day for year in (on.year, on.year + 1) if (day := _in_year(born, year)) > on)


def _in_year(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _answers(schemes: Sequence[Scheme], household: Household, day: date) -> list[tuple[bool | None, object]]:
    """Return the answers of a day, and the sums, by the editions that hold on it."""
    return [(verdict.answer, verdict.amount) for verdict in assess(schemes, household, day).verdicts]
