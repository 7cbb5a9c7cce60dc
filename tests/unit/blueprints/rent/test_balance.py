"""What a balance means."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules import balance as rules
from portal.blueprints.rent.rules.balance import Situation
from portal.blueprints.rent.rules.connecting import as_reference

AMOUNTS = st.integers(-1_000_000, 1_000_000)


def stands(balance: int, *, week: int = 5000, doubtful: bool = False, breathing: bool = False) -> Situation:
    return rules.situation(balance_pence=balance, week_pence=week, is_doubtful=doubtful, has_breathing_space=breathing)


@pytest.mark.parametrize(
    ("balance", "situation"),
    [
        (-1, Situation.CREDIT),
        (0, Situation.NOTHING),
        (1, Situation.THIS_WEEK),
        (5000, Situation.THIS_WEEK),
        (5001, Situation.OWED),
    ],
)
def test_nobody_owes_anything_but_this_weeks_rent_before_the_week_is_over(balance: int, situation: Situation) -> None:
    assert stands(balance) is situation


def test_in_a_week_without_rent_all_that_is_owed_is_from_before() -> None:
    assert stands(1, week=0) is Situation.OWED


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_breathing_space_comes_before_everything_and_asks_for_nothing(balance: int, week: int, doubtful: bool) -> None:
    situation = stands(balance, week=week, doubtful=doubtful, breathing=True)
    assert situation is Situation.BREATHING_SPACE
    assert not situation.may_ask_for_money


@given(AMOUNTS, AMOUNTS)
def test_a_doubtful_balance_asks_for_nothing(balance: int, week: int) -> None:
    assert not stands(balance, week=week, doubtful=True).may_ask_for_money


@given(st.integers(1, 1_000_000), st.integers(-10_000, 1_000_000))
def test_what_is_from_before_and_what_is_this_weeks_come_to_what_is_owed(balance: int, week: int) -> None:
    before = rules.before_this_week(balance_pence=balance, week_pence=week)
    assert 0 <= before <= balance
    assert balance - before <= max(week, 0)


@pytest.mark.parametrize(
    ("local", "older"),
    [
        ("2026-11-24T00:05", False),
        ("2026-11-25T08:59", False),
        ("2026-11-25T09:00", True),
        ("2026-11-30T12:00", True),
    ],
)
def test_figures_are_older_once_the_next_nights_should_have_come(local: str, older: bool) -> None:
    assert rules.is_older(date(2026, 11, 24), local=datetime.fromisoformat(local)) is older


@pytest.mark.parametrize("typed", ["7204011836", "7204 0118 36", " 7204-011-836 ", "7204.011.836"])
def test_a_reference_is_understood_as_people_write_it(typed: str) -> None:
    assert as_reference(typed) == "7204011836"
