"""Calling another system: what is tried again, what isn't asked at all, what one system takes from others: nothing.

Time is a number that the test moves; threads are real.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

import pytest

from portal.clock import SetClock
from portal.connectors.calling import AT_ONCE, FAILS, LONGEST_REST_S, RESTS_S, Deadline, System, jittered
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.metrics import OF_THIS_PROCESS

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WITHIN_S = 4.0
SOON_S = 10.0
"""A thread that has not come so far by then never will."""


class Seconds:
    """Seconds that pass when the test says so, and while somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 1000.0

    def __call__(self) -> float:
        return self.passed

    def pass_(self, seconds: float) -> None:
        self.passed += seconds


class Other:
    """The other system: each call takes the next of what comes of it, an error or an answer; the last one again."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self._outcomes = list(outcomes)
        self.asked = 0

    def __call__(self, _: Deadline) -> str:
        self.asked += 1
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def system(seconds: Seconds) -> System:
    return make(seconds)


def make(seconds: Seconds, name: str = "library") -> System:
    return System(name, clock=SetClock(NOW), now=seconds, sleep=seconds.pass_, jitter=lambda span_s: span_s)


def ask(system: System, other: Callable[[Deadline], str], *, within_s: float = WITHIN_S) -> str:
    return system.call("read", other, within_s=within_s)


def fail(system: System, times: int = 1) -> None:
    """Let calls fail, each of them once: there is no time for a second try."""
    for _ in range(times):
        with pytest.raises(Unavailable):
            ask(system, Other(Unavailable()), within_s=0.1)


def reason_of(system: System, other: Callable[[Deadline], str]) -> Away:
    with pytest.raises(Unavailable) as found:
        ask(system, other)
    return found.value.reason


class TestDeadline:
    def test_runs_out_and_stays_so(self, seconds: Seconds) -> None:
        deadline = Deadline.after(4, now=seconds)
        seconds.pass_(3)
        assert deadline.left() == deadline.needed() == 1
        seconds.pass_(3)
        assert deadline.left() == 0
        with pytest.raises(Unavailable) as found:
            deadline.needed()
        assert found.value.reason is Away.TIMEOUT

    def test_is_handed_to_whoever_asks(self, system: System, seconds: Seconds) -> None:
        def slow(deadline: Deadline) -> str:
            seconds.pass_(1)
            return f"{deadline.left():g}"

        assert ask(system, slow) == "3"

    def test_over_before_anything_is_asked(self, system: System) -> None:
        other = Other("answer")
        with pytest.raises(Unavailable) as found:
            ask(system, other, within_s=0)
        assert found.value.reason is Away.TIMEOUT
        assert other.asked == 0
        assert system.heard.failed_at is None


class TestTryingAgain:
    def test_what_was_not_taken_is_asked_once_more(self, system: System) -> None:
        other = Other(Unavailable(), "answer")
        assert ask(system, other) == "answer"
        assert other.asked == 2

    def test_and_no_more_than_that(self, system: System) -> None:
        other = Other(Unavailable())
        assert reason_of(system, other) is Away.UNREACHABLE
        assert other.asked == 2

    @pytest.mark.parametrize("error", [Unknown(), Refused("card-expired"), Garbled(), ValueError()])
    def test_nothing_else_is(self, system: System, error: Exception) -> None:
        other = Other(error)
        with pytest.raises(type(error)):
            ask(system, other)
        assert other.asked == 1

    def test_not_without_time_for_it(self, system: System, seconds: Seconds) -> None:
        def slow(_: Deadline) -> str:
            seconds.pass_(WITHIN_S - 0.1)
            raise Unavailable

        began = seconds()
        assert reason_of(system, slow) is Away.UNREACHABLE
        assert seconds() - began < WITHIN_S

    def test_spans_are_jittered_both_ways(self) -> None:
        spans = [jittered(10) for _ in range(200)]
        assert 7 <= min(spans) < 10 < max(spans) <= 13


class TestResting:
    def test_after_failures_in_a_row_it_is_left_alone(self, system: System) -> None:
        fail(system, FAILS)
        other = Other("answer")
        assert reason_of(system, other) is Away.RESTING
        assert other.asked == 0

    @pytest.mark.parametrize("answer", ["answer", Refused("card-expired"), Garbled()])
    def test_whatever_it_answers_breaks_the_row(self, system: System, answer: Exception | str) -> None:
        fail(system, FAILS - 1)
        with suppress(Refused, Garbled):
            ask(system, Other(answer))
        fail(system, FAILS - 1)
        assert ask(system, Other("answer")) == "answer"

    def test_a_lost_answer_is_a_failure(self, system: System) -> None:
        for _ in range(FAILS):
            with pytest.raises(Unknown):
                ask(system, Other(Unknown()))
        assert reason_of(system, Other("answer")) is Away.RESTING

    def test_no_room_in_an_adapter_is_none(self, system: System) -> None:
        for _ in range(FAILS * 2):
            assert reason_of(system, Other(Unavailable(reason=Away.BUSY))) is Away.BUSY
        assert ask(system, Other("answer")) == "answer"

    def test_after_the_rest_a_probe_that_is_answered_ends_it(self, system: System, seconds: Seconds) -> None:
        fail(system, FAILS)
        seconds.pass_(RESTS_S)
        assert ask(system, Other("answer")) == "answer"
        fail(system, FAILS - 1)
        assert ask(system, Other("answer")) == "answer"

    def test_each_probe_that_fails_doubles_the_rest(self, system: System, seconds: Seconds) -> None:
        fail(system, FAILS)
        rests = []
        for _ in range(5):
            rests.append(rest_of(system, seconds))
            fail(system)
        assert rests == [10, 20, 40, LONGEST_REST_S, LONGEST_REST_S]
        rest_of(system, seconds)
        ask(system, Other("answer"))
        fail(system, FAILS)
        assert rest_of(system, seconds) == RESTS_S

    def test_one_probe_goes_through_and_no_other_call(self, system: System, seconds: Seconds) -> None:
        fail(system, FAILS)
        seconds.pass_(RESTS_S)
        with ThreadPoolExecutor(1) as thread:
            probe = Held()
            probing = thread.submit(ask, system, probe)
            assert probe.begun.wait(SOON_S)
            assert reason_of(system, Other("answer")) is Away.RESTING
            probe.may_end.set()
            assert probing.result() == "answer"
        assert ask(system, Other("answer")) == "answer"

    def test_a_fault_of_ours_gives_the_probe_back(self, system: System, seconds: Seconds) -> None:
        fail(system, FAILS)
        seconds.pass_(RESTS_S)
        with pytest.raises(ZeroDivisionError):
            ask(system, Other(ZeroDivisionError()))
        seconds.pass_(LONGEST_REST_S)
        assert ask(system, Other("answer")) == "answer"

    def test_a_call_that_began_before_the_rest_does_not_lengthen_it(self, system: System, seconds: Seconds) -> None:
        with ThreadPoolExecutor(1) as thread:
            late = Held(Unknown())
            failing = thread.submit(ask, system, late)
            assert late.begun.wait(SOON_S)
            fail(system, FAILS)
            late.may_end.set()
            assert isinstance(failing.exception(), Unknown)
        assert rest_of(system, seconds) == RESTS_S


def rest_of(system: System, seconds: Seconds) -> float:
    """Let the rest of a system pass, and return how long it was, in whole seconds."""
    began = seconds()
    while not may_ask(system):
        seconds.pass_(1)
    return seconds() - began


def may_ask(system: System) -> bool:
    """Tell whether a call would go through; one that fails for want of room, so that nothing changes."""
    return reason_of(system, Other(Unavailable(reason=Away.BUSY))) is Away.BUSY


class Held:
    """Another system that keeps its answer back until it may end."""

    def __init__(self, error: OutsideError | None = None) -> None:
        self.begun, self.may_end = Event(), Event()
        self._error = error

    def __call__(self, _: Deadline) -> str:
        self.begun.set()
        assert self.may_end.wait(SOON_S)
        if self._error:
            raise self._error
        return "answer"


class TestRoom:
    def test_there_is_some_for_so_many_and_the_next_is_told_at_once(self, system: System) -> None:
        calls = [Held() for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            under_way = [threads.submit(ask, system, call) for call in calls]
            assert all(call.begun.wait(SOON_S) for call in calls)
            other = Other("answer")
            assert reason_of(system, other) is Away.BUSY
            assert other.asked == 0
            for call in calls:
                call.may_end.set()
            assert [each.result() for each in under_way] == ["answer"] * AT_ONCE
        assert ask(system, Other("answer")) == "answer"

    def test_a_system_that_hangs_takes_none_of_another_ones(self, system: System, seconds: Seconds) -> None:
        calls = [Held() for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for call in calls:
                threads.submit(ask, system, call)
            assert all(call.begun.wait(SOON_S) for call in calls)
            assert ask(make(seconds, "housing"), Other("answer")) == "answer"
            for call in calls:
                call.may_end.set()

    def test_failures_give_it_back(self, system: System) -> None:
        for _ in range(AT_ONCE + 1):
            with pytest.raises(ValueError, match="ours"):
                ask(system, Other(ValueError("ours")))


class TestWhatIsHeard:
    def test_nothing_at_first(self, system: System) -> None:
        assert (system.heard.answered_at, system.heard.failed_at, system.heard.failure) == (None, None, None)

    @pytest.mark.parametrize("answer", ["answer", Refused("card-expired"), Garbled()])
    def test_an_answer(self, system: System, answer: Exception | str) -> None:
        with suppress(Refused, Garbled):
            ask(system, Other(answer))
        assert (system.heard.answered_at, system.heard.failed_at) == (NOW, None)

    @pytest.mark.parametrize(
        ("error", "failure"),
        [(Unavailable(reason=Away.LOST), "lost"), (Unknown(), "unknown"), (ZeroDivisionError(), "fault")],
    )
    def test_a_failure_and_its_code(self, system: System, error: Exception, failure: str) -> None:
        with pytest.raises(type(error)):
            ask(system, Other(error))
        assert (system.heard.answered_at, system.heard.failed_at, system.heard.failure) == (None, NOW, failure)

    @pytest.mark.parametrize(
        ("outcome", "code"),
        [
            ("answer", "answered"),
            (Refused("card-expired"), "refused"),
            (Garbled(), "garbled"),
            (Unknown(), "unknown"),
            (Unavailable(reason=Away.UNWILLING), "unwilling"),
            (ZeroDivisionError(), "fault"),
        ],
    )
    def test_each_call_is_counted_once_by_what_came_of_it(
        self, system: System, outcome: Exception | str, code: str
    ) -> None:
        before = counted(code)
        with suppress(OutsideError, ZeroDivisionError):
            ask(system, Other(outcome))
        assert counted(code) == before + 1


def counted(outcome: str) -> float:
    labels = {"system": "library", "operation": "read", "outcome": outcome}
    return OF_THIS_PROCESS.get_sample_value("portal_outside_calls_total", labels) or 0.0


def test_what_was_not_done_is_not_tried_again(system: System) -> None:
    other = Other(Unavailable(reason=Away.UNDONE))
    with pytest.raises(Unavailable):
        ask(system, other)
    assert other.asked == 1


def test_a_deadline_can_be_brought_forward_and_put_off_but_not_the_other_way(seconds: Seconds) -> None:
    deadline = Deadline.after(4, now=seconds)
    assert (deadline.sooner(1).left(), deadline.sooner(9).left()) == (1, 4)
    assert (deadline.no_sooner(1).left(), deadline.no_sooner(9).left()) == (4, 9)
    seconds.pass_(5)
    assert deadline.no_sooner(1.5).left() == 1.5
