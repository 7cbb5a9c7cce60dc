"""Numbers as they are typed, birthdays, and how often a PIN may be tried."""

from datetime import date, timedelta

import pytest

from portal.blueprints.library.rules.cards import as_number, birthday, of_card
from portal.identity.throttle import Throttle
from portal.settings import parse_networks

THROTTLE = Throttle(b"a secret of these tests, long enough", parse_networks("192.0.2.0/24"))


def test_blanks_in_a_number_do_not_matter() -> None:
    assert as_number(" 2999 9000\u00a00044 17 ") == "29999000004417"


@pytest.mark.parametrize(
    ("born_on", "day"),
    [
        (date(2014, 12, 4), date(2026, 12, 4)),
        (date(2012, 2, 29), date(2024, 2, 29)),
        (date(2016, 2, 29), date(2028, 2, 29)),
    ],
)
def test_the_twelfth_birthday(born_on: date, day: date) -> None:
    assert birthday(born_on, 12) == day


def test_who_was_born_on_29_february_has_a_birthday_in_every_year() -> None:
    assert birthday(date(2012, 2, 29), 11) == date(2023, 3, 1)


def test_a_card_is_the_same_in_capital_and_small_letters_and_a_network_counts_by_itself() -> None:
    small, capital = (of_card(THROTTLE, number=number, address="198.51.100.7") for number in ("d1", "D1"))
    assert small == capital
    elsewhere = of_card(THROTTLE, number="d1", address="203.0.113.5")
    assert set(small) & set(elsewhere) == {limit for limit in small if "anywhere" in limit.what[1]}


def test_a_branch_may_be_wrong_more_often_and_a_card_may_not() -> None:
    home, branch = (of_card(THROTTLE, number="1", address=address) for address in ("198.51.100.7", "192.0.2.5"))
    for here, there in zip(home, branch, strict=True):
        assert here.window == there.window
        assert (there.tries > here.tries) == here.what[1].startswith("network")


def test_four_digits_are_not_found_by_trying_for_a_month() -> None:
    """Of the PIN of one card, with every network in the world at hand: fewer than one in ten is tried."""
    (a_day,) = [
        limit for limit in of_card(THROTTLE, number="1", address="198.51.100.7") if limit.what[1] == "anywhere-day"
    ]
    assert a_day.window == timedelta(days=1)
    assert a_day.tries * 30 <= 10_000 / 10
