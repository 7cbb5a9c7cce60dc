"""Calling another system so that its troubles stay its own: one deadline, few calls at once, rest after failures.

An adapter hands each exchange to its ``System`` and says by the type of error what came of it; what may be tried again
follows from that alone. Nothing here knows what is asked.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from random import SystemRandom
from threading import BoundedSemaphore, Lock
from typing import Any, Self, TypeVar

from prometheus_client import Counter, Histogram

from portal.clock import Clock
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable
from portal.logs import get_logger
from portal.metrics import OF_THIS_PROCESS, SECONDS

log = get_logger("portal.connectors")

Answer = TypeVar("Answer")
Seconds = Callable[[], float]
"""Tells seconds that never go back, from an arbitrary start: ``time.monotonic``, or a test's own."""

PERSON_WAITS_S = 4.0
"""For the whole of a person's request, however many systems it asks."""
REFRESHER_WAITS_S = 20.0
"""For one answer that nobody waits for."""
AT_ONCE = 3
"""Calls under way in one process: a server of pages has 8 threads, and most of them stay free."""
TRIES = 2
PAUSE_S = 0.15
"""Before the second try, give or take ``JITTER``."""
FAILS = 5
"""So many failures in a row, and a system is left alone."""
RESTS_S = 10.0
"""For how long at first; each probe that fails doubles it."""
LONGEST_REST_S = 60.0
JITTER = 0.3
"""Part by which pauses and rests are longer or shorter, so that processes don't come back all at once."""

NOT_ITS_FAULT = frozenset({Away.BUSY, Away.RESTING})
"""Where the system wasn't asked: that says nothing of it, and at once it would be no different."""
NOT_AGAIN = NOT_ITS_FAULT | {Away.UNDONE}
"""Where it isn't tried again: a change is sent once, whoever wants it again asks anew."""

_calls = Counter(
    "portal_outside_calls",
    "Calls of other systems, by what came of them.",
    ("system", "operation", "outcome"),
    registry=OF_THIS_PROCESS,
)
_seconds = Histogram(
    "portal_outside_seconds",
    "Seconds that calls of other systems took, tries and pauses together.",
    ("system", "operation"),
    buckets=(*SECONDS, 10, 20),
    registry=OF_THIS_PROCESS,
)
_random = SystemRandom()


class Deadline:
    """A moment by which all of something has to be done; handed down, never begun anew."""

    def __init__(self, at: float, *, now: Seconds = time.monotonic) -> None:
        self._at, self._now = at, now

    @classmethod
    def after(cls, seconds: float, *, now: Seconds = time.monotonic) -> Self:
        return cls(now() + seconds, now=now)

    def left(self) -> float:
        """Return the seconds that are left; 0 if none are."""
        return max(0.0, self._at - self._now())

    def sooner(self, seconds: float) -> Self:
        """Return a deadline that is no later than so many seconds from now."""
        return type(self)(min(self._at, self._now() + seconds), now=self._now)

    def no_sooner(self, seconds: float) -> Self:
        """Return a deadline that leaves so many seconds at least: to find out what became of a change."""
        return type(self)(max(self._at, self._now() + seconds), now=self._now)

    def needed(self) -> float:
        """Return the seconds that are left, to wait for the next step with.

        Raises Unavailable (timeout) if none are: for steps before anything is sent, and for questions. Whoever waits
        for the answer to a write asks ``left`` and raises Unknown.
        """
        left = self.left()
        if not left:
            raise Unavailable(reason=Away.TIMEOUT)
        return left


def jittered(seconds: float) -> float:
    """Return a span by ``JITTER`` longer or shorter at the most."""
    return seconds * _random.uniform(1 - JITTER, 1 + JITTER)


def is_failure(error: BaseException) -> bool:
    """Tell whether this speaks against the system. A refusal is an answer, and so is one that we don't understand."""
    if isinstance(error, Unavailable):
        return error.reason not in NOT_ITS_FAULT
    return not isinstance(error, Refused | Garbled)


