"""The simulated computers of a library against the portal as it is served: over HTTP, each in its own process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import programs, sitting
from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock, SystemClock
from portal.council import Council
from portal.models import AuditEvent
from portal.sealed import Sealer
from portal.settings import PROJECT, Settings
from tests.factories import Factory
from tests.support.rooms import Rooms
from tests.support.seats import Screens, keep
from tests.support.server import serving


@contextmanager
def simulated(address: str, codes: dict[str, str]) -> Iterator[Screens]:
    computers = [f"{name}={code}" for name, code in codes.items()]
    command = [sys.executable, "-m", "simulators.room", "--portal", address, "--port", "0", *computers]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield Screens(json.loads(running.stdout.readline())["port"])
        finally:
            running.terminate()
        assert running.wait(20) == 0


@pytest.fixture(scope="module")
def portal(database_url: str) -> Iterator[str]:
    with serving(database_url) as address:
        yield address


@pytest.fixture
def rooms(db: Session, sealer: Sealer, council: Council, settings: Settings) -> Rooms:
    """Rooms at the present time, which is the served portal's."""
    secret = settings.secret_key.get_secret_value().encode()
    return Rooms(db, SetClock(SystemClock().now()), sealer, council, secret=secret)


@pytest.fixture
def computers(rooms: Rooms) -> dict[str, UUID]:
    """A branch's two computers, by name."""
    branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
    found = rooms.db.execute(select(Computer.name, Computer.id).where(Computer.branch_id == branch))
    by_name = {row.name: row.id for row in found}
    rooms.db.rollback()
    return by_name


@pytest.fixture
def codes(rooms: Rooms, computers: dict[str, UUID]) -> dict[str, str]:
    now = rooms.clock.now()
    return {name: programs.make_code(rooms.db, rooms.desk, None, id_, now) for name, id_ in computers.items()}


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident().id


def kept(rooms: Rooms, person: UUID, computer: UUID, *, for_: timedelta, sits: bool) -> UUID:
    return keep(rooms.db, rooms.desk, person, computer, now=SystemClock().now(), for_=for_, sits=sits)


def test_the_code_on_the_screen_opens_it_and_finish_locks_it(
    portal: str, rooms: Rooms, codes: dict[str, str], computers: dict[str, UUID], mary: UUID
) -> None:
    with simulated(portal, codes) as screens:
        code = screens.wait("2", lambda seen: seen["code"])["code"]
        assert f"{code[:3]} {code[3:]}" in screens.get("/")
        booking = kept(rooms, mary, computers["2"], for_=timedelta(minutes=30), sits=False)
        rooms.clock.set(SystemClock().now())
        sitting.check_in(rooms.turn(mary), booking, code=code, policy_from=BEFORE_ALL)
        seen = screens.wait("2", lambda seen: not seen["locked"])
        assert 1700 < seen["seconds_left"] <= 1800
        assert screens.of("1")["locked"]
        screens.tell("/2/finish")
        assert screens.wait("2", lambda seen: seen["locked"])["state"] == "free"
    ended = select(AuditEvent.authority, AuditEvent.subject_id).where(AuditEvent.act == "internet.end")
    assert rooms.db.execute(ended).all() == [("program", mary)]


def test_it_misbehaves_and_the_portal_says_so(portal: str, codes: dict[str, str]) -> None:
    with simulated(portal, codes) as screens:
        screens.wait("1", lambda seen: seen["code"])
        screens.tell("/1/faults", replays=True)
        assert screens.wait("1", lambda seen: seen["replay_status"])["replay_status"] == 409
        screens.tell("/1/faults", replays=False, slow_s=2)
        screens.tell("/1/ask")
        assert screens.of("1")["code"], "a slow one is answered as well"
        screens.tell("/1/faults", silent=True)
        assert screens.wait("1", lambda seen: not seen["code"])["state"] == "ask-staff"


def test_a_revoked_program_locks_its_computer(
    portal: str, rooms: Rooms, codes: dict[str, str], computers: dict[str, UUID], mary: UUID, make: Factory
) -> None:
    kept(rooms, mary, computers["1"], for_=timedelta(minutes=30), sits=True)
    sunita = rooms.turn(make.staff().id).party
    assert sunita
    with simulated(portal, codes) as screens:
        screens.wait("1", lambda seen: not seen["locked"])
        programs.revoke(rooms.db, sunita, computers["1"], rooms.clock.now())
        assert screens.wait("1", lambda seen: seen["locked"])["state"] == "not-enrolled"


def test_it_locks_at_the_end_although_the_portal_is_gone(
    database_url: str, rooms: Rooms, codes: dict[str, str], computers: dict[str, UUID], mary: UUID
) -> None:
    with ExitStack() as running:
        network = running.enter_context(ExitStack())
        address = network.enter_context(serving(database_url))
        screens = running.enter_context(simulated(address, codes))
        screens.wait("1", lambda seen: seen["code"])
        kept(rooms, mary, computers["1"], for_=timedelta(seconds=20), sits=True)
        screens.wait("1", lambda seen: not seen["locked"])
        network.close()
        seen = screens.wait("1", lambda seen: seen["locked"], asking=False)
        assert "time is over" in seen["happened"]
