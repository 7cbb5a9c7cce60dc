"""What a balance means.

Sources: rent is charged for a week in advance, and the week is there to pay it in (Rugby, Darlington: due on Monday,
payable within the week); Hackney's income rules allow one week of grace before anything counts as arrears.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.blueprints.rent.rules.arrangement import Arrangement, is_kept
from portal.blueprints.rent.rules.benefit import Expected

LAST_NIGHTS_FIGURES_BY = time(9)
"""Local time by which a night's extract is expected to be loaded."""


class Situation(StrEnum):
    """How an account stands, in the words of the page for it."""

    CHECKING = "checking"
    """The stated balance isn't what the lines come to: nobody is asked for money until that is found out."""
    BREATHING_SPACE = "breathing-space"
    """Nothing on the page asks for money (The Debt Respite Scheme Regulations 2020, regulation 7)."""
    CREDIT = "credit"
    NOTHING = "nothing"
    BENEFIT = "benefit"
    """Benefit that is on its way explains all of it: the tenant has nothing to make up."""
    THIS_WEEK = "this-week"
    """No more than the week's own rent, which there still is time to pay."""
    PAYING_OFF = "paying-off"
    """Something is owed from before, and is being paid off as agreed."""
    MISSED = "missed"
    """A payment that was agreed has not been seen."""
    OWED = "owed"

    @property
    def may_ask_for_money(self) -> bool:
        return self in (Situation.THIS_WEEK, Situation.PAYING_OFF, Situation.MISSED, Situation.OWED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands. Amounts are pence, and come to the balance where something is owed.

    benefit_pence: what benefit on its way is for. week_pence: of this week, for the tenant to pay. before_pence: of
    earlier weeks.
    """

    situation: Situation
    benefit_pence: int = 0
    week_pence: int = 0
    before_pence: int = 0


def standing(
    *,
    balance_pence: int,
    week_pence: int,
    is_doubtful: bool,
    has_breathing_space: bool,
    today: date,
    benefit: Expected | None = None,
    arrangement: Arrangement | None = None,
) -> Standing:
    """Return how an account stands. balance_pence: positive where owed. week_pence: the present week's net charge.

    benefit: the payment that should come next. arrangement: the one that is in force.
    """
    if has_breathing_space:
        return Standing(Situation.BREATHING_SPACE)
    if is_doubtful:
        return Standing(Situation.CHECKING)
    if balance_pence <= 0:
        return Standing(Situation.CREDIT if balance_pence else Situation.NOTHING)
    covered = min(balance_pence, benefit.covers_pence(today)) if benefit else 0
    own = balance_pence - covered
    own_week = max(week_pence - _a_weeks(benefit), 0)
    week = min(own, own_week)
    return Standing(_of_what_is_owed(own - week, week, arrangement, today), covered, week, own - week)


def _of_what_is_owed(before: int, week: int, arrangement: Arrangement | None, today: date) -> Situation:
    if before == 0:
        return Situation.THIS_WEEK if week else Situation.BENEFIT
    if arrangement is None:
        return Situation.OWED
    return Situation.PAYING_OFF if is_kept(arrangement, before_pence=before, today=today) else Situation.MISSED


def _a_weeks(benefit: Expected | None) -> int:
    """Return what a benefit payment brings in for each week, in pence, rounded up."""
    return -(-benefit.amount_pence * 7 // benefit.days) if benefit else 0


def is_older(night: date, *, local: datetime) -> bool:
    """Tell whether a later night's figures should have come by now. local: the present moment in the council's zone."""
    due = local.date() if local.time() >= LAST_NIGHTS_FIGURES_BY else local.date() - timedelta(days=1)
    return night < due
