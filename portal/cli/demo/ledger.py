"""The lines of an invented account, week by week, up to a night.

A week's lines depend on the weeks before it alone, so a later night has every line of an earlier one.
"""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from portal.cli.demo.chance import seeded
from portal.cli.demo.habits import Week
from portal.cli.demo.households import Account
from portal.cli.demo.scenery import Scenery

ODDITY = "XMG"
"""A code that only the housing system knows."""

_RISE = 1.027
"""What a set rent rises by in each rent year."""
_WEEK = timedelta(days=7)


class Line(NamedTuple):
    """pence: positive where charged."""

    on: date
    code: str
    pence: int


def lines(account: Account, scenery: Scenery, *, since: date, night: date) -> Iterator[Line]:
    """Yield an account's lines up to ``night``, week by week.

    since: where history begins; what was owed then is the first line.
    """
    return (line for line in _lines(account, scenery, since, night) if line.on <= night)


def _lines(account: Account, scenery: Scenery, since: date, night: date) -> Iterator[Line]:
    """Yield the lines of each week that has begun by ``night``, those of its later days as well."""
    rng = seeded(account.chance)
    begins = scenery.first_charge(max(since, account.starts_on))
    first_year = scenery.rent_year(since)
    balance, recent = 0, deque[int](maxlen=4)
    if account.starts_on < since:
        balance = account.habit.opening(sum(pence for _, pence in account.charges))
        if balance:
            yield Line(begins, "ROB", balance)
    for number, day in enumerate(_weeks(begins, night)):
        year = scenery.rent_year(day)
        usual = _usual(account, scenery, year - first_year)
        has_ended = account.ends_on is not None and day > account.ends_on
        charges = [] if has_ended else _charged(usual, is_free=day in scenery.rent_free)
        due = sum(pence for _, pence in charges)
        week = Week(
            number=number,
            begins=day,
            usual=sum(pence for _, pence in usual),
            due=due,
            recent=tuple(recent),
            balance=balance + due,
            charged_in_year=scenery.charges_in_year(year),
        )
        recent.append(due)
        habit = account.habit_after if has_ended else account.habit
        paid = [Line(day + timedelta(days=later), code, pence) for later, code, pence in habit.payments(week, rng)]
        for line in (*(Line(day, code, pence) for code, pence in charges), *paid, *_oddities(account, day, rng)):
            balance += line.pence
            yield line


def _weeks(first: date, night: date) -> Iterator[date]:
    while first <= night:
        yield first
        first += _WEEK


def _usual(account: Account, scenery: Scenery, years: int) -> list[tuple[str, int]]:
    """Return what a week costs, some rent years on: a set rent rises, a differential one follows income."""
    factor = _RISE**years
    if scenery.is_differential and years:
        factor = seeded(account.chance, years).uniform(0.92, 1.12)
    return [(code, round(pence * factor)) for code, pence in account.charges]


def _charged(usual: list[tuple[str, int]], *, is_free: bool) -> list[tuple[str, int]]:
    return [(code, 0) for code, _ in usual] if is_free else usual


def _oddities(account: Account, day: date, rng: Random) -> Iterator[Line]:
    if account.has_oddities and rng.random() < 0.002:
        yield Line(day + timedelta(days=2), ODDITY, rng.choice((-1, 1)) * rng.randrange(10, 800))
