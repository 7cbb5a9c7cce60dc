"""What came of a question whose answer was lost, by what is so now."""

from datetime import date
from uuid import uuid4

import pytest

from portal.blueprints.library.rules.settling import Deed, Outcome, Question, Told, settle
from portal.connectors.library import Account, Borrower, Hold, Loan

CARD = uuid4()
BEFORE, AFTER = date(2026, 11, 26), date(2026, 12, 15)


def now(*loans: Loan, holds: tuple[Hold, ...] = ()) -> Borrower:
    return Borrower(Account(None), loans=loans, holds=holds)


@pytest.mark.parametrize(
    ("borrower", "outcome"),
    [
        (now(Loan("B1", "", due_on=AFTER)), Outcome.DONE),
        (now(Loan("B1", "", due_on=BEFORE)), Outcome.NOT_DONE),
        (now(Loan("B1", "", due_on=date(2026, 11, 25))), Outcome.NOT_DONE),
        (now(Loan("B1", "")), Outcome.UNCLEAR),
        (now(Loan("B2", "", due_on=AFTER)), Outcome.GONE),
    ],
)
def test_a_renewal_was_done_if_the_day_is_later(borrower: Borrower, outcome: Outcome) -> None:
    told = settle(Question(Deed.RENEW, CARD, "B1", seen=BEFORE.isoformat()), borrower)
    assert (told.outcome, told.later) == (outcome, True)
    assert told.due_on == (AFTER if outcome is Outcome.DONE else None)


def test_a_renewal_of_what_had_no_day_before_stays_unclear() -> None:
    later = now(Loan("B1", "", due_on=AFTER))
    assert settle(Question(Deed.RENEW, CARD, "B1"), later).outcome is Outcome.UNCLEAR


@pytest.mark.parametrize(
    ("deed", "holds", "outcome"),
    [
        (Deed.CANCEL, (), Outcome.DONE),
        (Deed.CANCEL, (Hold("H1", ""),), Outcome.NOT_DONE),
        (Deed.CHANGE_PICKUP, (Hold("H1", "", branch="WEA"),), Outcome.DONE),
        (Deed.CHANGE_PICKUP, (Hold("H1", "", branch="CEN"),), Outcome.NOT_DONE),
        (Deed.CHANGE_PICKUP, (Hold("H1", "", branch=None),), Outcome.UNCLEAR),
        (Deed.CHANGE_PICKUP, (), Outcome.GONE),
    ],
)
def test_a_hold_tells_by_itself(deed: Deed, holds: tuple[Hold, ...], outcome: Outcome) -> None:
    assert settle(Question(deed, CARD, "H1", branch="WEA"), now(holds=holds)).outcome is outcome


def test_questions_and_what_is_told_of_them_come_back_from_their_texts() -> None:
    question = Question(Deed.CHANGE_PICKUP, CARD, "H1", branch="WEA")
    assert Question.from_text(question.as_text()) == question
    told = Told(Deed.RENEW, "B1", Outcome.DONE, due_on=AFTER, later=True)
    assert Told.from_text(told.as_text()) == told
    assert "H1" not in repr(question) and "B1" not in repr(told)
