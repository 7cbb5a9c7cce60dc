"""A branch with one computer, whose program is enrolled."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import programs
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.council import Council
from portal.party import Level, Party, Permission
from portal.sealed import Sealer
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.programs import Program, enrolled
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.programs.common import CodeOf, computers


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council, settings: Settings) -> Rooms:
    """Rooms with the secret of the application, so that it and the tests mean the same codes."""
    return Rooms(db, clock, sealer, council, secret=settings.secret_key.get_secret_value().encode())


@pytest.fixture
def branch(rooms: Rooms) -> UUID:
    """A branch with one computer."""
    return rooms.branch(Kind.STANDARD)


@pytest.fixture
def computer(db: Session, branch: UUID) -> UUID:
    return computers(db, branch)[0]


@pytest.fixture
def staff(make: Factory) -> Party:
    sunita = make.staff().id
    return Party(sunita, sunita, Level.HIGH, permissions=frozenset({Permission.INTERNET_RUN}))


@pytest.fixture
def code_of(rooms: Rooms, staff: Party, clock: SetClock) -> CodeOf:
    """Has staff make a code for a computer."""
    return lambda computer: programs.make_code(rooms.db, rooms.desk, staff, computer, clock.now())


@pytest.fixture
def program(client: CheckingClient, code_of: CodeOf, computer: UUID) -> Program:
    """The program of the branch's one computer, which has a browser of its own."""
    return enrolled(client, code_of(computer))


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident(name="Mary Example").id
