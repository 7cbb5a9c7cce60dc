"""What rent's tests stand on: a night that is loaded, and a tenant who is connected."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions import connecting, inviting
from portal.blueprints.rent.actions.importing import Imported, import_night
from portal.blueprints.rent.models import RentAccount
from portal.clock import SetClock
from portal.council import Council
from portal.identity.throttle import Throttle
from portal.models import Person
from portal.sealed import Sealer
from portal.settings import Settings
from tests.factories import Factory
from tests.factories.rent import HOME, Night

Load = Callable[[Night], Imported]
Connect = Callable[..., None]


@pytest.fixture
def load(db: Session, tmp_path: Path, council: Council, clock: SetClock) -> Load:
    """Load a night through the real importer."""

    def import_(night: Night) -> Imported:
        folder = night.write(tmp_path)
        return import_night(db, folder, source="rentsense", council=council, now=clock.now())

    return import_


@pytest.fixture
def invite(db: Session, sealer: Sealer, council: Council, clock: SetClock) -> Callable[..., str]:
    """Send a tenant a letter, and return the code in it."""

    def send(reference: str = HOME, tenant: int = 0) -> str:
        found = inviting.tenants(db, reference=reference)[tenant]
        address = "http://localhost"
        now = clock.now()
        return inviting.invite(db, sealer, tenant=found.id, council=council, base_url=address, now=now).code

    return send


@pytest.fixture
def throttle(settings: Settings) -> Throttle:
    return Throttle(settings.secret_key.get_secret_value().encode())


@pytest.fixture
def connect(db: Session, make: Factory, invite: Callable[..., str], throttle: Throttle, clock: SetClock) -> Connect:
    """Connect a person to an account, as they would with their letter."""

    def enter(person: Person, reference: str = HOME, tenant: int = 0) -> None:
        code = invite(reference, tenant)
        party = make.party(person)
        connecting.connect(db, throttle, party, reference=reference, code=code, address="127.0.0.1", now=clock.now())

    return enter


@pytest.fixture
def account_id(db: Session) -> Callable[..., UUID]:
    def find(reference: str = HOME) -> UUID:
        found = db.execute(select(RentAccount.id).where(RentAccount.reference == reference)).scalar_one()
        db.rollback()
        return found

    return find
