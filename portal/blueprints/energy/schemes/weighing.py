"""Yes, no, and not known yet: what conditions are put together of."""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from portal.blueprints.energy.schemes.household import Household, Person

CONFIRM: Final = "to_confirm"


class Weighed(NamedTuple):
    """answer: None is "not known yet". because: the keys that decided it; of what isn't known, those that would."""

    answer: bool | None
    because: tuple[str, ...]


TO_CONFIRM: Final = Weighed(None, (CONFIRM,))
"""Of a fact that the portal doesn't ask for. Groups leave it out."""


class Case(NamedTuple):
    """A household on the day that counts. told: what each named condition came to, written as it is weighed."""

    household: Household
    on: date
    told: dict[str, Weighed]


class PersonCase(NamedTuple):
    """One of its people on that day."""

    person: Person
    on: date


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
    """deciding: the answer of one part that settles the whole."""
    known = [one for one in weighed if one is not TO_CONFIRM]
    if not known:
        return TO_CONFIRM
    for one in known:
        if one.answer is deciding:
            return one
    unknown = [one for one in known if one.answer is None]
    return Weighed(None if unknown else not deciding, _together(unknown or known))


def _together(weighed: list[Weighed]) -> tuple[str, ...]:
    if len(weighed) == 1:
        return weighed[0].because
    return tuple(dict.fromkeys(key for one in weighed for key in one.because))


def pair(one: Weighed, other: Weighed) -> Weighed:
    """Return what holds of both. A pair of which one is to be confirmed is, unless the other one isn't so."""
    both = all_of((one, other))
    return TO_CONFIRM if both.answer is not False and TO_CONFIRM in (one, other) else both


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
