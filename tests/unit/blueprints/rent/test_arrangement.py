"""An agreement to pay off what is owed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules import arrangement as rules
from portal.blueprints.rent.rules.arrangement import Arrangement, Frequency

FIRST = date(2026, 1, 31)
FREQUENCIES: list[Frequency] = ["weekly", "fortnightly", "four-weekly", "monthly", "once"]


def agreed(frequency: Frequency, *, ends_on: date | None = None) -> Arrangement:
    return Arrangement(frequency, 1000, FIRST, ends_on, 100_000, by_court=False)


@pytest.mark.parametrize(
    ("frequency", "second"),
    [("weekly", "2026-02-07"), ("fortnightly", "2026-02-14"), ("four-weekly", "2026-02-28"), ("monthly", "2026-02-28")],
)
def test_the_second_payment(frequency: Frequency, second: str) -> None:
    assert rules.next_due(agreed(frequency), FIRST + timedelta(days=1)) == date.fromisoformat(second)


def test_a_payment_by_the_month_comes_back_to_its_day() -> None:
    assert [rules.due_on(agreed("monthly"), number).day for number in range(4)] == [31, 28, 31, 30]


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_the_first_is_next_until_its_day_is_over(frequency: Frequency) -> None:
    assert rules.due_by(agreed(frequency), FIRST - timedelta(days=1)) == 0
    assert rules.next_due(agreed(frequency), FIRST) == FIRST


def test_one_payment_has_no_next() -> None:
    assert rules.next_due(agreed("once"), FIRST + timedelta(days=1)) is None


def test_none_is_due_after_the_end() -> None:
    assert rules.due_by(agreed("weekly", ends_on=FIRST + timedelta(days=8)), FIRST + timedelta(days=100)) == 2
    assert rules.next_due(agreed("weekly", ends_on=FIRST + timedelta(days=5)), FIRST + timedelta(days=1)) is None


@given(st.sampled_from(FREQUENCIES[:-1]), st.integers(0, 2000))
def test_a_day_lies_between_the_last_payment_and_the_next(frequency: Frequency, days: int) -> None:
    today = FIRST + timedelta(days=days)
    last = rules.due_on(agreed(frequency), rules.due_by(agreed(frequency), today) - 1)
    following = rules.next_due(agreed(frequency), today)
    assert following is not None
    assert last <= today <= following


@pytest.mark.parametrize(
    ("days", "before", "kept"),
    [
        (0, 100_000, True),
        (4, 100_000, True),
        (5, 100_000, False),
        (5, 99_000, True),
        (12, 99_000, False),
        (12, 98_000, True),
    ],
)
def test_it_is_kept_while_enough_is_paid_within_five_days(days: int, before: int, kept: bool) -> None:
    assert rules.is_kept(agreed("weekly"), before_pence=before, day=FIRST + timedelta(days=days)) is kept
