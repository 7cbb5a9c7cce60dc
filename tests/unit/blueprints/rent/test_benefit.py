"""Benefit that comes after the weeks that it is for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.rules.benefit import Expected, Payment, expected

TUESDAY = date(2026, 11, 24)


def paid(*days: str) -> list[Payment]:
    """Return payments of £344.80, newest first."""
    return [Payment(date.fromisoformat(day), 34480) for day in days]


def test_four_weeks_after_the_last_one() -> None:
    assert expected(paid("2026-11-09", "2026-10-12"), today=TUESDAY) == Expected(date(2026, 12, 7), 34480, 28)


@pytest.mark.parametrize(
    ("last", "before", "on"),
    [
        ("2026-11-03", "2026-10-03", "2026-12-03"),
        ("2026-10-31", "2026-09-30", "2026-11-30"),
        ("2026-11-02", "2026-10-03", "2026-12-02"),
    ],
)
def test_a_month_after_the_last_one(last: str, before: str, on: str) -> None:
    found = expected(paid(last, before), today=TUESDAY)
    assert found is not None
    assert found.on == date.fromisoformat(on)


@pytest.mark.parametrize(
    "days",
    [(), ("2026-11-09",), ("2026-11-23", "2026-11-16"), ("2026-11-09", "2026-08-09")],
)
def test_nothing_is_said_where_no_rule_is_seen(days: tuple[str, ...]) -> None:
    assert expected(paid(*days), today=TUESDAY) is None


def test_nothing_is_said_once_it_is_a_week_late() -> None:
    payments = paid("2026-10-19", "2026-09-21")  # the next on 16 November
    assert expected(payments, today=date(2026, 11, 23)) is not None
    assert expected(payments, today=date(2026, 11, 24)) is None


@given(st.integers(1, 10_000_000), st.integers(0, 34))
def test_what_it_will_bring_in_grows_from_week_to_week(amount: int, days: int) -> None:
    benefit = Expected(on=TUESDAY + timedelta(days=28), amount_pence=amount, days=28)
    earlier, later = (benefit.owed_to_us(TUESDAY + timedelta(days=day)) for day in (days, days + 1))
    assert 0 < earlier <= later
    assert benefit.owed_to_us(TUESDAY + timedelta(days=27)) == amount
