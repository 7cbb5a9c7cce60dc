"""An agreement to pay off what is owed, on top of the rent.

It is kept while what is owed from before this week is no more than the agreement leaves. Source:
LBHackney-IT/lbh-income-api, docs/jobs/AgreementBreachDetection.md: expected balance, with five days' tolerance.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Frequency = Literal["weekly", "fortnightly", "four-weekly", "monthly", "once"]
TOLERANCE = timedelta(days=5)
_DAYS = {"weekly": 7, "fortnightly": 14, "four-weekly": 28}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """amount_pence: of each payment, on top of the rent. owed_pence: what was owed when it was made; None where the
    lines that we hold begin later, so that nobody can say whether it is kept. ends_on: None while it goes on.
    """

    frequency: Frequency
    amount_pence: int
    first_due_on: date
    ends_on: date | None
    owed_pence: int | None
    by_court: bool


def due_by(arrangement: Arrangement, day: date) -> int:
    """Return how many payments were due up to ``day``, itself included."""
    day = min(day, arrangement.ends_on) if arrangement.ends_on else day
    if day < arrangement.first_due_on:
        return 0
    match arrangement.frequency:
        case "once":
            return 1
        case "monthly":
            return _months(arrangement.first_due_on, day) + 1
        case _:
            return (day - arrangement.first_due_on).days // _DAYS[arrangement.frequency] + 1


def due_on(arrangement: Arrangement, number: int) -> date:
    """Return the day of a payment. number: from 0."""
    first = arrangement.first_due_on
    if arrangement.frequency == "monthly":
        return _add_months(first, number)
    return first + timedelta(days=_DAYS.get(arrangement.frequency, 0) * number)


def next_due(arrangement: Arrangement, today: date) -> date | None:
    """Return the next day on which a payment is due, today included; None if there is none."""
    number = due_by(arrangement, today - timedelta(days=1))
    if arrangement.frequency == "once" and number:
        return None
    day = due_on(arrangement, number)
    return day if arrangement.ends_on is None or day <= arrangement.ends_on else None


def is_kept(arrangement: Arrangement, *, before_pence: int, day: date) -> bool | None:
    """Tell whether what should have been paid by ``day`` was; None where nobody can say.

    before_pence: what is owed from before this week.
    """
    if arrangement.owed_pence is None:
        return None
    should_be_paid = due_by(arrangement, day - TOLERANCE) * arrangement.amount_pence
    return before_pence <= max(arrangement.owed_pence - should_be_paid, 0)


def _months(first: date, day: date) -> int:
    """Return how many whole months have passed."""
    months = (day.year - first.year) * 12 + day.month - first.month
    return months if _add_months(first, months) <= day else months - 1


def _add_months(day: date, months: int) -> date:
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
