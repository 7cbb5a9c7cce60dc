"""What is kept of what a library system said: all of it comes back, and nothing that no page shows is kept."""

from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.library.rules.keeping import (
    as_text,
    completed,
    from_text,
    with_branch,
    with_renewed,
    without_hold,
    without_needless,
)
from portal.connectors.library import Account, Block, Borrower, Charge, Hold, HoldState, Loan, Renewed

words = st.text(max_size=20)
day = st.none() | st.dates()
pence = st.none() | st.integers(0, 10**6)
accounts = st.builds(
    Account,
    name=st.none() | words,
    blocks=st.frozensets(st.sampled_from(Block)),
    expires_on=day,
    born_on=day,
    may_borrow=pence,
    owes_pence=pence,
)
loans = st.builds(
    Loan,
    words,
    words,
    due_on=day,
    due_at=st.none() | st.times(),
    due_text=words,
    is_late=st.booleans(),
    due_as_of=st.none() | st.datetimes(timezones=st.just(UTC)),
)
holds = st.builds(
    Hold, words, words, state=st.sampled_from(HoldState), place=pence, branch=st.none() | words, last_day=day
)
borrowers = st.builds(
    Borrower,
    accounts,
    loans=st.lists(loans, max_size=3).map(tuple),
    holds=st.lists(holds, max_size=3).map(tuple),
    charges=st.lists(st.builds(Charge, words, pence=pence), max_size=3).map(tuple),
)


@given(borrowers)
def test_all_of_it_comes_back(borrower: Borrower) -> None:
    assert from_text(as_text(borrower)) == borrower


def test_what_was_kept_before_days_had_a_time_of_their_own_is_read() -> None:
    borrower = Borrower(Account(None), loans=(Loan("1", "A", due_on=date(2026, 11, 30)),))
    assert from_text(as_text(borrower).replace(',"due_as_of":null', "")) == borrower


@given(borrowers)
def test_neither_name_nor_birth_date_is_kept_and_titles_only_if_wanted(borrower: Borrower) -> None:
    whole, bare = (without_needless(borrower, titles=titles) for titles in (True, False))
    assert whole.account.name is None and whole.account.born_on is None
    assert whole.loans == borrower.loans and whole.charges == borrower.charges
    assert not any(loan.title for loan in bare.loans) and not any(hold.title for hold in bare.holds)
    assert not any(charge.text for charge in bare.charges)
    assert [loan.item for loan in bare.loans] == [loan.item for loan in borrower.loans]


def test_a_renewal_changes_its_loan_alone() -> None:
    late = Loan("1", "A", due_on=date(2026, 11, 20), is_late=True)
    borrower = Borrower(Account(None), loans=(late, Loan("2", "B", due_on=date(2026, 11, 30))))
    changed = with_renewed(borrower, Renewed("1", due_on=date(2026, 12, 15), due_at=time(18)))
    assert changed.loans == (Loan("1", "A", due_on=date(2026, 12, 15), due_at=time(18)), borrower.loans[1])
    assert with_renewed(borrower, Renewed("3", due_on=date(2026, 12, 15))) == borrower


def test_a_hold_goes_or_moves_alone() -> None:
    borrower = Borrower(Account(None), holds=(Hold("1", "A", branch="CEN"), Hold("2", "B", branch="CEN")))
    assert [hold.id for hold in without_hold(borrower, "1").holds] == ["2"]
    assert [hold.branch for hold in with_branch(borrower, "2", "WEA").holds] == ["CEN", "WEA"]


class TestAnAnswerThatWasCutOff:
    """It leaves out days, and gives the number of what it has no title of."""

    MORNING, NOON = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)
    WHOLE = Borrower(
        Account(None),
        loans=(
            Loan("1", "A", due_on=date(2026, 11, 30), due_at=time(18)),
            Loan("2", "B", due_text="after the holidays"),
        ),
        holds=(Hold("3", "C"),),
    )
    CUT = Borrower(
        Account(None), loans=(Loan("1", "1"), Loan("2", "2", is_late=True), Loan("4", "4")), holds=(Hold("3", "3"),)
    )

    def test_has_the_days_and_titles_of_an_earlier_one_as_of_then(self) -> None:
        one, two, new = completed(self.CUT, self.WHOLE, taken_at=self.MORNING).loans
        assert one == Loan("1", "A", due_on=date(2026, 11, 30), due_at=time(18), due_as_of=self.MORNING)
        assert two == Loan("2", "B", due_text="after the holidays", is_late=True, due_as_of=self.MORNING)
        assert new == self.CUT.loans[2]
        assert completed(self.CUT, self.WHOLE, taken_at=self.MORNING).holds == self.WHOLE.holds

    def test_a_day_keeps_the_time_that_it_is_of(self) -> None:
        once = completed(self.CUT, self.WHOLE, taken_at=self.MORNING)
        assert completed(self.CUT, once, taken_at=self.NOON) == once

    def test_what_it_says_itself_counts(self) -> None:
        renewed = Borrower(
            Account(None), loans=(Loan("1", "A", due_on=date(2026, 12, 15)), Loan("2", "B", due_text="?"))
        )
        once = completed(self.CUT, self.WHOLE, taken_at=self.MORNING)
        assert completed(renewed, once, taken_at=self.NOON) == renewed
        (loan, *_) = with_renewed(once, Renewed("1", due_on=date(2026, 12, 15))).loans
        assert loan == Loan("1", "A", due_on=date(2026, 12, 15))
