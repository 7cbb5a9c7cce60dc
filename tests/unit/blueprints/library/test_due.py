"""When things are due, in steps that pages put into words, and what needs doing first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.library.rules.due import When, as_seen, due, holds_in_order, in_order, is_later
from portal.connectors.library import Hold, HoldState, Loan, Renewed

TODAY = date(2026, 11, 24)
days = st.integers(-400, 400)


def loan(in_days: int | None, *, is_late: bool = False, title: str = "T", due_text: str = "") -> Loan:
    due_on = None if in_days is None else TODAY + timedelta(days=in_days)
    return Loan("1", title, due_on=due_on, is_late=is_late, due_text=due_text)


@pytest.mark.parametrize(
    ("in_days", "when", "count"),
    [
        (-3, When.LATE, 3),
        (-1, When.LATE, 1),
        (0, When.TODAY, 0),
        (1, When.TOMORROW, 1),
        (2, When.SOON, 2),
        (7, When.SOON, 7),
        (8, When.LATER, 8),
        (None, When.UNREAD, None),
    ],
)
def test_each_day_has_its_words(in_days: int | None, when: When, count: int | None) -> None:
    found = due(loan(in_days), TODAY)
    assert (found.when, found.days) == (when, count)
    assert found.needs_doing == (when in (When.LATE, When.TODAY, When.TOMORROW))


def test_what_the_library_calls_late_is_late_whatever_its_day() -> None:
    assert due(loan(0, is_late=True), TODAY).when is When.LATE
    assert due(loan(None, is_late=True), TODAY).when is When.LATE


@given(st.lists(days))
def test_late_ones_come_first_then_the_soonest(spans: list[int]) -> None:
    ordered = in_order([loan(span) for span in spans], TODAY)
    assert [one.due_on for one in ordered] == sorted(one.due_on for one in ordered if one.due_on)


def test_what_can_not_be_read_comes_after_what_is_late() -> None:
    ordered = in_order([loan(5, title="C"), loan(None, title="B"), loan(-1, title="A")], TODAY)
    assert [one.title for one in ordered] == ["A", "B", "C"]


@given(days, days)
def test_a_renewal_is_later_if_its_day_is(before: int, after: int) -> None:
    assert is_later(loan(after), as_seen(loan(before))) == (after > before)


def test_where_days_can_not_be_read_another_text_is_a_later_day() -> None:
    seen = as_seen(loan(None, due_text="soon"))
    assert not is_later(Renewed("1", due_text="soon"), seen)
    assert is_later(Renewed("1", due_text="later"), seen)
    assert is_later(Renewed("1", due_on=TODAY), seen)


def test_holds_come_ready_ones_first_by_their_last_day_then_by_place() -> None:
    holds = [
        Hold("third", "", HoldState.WAITING, place=3),
        Hold("next", "", HoldState.WAITING, place=1),
        Hold("way", "", HoldState.ON_ITS_WAY),
        Hold("ready later", "", HoldState.READY, last_day=TODAY + timedelta(days=5)),
        Hold("ready", "", HoldState.READY, last_day=TODAY),
    ]
    assert [hold.id for hold in holds_in_order(holds)] == ["ready", "ready later", "way", "next", "third"]
