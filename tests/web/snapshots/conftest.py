"""What the snapshots' tests stand on: somebody with a link, and what is kept of it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from portal import snapshots
from portal.clock import SetClock
from portal.connectors.errors import Away, OutsideError, Unavailable
from portal.db import committing
from portal.facts import PanelState
from portal.models import Person, Snapshot
from portal.party import Party
from portal.sealed import Sealer
from portal.snapshots import Claim, LastAnswer
from tests.factories import Factory

FRESH_FOR = timedelta(minutes=15)
KINDS = {"parking": FRESH_FOR}
SECOND = timedelta(seconds=1)
AWAY = Unavailable(reason=Away.TIMEOUT)
ANSWER = '{"permits": 2}'


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def party(make: Factory, mary: Person) -> Party:
    return make.party(mary)


@pytest.fixture
def link(make: Factory, mary: Person) -> UUID:
    return make.link(mary, "parking", uuid4()).id


class Kept:
    """The snapshots of one test's database, each step committed."""

    def __init__(self, db: Session, clock: SetClock, sealer: Sealer) -> None:
        self.db, self.clock, self.sealer = db, clock, sealer

    def put(self, link: UUID, answer: str = ANSWER, *, ago: timedelta = timedelta(0)) -> bool:
        with committing(self.db):
            return snapshots.put(self.db, self.sealer, link, answer, taken_at=self.clock.now() - ago)

    def load(self, party: Party, service: str = "parking") -> list[LastAnswer]:
        return snapshots.load(self.db, self.sealer, party, service, at=self.clock.now())

    def want(self, party: Party, db: Session | None = None) -> int:
        """Do what a page does; return how many snapshots it found too old."""
        db = db or self.db
        at = self.clock.now()
        with committing(db):
            stale = snapshots.look(db, party, KINDS, at=at).stale
            snapshots.want(db, stale, KINDS, at=at)
        return len(stale)

    def claim(self, service: str = "parking") -> Claim | None:
        with committing(self.db):
            return snapshots.claim(self.db, service, at=self.clock.now())

    def fail(self, claimed: Claim, error: OutsideError = AWAY, *, took: timedelta = timedelta(0)) -> None:
        at = self.clock.now()
        with committing(self.db):
            snapshots.fail(self.db, claimed, error, asked_at=at - took, at=at)

    def row(self, link: UUID) -> Snapshot | None:
        self.db.rollback()
        return self.db.get(Snapshot, link, populate_existing=True)

    def state(self, party: Party) -> PanelState:
        (last,) = self.load(party)
        return last.state(fresh_for=FRESH_FOR, at=self.clock.now())


@pytest.fixture
def kept(db: Session, clock: SetClock, sealer: Sealer) -> Kept:
    return Kept(db, clock, sealer)


def claimed(kept: Kept) -> Claim:
    found = kept.claim()
    assert found
    return found
