"""What the library's tests stand on: a library system, and somebody who has connected a card."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.library.actions import connecting
from portal.blueprints.library.actions.asking import Asks
from portal.blueprints.library.actions.connecting import Child
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SetClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.library import Card
from portal.council import Council
from portal.identity.throttle import Throttle
from portal.models import AuditEvent, Person
from portal.party import Party
from portal.sealed import Sealer
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.library import CARD, FakeLibrary

Connect = Callable[..., UUID]


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def party(make: Factory, mary: Person) -> Party:
    return make.party(mary)


@pytest.fixture
def desk(library: FakeLibrary, sealer: Sealer, settings: Settings, council: Council, clock: SetClock) -> Desk:
    return Desk(library, sealer, settings.secret_key.get_secret_value().encode(), council, clock)


@pytest.fixture
def connect(db: Session, desk: Desk, throttle: Throttle, make: Factory, clock: SetClock) -> Connect:
    """Connect a card as its owner would, and return its id."""

    def connect(person: Person, card: Card = CARD, *, child: Child | None = None, **given: object) -> UUID:
        session = given.pop("session", None) or uuid4()
        return connecting.connect(
            db,
            desk,
            throttle,
            make.party(person),
            card,
            child=child,
            address="127.0.0.1",
            session=session,  # type: ignore[arg-type]  # an id, where one is given
            deadline=Deadline.after(PERSON_WAITS_S),
            now=clock.now(),
            **given,  # type: ignore[arg-type]  # as the action takes it
        )

    return connect


@pytest.fixture
def asks(db: Session, desk: Desk, party: Party, clock: SetClock) -> Callable[[UUID], Asks]:
    def asks(card: UUID, *, session: UUID | None = None) -> Asks:
        return Asks(db, desk, party, card, session, Deadline.after(PERSON_WAITS_S), clock.now())

    return asks


@pytest.fixture
def needs_pin(library: FakeLibrary) -> FakeLibrary:
    """The library system, as one that says nothing without the PIN."""
    library.abilities = replace(library.abilities, needs_pin=True)
    return library


@pytest.fixture
def browser(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


def audited(db: Session, act: str) -> list[str]:
    """Return the outcomes that the audit has of an act, in order."""
    db.rollback()
    return list(db.scalars(select(AuditEvent.outcome).where(AuditEvent.act == act).order_by(AuditEvent.id)))
