"""The invented library: consistent, the same at each start, and counted from today."""

from datetime import UTC, date, datetime, timedelta

import pytest

from simulators.library.catalogue import BRANCHES, barcode, items, named, titles
from simulators.library.clock import age_on, end_of, local
from simulators.library.desk import Desk
from simulators.library.people import BORROWERS, Borrower
from simulators.library.records import Hold, Loan
from simulators.library.wording import Reason, Refusal

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ROWAN, PIP, ROBIN, ODILE = "29999000004417", "29999000000027", "29999000000035", "29999000000910"


def desk_at(now: datetime) -> Desk:
    return Desk(lambda: now)


def test_barcodes_are_unique_and_of_one_form() -> None:
    assert len({title.name for title in titles()}) == len(titles()) == 160
    assert len(items()) == 320
    assert all(len(code) == 14 and code.startswith("39999") for code in items())
    assert {item.home for item in items().values()} == set(BRANCHES)
    with pytest.raises(KeyError):
        named("No such book")
    assert barcode(999) not in items()


@pytest.mark.parametrize("borrower", BORROWERS, ids=lambda one: one.name)
def test_a_borrower_is_consistent(borrower: Borrower) -> None:
    assert len(borrower.card) == 14 and borrower.card.startswith("29999") and borrower.card.isdecimal()
    assert borrower.pin == "" or (len(borrower.pin) == 4 and borrower.pin.isdecimal())
    assert borrower.home in BRANCHES and all(hold.pickup in BRANCHES for hold in borrower.holds)
    assert borrower.shows and borrower.email.endswith("@example.org")


def test_nothing_is_with_two_people_or_lent_and_ready() -> None:
    assert len({one.card for one in BORROWERS}) == len(BORROWERS)
    desk = desk_at(NOW)
    lent = [loan.item.barcode for one in BORROWERS for loan in desk.loans(one.card)]
    assert len(lent) == len(set(lent)) == sum(len(one.loans) for one in BORROWERS)
    aside = [hold.item.barcode for one in BORROWERS for hold in desk.holds(one.card) if hold.state != "waiting"]
    assert not set(aside) & set(lent)


def test_due_dates_follow_the_clock() -> None:
    for now in (NOW, NOW + timedelta(days=200)):
        desk = desk_at(now)
        today = local(now).date()
        assert [(loan.due.date() - today).days for loan in desk.loans(ROWAN)] == [-3, 1, 3, 5, 13]
        assert all(loan.due == end_of(loan.due.date()) for loan in desk.loans(ROWAN))


def test_a_day_begins_at_midnight_in_london() -> None:
    """At half past eleven at night, UTC, it is tomorrow there in summer."""
    assert desk_at(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)).today == date(2026, 7, 2)
    assert desk_at(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)).today == date(2026, 12, 1)


def test_ages() -> None:
    for now in (NOW, datetime(2027, 3, 13, 12, tzinfo=UTC), datetime(2027, 3, 14, 12, tzinfo=UTC)):
        desk = desk_at(now)
        pip, robin = desk.account(PIP), desk.account(ROBIN)
        assert pip and robin
        assert age_on(desk.today, pip.born_on) == 8 and (pip.born_on.month, pip.born_on.day) == (3, 14)
        assert age_on(desk.today + timedelta(days=9), robin.born_on) == 11
        assert age_on(desk.today + timedelta(days=10), robin.born_on) == 12


def test_a_birthday_on_a_leap_day() -> None:
    """Ten days after 19 February 2028 is 29 February."""
    robin = desk_at(datetime(2028, 2, 19, 12, tzinfo=UTC)).account(ROBIN)
    assert robin and robin.born_on == date(2016, 2, 29)


def _state(desk: Desk) -> list[tuple[list[Loan], list[Hold]]]:
    return [(desk.loans(one.card), desk.holds(one.card)) for one in BORROWERS]


def test_each_start_is_the_same() -> None:
    assert _state(desk_at(NOW)) == _state(desk_at(NOW))


def test_queues() -> None:
    desk = desk_at(NOW)
    assert [desk.place(hold) for hold in desk.holds(ROWAN)] == [0, 0, 3, 1]
    desk.cancel(ODILE, barcode(10))
    assert [desk.place(hold) for hold in desk.holds(ROWAN)] == [0, 0, 2, 1]


def test_what_the_desk_refuses() -> None:
    desk = desk_at(NOW)
    salt, ferry = barcode(2), barcode(3)
    for refused, reason in (
        (lambda: desk.lend(PIP, ferry), Reason.ON_LOAN),
        (lambda: desk.lend(PIP, salt), Reason.RESERVED),
        (lambda: desk.lend("nobody", salt), Reason.UNKNOWN_CARD),
        (lambda: desk.reserve(ROWAN, salt), Reason.HELD_ALREADY),
        (lambda: desk.reserve(PIP, salt, pickup="MOON"), Reason.NO_BRANCH),
        (lambda: desk.change_pickup(ROWAN, salt, "HAL"), Reason.TOO_LATE),
        (lambda: desk.cancel(PIP, salt), Reason.NO_HOLD),
        (lambda: desk.take_back(salt), Reason.NOT_ON_LOAN),
        (lambda: desk.pay(ROWAN, 201), Reason.NOT_OWED),
    ):
        with pytest.raises(Refusal) as refusal:
            refused()
        assert refusal.value.reason is reason


def test_who_reserved_a_title_may_still_renew_it() -> None:
    desk = desk_at(NOW)
    desk.reserve(ROWAN, barcode(3))
    assert desk.renew(ROWAN, barcode(3)).renewed == 1


def test_what_is_ready_may_be_lent_to_who_waited() -> None:
    desk = desk_at(NOW)
    desk.lend(ROWAN, barcode(2))
    assert barcode(2) in [loan.item.barcode for loan in desk.loans(ROWAN)]
    assert barcode(2) not in [hold.item.barcode for hold in desk.holds(ROWAN)]


def test_a_payment_goes_to_the_oldest_charge_first() -> None:
    desk = desk_at(NOW)
    desk.pay(ROWAN, 150)
    account = desk.account(ROWAN)
    assert account and [charge.pence for charge in account.charges] == [50]