class Breaker:
    """Leaves a system alone that failed several times in a row; then lets one probe through, whose outcome decides."""

    def __init__(self, *, fails: int, now: Seconds, jitter: Callable[[float], float]) -> None:
        self._fails, self._now, self._jitter = fails, now, jitter
        self._lock = Lock()
        self._in_a_row = 0
        self._rests_until: float | None = None
        self._rest_s = RESTS_S
        self._is_probed = False

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Hold one try. Raises Unavailable (resting) if there is to be none."""
        is_probe = self._begin()
        try:
            yield
        except BaseException as error:
            self._end(is_probe, failed=is_failure(error), answered=isinstance(error, Refused | Garbled))
            raise
        self._end(is_probe, failed=False, answered=True)

    def _begin(self) -> bool:
        """Return whether this try is the probe."""
        with self._lock:
            if self._rests_until is None:
                return False
            if self._is_probed or self._now() < self._rests_until:
                raise Unavailable(reason=Away.RESTING)
            self._is_probed = True
            return True

    def _end(self, is_probe: bool, *, failed: bool, answered: bool) -> None:
        with self._lock:
            if is_probe:
                self._is_probed = False
            if answered:
                self._in_a_row, self._rests_until, self._rest_s = 0, None, RESTS_S
            elif failed and (is_probe or self._rests_until is None):  # not one that began before the rest
                self._in_a_row += 1
                if is_probe or self._in_a_row >= self._fails:
                    self._rests_until = self._now() + self._jitter(self._rest_s)
                    self._rest_s = min(self._rest_s * 2, LONGEST_REST_S)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a process last heard of a system. failure: code of what went wrong at ``failed_at``."""

    answered_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str | None = None


class System:
    """One other system, as this process calls it; any number of threads may. One for each, made by ``wiring``.

    name: in logs, metrics and ``/health/ready``. at_once: how many calls may be under way; further ones are turned
    away at once. now, sleep, jitter: for tests.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        at_once: int = AT_ONCE,
        fails: int = FAILS,
        now: Seconds = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float], float] = jittered,
    ) -> None:
        self.name = name
        self.heard = Heard()
        self._clock, self._now, self._sleep, self._jitter = clock, now, sleep, jitter
        self._noting = Lock()
        self._room = BoundedSemaphore(at_once)
        self._breaker = Breaker(fails=fails, now=now, jitter=jitter)

    def call(self, operation: str, ask: Callable[[Deadline], Answer], *, within_s: float) -> Answer:
        """Return what ``ask`` returns; it is tried again if it raised Unavailable and there is time.

        operation: for logs and metrics, such as ``renew``. ask: one exchange, that ends by the deadline it is given and
        raises Unavailable only where asking again is safe: a write whose answer is lost raises Unknown.
        Raises Unavailable (busy, resting, timeout) without asking, and whatever ``ask`` raises.
        """
        began, outcome = self._now(), "fault"
        try:
            with self._with_room():
                answer = self._tried(ask, Deadline.after(within_s, now=self._now))
            outcome = "answered"
            return answer
        except OutsideError as error:
            outcome = error.code
            raise
        finally:
            self._count(operation, outcome, self._now() - began)

    def _tried(self, ask: Callable[[Deadline], Answer], deadline: Deadline) -> Answer:
        for _ in range(TRIES - 1):
            try:
                return self._once(ask, deadline)
            except Unavailable as error:
                pause_s = self._jitter(PAUSE_S)
                if error.reason in NOT_AGAIN or pause_s >= deadline.left():
                    raise
            self._sleep(pause_s)
        return self._once(ask, deadline)

    def _once(self, ask: Callable[[Deadline], Answer], deadline: Deadline) -> Answer:
        deadline.needed()
        try:
            with self._breaker.trying():
                answer = ask(deadline)
        except Exception as error:
            if is_failure(error):
                failure = error.code if isinstance(error, OutsideError) else "fault"
                self._note(failed_at=self._clock.now(), failure=failure)
            elif isinstance(error, Refused | Garbled):
                self._note(answered_at=self._clock.now())
            raise
        self._note(answered_at=self._clock.now())
        return answer

    def _note(self, **heard: Any) -> None:
        with self._noting:
            self.heard = replace(self.heard, **heard)

    @contextmanager
    def _with_room(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise Unavailable(reason=Away.BUSY)
        try:
            yield
        finally:
            self._room.release()

    def _count(self, operation: str, outcome: str, seconds: float) -> None:
        _calls.labels(self.name, operation, outcome).inc()
        _seconds.labels(self.name, operation).observe(seconds)
        log.info("outside.call", system=self.name, operation=operation, outcome=outcome, ms=round(seconds * 1000, 1))
