"""The simulated program that locks a computer: what it does with each answer, and without one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulators.room.computer import Computer
from simulators.room.page import in_pieces, page
from simulators.room.wire import END, ENROL, Answer, NoAnswer, Request

ENROLLED = Answer(201, {"computer": "c", "key": "a2V5"})
FREE: Mapping[str, Any] = {
    "state": "free",
    "lock": True,
    "session": None,
    "until": None,
    "seconds_left": None,
    "warnings": [],
    "code": "KXQRTV",
    "message": None,
    "ask_again_in_seconds": 10,
}


def in_use(seconds_left: int = 600, session: str = "s1", **more: Any) -> Answer:
    warnings = [
        {"minutes": minutes, "in_seconds": seconds_left - minutes * 60}
        for minutes in (10, 5, 1)
        if seconds_left > minutes * 60
    ]
    told = {"state": "in-use", "lock": False, "session": session, "code": None, "ask_again_in_seconds": 30}
    return Answer(200, {**FREE, **told, "seconds_left": seconds_left, "warnings": warnings, **more})


@dataclass
class Line:
    """Answers as it is told, and keeps what was sent; where it has nothing to say, none answers."""

    answers: list[Answer] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def send(self, request: Request, *, pause_s: float = 0) -> Answer:
        self.sent.append(request)
        self.pauses.append(pause_s)
        if not self.answers:
            raise NoAnswer("nobody is there")
        return self.answers.pop(0)


@dataclass
class Seconds:
    now: float = 1000

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def line() -> Line:
    return Line([ENROLLED])


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def computer(line: Line, seconds: Seconds) -> Computer:
    """One that is enrolled."""
    computer = Computer("3", line, "KXQR-TVBC", seconds)
    computer.ask_if_due()
    assert computer.seen()["computer"] == "c"
    return computer


def told(computer: Computer, answer: Answer) -> Computer:
    assert isinstance(computer.line, Line)
    computer.line.answers.append(answer)
    computer.ask()
    return computer


def locked(computer: Computer) -> bool:
    return computer.is_locked


def test_it_enrols_and_asks_at_once(computer: Computer, line: Line) -> None:
    line.answers.append(Answer(200, FREE))
    computer.ask_if_due()
    assert [request.path for request in line.sent] == [ENROL, "/api/computers/heartbeat"]
    assert computer.seen()["code"] == "KXQRTV"


def test_a_wrong_code_is_tried_once(seconds: Seconds) -> None:
    line = Line([Answer(403, {"code": "wrong-code"})])
    computer = Computer("3", line, "BBBB-BBBB", seconds)
    for _ in range(5):
        computer.ask()
    assert len(line.sent) == 1
    assert computer.seen()["state"] == "not-enrolled"


def test_it_asks_as_often_as_it_was_told(computer: Computer, line: Line, seconds: Seconds) -> None:
    told(computer, Answer(200, FREE))
    asked = len(line.sent)
    seconds.now += 9
    computer.ask_if_due()
    assert len(line.sent) == asked
    seconds.now += 1
    computer.ask_if_due()
    assert len(line.sent) == asked + 1


def test_each_request_has_a_greater_counter(computer: Computer, line: Line) -> None:
    for _ in range(3):
        told(computer, Answer(200, FREE))
    assert [f'counter="{number}"' in line.sent[number].authorization for number in (1, 2, 3)] == [True] * 3


def test_it_opens_for_a_session_and_warns(computer: Computer, seconds: Seconds) -> None:
    told(computer, in_use(400))
    assert not locked(computer)
    warned = []
    for _ in range(400):
        seconds.now += 1
        computer.watch_time()
        warned.append(computer.warned)
    assert [warned.index(minutes) + 1 for minutes in (5, 1)] == [100, 340]


def test_it_locks_by_its_own_timer_while_nobody_answers(computer: Computer, line: Line, seconds: Seconds) -> None:
    told(computer, in_use(600))
    for _ in range(599):
        seconds.now += 1
        computer.watch_time()
        computer.ask_if_due()
    assert not locked(computer)
    seconds.now += 1
    computer.watch_time()
    assert locked(computer)
    assert 600 / 60 < len(line.sent) < 600 / 15, "it asks less and less often"


def test_a_locked_one_without_an_answer_shows_no_code(computer: Computer) -> None:
    told(computer, Answer(200, FREE))
    computer.ask()
    assert (computer.is_locked, computer.shows, computer.state) == (True, None, "ask-staff")


def test_more_time_takes_the_warning_back(computer: Computer, seconds: Seconds) -> None:
    told(computer, in_use(310))
    seconds.now += 20
    computer.watch_time()
    assert computer.seen()["warned"] == 5
    told(computer, in_use(290 + 1800))
    assert computer.seen()["warned"] is None
    assert computer.seconds_left() == 2090


def test_another_session_clears_away_what_was_left(computer: Computer) -> None:
    told(computer, in_use())
    told(computer, in_use(session="s2"))
    assert computer.happened.count("cleared away") == 2


def test_finish_ends_the_session_that_it_knows(computer: Computer, line: Line) -> None:
    told(computer, in_use())
    line.answers.append(Answer(200, FREE))
    computer.finish()
    assert (line.sent[-1].path, line.sent[-1].body) == (END, b'{"session": "s1"}')
    assert locked(computer)


def test_a_message_that_was_closed_is_said_to_be(computer: Computer, line: Line) -> None:
    told(computer, in_use(message={"id": "m1", "text": "We close soon"}))
    assert computer.seen()["message"] == "We close soon"
    computer.close_message()
    told(computer, in_use())
    assert b'"acknowledged": "m1"' in line.sent[-1].body
    told(computer, in_use())
    assert b"acknowledged" not in line.sent[-1].body


def test_a_revoked_one_locks_and_asks_no_more(computer: Computer, line: Line) -> None:
    told(computer, in_use())
    told(computer, Answer(401, {"code": "not-known"}))
    assert (computer.is_locked, computer.state) == (True, "not-enrolled")
    asked = len(line.sent)
    computer.ask()
    assert len(line.sent) == asked


def test_a_counter_that_is_behind_goes_on_above_the_last(computer: Computer, line: Line) -> None:
    told(computer, Answer(409, {"counter": 70}))
    told(computer, Answer(200, FREE))
    assert 'counter="71"' in line.sent[-1].authorization


def test_it_can_be_off_the_network_and_say_things_twice(computer: Computer, line: Line) -> None:
    computer.faults.silent = True
    computer.ask()
    assert len(line.sent) == 1
    computer.faults.silent, computer.faults.replays, computer.faults.slow_s = False, True, 8
    line.answers += [Answer(200, FREE), Answer(409, {"counter": 1})]
    computer.ask()
    assert line.sent[-1] == line.sent[-2]
    assert computer.faults.replay_status == 409
    assert line.pauses[-2:] == [8, 0]


def test_the_screens_show_codes_and_no_markup_of_others(computer: Computer) -> None:
    told(computer, Answer(200, {**FREE, "message": {"id": "m", "text": "<script>"}}))
    shown = page([computer.seen()])
    assert in_pieces("KXQRTV") == "KXQ RTV"
    assert "KXQ RTV" in shown
    assert "<script>" not in shown
