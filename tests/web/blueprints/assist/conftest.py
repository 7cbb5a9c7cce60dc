"""Staff who look for residents and help them, the household of Mary, John and a garage that the housing system tells
of, and what was written to people.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.blueprints.account.actions import objecting
from portal.clock import SetClock
from portal.models import Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.helps import past_help
from tests.support.outbox import Outbox

MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
Give = Callable[..., UUID]
Object = Callable[[UUID], None]

ROSE = ("Rose", "Other", "09/09/1990")


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident(name="Mary Example")


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def ada(make: Factory) -> Person:
    """A second member of staff."""
    return make.staff(roles=(Role.MANAGER,), name="Ada Second", email="ada@example.org")


@pytest.fixture
def household(tenancies: Tenancies) -> Tenancies:
    """Mary and John hold a home, Mary a garage besides; Rose another home. Nobody is connected to any of it."""
    night = Night().account(BEFORE, RENT, ("24/11/2026", "RSO", -8000), tenants=(MARY, JOHN))
    night.account(reference=GARAGE, tenants=(MARY,)).account(RENT, reference="7204011899", tenants=(ROSE,))
    tenancies.load(night)
    return tenancies


@pytest.fixture
def connected(household: Tenancies, mary: Person) -> Tenancies:
    """Mary has an account, connected to the home."""
    household.connect(mary, HOME, 1)
    return household


@pytest.fixture
def outbox(db: Session, sealer: Sealer) -> Outbox:
    return Outbox(db, sealer)


@pytest.fixture
def give(db: Session, sealer: Sealer, tom: Person, mary: Person) -> Give:
    """Let a help have been given in October."""

    def give(staff: Person = tom, person: Person = mary, *, at: datetime = MONDAY, minutes: int = 10) -> UUID:
        return past_help(db, sealer, staff, person, at=at, minutes=minutes, words="Wants to know why")

    return give


@pytest.fixture
def object_to(db: Session, sealer: Sealer, make: Factory, mary: Person, clock: SetClock) -> Object:
    def object_to(help_id: UUID) -> None:
        assert objecting.object_to(db, sealer, make.party(mary), help_id, words="I never called", now=clock.now())

    return object_to


@pytest.fixture
def manager(client: CheckingClient, ada: Person) -> CheckingClient:
    return client.sign_in(ada, level=Level.HIGH)
