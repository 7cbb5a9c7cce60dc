"""Yes, no, and not known yet: what conditions are put together of."""

from collections.abc import Iterable
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from portal.blueprints.energy.schemes.household import Household, Person

CONFIRM: Final = "to_confirm"


class Weighed(NamedTuple):
    """answer: None is "not known yet". because: the keys that decided it; of what isn't known, those that would."""

    answer: bool | None
    because: tuple[str, ...]


def answers(*because: str) -> dict[bool | None, Weighed]:
    """Return all that a condition can come to which looks at these keys, by its answer: made once for all."""
    return {answer: Weighed(answer, because) for answer in (True, False, None)}


TO_CONFIRM: Final = Weighed(None, (CONFIRM,))
"""Of a fact that the portal doesn't ask for. Groups leave it out."""


class PersonCase(NamedTuple):
    """One of its people on that day."""

    person: Person
    on: date


class Case(NamedTuple):
    """A household on the day that counts. people: each of its people, None if it isn't known who there is. told: what
    each named condition came to, written as it is weighed.
    """

    household: Household
    people: tuple[PersonCase, ...] | None
    told: dict[str, Weighed]


def case_of(household: Household, on: date) -> Case:
    """Return a household as a case of which nothing is weighed yet."""
    people = household.people
    return Case(household, None if people is None else tuple(PersonCase(person, on) for person in people), {})


class Range(NamedTuple):
    """A number that is known in part. most: None if nothing is known of it. missing: the keys that would tell."""

    least: int
    most: int | None
    because: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Limit(NamedTuple):
    """From the lowest to the highest number that will do, both counted; None is no limit."""

    lowest: int | None
    highest: int | None


def all_of(weighed: Iterable[Weighed]) -> Weighed:
    """Return what holds of all together. Whatever is to be confirmed is left out, unless there is nothing else."""
    return _combined(weighed, deciding=False)


def any_of(weighed: Iterable[Weighed]) -> Weighed:
    """Return what holds of any of them, as ``all_of``."""
    return _combined(weighed, deciding=True)


def _combined(weighed: Iterable[Weighed], *, deciding: bool) -> Weighed:
    """deciding: the answer of one part that settles the whole; what comes after it isn't looked at."""
    known, unknown = [], []
    for one in weighed:
        answer = one.answer
        if answer is deciding:
            return one
        if answer is not None:
            known.append(one.because)
        elif one is not TO_CONFIRM:
            unknown.append(one.because)
    if unknown:
        return Weighed(None, _together(unknown))
    return Weighed(not deciding, _together(known)) if known else TO_CONFIRM


def _together(keys: list[tuple[str, ...]]) -> tuple[str, ...]:
    return keys[0] if len(keys) == 1 else tuple(dict.fromkeys(chain.from_iterable(keys)))


def pair(one: Weighed, other: Weighed) -> Weighed:
    """Return what holds of both. A pair of which one is to be confirmed is, unless the other one isn't so."""
    if one.answer is False:
        return one
    if other.answer is False:
        return other
    return TO_CONFIRM if one is TO_CONFIRM or other is TO_CONFIRM else all_of((one, other))


def opposite(weighed: Weighed) -> Weighed:
    """Return what holds of the opposite."""
    return weighed if weighed.answer is None else Weighed(not weighed.answer, weighed.because)


def within(limit: Limit, number: Range) -> Weighed:
    """Tell whether a number is within a limit."""
    lowest, highest = limit
    least, most, because, missing = number
    if (highest is not None and least > highest) or (lowest is not None and most is not None and most < lowest):
        return Weighed(False, because or missing)
    if (highest is None or (most is not None and most <= highest)) and (lowest is None or least >= lowest):
        return Weighed(True, because or missing)
    return Weighed(None, missing)
