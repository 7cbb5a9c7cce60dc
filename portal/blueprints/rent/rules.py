"""What a balance means. Pure: no database, no web.

Sources: rent is charged for a week in advance, and the week is there to pay it in (Rugby, Darlington: due on Monday,
payable within the week); Hackney's income rules allow one week of grace before anything counts as arrears.
"""

import re
from enum import StrEnum

CODE = re.compile(r"[^0-9A-Za-z]")


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


def as_reference(typed: str) -> str:
    """Return a payment reference as the housing system writes it: without the blanks and hyphens that people put in."""
    return CODE.sub("", typed)
