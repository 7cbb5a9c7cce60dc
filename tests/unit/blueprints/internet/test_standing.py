"""What has become of a booking: it follows from its row and the clock, which may be put back."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import OPEN, Held, State, warning


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC)


BOOKED = Held(
    id=UUID(int=1),
    branch_id=UUID(int=2),
    computer_id=UUID(int=3),
    computer="7",
    kind=Kind.STANDARD,
    holder=UUID(int=4),
    is_guest=False,
    how="booked",
    day=at(12).date(),
    starts_at=at(12),
    ends_at=at(13),
    held_until=at(12, 10),
    checked_in_at=None,
    ended_at=None,
    ended_why=None,
)
OFFER = replace(BOOKED, how="offer", held_until=at(12, 4))
USED = replace(BOOKED, checked_in_at=at(12, 3))
BLOCK = replace(BOOKED, how="block", holder=None, held_until=None)


@pytest.mark.parametrize(
    ("held", "now", "state"),
    [
        (BOOKED, at(11, 59, 59), State.BOOKED),
        (BOOKED, at(12), State.HELD),
        (BOOKED, at(12, 9, 59), State.HELD),
        (BOOKED, at(12, 10), State.MISSED),
        (BOOKED, at(18), State.MISSED),
        (OFFER, at(12), State.OFFERED),
        (OFFER, at(12, 3, 59), State.OFFERED),
        (OFFER, at(12, 4), State.MISSED),
        (replace(OFFER, checked_in_at=at(12, 2)), at(12, 4), State.IN_USE),
        (USED, at(12, 3), State.IN_USE),
        (USED, at(12, 59, 59), State.IN_USE),
        (USED, at(13), State.ENDED),
        (replace(USED, ended_at=at(12, 20), ended_why="finished"), at(12, 20), State.ENDED),
        (replace(USED, ended_at=at(12, 20), ended_why="out-of-order"), at(12, 20), State.ENDED),
        (replace(BOOKED, ended_at=at(11), ended_why="cancelled"), at(11), State.CANCELLED),
        (replace(BOOKED, ended_at=at(11), ended_why="closed"), at(11), State.CANCELLED),
        (replace(BOOKED, ended_at=at(11), ended_why="out-of-order"), at(14), State.CANCELLED),
        (replace(BOOKED, ended_at=at(12, 10), ended_why="missed", ends_at=at(12, 10)), at(12, 10), State.MISSED),
        (BLOCK, at(11), State.BOOKED),
        (BLOCK, at(12, 30), State.HELD),
        (BLOCK, at(13), State.ENDED),
    ],
)
def test_the_state_follows_from_the_row_and_the_clock(held: Held, now: datetime, state: State) -> None:
    assert held.state(now) is state


@pytest.mark.parametrize(
    ("held", "before", "after"),
    [
        (BOOKED, State.BOOKED, State.MISSED),
        (USED, State.IN_USE, State.ENDED),
        (replace(BOOKED, ended_at=at(14), ended_why="missed"), State.MISSED, State.MISSED),
        (replace(USED, ended_at=at(14), ended_why="finished"), State.ENDED, State.ENDED),
        (replace(BOOKED, ended_at=at(14), ended_why="cancelled"), State.CANCELLED, State.CANCELLED),
    ],
)
def test_a_clock_that_is_put_back_undoes_nothing_that_was_written(held: Held, before: State, after: State) -> None:
    assert held.state(at(15)) is after
    assert held.state(at(11, 30)) is before


class TestWhatIsHeld:
    def test_ends_when_nobody_came_in_time(self) -> None:
        assert BOOKED.span(at(12, 9)) == Span(at(12), at(13))
        assert BOOKED.span(at(12, 10)) == Span(at(12), at(12, 10))
        assert USED.span(at(12, 30)) == Span(at(12), at(13))
        assert BLOCK.span(at(12, 30)) == Span(at(12), at(13))

    def test_of_a_booking_shorter_than_its_grace_ends_with_it(self) -> None:
        short = replace(BOOKED, ends_at=at(12, 5))
        assert short.span(at(12, 11)) == Span(at(12), at(12, 5))


class TestMinutes:
    def test_that_have_begun_count_whole(self) -> None:
        assert BOOKED.minutes == 60
        assert replace(BOOKED, ends_at=at(12, 20, 1)).minutes == 21
        assert replace(BOOKED, ends_at=at(12)).minutes == 0

    def test_left_run_down_to_none(self) -> None:
        assert [USED.minutes_left(now) for now in (at(12), at(12, 59), at(12, 59, 1), at(13), at(14))] == [
            *(60, 1, 1, 0, 0)
        ]

    def test_left_at_which_somebody_is_warned(self) -> None:
        assert [warning(minutes) for minutes in (11, 10, 6, 5, 2, 1, 0)] == [None, 10, 10, 5, 5, 1, 1]


def test_nothing_that_is_over_is_open() -> None:
    assert frozenset(State) - OPEN == {State.MISSED, State.CANCELLED, State.ENDED}
