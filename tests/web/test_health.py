"""How other systems do: what is written down and how often, and where operators see it."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from portal import snapshots
from portal.app import create_app
from portal.cli.check import Finding, State, of_system
from portal.clock import SetClock
from portal.connectors.calling import Deadline, Heard, System
from portal.connectors.errors import Away, Garbled, OutsideError, Unavailable
from portal.db import committing, make_engine
from portal.health import COUNTS_FOR, EVERY_S, Health, Keeper, health_of, read
from portal.jobs.refresher import Refresher, refresh
from portal.jobs.resources import JobResources
from portal.models import OutsideSystem
from portal.settings import Settings
from tests.factories import Factory
from tests.support import portals
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.web.dummy.outside import FRESH_FOR, ParkingSystem

NOON = datetime.fromisoformat("2026-11-24T12:00Z")
SECOND = timedelta(seconds=1)
AWAY = Unavailable(reason=Away.TIMEOUT)


class Process:
    """One process that calls the system that parking permits are kept in; ``passed`` are its own seconds."""

    def __init__(self, clock: SetClock, engine: Engine) -> None:
        self._clock, self.passed = clock, 100.0
        self.system = System("parking", clock=clock, now=lambda: self.passed, sleep=lambda _: None)
        self.keeper = Keeper(engine, [self.system], now=lambda: self.passed)

    def hears(self, outcome: str | OutsideError) -> None:
        """Let the next second's call come to ``outcome``."""

        def ask(_: Deadline) -> str:
            if isinstance(outcome, OutsideError):
                raise outcome
            return outcome

        self.passed += 1
        self._clock.advance(SECOND)
        with suppress(OutsideError):
            self.system.call("permits", ask, within_s=0.05)


@pytest.fixture
def process(clock: SetClock, engine: Engine) -> Process:
    return Process(clock, engine)


@pytest.mark.parametrize(
    ("heard", "health"),
    [
        (Heard(), Health.UNKNOWN),
        (Heard(answered_at=NOON), Health.OK),
        (Heard(failed_at=NOON, failure="lost"), Health.AWAY),
        (Heard(NOON, NOON - SECOND, "lost"), Health.OK),
        (Heard(NOON - SECOND, NOON, "lost"), Health.AWAY),
        (Heard(NOON - COUNTS_FOR, NOON - COUNTS_FOR, "lost"), Health.UNKNOWN),
    ],
)
def test_the_last_word_counts_for_an_hour(heard: Heard, health: Health) -> None:
    assert health_of(heard, at=NOON) is health


class TestWhatIsKept:
    def test_nothing_where_nothing_was_heard(self, process: Process, engine: Engine, db: Session) -> None:
        with statements(engine) as sent:
            process.keeper.keep()
        assert sent == []
        assert read(db, ["parking"]) == {"parking": Heard()}

    def test_the_first_word_and_each_change_at_once_and_else_once_in_a_while(
        self, process: Process, engine: Engine
    ) -> None:
        def is_written(outcome: str | OutsideError) -> bool:
            process.hears(outcome)
            with statements(engine) as sent:
                process.keeper.keep()
                process.keeper.keep()
            return len(sent) == 1

        outcomes = ("yes", "yes", AWAY, AWAY, "yes", "yes")
        assert [is_written(outcome) for outcome in outcomes] == [True, False, True, False, True, False]
        process.passed += EVERY_S
        assert is_written("yes")

    def test_of_what_several_processes_heard_the_newest(self, engine: Engine, db: Session, clock: SetClock) -> None:
        began, one, other = clock.now(), Process(clock, engine), Process(clock, engine)
        one.hears(AWAY)
        other.hears(Unavailable(reason=Away.LOST))
        one.hears("yes")
        other.keeper.keep()
        one.keeper.keep()
        assert read(db, ["parking"])["parking"] == Heard(began + 3 * SECOND, began + 2 * SECOND, "lost")

    def test_a_database_that_is_away_harms_nothing(self, clock: SetClock) -> None:
        process = Process(clock, make_engine("postgresql+psycopg://x@127.0.0.1:1/x"))
        process.hears("yes")
        process.keeper.keep()


