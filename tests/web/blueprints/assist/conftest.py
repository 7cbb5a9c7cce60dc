"""What the tests of helping stand on: somebody who is helped, somebody who helps, what was written to people."""

import pytest
from sqlalchemy.orm import Session

from portal.models import Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.outbox import Outbox


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident(name="Mary Example")


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def outbox(db: Session, sealer: Sealer) -> Outbox:
    return Outbox(db, sealer)
