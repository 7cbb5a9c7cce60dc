"""What a rule lets somebody do, and why not; which rule holds; who counts as a child."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.internet.rules.kinds import Kind, Who, who_is
from portal.blueprints.internet.rules.limits import (
    TO_BEGIN_WITH,
    DatedLimits,
    Limits,
    NotAllowed,
    Why,
    check,
    lengths,
    limits_on,
    longest,
)

ADULT, CHILD = TO_BEGIN_WITH[Who.ADULT], TO_BEGIN_WITH[Who.CHILD]
TODAY = date(2026, 11, 24)
CENTRAL, WEST = UUID(int=1), UUID(int=2)


def refused(limits: Limits = ADULT, **changed: object) -> NotAllowed | None:
    asked: dict[str, object] = {"kind": None, "day": TODAY, "today": TODAY, "minutes": 60, "by_staff": False}
    try:
        check(limits, **asked | changed)  # type: ignore[arg-type]
    except NotAllowed as no:
        return no
    return None


class TestCheck:
    @pytest.mark.parametrize(
        ("limits", "changed", "why"),
        [
            (ADULT, {}, None),
            (CHILD, {}, Why.THROUGH_STAFF),
            (CHILD, {"by_staff": True}, None),
            (ADULT, {"kind": Kind.CHILDREN}, Why.NOT_FOR_YOU),
            (ADULT, {"kind": Kind.CHILDREN, "by_staff": True}, Why.NOT_FOR_YOU),
            (ADULT, {"day": date(2026, 11, 23)}, Why.PAST),
            (ADULT, {"day": date(2026, 11, 23), "by_staff": True}, Why.PAST),
            (ADULT, {"day": date(2026, 12, 1)}, None),
            (ADULT, {"day": date(2026, 12, 2)}, Why.TOO_FAR_AHEAD),
            (ADULT, {"day": date(2026, 12, 2), "by_staff": True}, None),
            (ADULT, {"minutes": 61}, Why.TOO_LONG),
            (ADULT, {"minutes": 61, "by_staff": True}, Why.TOO_LONG),
            (ADULT, {"minutes": 0}, Why.TOO_LONG),
            (ADULT, {"minutes": -60}, Why.TOO_LONG),
            (ADULT, {"minutes": 16, "kind": Kind.QUICK}, Why.TOO_LONG),
            (ADULT, {"minutes": 15, "kind": Kind.QUICK}, None),
        ],
    )
    def test_refuses_what_the_rule_refuses(self, limits: Limits, changed: dict[str, object], why: Why | None) -> None:
        no = refused(limits, **changed)
        assert (no.why if no else None) is why

    def test_says_how_much_would_be_possible(self) -> None:
        for changed, minutes in (({"minutes": 90}, 60), ({"day": date(2026, 12, 9)}, 7)):
            no = refused(**changed)
            assert no and no.minutes == minutes
        no = refused(kind=Kind.QUICK)
        assert no and no.minutes == 15


class TestWhichRuleHolds:
    def rule(self, branch: UUID | None, day: date, minutes: int, who: Who = Who.ADULT) -> DatedLimits:
        return DatedLimits(branch, day, replace(ADULT, who=who, minutes_a_day=minutes))

    def test_what_every_portal_begins_with_until_there_is_one(self) -> None:
        later = self.rule(None, date(2026, 11, 25), 30)
        child = self.rule(None, TODAY, 30, Who.CHILD)
        other = self.rule(WEST, TODAY, 30)
        assert limits_on(TODAY, CENTRAL, Who.ADULT, [later, child, other]) == ADULT

    def test_the_latest_that_has_begun(self) -> None:
        rules = [self.rule(None, date(2026, 11, day), day) for day in (24, 1, 25, 20)]
        assert limits_on(TODAY, CENTRAL, Who.ADULT, rules).minutes_a_day == 24
        assert limits_on(date(2026, 11, 23), CENTRAL, Who.ADULT, rules).minutes_a_day == 20

    def test_a_branchs_own_before_a_later_one_of_the_council(self) -> None:
        rules = [self.rule(CENTRAL, date(2026, 1, 1), 90), self.rule(None, TODAY, 30)]
        assert limits_on(TODAY, CENTRAL, Who.ADULT, rules).minutes_a_day == 90
        assert limits_on(TODAY, WEST, Who.ADULT, rules).minutes_a_day == 30

    @given(st.permutations(range(6)))
    def test_in_whichever_order_they_are_read(self, order: list[int]) -> None:
        rules = [self.rule(branch, date(2026, 11, day), day) for branch in (None, CENTRAL, WEST) for day in (10, 20)]
        shuffled = [rules[number] for number in order]
        assert limits_on(TODAY, CENTRAL, Who.ADULT, shuffled) == rules[3].limits


class TestLengths:
    def test_are_quarters_and_halves_of_hours_that_there_are_minutes_for(self) -> None:
        assert lengths(ADULT, 120) == [15, 30, 45, 60]
        assert lengths(ADULT, 40) == [15, 30]
        assert lengths(replace(ADULT, minutes_a_session=240), 500) == [15, 30, 45, 60, 90, 120, 180, 240]

    def test_are_what_is_left_where_that_is_less_than_a_quarter_of_an_hour(self) -> None:
        assert lengths(ADULT, 14) == [14]
        assert lengths(ADULT, 5) == [5]
        assert lengths(ADULT, 4) == lengths(ADULT, 0) == lengths(ADULT, -3) == []

    def test_of_a_quick_computer_are_a_quarter_of_an_hour_at_most(self) -> None:
        assert longest(ADULT, Kind.QUICK) == 15
        assert longest(replace(ADULT, minutes_a_session=10), Kind.QUICK) == 10
        assert longest(ADULT, None) == longest(ADULT, Kind.SCANNER) == 60


def test_a_child_is_one_until_the_day_on_which_they_are_no_more() -> None:
    assert who_is(None, TODAY) is Who.ADULT
    assert who_is(date(2026, 11, 25), TODAY) is Who.CHILD
    assert who_is(TODAY, TODAY) is Who.ADULT
