"""What was fetched by a link goes with it, whatever is under way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal import snapshots
from portal.clock import SetClock
from portal.db import committing
from portal.identity import links, persons
from portal.jobs.retention import clear_expired
from portal.models import Link, Person, Snapshot
from portal.party import Party
from portal.sealed import Sealer
from tests.factories import Factory
from tests.web.snapshots.conftest import ANSWER, KINDS, SECOND, Kept, claimed


def one_link(db: Session, party: Party, link: Link, clock: SetClock) -> None:
    assert links.end(db, party, link.id, why="cut", at=clock.now())


def its_target(db: Session, _: Party, link: Link, clock: SetClock) -> None:
    links.end_targets(db, "parking", [link.target], why="gone", at=clock.now())


def all_links(db: Session, party: Party, _: Link, clock: SetClock) -> None:
    links.end_all(db, party.subject, why="moved", at=clock.now())


def account(db: Session, party: Party, _: Link, clock: SetClock) -> None:
    persons.close(db, party.subject, at=clock.now())


class TestTheEndOfALink:
    @pytest.fixture
    def link_row(self, make: Factory, mary: Person) -> Link:
        return make.link(mary, "parking", uuid4())

    @pytest.mark.parametrize("end", [one_link, its_target, all_links, account])
    def test_takes_the_snapshot_along_in_the_same_transaction(
        self, kept: Kept, party: Party, link_row: Link, clock: SetClock, end: Callable[..., None]
    ) -> None:
        kept.put(link_row.id)
        end(kept.db, party, link_row, clock)
        assert count(kept.db) == 0
        kept.db.rollback()
        assert count(kept.db) == 1
        end(kept.db, party, link_row, clock)
        kept.db.commit()
        assert count(kept.db) == 0

    def test_leaves_other_links_theirs(
        self, kept: Kept, make: Factory, mary: Person, party: Party, link: UUID, clock: SetClock
    ) -> None:
        other = make.link(mary, "parking", uuid4()).id
        kept.put(link)
        kept.put(other)
        with committing(kept.db):
            links.end(kept.db, party, link, why="cut", at=clock.now())
        assert kept.db.scalars(select(Snapshot.link_id)).all() == [other]

    def test_nothing_is_kept_of_an_ended_link_afterwards(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        kept.want(party)
        claimed(kept)
        with committing(kept.db):
            links.end(kept.db, party, link, why="cut", at=clock.now())
        assert not kept.put(link)
        with committing(kept.db):
            snapshots.want(kept.db, [link], KINDS, at=clock.now())
        assert count(kept.db) == 0

    @pytest.mark.parametrize("first", ["end", "put"])
    def test_nor_is_it_where_both_happen_at_once(
        self,
        kept: Kept,
        party: Party,
        link: UUID,
        engine: Engine,
        owner_engine: Engine,
        sealer: Sealer,
        clock: SetClock,
        first: str,
    ) -> None:
        def end(db: Session) -> None:
            links.end(db, party, link, why="cut", at=clock.now())

        def put(db: Session) -> None:
            snapshots.put(db, sealer, link, ANSWER, taken_at=clock.now())

        before, after = (end, put) if first == "end" else (put, end)
        with Session(engine) as one, Session(engine) as other, ThreadPoolExecutor(1) as thread:
            before(one)
            waiting = thread.submit(after, other)
            wait_for_a_lock(owner_engine)
            one.commit()
            waiting.result()
            other.commit()
        assert count(kept.db) == 0

    def test_a_link_that_ends_by_its_time_loses_it_within_the_hour(
        self, kept: Kept, make: Factory, mary: Person, link: UUID, clock: SetClock
    ) -> None:
        ending = make.link(mary, "parking", uuid4(), until=clock.now() + SECOND).id
        kept.put(link)
        kept.put(ending)
        clear_expired(kept.db, at=clock.now())
        assert count(kept.db) == 2
        clock.advance(SECOND)
        clear_expired(kept.db, at=clock.now())
        assert kept.db.scalars(select(Snapshot.link_id)).all() == [link]


def count(db: Session) -> int:
    return db.execute(select(func.count()).select_from(Snapshot)).scalar_one()


def wait_for_a_lock(engine: Engine) -> None:
    """Wait until somebody waits for somebody else, who has changed what they want to read."""
    waits = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    with engine.connect() as connection:
        for _ in range(500):
            if connection.execute(waits).scalar_one():
                return
            connection.execute(text("select pg_sleep(0.01)"))
            connection.rollback()
    raise AssertionError("nobody waits")
