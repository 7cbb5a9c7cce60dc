"""What the library allows. Everything is asked of values; nothing is changed."""

from collections.abc import Sequence
from datetime import date, datetime

from simulators.library.clock import days, end_of
from simulators.library.records import Account, Hold, Loan
from simulators.library.wording import Reason, Refusal

LOAN_DAYS = 21
RENEWALS = 3
RENEWABLE_FROM_DAYS = 14
"""So many days before it is due, and later."""
FILM_FEE_PENCE = 150
CHARGE_LIMIT_PENCE = 1000
"""More than this blocks."""
LOAN_LIMIT, OVERDUE_LIMIT, HOLD_LIMIT = 50, 5, 10
FLAGS = 14
"""Places of the patron status."""


def new_due(today: date) -> datetime:
    return end_of(today + days(LOAN_DAYS))


def blocked_by(account: Account, today: date) -> Reason | None:
    """Return why nothing is lent or renewed on a card, None if it is."""
    if account.borrower.lost:
        return Reason.LOST_CARD
    if account.expires_on < today:
        return Reason.EXPIRED
    if account.owed_pence > CHARGE_LIMIT_PENCE:
        return Reason.FINES
    return None


def flags(account: Account, loans: Sequence[Loan], now: datetime, today: date) -> list[bool]:
    """Return the 14 flags of the patron status, in the standard's order."""
    blocked = blocked_by(account, today)
    overdue = sum(loan.due < now for loan in loans)
    set_flags = [False] * FLAGS
    set_flags[0] = blocked is not None or len(loans) >= LOAN_LIMIT  # charge denied
    set_flags[1] = set_flags[2] = set_flags[3] = blocked is not None  # renewal, recall, hold denied
    set_flags[4] = account.borrower.lost
    set_flags[5] = len(loans) >= LOAN_LIMIT
    set_flags[6] = overdue >= OVERDUE_LIMIT
    set_flags[10] = account.owed_pence > CHARGE_LIMIT_PENCE
    return set_flags


def check_renewal(loan: Loan, account: Account, holds: Sequence[Hold], *, today: date, fee_agreed: bool) -> None:
    """Raise Refusal if a loan may not be renewed. holds: all that wait for its title."""
    if blocked := blocked_by(account, today):
        raise Refusal(blocked)
    if loan.item.title.kind == "quick":
        raise Refusal(Reason.NOT_RENEWABLE)
    if any(hold.state == "waiting" and hold.card != loan.card for hold in holds):
        raise Refusal(Reason.RESERVED)
    if loan.renewed >= RENEWALS:
        raise Refusal(Reason.LIMIT)
    if loan.due.date() > today + days(RENEWABLE_FROM_DAYS):
        raise Refusal(Reason.TOO_SOON)
    if loan.item.title.kind == "film" and not fee_agreed:
        raise Refusal(Reason.FEE, fee_pence=FILM_FEE_PENCE)


def check_loan(account: Account, loans: Sequence[Loan], today: date) -> None:
    """Raise Refusal if nothing more may be lent on a card."""
    if blocked := blocked_by(account, today):
        raise Refusal(blocked)
    if len(loans) >= LOAN_LIMIT:
        raise Refusal(Reason.TOO_MANY)
