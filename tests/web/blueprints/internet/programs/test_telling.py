"""What a program is told: Tuesday 24 November 2026, from 10am on; computers stop at 4:45pm."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal.blueprints.internet.actions import programs, sitting
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.models import Booking, Computer, Day
from portal.blueprints.internet.models import Program as Row
from portal.blueprints.internet.queries import programs as queries
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.db import committing
from portal.models import AuditEvent
from portal.party import Party
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.programs import Program, enrolled
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.programs.common import CodeOf, acts, at, book, computers, sit, why


class TestHowItStands:
    def test_a_free_computer_is_locked_and_shows_a_code_by_which_somebody_sits_down(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        told = program.told()
        assert (told["state"], told["lock"], told["session"]) == ("free", True, None)
        kept = book(rooms, mary, branch)
        sitting.check_in(rooms.turn(mary), kept, code=told["code"], policy_from=BEFORE_ALL)
        clock.advance(timedelta(seconds=5))
        told = program.told()
        assert (told["state"], told["lock"], told["code"]) == ("in-use", False, None)

    def test_who_sits_there_is_a_number_for_each_session_and_no_name(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        kept = sit(rooms, mary, branch, 15)
        response = program.heartbeat()
        session = response.get_json()["session"]
        assert re.fullmatch(r"[0-9a-f]{32}", session)
        assert not any(known in response.text for known in (str(mary), str(kept), kept.hex, "Mary"))
        clock.advance(timedelta(minutes=20))
        sit(rooms, mary, branch, 15)
        assert program.told()["session"] not in (None, session)

    def test_it_is_told_until_when_and_when_to_warn(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        sit(rooms, mary, branch)
        clock.set(at(10, 52))
        told = program.told(is_locked=False)
        assert (told["until"], told["seconds_left"], told["now"]) == (
            "2026-11-24T11:00:00Z",
            480,
            "2026-11-24T10:52:00Z",
        )
        assert told["warnings"] == [
            {"minutes": 5, "at": "2026-11-24T10:55:00Z", "in_seconds": 180},
            {"minutes": 1, "at": "2026-11-24T10:59:00Z", "in_seconds": 420},
        ]

    def test_more_time_is_told(self, program: Program, rooms: Rooms, branch: UUID, mary: UUID) -> None:
        kept = sit(rooms, mary, branch)
        session = program.told()["session"]
        sitting.extend(rooms.turn(mary), kept, until=at(11))
        rooms.clock.advance(timedelta(seconds=30))
        told = program.told(is_locked=False)
        assert (told["session"], told["until"]) == (session, "2026-11-24T11:30:00Z")

    def test_when_time_is_over_it_locks_whether_or_not_a_job_has_run(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        sit(rooms, mary, branch)
        clock.set(at(10, 59))
        assert program.told()["lock"] is False
        clock.set(at(11))
        told = program.told(is_locked=False)
        assert (told["state"], told["lock"], told["session"]) == ("free", True, None)

    def test_a_session_that_staff_end_locks(self, program: Program, rooms: Rooms, branch: UUID, mary: UUID) -> None:
        kept = sit(rooms, mary, branch)
        sitting.end(rooms.turn(mary, by_staff=True), kept, why="by-staff")
        assert program.told(is_locked=False)["lock"] is True

    def test_a_session_that_moves_to_another_computer_is_another_one_there(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: UUID, code_of: CodeOf
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        first, second = [enrolled(client, code_of(one)) for one in computers(db, branch)]
        sit(rooms, mary, branch)
        before = first.told()["session"]
        with committing(db):
            db.execute(update(Booking).values(computer_id=UUID(second.computer)))
        rooms.clock.advance(timedelta(seconds=30))
        assert first.told()["lock"] is True
        assert second.told()["session"] not in (None, before)

    def test_a_computer_that_is_kept_says_how_long(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        book(rooms, mary, branch, at(10, 30))
        told = program.told()
        assert (told["state"], told["until"]) == ("free", "2026-11-24T10:30:00Z")
        clock.set(at(10, 30))
        told = program.told()
        assert (told["state"], told["lock"], told["until"]) == ("kept", True, "2026-11-24T10:40:00Z")
        assert told["code"]
        clock.set(at(10, 40))
        assert program.told()["state"] == "free"

    def test_one_out_of_order_shows_no_code(self, program: Program, db: Session) -> None:
        with committing(db):
            db.execute(update(Computer).values(status="out-of-order"))
        told = program.told()
        assert (told["state"], told["lock"], told["code"]) == ("out-of-order", True, None)

    def test_one_that_staff_keep_for_something_shows_none_either(
        self, program: Program, db: Session, computer: UUID, sealer: Sealer
    ) -> None:
        block = {"starts_at": at(9), "ends_at": at(12), "day": at(9).date(), "made_at": at(9), "by_staff": True}
        words = sealer.seal("A class", context="internet_booking.words")
        with committing(db):
            db.execute(insert(Booking).values(id=uuid4(), computer_id=computer, how="block", words=words, **block))
        told = program.told()
        assert (told["state"], told["code"], told["until"]) == ("out-of-order", None, "2026-11-24T12:00:00Z")

    def test_a_clock_that_is_put_back_shuts_nobody_out(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        sit(rooms, mary, branch)
        clock.set(at(10, 30))
        program.told()
        clock.set(at(10, 20))
        told = program.told(is_locked=False)
        assert (told["lock"], told["seconds_left"]) == (False, 2400)

    def test_it_asks_more_often_when_something_is_about_to_happen(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock
    ) -> None:
        free = program.told()["ask_again_in_seconds"]
        sit(rooms, mary, branch)
        clock.set(at(10, 10))
        in_use = program.told()["ask_again_in_seconds"]
        clock.set(at(10, 58))
        at_the_end = program.told()["ask_again_in_seconds"]
        assert free < in_use and at_the_end < in_use

    def test_twice_in_a_second_is_too_often(self, program: Program, clock: SetClock) -> None:
        program.told()
        response = program.heartbeat()
        assert why(response) == (429, "too-often")
        assert response.headers["Retry-After"] == "1"
        clock.advance(timedelta(seconds=1))
        program.told()

    def test_it_takes_three_queries(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, engine: Engine, clock: SetClock
    ) -> None:
        sit(rooms, mary, branch)
        program.told(is_locked=False)
        clock.advance(timedelta(seconds=30))
        with statements(engine) as sent:
            program.told(is_locked=False)
        assert [one.split()[0] for one in sent] == ["select", "update", "select"]

    def test_it_writes_no_line_into_the_log_that_would_say_so_every_few_seconds(self, program: Program) -> None:
        with capture_logs() as lines:
            program.told()
            program.heartbeat()
        said = [(line["log_level"], line["status"]) for line in lines if line["event"] == "request"]
        assert said == [("debug", 200), ("info", 429)]

    def test_staff_see_which_program_is_silent(
        self, program: Program, rooms: Rooms, branch: UUID, computer: UUID, clock: SetClock
    ) -> None:
        program.told(is_locked=False)
        seen = queries.standing(rooms.db, branch, now=clock.now())[computer]
        assert (seen.seen_at, seen.is_locked, seen.is_silent(clock.now())) == (clock.now(), False, False)
        assert seen.is_silent(clock.now() + timedelta(minutes=3))


class TestMessages:
    @pytest.fixture
    def say(self, rooms: Rooms, staff: Party, computer: UUID, clock: SetClock) -> Callable[[str], None]:
        return lambda text: programs.send_message(rooms.db, rooms.desk, staff, computer, text=text, now=clock.now())

    def test_a_message_is_told_until_somebody_closes_it(
        self, program: Program, say: Callable[[str], None], clock: SetClock
    ) -> None:
        say("Please come to the desk")
        message = program.told()["message"]
        assert message["text"] == "Please come to the desk"
        clock.advance(timedelta(seconds=10))
        assert program.told()["message"] == message
        clock.advance(timedelta(seconds=10))
        assert program.told(acknowledged=message["id"])["message"] is None
        clock.advance(timedelta(seconds=10))
        assert program.told()["message"] is None

    def test_or_for_ten_minutes(self, program: Program, say: Callable[[str], None], clock: SetClock) -> None:
        say("Please come to the desk")
        clock.advance(timedelta(minutes=10))
        assert program.told()["message"] is None

    def test_closing_one_leaves_the_next(self, program: Program, say: Callable[[str], None], clock: SetClock) -> None:
        say("First")
        first = program.told()["message"]["id"]
        say("Second")
        clock.advance(timedelta(seconds=10))
        assert program.told(acknowledged=first)["message"]["text"] == "Second"

    def test_it_lies_sealed(self, program: Program, say: Callable[[str], None], db: Session) -> None:
        say("Please come to the desk")
        kept = db.execute(select(Row.message).where(Row.computer_id == UUID(program.computer))).scalar_one()
        assert kept and b"desk" not in kept

    def test_without_a_program_there_is_nobody_to_tell(self, say: Callable[[str], None]) -> None:
        with pytest.raises(NoSuch):
            say("Hello")


class TestTheEnd:
    def test_whoever_presses_finish_gets_the_rest_back(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, clock: SetClock, db: Session
    ) -> None:
        kept = sit(rooms, mary, branch)
        session = program.told()["session"]
        clock.set(at(10, 20))
        told = program.end(session)
        assert (told["state"], told["lock"]) == ("free", True)
        assert db.execute(select(Day.taken)).scalar_one() == 20
        ended = select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.authority, AuditEvent.object)
        assert db.execute(ended.where(AuditEvent.act == "internet.end")).all() == [
            (None, mary, "program", f"internet.booking:{kept}")
        ]

    def test_twice_is_as_good_as_once(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, db: Session
    ) -> None:
        sit(rooms, mary, branch)
        session = program.told()["session"]
        program.end(session)
        assert program.end(session)["lock"] is True
        assert acts(db).count("internet.end") == 1

    @pytest.mark.parametrize("session", ["", "0" * 32])
    def test_another_session_goes_on(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, session: str
    ) -> None:
        sit(rooms, mary, branch)
        assert program.end(session)["lock"] is False

    def test_the_one_before_ends_nothing_of_the_next(
        self, program: Program, rooms: Rooms, branch: UUID, mary: UUID, make: Factory
    ) -> None:
        kept = sit(rooms, mary, branch)
        before = program.told()["session"]
        sitting.end(rooms.turn(mary), kept)
        rooms.clock.advance(timedelta(minutes=1))
        sit(rooms, make.resident(email="joe@example.org").id, branch)
        assert program.end(before)["state"] == "in-use"

    def test_what_was_told_to_another_computer_ends_nothing_here(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: UUID, make: Factory, code_of: CodeOf
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        first, second = [enrolled(client, code_of(one)) for one in computers(db, branch)]
        sit(rooms, mary, branch)
        sit(rooms, make.resident(email="joe@example.org").id, branch)
        second.end(first.told()["session"])
        assert db.execute(select(func.count()).where(Booking.ended_at.is_(None))).scalar_one() == 2