class TestWhoKeepsIt:
    @pytest.fixture
    def parking(self, clock: SetClock) -> ParkingSystem:
        return ParkingSystem(clock)

    def test_pages_at_the_end_of_a_request(
        self, engine: Engine, settings: Settings, clock: SetClock, db: Session, parking: ParkingSystem
    ) -> None:
        app = create_app(settings, clock=clock, engine=engine, connectors=parking.connectors)
        with app.app_context():
            parking.system.call("permits", lambda _: "2", within_s=1)
        assert read(db, ["parking"])["parking"].answered_at == clock.now()

    def test_the_refresher_while_it_runs(
        self, job_resources: JobResources, db: Session, clock: SetClock, parking: ParkingSystem
    ) -> None:
        resources = replace(job_resources, connectors=parking.connectors)
        with Refresher(resources, {"parking": parking.read}):
            parking.system.call("permits", lambda _: "2", within_s=1)
            ends_at = time.monotonic() + 10
            while not read(db, ["parking"])["parking"].answered_at and time.monotonic() < ends_at:
                db.rollback()
                time.sleep(0.02)
        assert read(db, ["parking"])["parking"].answered_at == clock.now()


class TestWhereOperatorsSeeIt:
    @pytest.fixture
    def parking(self, clock: SetClock) -> ParkingSystem:
        return ParkingSystem(clock)

    @pytest.fixture
    def app(self, engine: Engine, settings: Settings, clock: SetClock, parking: ParkingSystem) -> Flask:
        return portals.new(settings, clock, engine, parking.connectors, parking.service)

    @staticmethod
    def note(db: Session, **heard: object) -> None:
        db.execute(insert(OutsideSystem).values(name="parking", **heard))
        db.commit()

    def test_ready_and_degraded_while_a_system_is_away(
        self, client: CheckingClient, db: Session, clock: SetClock
    ) -> None:
        assert ready(client)["systems"] == {"parking": "unknown"}
        self.note(db, failed_at=clock.now(), failure="timeout")
        found = ready(client)
        assert (found["ready"], found["degraded"], found["systems"]) == (True, True, {"parking": "away"})

    def test_numbers(
        self,
        client: CheckingClient,
        db: Session,
        clock: SetClock,
        make: Factory,
        job_resources: JobResources,
        parking: ParkingSystem,
    ) -> None:
        links = [make.link(make.resident(email=None), "parking", uuid4()).id for _ in range(3)]
        for outcome in (2, AWAY):
            parking.outcome = outcome
            with committing(db):
                snapshots.want(db, [links.pop()], {"parking": FRESH_FOR}, at=clock.now())
            refresh(job_resources, "parking", parking.read)
        self.note(db, answered_at=clock.now())
        found = client.get("/metrics").text.splitlines()
        answered = 'portal_outside_answered_timestamp_seconds{system="parking"}'
        assert {
            'portal_outside_up{system="parking"} 1.0',
            'portal_snapshots{service="parking"} 1.0',
            'portal_snapshots_failing{service="parking"} 1.0',
        } <= set(found)
        moments = [float(line.split()[1]) for line in found if line.startswith(answered)]
        assert moments == [clock.now().timestamp()]
        assert any(
            line.startswith('portal_outside_calls_total{operation="permits",outcome="timeout"') for line in found
        )

    def test_a_system_that_is_away_is_a_zero_and_one_nobody_heard_of_is_no_number(
        self, client: CheckingClient, db: Session, clock: SetClock
    ) -> None:
        assert "portal_outside_up{" not in client.get("/metrics").text
        self.note(db, failed_at=clock.now(), failure="timeout")
        assert 'portal_outside_up{system="parking"} 0.0' in client.get("/metrics").text


def ready(client: CheckingClient) -> dict[str, object]:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert isinstance(response.json, dict)
    return response.json


@pytest.mark.parametrize(
    ("trouble", "finding"),
    [
        (None, Finding(State.OK, "library: the system answers")),
        (Unavailable("lms.example.org: no such name"), Finding(State.FAIL, "library: lms.example.org: no such name")),
        (Garbled("no 98"), Finding(State.FAIL, "library: no 98")),
    ],
)
def test_portal_check_asks_a_system_itself(trouble: OutsideError | None, finding: Finding) -> None:
    def ask() -> None:
        if trouble:
            raise trouble

    assert of_system("library", ask) == finding
