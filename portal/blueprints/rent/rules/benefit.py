"""Benefit that is paid straight to the rent account, and comes after the weeks that it is for.

Housing Benefit is paid every four weeks, at the end of the four; Universal Credit's managed payment comes monthly. So
an account that benefit pays in full is "in arrears" by design, and nobody has anything to make up. Sources: Shelter,
Gloucester, Guildford (Housing Benefit); gov.uk, Alternative Payment Arrangements (Universal Credit). What the extract
doesn't say, when it comes next, is told from when it came before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FOUR_WEEKS = timedelta(days=28)
MONTH = (timedelta(days=27), timedelta(days=34))
"""How far apart monthly payments may lie, with weekends and bank holidays between."""
LATE = timedelta(days=7)
"""After this many days without it, nothing is said to be on its way."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One benefit payment. amount_pence: what it brought in, positive."""

    paid_on: date
    amount_pence: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What should come next. days: from one payment to the next."""

    on: date
    amount_pence: int
    days: int

    def of_days(self, days: int) -> int:
        """Return what it brings in for so many days, in pence, rounded up."""
        return -(-self.amount_pence * days // self.days)

    def owed_to_us(self, day: date) -> int:
        """Return what it will bring in for the weeks that have begun since the last one, in pence.

        While it is late that is more than one payment: the next one is for the weeks since it was due.
        """
        since_the_last = self.days - (self.on - day).days
        return max(0, self.of_days(7 * (since_the_last // 7 + 1)))


def expected(payments: Sequence[Payment], *, today: date) -> Expected | None:
    """Return the payment that should come next; None where payments come weekly, by no rule, or have stopped.

    payments: the last ones, newest first; two are needed to see a rule.
    """
    if len(payments) < 2:
        return None
    last, before = payments[0], payments[1]
    apart = last.paid_on - before.paid_on
    if apart == FOUR_WEEKS:
        on = last.paid_on + FOUR_WEEKS
    elif MONTH[0] <= apart <= MONTH[1]:
        on = _a_month_later(last.paid_on)
    else:
        return None
    return Expected(on, last.amount_pence, (on - last.paid_on).days) if on + LATE >= today else None


def _a_month_later(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    first = date(year, month, 1)
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))
