"""When branches are open: weekdays, exceptions, bank holidays of five nations, both changes of the clock."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.internet.rules.hours import MIDNIGHT, Hours, Opening, Span, Where, half_hours
from portal.council import Nation

LONDON = Where(ZoneInfo("Europe/London"), "england")
DUBLIN = Where(ZoneInfo("Europe/Dublin"), "ireland")
BOTH = pytest.mark.parametrize("where", [LONDON, DUBLIN], ids=["London", "Dublin"])
BACK, FORWARD = date(2026, 10, 25), date(2027, 3, 28)
TUESDAY = date(2026, 11, 24)
ALL_DAY = {weekday: (Hours(0, MIDNIGHT),) for weekday in range(7)}


def opening(weekly: Mapping[int, tuple[Hours, ...]], **changed: object) -> Opening:
    values: dict[str, object] = {"exceptions": {}, "on_bank_holidays": False, "is_open": True}
    return Opening(weekly, **values | changed)  # type: ignore[arg-type]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


class TestHours:
    def test_are_those_of_the_weekday_in_order(self) -> None:
        week = opening({1: (Hours(540, 720), Hours(780, 1020))})
        assert week.spells(TUESDAY, LONDON) == [
            Span(at(TUESDAY, 9), at(TUESDAY, 12)),
            Span(at(TUESDAY, 13), at(TUESDAY, 17)),
        ]
        assert week.spells(TUESDAY + timedelta(days=1), LONDON) == []

    def test_computers_stop_before_each_closing(self) -> None:
        week = opening({1: (Hours(540, 720), Hours(780, 790))})
        assert week.spells(TUESDAY, LONDON, stops_before=15) == [Span(at(TUESDAY, 9), at(TUESDAY, 11, 45))]

    def test_of_a_day_itself_count_before_its_weekday(self) -> None:
        exceptions = {TUESDAY: (Hours(600, 660),), TUESDAY + timedelta(days=7): ()}
        week = opening({1: (Hours(540, 720),)}, exceptions=exceptions)
        assert week.hours(TUESDAY, LONDON) == (Hours(600, 660),)
        assert week.hours(TUESDAY + timedelta(days=7), LONDON) == ()
        assert week.hours(TUESDAY + timedelta(days=14), LONDON) == (Hours(540, 720),)

    def test_there_are_none_once_it_is_closed_whatever_else_is_said(self) -> None:
        week = opening(ALL_DAY, exceptions={TUESDAY: (Hours(600, 660),)}, is_open=False)
        assert week.spells(TUESDAY, LONDON) == []

    def test_may_last_until_midnight(self) -> None:
        week = opening({1: (Hours(1200, MIDNIGHT),)})
        wednesday = TUESDAY + timedelta(days=1)
        assert week.spells(TUESDAY, LONDON) == [Span(at(TUESDAY, 20), at(wednesday, 0))]
        assert week.spells(TUESDAY, LONDON, stops_before=15) == [Span(at(TUESDAY, 20), at(TUESDAY, 23, 45))]


class TestBankHolidays:
    @pytest.mark.parametrize(
        ("day", "nations"),
        [
            (date(2026, 12, 25), {"england", "wales", "scotland", "northern-ireland", "ireland"}),
            (date(2026, 8, 31), {"england", "wales", "northern-ireland"}),
            (date(2026, 8, 3), {"scotland", "ireland"}),
            (date(2026, 11, 30), {"scotland"}),
            (date(2026, 3, 17), {"northern-ireland", "ireland"}),
            (date(2026, 7, 13), {"northern-ireland"}),
            (date(2026, 4, 3), {"england", "wales", "scotland", "northern-ireland"}),
            (date(2026, 4, 6), {"england", "wales", "northern-ireland", "ireland"}),
            (date(2026, 1, 2), {"scotland"}),
            (date(2026, 6, 1), {"ireland"}),
            (date(2026, 10, 26), {"ireland"}),
            (TUESDAY, set()),
        ],
    )
    def test_are_those_of_the_nation(self, day: date, nations: set[str]) -> None:
        zone = LONDON.zone
        assert {nation for nation in get_args(Nation) if Where(zone, nation).bank_holiday(day)} == nations

    def test_close_a_library_that_isnt_open_on_them(self) -> None:
        christmas = date(2026, 12, 25)
        assert opening(ALL_DAY).hours(christmas, LONDON) == ()
        assert opening(ALL_DAY, on_bank_holidays=True).hours(christmas, LONDON) == (Hours(0, MIDNIGHT),)

    def test_count_less_than_what_was_said_of_the_day(self) -> None:
        christmas = date(2026, 12, 25)
        assert opening(ALL_DAY, exceptions={christmas: (Hours(600, 660),)}).hours(christmas, LONDON) == (
            Hours(600, 660),
        )


class TestTheClock:
    @BOTH
    def test_a_day_has_23_24_or_25_hours(self, where: Where) -> None:
        for day, hours in ((BACK, 25), (FORWARD, 23), (TUESDAY, 24)):
            whole = where.whole_day(day)
            assert whole.end - whole.start == timedelta(hours=hours)
            assert opening(ALL_DAY, on_bank_holidays=True).spells(day, where) == [whole]

    @BOTH
    def test_hours_over_a_change_last_as_long_as_passes(self, where: Where) -> None:
        night = opening(dict.fromkeys(range(7), (Hours(0, 240),)), on_bank_holidays=True)
        lengths = [night.spells(day, where)[0].minutes for day in (BACK, FORWARD, TUESDAY)]
        assert lengths == [300, 180, 240]

    @BOTH
    def test_a_time_that_comes_twice_is_the_first(self, where: Where) -> None:
        assert where.moment(BACK, 90) == at(BACK, 0, 30)
        assert where.moment(BACK, 120) == at(BACK, 2)

    @BOTH
    def test_a_time_that_never_comes_is_as_long_after_midnight(self, where: Where) -> None:
        assert where.moment(FORWARD, 90) == at(FORWARD, 1, 30)
        assert where.moment(FORWARD, 120) == at(FORWARD, 1)

    @BOTH
    @given(day=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
    def test_days_follow_each_other_without_a_gap(self, where: Where, day: date) -> None:
        whole = where.whole_day(day)
        assert where.whole_day(day + timedelta(days=1)).start == whole.end
        assert where.day(whole.start) == where.day(whole.end - timedelta(microseconds=1)) == day

    def test_a_summer_day_begins_an_hour_sooner_than_one_in_winter(self) -> None:
        week = opening(dict.fromkeys(range(7), (Hours(540, 1020),)), on_bank_holidays=True)
        assert week.spells(BACK - timedelta(days=1), LONDON)[0].start.hour == 8
        assert week.spells(BACK, LONDON)[0].start.hour == 9


class TestHalfHours:
    def test_are_by_the_clock_on_the_wall(self) -> None:
        spell = Span(at(TUESDAY, 9, 10), at(TUESDAY, 10, 30))
        assert list(half_hours(spell, LONDON)) == [at(TUESDAY, 9, 30), at(TUESDAY, 10)]

    def test_begin_with_one_at_which_it_opens(self) -> None:
        spell = Span(at(TUESDAY, 9), at(TUESDAY, 9, 1))
        assert list(half_hours(spell, LONDON)) == [at(TUESDAY, 9)]

    @pytest.mark.parametrize(("day", "count"), [(BACK, 50), (FORWARD, 46), (TUESDAY, 48)])
    @BOTH
    def test_of_a_day_are_as_many_as_it_has(self, where: Where, day: date, count: int) -> None:
        found = list(half_hours(where.whole_day(day), where))
        assert len(found) == len(set(found)) == count

    @BOTH
    @given(moment=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_are_all_of_those_that_the_clock_shows(self, where: Where, moment: datetime) -> None:
        spell = Span(moment, moment + timedelta(hours=6))
        naive = [
            minute
            for minutes in range(361)
            if (minute := moment.replace(second=0, microsecond=0) + timedelta(minutes=minutes)) >= moment
            if minute < spell.end and minute.astimezone(where.zone).minute in (0, 30)
        ]
        assert list(half_hours(spell, where)) == naive


class TestSpans:
    def test_that_only_touch_dont_overlap(self) -> None:
        first, second = Span(at(TUESDAY, 9), at(TUESDAY, 10)), Span(at(TUESDAY, 10), at(TUESDAY, 11))
        assert not first.overlaps(second)
        assert first.overlaps(Span(at(TUESDAY, 9, 59), at(TUESDAY, 11)))

    def test_hold_themselves_and_what_is_inside(self) -> None:
        whole = Span(at(TUESDAY, 9), at(TUESDAY, 10))
        assert whole.holds(whole)
        assert not whole.holds(Span(at(TUESDAY, 9), at(TUESDAY, 10, 1)))

    def test_have_whole_minutes(self) -> None:
        assert Span(at(TUESDAY, 9), at(TUESDAY, 9, 59) + timedelta(seconds=59)).minutes == 59
