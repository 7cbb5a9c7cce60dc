"""Figures of a month of helps, and its sample."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from portal.blueprints.assist.actions.reviewing import BY_CHANCE
from portal.identity.figures import LENGTHS, SAMPLE, Given, bounds, draw, figures, month_before, month_of

LONDON, DUBLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Dublin")


def one(
    minutes: float = 10,
    *,
    team: str = "rent-team",
    reason: str = "question",
    acts: bool = True,
    is_extended: bool = False,
    is_objected: bool = False,
) -> Given:
    return Given(team, reason, timedelta(minutes=minutes), acts, is_extended, is_objected)


class TestFigures:
    def test_count_by_team_and_reason_the_most_first(self) -> None:
        found = figures(
            [one(team="libraries"), one(team="rent-team"), one(team="rent-team", reason="urgent"), one(reason="health")]
        )
        assert list(found.by_team.items()) == [("rent-team", 3), ("libraries", 1)]
        assert list(found.by_reason.items()) == [("question", 2), ("health", 1), ("urgent", 1)]

    @pytest.mark.parametrize(("minutes", "counted"), [(0, 15), (15, 15), (15.1, 30), (30, 30), (30.1, 60), (60, 60)])
    def test_lengths_are_counted_up_to_and_with_their_end(self, minutes: float, counted: int) -> None:
        assert figures([one(minutes)]).by_length == {length: int(length == counted) for length in LENGTHS}

    @pytest.mark.parametrize(("minutes", "middle"), [((), None), ((4,), 4), ((1, 5, 60), 5), ((1, 5, 7, 60), 6)])
    def test_the_middle_is_what_half_of_them_do_not_go_beyond(
        self, minutes: tuple[int, ...], middle: int | None
    ) -> None:
        assert figures([one(length) for length in minutes]).median_minutes == middle

    def test_count_what_was_done_made_longer_and_objected_to(self) -> None:
        found = figures([one(acts=False), one(is_extended=True), one(is_objected=True), one()])
        assert (found.helps, found.looked, found.acted, found.extended, found.objected) == (4, 1, 3, 1, 1)


def the_last(helps: Sequence[UUID], number: int) -> Sequence[UUID]:
    """Stand in for chance."""
    return helps[len(helps) - number :]


class TestDrawing:
    @pytest.mark.parametrize("number", [0, 1, SAMPLE - 1, SAMPLE, SAMPLE + 1, 40])
    def test_brings_ten_or_all_there_are(self, number: int) -> None:
        helps = [uuid4() for _ in range(number)]
        assert draw(helps, the_last) == helps[-SAMPLE:]

    @given(strategies.integers(0, 40))
    def test_by_chance_brings_each_once(self, number: int) -> None:
        helps = [UUID(int=one) for one in range(number)]
        drawn = draw(helps, BY_CHANCE)
        assert len(set(drawn)) == len(drawn) == min(SAMPLE, number) and set(drawn) <= set(helps)

    def test_by_chance_is_another_one_each_time(self) -> None:
        helps = [UUID(int=one) for one in range(1000)]
        assert draw(helps, BY_CHANCE) != draw(helps, BY_CHANCE)


class TestMonths:
    def test_are_the_councils(self) -> None:
        late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        assert month_of(late, DUBLIN) == date(2026, 7, 1)
        assert month_of(late, ZoneInfo("UTC")) == date(2026, 6, 1)

    @pytest.mark.parametrize("zone", [LONDON, DUBLIN])
    def test_begin_and_end_at_midnight_there(self, zone: ZoneInfo) -> None:
        since, until = bounds(date(2026, 7, 1), zone)
        assert since == datetime(2026, 6, 30, 23, tzinfo=UTC)
        assert until == datetime(2026, 7, 31, 23, tzinfo=UTC)
        assert bounds(date(2026, 12, 1), zone)[1] == datetime(2027, 1, 1, tzinfo=UTC)

    def test_go_back_over_the_year(self) -> None:
        assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
