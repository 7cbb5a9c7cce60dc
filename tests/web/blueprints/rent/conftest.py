"""What rent's tests stand on: a night that is loaded, and a tenant who is connected."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.importing import Imported
from portal.blueprints.rent.models import RentAccount
from tests.factories.rent import HOME, Tenancies

Load = Callable[..., Imported]
Connect = Callable[..., None]


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
