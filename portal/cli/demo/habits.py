"""How an account is paid. Pure: a habit says what is paid in one week, seeing only that week and what is owed in it.

So what happened until a night never depends on what came after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Protocol

Payment = tuple[int, str, int]
"""Days after the day of charge, code, and pence: less than 0 for what is paid."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week of an account. Amounts in pence.

    number: weeks since the account's lines begin. usual: what a week costs. due: what this one costs, 0 in a rent-free
    one. recent: what each of the four weeks before cost, fewer where the lines begin. balance: owed once this week is
    charged. charged_in_year: how many weeks of the rent year cost something.
    """

    number: int
    begins: date
    usual: int
    due: int
    recent: tuple[int, ...]
    balance: int
    charged_in_year: int


class Habit(Protocol):
    def opening(self, usual: int) -> int:
        """Return what was owed when the lines begin, in pence."""
        ...

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]: ...


@dataclass(frozen=True, slots=True)
class Keeps:
    """Pays each week what is more than they are used to owe: some weeks, some pence, perhaps this week's charge.

    weeks, pence: less than 0 for who pays ahead.
    """

    weeks: int = 0
    pence: int = 0
    this_week: bool = False
    day: int = 0
    code: str = "RSO"

    def opening(self, usual: int) -> int:
        return self.weeks * usual + self.pence

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:  # noqa: ARG002 -- nothing is left to chance
        used_to = self.opening(week.usual) + (week.due if self.this_week else 0)
        if week.balance > used_to:
            yield self.day, self.code, used_to - week.balance


@dataclass(frozen=True, slots=True)
class Monthly:
    """An equal amount on one day of each month: a direct debit, which may come back, or Universal Credit."""

    day_of_month: int
    code: str
    ahead: int = 0
    bounces: float = 0

    def opening(self, usual: int) -> int:
        return -self.ahead * usual

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:
        amount = round(week.usual * week.charged_in_year / 12)
        for day in range(7):
            if (week.begins + timedelta(days=day)).day != self.day_of_month:
                continue
            yield day, self.code, -amount
            if rng.random() < self.bounces:
                yield day + 3, "RDN", amount
                yield day + 8, "RCP", -amount


@dataclass(frozen=True, slots=True)
class HousingBenefit:
    """Housing Benefit pays a share every four weeks, for the four weeks before; the tenant pays the rest each week."""

    share: float
    phase: int

    def opening(self, usual: int) -> int:
        return (self.phase or 4) * self._of(usual)

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:  # noqa: ARG002 -- nothing is left to chance
        if (week.number + self.phase) % 4 == 0:
            before = (4 - len(week.recent)) * self._of(week.usual)
            yield 0, "RHB", -(sum(map(self._of, week.recent)) + before)
        if rest := week.due - self._of(week.due):
            yield 4, "RPY", -rest

    def _of(self, pence: int) -> int:
        return round(pence * self.share)


@dataclass(frozen=True, slots=True)
class NowAndThen:
    """Some weeks more, some less, some nothing, some twice on one day; a larger sum when it has become too much."""

    likely: float
    worst_weeks: int

    def opening(self, usual: int) -> int:
        return self.worst_weeks * usual // 2

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:
        day, pays, part, twice = rng.randrange(7), rng.random(), rng.uniform(0.5, 1.4), rng.random() < 0.02
        if week.balance > self.worst_weeks * week.usual:
            yield day, "RCP", -round(week.balance * 0.6)
        elif pays < self.likely and week.balance > 0:
            amount = min(round(week.usual * part), week.balance)
            if twice and amount > 1:
                yield day, "RCP", -(amount // 2)
                yield day, "RCP", -(amount // 2)
            else:
                yield day, "RPY", -amount


@dataclass(frozen=True, slots=True)
class Arrangement:
    """An agreement to pay arrears off, so much a week on top of the rent. kept: as agreed; else for a while only."""

    arrears: int
    instalment: int
    from_week: int
    kept: bool
    by_court: bool = False

    def opening(self, usual: int) -> int:  # noqa: ARG002 -- arrears are what they are
        return self.arrears

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:
        misses, part = rng.random() < 0.6, rng.uniform(0.3, 0.9)
        agreed = min(week.due + (self.instalment if week.number >= self.from_week else 0), max(week.balance, 0))
        if self.kept or week.number < self.from_week + 8:
            if agreed:
                yield 4, "RDD", -agreed
        elif week.balance > 16 * week.usual:
            yield 2, "RCP", -round(week.balance * 0.5)
        elif agreed and not misses:
            yield 4, "RPY", -round(agreed * part)


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What is still paid for a tenancy that has ended: a little every four weeks, until nothing is owed."""

    pence: int

    def opening(self, usual: int) -> int:  # noqa: ARG002 -- nothing begins with it
        return 0

    def payments(self, week: Week, rng: Random) -> Iterator[Payment]:  # noqa: ARG002 -- nothing is left to chance
        if week.number % 4 == 0 and week.balance > 0:
            yield 3, "RSO", -min(self.pence, week.balance)
