"""What a balance means.

Sources: rent is charged for a week in advance, and the week is there to pay it in (Rugby, Darlington: due on Monday,
payable within the week); Hackney's income rules allow one week of grace before anything counts as arrears.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

LAST_NIGHTS_FIGURES_BY = time(9)
"""Local time by which a night's extract is expected to be loaded."""


class Situation(StrEnum):
    """How an account stands, in the words of the page for it."""

    CHECKING = "checking"
    """The stated balance isn't what the lines come to: nobody is asked for money until that is found out."""
    CREDIT = "credit"
    NOTHING = "nothing"
    THIS_WEEK = "this-week"
    """No more than the week's own rent, which there still is time to pay."""
    OWED = "owed"
    BREATHING_SPACE = "breathing-space"
    """Nothing on the page asks for money (The Debt Respite Scheme Regulations 2020, regulation 7)."""

    @property
    def may_ask_for_money(self) -> bool:
        return self in (Situation.THIS_WEEK, Situation.OWED)


def situation(*, balance_pence: int, week_pence: int, is_doubtful: bool, has_breathing_space: bool) -> Situation:
    """Return how an account stands. balance_pence: positive where owed. week_pence: the present week's net charge."""
    if has_breathing_space:
        return Situation.BREATHING_SPACE
    if is_doubtful:
        return Situation.CHECKING
    if balance_pence < 0:
        return Situation.CREDIT
    if balance_pence == 0:
        return Situation.NOTHING
    return Situation.THIS_WEEK if balance_pence <= week_pence else Situation.OWED


def before_this_week(*, balance_pence: int, week_pence: int) -> int:
    """Return what is owed from earlier weeks, in pence; never less than nothing."""
    return max(balance_pence - max(week_pence, 0), 0)


def is_older(night: date, *, local: datetime) -> bool:
    """Tell whether a later night's figures should have come by now. local: the present moment in the council's zone."""
    due = local.date() if local.time() >= LAST_NIGHTS_FIGURES_BY else local.date() - timedelta(days=1)
    return night < due
