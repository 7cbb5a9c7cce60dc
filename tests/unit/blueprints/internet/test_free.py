"""Which computers are free when, against a model that looks at each minute by itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.internet.rules.free import Machine, nearest, next_free, pick, pick_now, slots, span_of
from portal.blueprints.internet.rules.hours import Span, Where
from portal.blueprints.internet.rules.kinds import Kind

WHERE = Where(ZoneInfo("Europe/London"), "england")
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPEN = 8 * 60
"""Minutes that it is open: from nine to five."""
SPELL = Span(NINE, NINE + OPEN * MINUTE)
ORDER = list(Kind)


def at(minute: int) -> datetime:
    return NINE + minute * MINUTE


@st.composite
def busy(draw: st.DrawFn) -> tuple[Span, ...]:
    """Return spans in order that don't overlap."""
    edges = sorted(draw(st.sets(st.integers(0, OPEN), max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Span(at(start), at(end)) for start, end in pairs)


@st.composite
def rooms(draw: st.DrawFn) -> list[Machine]:
    kinds = draw(st.lists(st.sampled_from(Kind), max_size=5))
    return [Machine(UUID(int=number), str(number), kind, draw(busy())) for number, kind in enumerate(kinds)]


kinds = st.none() | st.sampled_from(Kind)
minutes = st.sampled_from([5, 10, 15, 30, 45, 60, 120])
moments = st.integers(0, OPEN)


def is_free(machine: Machine, minute: int) -> bool:
    return 0 <= minute < OPEN and not any(held.start <= at(minute) < held.end for held in machine.busy)


def length(machine: Machine, wanted: int) -> int:
    return min(wanted, 15) if machine.kind is Kind.QUICK else wanted


def will_do(machine: Machine, kind: Kind | None, wanted: int) -> bool:
    return machine.kind is kind if kind else machine.kind is not Kind.QUICK or wanted <= 15


def fits(machine: Machine, start: int, wanted: int) -> bool:
    return all(is_free(machine, minute) for minute in range(start, start + length(machine, wanted)))


def free_for(machine: Machine, start: int, most: int) -> int:
    """Return for how many minutes it is free, ``most`` at most."""
    count = 0
    while count < most and is_free(machine, start + count):
        count += 1
    return count


class TestPick:
    @given(rooms(), kinds, moments, minutes)
    def test_is_one_that_is_free_for_all_of_it(
        self, machines: list[Machine], kind: Kind | None, start: int, wanted: int
    ) -> None:
        right = [one for one in machines if will_do(one, kind, wanted) and fits(one, start, wanted)]
        picked = pick(machines, kind, SPELL, at(start), wanted)
        assert (picked in right) if right else picked is None

    @given(rooms(), kinds, moments, minutes)
    def test_leaves_long_gaps_whole(self, machines: list[Machine], kind: Kind | None, start: int, wanted: int) -> None:
        picked = pick(machines, kind, SPELL, at(start), wanted)
        if picked is None:
            return
        for other in machines:
            if other.kind is picked.kind and will_do(other, kind, wanted) and fits(other, start, wanted):
                assert self.gap(picked, start) <= self.gap(other, start)

    def gap(self, machine: Machine, start: int) -> int:
        first = start
        while is_free(machine, first - 1):
            first -= 1
        return free_for(machine, first, OPEN)

    @given(rooms(), moments, minutes)
    def test_of_any_kind_is_the_plainest(self, machines: list[Machine], start: int, wanted: int) -> None:
        right = [one for one in machines if will_do(one, None, wanted) and fits(one, start, wanted)]
        picked = pick(machines, None, SPELL, at(start), wanted)
        assert not picked or picked.kind is min((one.kind for one in right), key=ORDER.index)

    def test_a_gap_that_fits_comes_before_a_whole_day(self) -> None:
        whole = Machine(UUID(int=1), "1", Kind.STANDARD, ())
        gap = Machine(UUID(int=2), "2", Kind.STANDARD, (Span(at(0), at(60)), Span(at(120), at(480))))
        assert pick([whole, gap], None, SPELL, at(60), 60) is gap


class TestPickNow:
    @given(rooms(), kinds, moments, minutes)
    def test_is_the_one_that_is_free_for_longest(
        self, machines: list[Machine], kind: Kind | None, start: int, wanted: int
    ) -> None:
        lengths = [free_for(one, start, length(one, wanted)) for one in machines if will_do(one, kind, wanted)]
        picked = pick_now(machines, kind, SPELL, at(start), wanted)
        if max(lengths, default=0) < 5:
            assert picked is None
            return
        assert picked
        machine, span = picked
        assert will_do(machine, kind, wanted)
        assert span.start == at(start)
        assert span.minutes == free_for(machine, start, length(machine, wanted)) == max(lengths)


class TestSlots:
    @given(rooms(), minutes, moments)
    def test_count_what_is_free_for_all_of_it(self, machines: list[Machine], wanted: int, since: int) -> None:
        found = slots(machines, [SPELL], WHERE, minutes=wanted, not_before=at(since))
        assert [one.starts_at for one in found] == [at(start) for start in range(0, OPEN, 30) if start >= since]
        for slot in found:
            start = int((slot.starts_at - NINE) / MINUTE)
            naive = {kind: sum(one.kind is kind and fits(one, start, wanted) for one in machines) for kind in Kind}
            assert slot.free == {kind: count for kind, count in naive.items() if count}


class TestNearest:
    @given(rooms(), kinds, moments, minutes)
    def test_are_the_three_nearest_in_order_of_the_kind_asked_for_if_there_are_any(
        self, machines: list[Machine], kind: Kind | None, start: int, wanted: int
    ) -> None:
        found = slots(machines, [SPELL], WHERE, minutes=wanted, not_before=NINE)
        offers = nearest(found, kind, at(start), wanted)
        free = {minute: {one.kind for one in machines if fits(one, minute, wanted)} for minute in range(0, OPEN, 30)}
        same = [minute for minute, of in free.items() if of and (kind is None or kind in of)]
        right = same or [minute for minute, of in free.items() if of]
        best = sorted(right, key=lambda minute: (abs(minute - start), minute))[:3]
        assert [offer.starts_at for offer in offers] == [at(minute) for minute in sorted(best)]
        for offer in offers:
            minute = int((offer.starts_at - NINE) / MINUTE)
            assert offer.kind in free[minute]
            assert offer.kind is kind or not same or kind is None
            assert offer.minutes == (min(wanted, 15) if offer.kind is Kind.QUICK else wanted)


class TestNextFree:
    @given(rooms(), kinds, moments)
    def test_is_the_first_minute_with_half_an_hour_or_all_that_is_left(
        self, machines: list[Machine], kind: Kind | None, now: int
    ) -> None:
        right = [
            minute
            for minute in range(now, OPEN)
            if any(
                (kind is None or one.kind is kind) and free_for(one, minute, 30) >= min(30, OPEN - minute)
                for one in machines
            )
        ]
        assert next_free(machines, kind, SPELL, at(now)) == (at(right[0]) if right else None)


def test_a_quick_computer_is_held_for_a_quarter_of_an_hour_at_most() -> None:
    assert span_of(Kind.QUICK, NINE, 60).minutes == 15
    assert span_of(Kind.QUICK, NINE, 10).minutes == 10
    assert span_of(Kind.STANDARD, NINE, 60).minutes == 60
