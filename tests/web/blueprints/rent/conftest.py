"""What rent's tests stand on: a night that is loaded, and a tenant who is connected."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.importing import Imported
from portal.blueprints.rent.models import RentAccount
from portal.models import Person
from tests.factories import Factory
from tests.factories.rent import HOME, Line, Night, Tenancies
from tests.support.client import CheckingClient

Load = Callable[..., Imported]
Connect = Callable[..., None]
AccountId = Callable[..., UUID]
Show = Callable[..., str]
WEEKS: list[Line] = [
    ("30/03/2026", "DBR", 10000),
    ("30/03/2026", "DSC", 500),
    ("06/04/2026", "DBR", 10000),
    ("06/04/2026", "DSC", 500),
    ("10/04/2026", "RSO", -10500),
    ("13/04/2026", "DBR", 10000),
    ("13/04/2026", "DSC", 500),
    ("13/04/2026", "RHB", -4000),
    ("17/04/2026", "XQZ", -1234567),
]
Live = Callable[..., str]


@pytest.fixture
def load(tenancies: Tenancies) -> Load:
    """Load a night through the real importer."""
    return tenancies.load


@pytest.fixture
def invite(tenancies: Tenancies) -> Callable[..., str]:
    """Send a tenant a letter, and return the code in it."""
    return tenancies.invite


@pytest.fixture
def connect(tenancies: Tenancies) -> Connect:
    """Connect a person to an account, as they would with their letter."""
    return tenancies.connect


@pytest.fixture
def account_id(db: Session) -> Callable[..., UUID]:
    def find(reference: str = HOME) -> UUID:
        found = db.execute(select(RentAccount.id).where(RentAccount.reference == reference)).scalar_one()
        db.rollback()
        return found

    return find


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def see(client: CheckingClient, mary: Person, load: Load, connect: Connect) -> Callable[[Night], str]:
    """Return ``/rent`` as the first tenant of a night sees it."""

    def look(night: Night) -> str:
        load(night)
        connect(mary)
        return client.sign_in(mary).get("/rent").text

    return look


@pytest.fixture
def live(client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: Callable[..., UUID]) -> Live:
    """Give Mary, who is signed in, a home with some lines; return the address of its statement."""

    def begin(*lines: Line) -> str:
        load(Night().account(*lines, starts="30/03/2026"))
        mary = make.resident()
        connect(mary)
        client.sign_in(mary)
        return f"/rent/{account_id()}/statement"

    return begin


@pytest.fixture
def address(live: Live) -> str:
    """Address of the statement of Mary's home, who is signed in."""
    return live(*WEEKS)


@pytest.fixture
def show(client: CheckingClient, address: str) -> Show:
    def get(**chosen: str) -> str:
        response = client.get(address, query_string=chosen)
        assert response.status_code == 200
        return response.text

    return get
