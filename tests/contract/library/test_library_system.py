"""The port to a library system: what every adapter does, and the fake that stands in for them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import partial
from typing import Protocol

import pytest

from portal.clock import Clock, SetClock
from portal.connectors.errors import Refused
from portal.connectors.library import Card, HoldState, LibrarySystem, Reason
from tests.support.library import FakeUnderTest
from tests.support.shelf.server import shelf_under_test
from tests.support.sip2_library import SETTINGS, sip2_under_test

WITHIN_S = 4.0


class LibraryUnderTest(Protocol):
    """A system with one card that has nothing, and ways to give it something. branches: two codes.

    tells_days, tells_branches, tells_reasons: some systems leave out when something is due or kept until, where it will
    be picked up, or why they say no.
    """

    card: Card
    today: date
    branches: tuple[str, str]
    tells_days: bool
    tells_branches: bool
    tells_reasons: bool

    @property
    def system(self) -> LibrarySystem: ...

    def lend(self, *, due_in: int) -> str:
        """Lend something and return its item number. due_in: days from today."""
        ...

    def reserve_for_another(self, item: str) -> None: ...

    def hold(self) -> str:
        """Reserve something for the card, to be picked up in the first branch; return the hold's id."""
        ...

    def make_ready(self, hold: str, *, last_day: date) -> None: ...

    def charge(self, pence: int, text: str) -> None: ...

    def block(self) -> None:
        """Have the card owe so much that nothing is renewed on it."""
        ...


ADAPTERS: dict[str, Callable[[Clock], AbstractContextManager[LibraryUnderTest]]] = {
    "fake": lambda clock: nullcontext(FakeUnderTest(clock)),
    "shelf": shelf_under_test,
    **{f"sip2 {dialect}": partial(sip2_under_test, dialect) for dialect in SETTINGS},
}


@pytest.fixture(params=list(ADAPTERS))
def library(request: pytest.FixtureRequest, clock: SetClock) -> Iterator[LibraryUnderTest]:
    with ADAPTERS[request.param](clock) as system:
        yield system


def refused(reason: Reason) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda refusal: refusal.reason is reason)


def test_it_works(library: LibraryUnderTest) -> None:
    library.system.check()


class TestSigningIn:
    def test_says_whose_card_it_is(self, library: LibraryUnderTest) -> None:
        account = library.system.sign_in(library.card, within_s=WITHIN_S)
        assert account.name and not account.blocks

    @pytest.mark.parametrize("card", ["wrong-pin", "no-such-card"])
    def test_is_refused_the_same_way_whichever_is_wrong(self, library: LibraryUnderTest, card: str) -> None:
        number = library.card.number if card == "wrong-pin" else "00000000000000"
        with refused(Reason.WRONG_CARD_OR_PIN):
            library.system.sign_in(Card(number, "0000"), within_s=WITHIN_S)

    def test_takes_a_pin(self, library: LibraryUnderTest) -> None:
        with pytest.raises(ValueError, match="PIN"):
            library.system.sign_in(Card(library.card.number), within_s=WITHIN_S)


class TestReading:
    def test_a_card_that_has_nothing(self, library: LibraryUnderTest) -> None:
        borrower = library.system.read(library.card, within_s=WITHIN_S)
        assert (borrower.loans, borrower.holds, borrower.charges) == ((), (), ())

    def test_loans_soonest_first(self, library: LibraryUnderTest) -> None:
        later, late, tomorrow = (library.lend(due_in=days) for days in (9, -3, 1))
        loans = library.system.read(library.card, within_s=WITHIN_S).loans
        assert [loan.item for loan in loans] == [late, tomorrow, later]
        days = [library.today + timedelta(days) for days in (-3, 1, 9)]
        assert [loan.due_on for loan in loans] == (days if library.tells_days else [None] * 3)
        assert [loan.is_late for loan in loans] == [True, False, False]
        assert all(loan.title for loan in loans)

    def test_holds_ready_ones_first(self, library: LibraryUnderTest) -> None:
        waiting, ready = library.hold(), library.hold()
        last_day = library.today + timedelta(days=4)
        library.make_ready(ready, last_day=last_day)
        first, second = library.system.read(library.card, within_s=WITHIN_S).holds
        assert (first.id, first.state) == (ready, HoldState.READY)
        assert (second.id, second.state) == (waiting, HoldState.WAITING)
        assert first.last_day == (last_day if library.tells_days else None)
        if library.tells_branches:
            assert first.branch == second.branch == library.branches[0]

    def test_charges(self, library: LibraryUnderTest) -> None:
        library.charge(120, "Overdue: a book")
        borrower = library.system.read(library.card, within_s=WITHIN_S)
        if library.system.abilities.itemised_charges:
            assert [(charge.text, charge.pence) for charge in borrower.charges] == [("Overdue: a book", 120)]
        else:
            assert borrower.account.owes_pence == 120

    def test_a_block_with_its_reason(self, library: LibraryUnderTest) -> None:
        library.block()
        assert library.system.read(library.card, within_s=WITHIN_S).account.blocks

    def test_without_a_pin_works_or_says_that_it_is_needed(self, library: LibraryUnderTest) -> None:
        card = Card(library.card.number)
        if library.system.abilities.needs_pin:
            with refused(Reason.PIN_NEEDED):
                library.system.read(card, within_s=WITHIN_S)
        else:
            assert library.system.read(card, within_s=WITHIN_S).loans == ()


