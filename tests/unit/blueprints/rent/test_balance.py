"""What a balance means."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules import balance as rules
from portal.blueprints.rent.rules.arrangement import Arrangement
from portal.blueprints.rent.rules.balance import Figures, Situation, Standing
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
    charge: int = 5000,
    credited: int = 0,
    doubtful: bool = False,
    breathing: bool = False,
    benefit: Expected | None = None,
    arrangement: Arrangement | None = None,
    day: date = TUESDAY,
) -> Standing:
    return rules.standing(
        Figures(
            balance_pence=balance,
            charge_pence=charge,
            benefit_pence=credited,
            period_days=7,
            is_doubtful=doubtful,
        ),
        has_breathing_space=breathing,
        day=day,
        benefit=benefit,
        arrangement=arrangement,
    )


@pytest.mark.parametrize(
    ("balance", "situation"),
    [
        (-1, Situation.CREDIT),
        (0, Situation.NOTHING),
        (1, Situation.NOW),
        (5000, Situation.NOW),
        (5001, Situation.RECENT),
        (10000, Situation.RECENT),
        (10001, Situation.OWED),
    ],
)
def test_nobody_owes_anything_before_the_week_of_grace_is_over(balance: int, situation: Situation) -> None:
    assert stands(balance).situation is situation


def test_in_a_week_without_rent_all_that_is_owed_is_from_before() -> None:
    assert stands(1, charge=0) == Standing(Situation.OWED, before_pence=1)


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_breathing_space_comes_before_everything_and_asks_for_nothing(balance: int, week: int, doubtful: bool) -> None:
    found = stands(balance, charge=week, doubtful=doubtful, breathing=True, benefit=MONDAY_WEEK, arrangement=AGREED)
    assert found == Standing(Situation.BREATHING_SPACE)
    assert not found.situation.may_ask_for_money


@given(AMOUNTS, AMOUNTS)
def test_a_doubtful_balance_asks_for_nothing(balance: int, week: int) -> None:
    assert not stands(balance, charge=week, doubtful=True).situation.may_ask_for_money


@given(
    st.integers(1, 1_000_000),
    AMOUNTS,
    st.integers(0, 100_000),
    st.none() | st.builds(Expected, st.just(date(2026, 12, 7)), st.integers(1, 100_000), st.just(28)),
    st.none() | st.just(AGREED),
)
def test_what_is_owed_is_told_apart_to_the_penny(
    balance: int, week: int, credited: int, benefit: Expected | None, arrangement: Arrangement | None
) -> None:
    found = stands(balance, charge=week, credited=credited, benefit=benefit, arrangement=arrangement)
    assert found.benefit_pence + found.last_pence + found.before_pence == balance
    assert min(found.benefit_pence, found.last_pence, found.before_pence) >= 0


class TestBenefitOnItsWay:
    """Of £143.67 a week, £86.20 is for benefit, paid every four weeks: on 9 November, next on 7 December."""

    @pytest.mark.parametrize(
        ("day", "weeks"),
        [("2026-11-09", 1), ("2026-11-15", 1), ("2026-11-24", 3), ("2026-12-06", 4), ("2026-12-07", 5)],
    )
    def test_explains_all_that_has_been_charged_for_it_even_while_it_is_late(self, day: str, weeks: int) -> None:
        found = stands(8620 * weeks, charge=8620, benefit=MONDAY_WEEK, day=date.fromisoformat(day))
        assert found == Standing(Situation.BENEFIT, benefit_pence=8620 * weeks)

    @pytest.mark.parametrize(("day", "weeks"), [("2026-11-09", 1), ("2026-11-24", 3), ("2026-12-07", 5)])
    def test_leaves_the_tenants_own_part_of_the_week(self, day: str, weeks: int) -> None:
        found = stands(8620 * weeks + 5747, charge=14367, benefit=MONDAY_WEEK, day=date.fromisoformat(day))
        assert found == Standing(Situation.NOW, benefit_pence=8620 * weeks, last_pence=5747)

    def test_leaves_it_in_the_week_in_which_it_comes(self) -> None:
        found = stands(14367, charge=14367, credited=34480, benefit=MONDAY_WEEK, day=date(2026, 11, 9))
        assert found == Standing(Situation.NOW, benefit_pence=8620, last_pence=5747)

    def test_that_comes_weekly_is_taken_off_the_week(self) -> None:
        assert stands(5747, charge=14367, credited=8620) == Standing(Situation.NOW, last_pence=5747)

    def test_does_not_explain_what_is_from_before(self) -> None:
        found = stands(25860 + 2 * 5747 + 1, charge=14367, benefit=MONDAY_WEEK)
        assert found == Standing(Situation.OWED, benefit_pence=25860, last_pence=5747, before_pence=5748)


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
        assert stands(5000, arrangement=AGREED).situation is Situation.NOW

    def test_is_neither_kept_nor_missed_where_nobody_can_say(self) -> None:
        assert stands(5000 + 10000, arrangement=replace(AGREED, owed_pence=None)).situation is Situation.OWED


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


@pytest.mark.parametrize("typed", ["R7204/01", "r7204 01", " R-7204-01 ", "R.7204.01"])
def test_a_reference_is_understood_as_people_write_it(typed: str) -> None:
    assert as_reference(typed) == as_reference("R7204/01")
