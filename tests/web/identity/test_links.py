"""Links from a person to what another system calls them: they hold as long as they should, and for their own person."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import links
from portal.identity.links import AlreadyLinked
from portal.models import AuditEvent, Link, Person
from portal.party import Level, Party
from tests.factories import Factory

TARGET = UUID("00000000-0000-4000-8000-000000000001")
A_DAY = timedelta(days=1)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def party(make: Factory, mary: Person) -> Party:
    return make.party(mary)


def create(db: Session, party: Party, clock: SetClock, *, lasts: timedelta | None = None) -> UUID:
    link = links.create(
        db,
        party,
        service="rent",
        target=TARGET,
        how="activation-code",
        level=Level.MEDIUM,
        at=clock.now(),
        until=clock.now() + lasts if lasts else None,
    )
    db.commit()
    return link


def targets(db: Session, party: Party, clock: SetClock, *, least: Level = Level.LOW) -> list[UUID]:
    """Return what a slice would find for this party."""
    opened = select(Link.target).where(links.open_links("rent", least=least))
    return list(db.execute(opened, links.links_of(party, "rent", at=clock.now())).scalars())


def acts(db: Session) -> list[tuple[str, str]]:
    return [(row.act, row.authority) for row in db.execute(select(AuditEvent).order_by(AuditEvent.id)).scalars()]


def test_a_link_opens_its_target_to_its_own_person(db: Session, make: Factory, party: Party, clock: SetClock) -> None:
    create(db, party, clock)
    john = make.party(make.resident(email="john@example.org"))
    assert targets(db, party, clock) == [TARGET]
    assert targets(db, john, clock) == []
    assert acts(db) == [("link.begin", "self")]


def test_the_same_link_is_not_made_twice(db: Session, party: Party, clock: SetClock) -> None:
    create(db, party, clock)
    with pytest.raises(AlreadyLinked):
        create(db, party, clock)
    assert targets(db, party, clock) == [TARGET]


def test_two_people_may_be_linked_to_the_same(db: Session, make: Factory, party: Party, clock: SetClock) -> None:
    john = make.party(make.resident(email="john@example.org"))
    create(db, party, clock)
    create(db, john, clock)
    assert targets(db, party, clock) == targets(db, john, clock) == [TARGET]


def test_one_with_an_end_holds_until_then_and_can_be_made_anew(db: Session, party: Party, clock: SetClock) -> None:
    create(db, party, clock, lasts=A_DAY)
    clock.advance(A_DAY - timedelta(seconds=1))
    assert targets(db, party, clock) == [TARGET]
    clock.advance(timedelta(seconds=1))
    assert targets(db, party, clock) == []
    create(db, party, clock)
    assert targets(db, party, clock) == [TARGET]
    assert [link.since for link in links.of_subject(db, party, at=clock.now())] == [clock.now()]


def test_one_that_was_made_too_weakly_does_not_open_what_needs_more(db: Session, party: Party, clock: SetClock) -> None:
    create(db, party, clock)
    assert targets(db, party, clock, least=Level.MEDIUM) == [TARGET]
    assert targets(db, party, clock, least=Level.HIGH) == []


def test_it_opens_nothing_to_whom_may_not_see_the_service(
    db: Session, mary: Person, party: Party, clock: SetClock
) -> None:
    create(db, party, clock)
    helper = Party(subject=mary.id, actor=uuid4(), level=Level.HIGH, scope=frozenset({"library"}))
    assert targets(db, helper, clock) == []
    assert links.of_subject(db, helper, at=clock.now()) == []


def test_its_own_person_ends_it_and_nobody_else(db: Session, make: Factory, party: Party, clock: SetClock) -> None:
    link = create(db, party, clock)
    john = make.party(make.resident(email="john@example.org"))
    assert not links.end(db, john, link, why="disconnected", at=clock.now())
    assert links.end(db, party, link, why="disconnected", at=clock.now())
    assert not links.end(db, party, link, why="disconnected", at=clock.now())
    assert targets(db, party, clock) == []
    assert acts(db) == [("link.begin", "self"), ("link.end", "self")]


def test_what_is_gone_ends_everybodys_links_to_it(db: Session, make: Factory, party: Party, clock: SetClock) -> None:
    john = make.party(make.resident(email="john@example.org"))
    create(db, party, clock)
    create(db, john, clock)
    ended = links.end_targets(db, "rent", [TARGET, uuid4()], why="tenancy-gone", at=clock.now())
    assert sorted(ended) == sorted([party.subject, john.subject])
    assert targets(db, party, clock) == targets(db, john, clock) == []
    assert acts(db)[2:] == [("link.end", "system")] * 2
    assert links.end_targets(db, "rent", [], why="tenancy-gone", at=clock.now()) == []