class TestRenewing:
    def test_gives_a_later_day_and_it_is_so(self, library: LibraryUnderTest) -> None:
        item = library.lend(due_in=2)
        renewed = library.system.renew(library.card, item, within_s=WITHIN_S)
        (loan,) = library.system.read(library.card, within_s=WITHIN_S).loans
        assert renewed.item == item
        assert renewed.due_on and renewed.due_on > library.today + timedelta(days=2)
        assert loan.due_on == (renewed.due_on if library.tells_days else None)

    def test_what_somebody_else_has_reserved_is_refused(self, library: LibraryUnderTest) -> None:
        item = library.lend(due_in=2)
        library.reserve_for_another(item)
        with refused(Reason.RESERVED_BY_ANOTHER if library.tells_reasons else Reason.OTHER):
            library.system.renew(library.card, item, within_s=WITHIN_S)

    def test_what_is_not_on_this_card_is_refused(self, library: LibraryUnderTest) -> None:
        with refused(Reason.NOT_ON_THIS_CARD):
            library.system.renew(library.card, "00000000000000", within_s=WITHIN_S)

    def test_on_a_blocked_card_is_refused_and_changes_nothing(self, library: LibraryUnderTest) -> None:
        item = library.lend(due_in=2)
        library.block()
        with pytest.raises(Refused):
            library.system.renew(library.card, item, within_s=WITHIN_S)
        (loan,) = library.system.read(library.card, within_s=WITHIN_S).loans
        assert loan.due_on == (library.today + timedelta(days=2) if library.tells_days else None)


class TestHolds:
    def test_a_cancelled_one_is_gone(self, library: LibraryUnderTest) -> None:
        hold = library.hold()
        if not library.system.abilities.cancel_hold:
            with refused(Reason.NOT_CANCELLABLE):
                library.system.cancel_hold(library.card, hold, within_s=WITHIN_S)
            return
        library.system.cancel_hold(library.card, hold, within_s=WITHIN_S)
        assert library.system.read(library.card, within_s=WITHIN_S).holds == ()

    def test_that_is_not_there_is_not_cancelled(self, library: LibraryUnderTest) -> None:
        with pytest.raises(Refused):
            library.system.cancel_hold(library.card, "no such hold", within_s=WITHIN_S)

    def test_comes_to_another_branch_where_the_system_can(self, library: LibraryUnderTest) -> None:
        hold, branch = library.hold(), library.branches[1]
        if not library.system.abilities.change_pickup:
            with pytest.raises(Refused):
                library.system.change_pickup(library.card, hold, branch, within_s=WITHIN_S)
            return
        library.system.change_pickup(library.card, hold, branch, within_s=WITHIN_S)
        (changed,) = library.system.read(library.card, within_s=WITHIN_S).holds
        assert (changed.id, changed.branch) == (hold, branch if library.tells_branches else None)


def test_a_card_without_a_number_or_with_an_empty_pin_is_never_asked_for() -> None:
    for number, pin in (("", "1234"), (" ", "1234"), ("29999", ""), ("29999", " ")):
        with pytest.raises(ValueError, match="never empty"):
            Card(number, pin)


def test_nothing_that_is_said_of_a_card_shows_in_a_log(library: LibraryUnderTest) -> None:
    item = library.lend(due_in=2)
    borrower = library.system.read(library.card, within_s=WITHIN_S)
    shown = repr((library.card, borrower))
    for secret in (library.card.number, library.card.pin, item, borrower.loans[0].title, borrower.account.name):
        assert secret and secret not in shown
