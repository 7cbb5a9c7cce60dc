"""What a balance means."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules import balance as rules
from portal.blueprints.rent.rules.arrangement import Arrangement
from portal.blueprints.rent.rules.balance import Situation, Standing
from portal.blueprints.rent.rules.benefit import Expected
from portal.blueprints.rent.rules.connecting import as_reference

AMOUNTS = st.integers(-1_000_000, 1_000_000)
TUESDAY = date(2026, 11, 24)
MONDAY_WEEK = Expected(on=date(2026, 12, 7), amount_pence=34480, days=28)
AGREED = Arrangement(
    frequency="weekly",
    amount_pence=500,
    first_due_on=date(2026, 11, 6),
    ends_on=None,
    owed_pence=10000,
    by_court=False,
)


def stands(
    balance: int,
    *,
    week: int = 5000,
    doubtful: bool = False,
    breathing: bool = False,
    benefit: Expected | None = None,
    arrangement: Arrangement | None = None,
) -> Standing:
    return rules.standing(
        balance_pence=balance,
        week_pence=week,
        is_doubtful=doubtful,
        has_breathing_space=breathing,
        today=TUESDAY,
        benefit=benefit,
        arrangement=arrangement,
    )


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
    assert stands(balance).situation is situation


def test_in_a_week_without_rent_all_that_is_owed_is_from_before() -> None:
    assert stands(1, week=0) == Standing(Situation.OWED, before_pence=1)


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_breathing_space_comes_before_everything_and_asks_for_nothing(balance: int, week: int, doubtful: bool) -> None:
    found = stands(balance, week=week, doubtful=doubtful, breathing=True, benefit=MONDAY_WEEK, arrangement=AGREED)
    assert found == Standing(Situation.BREATHING_SPACE)
    assert not found.situation.may_ask_for_money


@given(AMOUNTS, AMOUNTS)
def test_a_doubtful_balance_asks_for_nothing(balance: int, week: int) -> None:
    assert not stands(balance, week=week, doubtful=True).situation.may_ask_for_money


@given(
    st.integers(1, 1_000_000),
    AMOUNTS,
    st.none() | st.builds(Expected, st.just(date(2026, 12, 7)), st.integers(1, 100_000), st.just(28)),
    st.none() | st.just(AGREED),
)
def test_what_is_owed_is_told_apart_to_the_penny(
    balance: int, week: int, benefit: Expected | None, arrangement: Arrangement | None
) -> None:
    found = stands(balance, week=week, benefit=benefit, arrangement=arrangement)
    assert found.benefit_pence + found.week_pence + found.before_pence == balance
    assert min(found.benefit_pence, found.week_pence, found.before_pence) >= 0


class TestBenefitOnItsWay:
    """£86.20 a week, paid every four weeks; on 24 November, three of them have begun since the last payment."""

    def test_explains_all_that_it_is_for(self) -> None:
        assert stands(25860, week=8620, benefit=MONDAY_WEEK) == Standing(Situation.BENEFIT, benefit_pence=25860)

    def test_leaves_the_tenants_own_part_of_the_week(self) -> None:
        assert stands(25860 + 4655, week=13275, benefit=MONDAY_WEEK) == Standing(
            Situation.THIS_WEEK, benefit_pence=25860, week_pence=4655
        )

    def test_does_not_explain_what_is_from_before(self) -> None:
        assert stands(25860 + 4655 + 1, week=13275, benefit=MONDAY_WEEK) == Standing(
            Situation.OWED, benefit_pence=25860, week_pence=4655, before_pence=1
        )


class TestAnArrangement:
    """£5.00 each Friday from 6 November, when £100.00 was owed."""

    @pytest.mark.parametrize(
        ("before", "situation"),
        [(8500, Situation.PAYING_OFF), (9000, Situation.PAYING_OFF), (9500, Situation.MISSED)],
    )
    def test_is_kept_while_what_is_owed_goes_down_as_agreed(self, before: int, situation: Situation) -> None:
        assert stands(5000 + before, arrangement=AGREED).situation is situation

    def test_is_not_missed_within_five_days(self) -> None:
        late = replace(AGREED, first_due_on=date(2026, 11, 20))
        assert stands(5000 + 10000, arrangement=late).situation is Situation.PAYING_OFF

    def test_asks_for_nothing_where_only_this_week_is_owed(self) -> None:
        assert stands(5000, arrangement=AGREED).situation is Situation.THIS_WEEK


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
    assert rules.is_older(TUESDAY, local=datetime.fromisoformat(local)) is older


@pytest.mark.parametrize("typed", ["7204011836", "7204 0118 36", " 7204-011-836 ", "7204.011.836"])
def test_a_reference_is_understood_as_people_write_it(typed: str) -> None:
    assert as_reference(typed) == "7204011836"


def test_benefit_covers_no_more_than_it_is() -> None:
    for days in range(-10, 40):
        covered = MONDAY_WEEK.covers_pence(MONDAY_WEEK.on - timedelta(days=days))
        assert 0 <= covered <= MONDAY_WEEK.amount_pence
