"""What a balance means.

Sources: rent is charged for a week in advance, and the week is there to pay it in (Rugby, Darlington: due on Monday,
payable within the week); Hackney's income rules take this week's transactions and one more week's rent off a balance
before anything counts as arrears (LBHackney-IT/lbh-income-api, tenancy_classification/helpers.rb).
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
    NOW = "now"
    """No more than the last charge, which there still is time to pay."""
    RECENT = "recent"
    """No more than one charge besides the last one: a payment may not show yet, and nobody speaks of arrears."""
    PAYING_OFF = "paying-off"
    """Something is owed from before, and is being paid off as agreed."""
    MISSED = "missed"
    """Less has come in than was agreed."""
    OWED = "owed"

    @property
    def may_ask_for_money(self) -> bool:
        return self not in (
            Situation.CHECKING,
            Situation.BREATHING_SPACE,
            Situation.CREDIT,
            Situation.NOTHING,
            Situation.BENEFIT,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands. Amounts are pence, and come to the balance where something is owed.

    benefit_pence: what benefit on its way is for. last_pence: of the last charge, for the tenant to pay. before_pence:
    of earlier ones.
    """

    situation: Situation
    benefit_pence: int = 0
    last_pence: int = 0
    before_pence: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of an account. balance_pence: positive where owed. charge_pence: the last charge, nothing taken off
    it. benefit_pence: benefit that has come in since. period_days: for how many days the last charge is.
    """

    balance_pence: int
    charge_pence: int
    benefit_pence: int
    period_days: int
    is_doubtful: bool


def standing(
    figures: Figures,
    *,
    has_breathing_space: bool,
    day: date,
    benefit: Expected | None = None,
    arrangement: Arrangement | None = None,
) -> Standing:
    """Return how an account stands on ``day``, which the figures tell of.

    benefit: the payment that should come next. arrangement: the one that is in force.
    """
    balance = figures.balance_pence
    if has_breathing_space:
        return Standing(Situation.BREATHING_SPACE)
    if figures.is_doubtful:
        return Standing(Situation.CHECKING)
    if balance <= 0:
        return Standing(Situation.CREDIT if balance else Situation.NOTHING)
    covered = min(balance, benefit.owed_to_us(day)) if benefit else 0
    own_charge = max(figures.charge_pence - _benefit_for_the_charge(figures, benefit), 0)
    last = min(balance - covered, own_charge)
    before = balance - covered - last
    return Standing(_of_what_is_owed(before, last, own_charge, arrangement, day), covered, last, before)


def _of_what_is_owed(before: int, last: int, own_charge: int, arrangement: Arrangement | None, day: date) -> Situation:
    if before == 0:
        return Situation.NOW if last else Situation.BENEFIT
    kept = is_kept(arrangement, before_pence=before, day=day) if arrangement else None
    if kept is not None:
        return Situation.PAYING_OFF if kept else Situation.MISSED
    return Situation.RECENT if before <= own_charge else Situation.OWED


def _benefit_for_the_charge(figures: Figures, benefit: Expected | None) -> int:
    """Return how much of the last charge is for benefit to pay: by its rule, or what has come in where it has none."""
    return benefit.of_days(figures.period_days) if benefit else figures.benefit_pence


def is_older(night: date, *, local: datetime) -> bool:
    """Tell whether a later night's figures should have come by now. local: the present moment in the council's zone."""
    due = local.date() if local.time() >= LAST_NIGHTS_FIGURES_BY else local.date() - timedelta(days=1)
    return night < due
