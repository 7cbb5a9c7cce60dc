"""One computer and the program that locks it: it asks, follows the answer, and locks by its own timer.

Asking may take long, and the timer waits for no answer: one lock is held while it asks, another while something
changes.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from simulators.room.wire import (
    END,
    ENROL,
    HEARTBEAT,
    Answer,
    Credential,
    Line,
    NoAnswer,
    Request,
    credential_from,
    request,
)

FIRST_WAIT_S = 5
LONGEST_WAIT_S = 60
WELL, CREATED, NOT_KNOWN, WRONG_CODE, REPLAYED, TOO_OFTEN = 200, 201, 401, 403, 409, 429


@dataclass(slots=True)
class Faults:
    """How it misbehaves. silent: it is off the network. slow_s: between the head of a request and
    its body. replays: sends each request twice; ``replay_status`` is what the second was answered with.
    """

    silent: bool = False
    slow_s: float = 0
    replays: bool = False
    replay_status: int | None = None


@dataclass
class Computer:
    """name: what stands on it. code: to enrol with; empty once it was tried. clock: seconds that only ever grow."""

    name: str
    line: Line
    code: str
    clock: Callable[[], float] = time.monotonic
    faults: Faults = field(default_factory=Faults)
    is_locked: bool = True
    state: str = "starting"
    shows: str | None = None
    session: str | None = None
    message: Mapping[str, str] | None = None
    warned: int | None = None
    """Which warning stands on the screen, in minutes before the end."""

    def __post_init__(self) -> None:
        self._asking, self._lock = RLock(), RLock()
        self._credential: Credential | None = None
        self._ends_at: float | None = None
        self._warnings: list[tuple[int, float]] = []
        self._closed: str | None = None
        self._asks_at, self._wait_s = self.clock(), FIRST_WAIT_S
        self.happened: deque[str] = deque(maxlen=100)
        """What could be seen at it, oldest first."""

    def watch_time(self) -> None:
        """Warn and lock, if that is due."""
        with self._lock:
            if self.is_locked or self._ends_at is None:
                return
            for minutes, moment in list(self._warnings):
                if moment <= self.clock():
                    self._warnings.remove((minutes, moment))
                    self.warned = minutes
                    self.happened.append(f"warns: {minutes}")
            if self._ends_at <= self.clock():
                self.happened.append("time is over")
                self._set_locked(True)
                self._asks_at = self.clock() + 1

    def ask_if_due(self) -> None:
        if self.clock() >= self._asks_at:
            self.ask()

    def ask(self) -> None:
        """Ask how it stands, or enrol first."""
        with self._asking:
            if self._credential is None:
                self._enrol()
                return  # and asks at once, as is due
            closed = self._closed
            answer = self._send(HEARTBEAT, self._says())
            if answer and answer.status == WELL and closed == self._closed:
                self._closed = None

    def finish(self) -> None:
        """Do what happens when somebody presses “Finish”."""
        with self._asking:
            if self.session and self._credential:
                self._send(END, {"session": self.session})

    def close_message(self) -> None:
        """Do what happens when somebody closes the message from staff."""
        with self._lock:
            if self.message:
                self._closed, self.message = self.message["id"], None
                self._asks_at = self.clock() + 1

    def seconds_left(self) -> int | None:
        return None if self._ends_at is None else max(0, int(self._ends_at - self.clock()))

    def seen(self) -> dict[str, Any]:
        """Return what can be seen at it."""
        with self._lock:
            return {
                "name": self.name,
                "computer": self._credential.computer if self._credential else None,
                "state": self.state,
                "locked": self.is_locked,
                "code": self.shows,
                "session": self.session,
                "seconds_left": self.seconds_left(),
                "warned": self.warned,
                "message": self.message and self.message["text"],
                "silent": self.faults.silent,
                "replay_status": self.faults.replay_status,
                "happened": list(self.happened),
            }

    def _says(self) -> dict[str, Any]:
        return {"is_locked": self.is_locked} | ({"acknowledged": self._closed} if self._closed else {})

    def _enrol(self) -> None:
        answer = self._exchange(request(ENROL, {"code": self.code})) if self.code else None
        with self._lock:
            if answer and answer.status == CREATED:
                self._credential, self.code = credential_from(answer), ""
                self.happened.append("enrolled")
                self._asks_at = self.clock()
                return
            if answer and answer.status == WRONG_CODE:
                self.code = ""
            self._show("not-enrolled", None)
            self._wait_longer(answer.retry_after_s if answer else 0)

    def _send(self, path: str, values: Mapping[str, Any]) -> Answer | None:
        """Send a signed request and follow the answer; return it, None if none came."""
        answer = self._exchange(request(path, values, self._credential))
        with self._lock:
            if answer is None:
                self._be_alone()
            else:
                self._follow(answer)
        return answer

    def _exchange(self, sent: Request) -> Answer | None:
        if self.faults.silent:
            return None
        try:
            answer = self.line.send(sent, pause_s=self.faults.slow_s)
            if self.faults.replays:
                self.faults.replay_status = self.line.send(sent).status
        except NoAnswer:
            return None
        return answer

    def _follow(self, answer: Answer) -> None:
        match answer.status:
            case status if status == WELL:
                self._obey(answer.body)
            case status if status == NOT_KNOWN:
                self._credential = None
                self._show("not-enrolled", None)
                self._set_locked(True)
                self._wait_longer()
            case status if status == REPLAYED and self._credential:
                self._credential.counter = int(answer.body["counter"])
                self._asks_at = self.clock()
            case status if status == TOO_OFTEN:
                self._asks_at = self.clock() + max(1, answer.retry_after_s)
            case _:
                self._be_alone()

    def _obey(self, told: Mapping[str, Any]) -> None:
        now, left = self.clock(), told["seconds_left"]
        if told["session"] != self.session:
            self.session, self.warned = told["session"], None
            self.happened.append("cleared away")
        self._show(told["state"], told["code"])
        self._ends_at = None if left is None else now + left
        self._warnings = [(one["minutes"], now + one["in_seconds"]) for one in told["warnings"]]
        if self._warnings and self.warned and self._warnings[0][0] >= self.warned:
            self.warned = None
        self._set_locked(bool(told["lock"]))
        if told["message"] != self.message:
            self.message = told["message"]
            self.happened.append(f"says: {self.message['text']}" if self.message else "says nothing more")
        self._wait_s = int(told["ask_again_in_seconds"])
        self._asks_at = now + self._wait_s

    def _be_alone(self) -> None:
        """Go on without an answer: whoever sits there stays until the end that was told last."""
        if self.is_locked:
            self._show("ask-staff", None)
        self._wait_longer()

    def _wait_longer(self, least_s: int = 0) -> None:
        self._asks_at = self.clock() + max(self._wait_s, least_s)
        self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)

    def _show(self, state: str, code: str | None) -> None:
        self.state, self.shows = state, code

    def _set_locked(self, locks: bool) -> None:
        if locks != self.is_locked:
            self.is_locked = locks
            self.happened.append("locks" if locks else "opens")
