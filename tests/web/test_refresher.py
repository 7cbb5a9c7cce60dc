"""The refresher: what it does with what comes of asking, what is open meanwhile, and that one system holds nothing of
another's. The other system is a function here; the threads and the database are real.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal import snapshots
from portal.clock import SetClock
from portal.connectors.errors import Away, Unavailable
from portal.db import committing
from portal.identity import links
from portal.jobs.refresher import SLOTS, STOPS_WITHIN_S, Read, Refresher, refresh
from portal.jobs.resources import JobResources
from portal.models import Person, Snapshot
from portal.party import Party
from portal.snapshots import CLAIMED_FOR
from tests.factories import Factory

KINDS = {"parking": timedelta(minutes=15), "bins": timedelta(minutes=15)}
SOON_S = 10.0
ANSWER = '{"permits": 2}'


@pytest.fixture
def party(make: Factory) -> Party:
    return make.party(make.resident())


@pytest.fixture
def wanted(db: Session, make: Factory, clock: SetClock) -> Callable[..., UUID]:
    """Makes a link of whose answer a page found that there is none, and returns its id."""

    def make_one(service: str = "parking") -> UUID:
        person = make.resident(email=None)
        link = make.link(person, service, uuid4()).id
        want(db, link, clock)
        return link

    return make_one


def want(db: Session, link: UUID, clock: SetClock) -> None:
    with committing(db):
        snapshots.want(db, [link], KINDS, at=clock.now())


def row(db: Session, link: UUID) -> Snapshot | None:
    db.rollback()
    return db.get(Snapshot, link, populate_existing=True)


def soon(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so; False if it is not so soon."""
    ends_at = time.monotonic() + SOON_S
    while not is_so():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.01)
    return True


def says(answer: str | Exception) -> Read:
    def read(_: JobResources, __: UUID) -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return read


class Hanging:
    """Another system that takes questions and answers none until it may."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []
        self.may_answer = Event()

    def __call__(self, _: JobResources, link: UUID) -> str:
        self.asked.append(link)
        self.may_answer.wait(SOON_S * 3)
        return ANSWER


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    system = Hanging()
    yield system
    system.may_answer.set()


class TestOne:
    def test_an_answer_is_kept(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], clock: SetClock
    ) -> None:
        link = wanted()
        assert refresh(job_resources, "parking", says(ANSWER))
        found = row(db, link)
        assert found and found.sealed
        assert job_resources.sealer.unseal(found.sealed, context=snapshots.context(link)) == ANSWER
        assert (found.taken_at, found.claimed_until) == (clock.now(), None)

    def test_nothing_is_asked_where_nothing_is_wanted(self, job_resources: JobResources) -> None:
        assert not refresh(job_resources, "parking", says(AssertionError("asked")))

    def test_it_is_as_old_as_the_moment_before_it_was_asked_for(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], clock: SetClock
    ) -> None:
        began, link = clock.now(), wanted()

        def slow(_: JobResources, __: UUID) -> str:
            clock.advance(timedelta(seconds=9))
            return ANSWER

        refresh(job_resources, "parking", slow)
        found = row(db, link)
        assert found and found.taken_at == began

    def test_what_a_write_put_meanwhile_stays(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], clock: SetClock
    ) -> None:
        link = wanted()

        def overtaken(resources: JobResources, link: UUID) -> str:
            clock.advance(timedelta(seconds=1))
            with committing(db):
                snapshots.put(db, resources.sealer, link, '"renewed"', taken_at=clock.now())
            return '"as before"'

        refresh(job_resources, "parking", overtaken)
        found = row(db, link)
        assert found and found.sealed
        assert job_resources.sealer.unseal(found.sealed, context=snapshots.context(link)) == '"renewed"'

    @pytest.mark.parametrize(
        ("error", "failure"), [(Unavailable(reason=Away.LOST), "lost"), (ZeroDivisionError("secret"), "fault")]
    )
    def test_a_failure_is_noted_and_tried_again(
        self,
        job_resources: JobResources,
        db: Session,
        wanted: Callable[..., UUID],
        clock: SetClock,
        error: Exception,
        failure: str,
    ) -> None:
        link = wanted()
        with capture_logs() as logs:
            assert refresh(job_resources, "parking", says(error))
        assert [entry["log_level"] for entry in logs] == ["error" if failure == "fault" else "info"]
        found = row(db, link)
        assert found and found.retry_at
        assert (found.failed_at, found.failure) == (clock.now(), failure)
        clock.set(found.retry_at)
        assert refresh(job_resources, "parking", says(ANSWER))
        found = row(db, link)
        assert found and (found.failed_at, found.taken_at) == (None, clock.now())

    def test_no_transaction_is_open_while_it_asks(
        self, job_resources: JobResources, wanted: Callable[..., UUID], owner_engine: Engine
    ) -> None:
        wanted()
        in_transaction = text(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and xact_start is not null"
        )
        seen: list[int] = []

        def looks(_: JobResources, __: UUID) -> str:
            with owner_engine.connect() as connection:
                seen.append(connection.execute(in_transaction).scalar_one())
            return ANSWER

        refresh(job_resources, "parking", looks)
        assert seen == [0]

    def test_a_link_that_ends_while_it_asks_leaves_nothing(
        self, job_resources: JobResources, db: Session, make: Factory, party: Party, clock: SetClock
    ) -> None:
        link = make.link(db.get_one(Person, party.subject), "parking", uuid4()).id
        want(db, link, clock)

        def cut(_: JobResources, link: UUID) -> str:
            with committing(db):
                links.end(db, party, link, why="cut", at=clock.now())
            return ANSWER

        refresh(job_resources, "parking", cut)
        assert row(db, link) is None


class TestThreads:
    def test_take_what_is_marked_as_soon_as_it_is_committed(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], owner_engine: Engine
    ) -> None:
        with Refresher(job_resources, {"parking": says(ANSWER)}, polls_s=SOON_S * 6):
            assert soon(lambda: listens(owner_engine))
            time.sleep(0.5)  # until each has looked for itself, and found nothing
            link = wanted()
            assert soon(lambda: has_answer(db, link))

    def test_find_by_themselves_what_no_notification_told(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID]
    ) -> None:
        link = wanted()
        with Refresher(job_resources, {"parking": says(ANSWER)}, polls_s=0.05):
            assert soon(lambda: has_answer(db, link))

    def test_a_system_that_hangs_holds_only_its_own(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], hanging: Hanging
    ) -> None:
        for _ in range(SLOTS + 2):
            wanted("parking")
        bins = [wanted("bins") for _ in range(3)]
        with Refresher(job_resources, {"parking": hanging, "bins": says(ANSWER)}, polls_s=0.05):
            assert soon(lambda: all(has_answer(db, link) for link in bins))
            assert soon(lambda: len(hanging.asked) == SLOTS)
            hanging.may_answer.set()

    def test_a_killed_ones_claim_is_taken_by_another_when_it_expires(
        self, job_resources: JobResources, db: Session, wanted: Callable[..., UUID], hanging: Hanging, clock: SetClock
    ) -> None:
        link = wanted()
        killed = Refresher(job_resources, {"parking": hanging}, polls_s=0.05)
        for thread in killed._threads:
            thread.start()  # and it never gets further than asking
        assert soon(lambda: hanging.asked == [link])
        killed._stopping.set()
        assert not refresh(job_resources, "parking", says(ANSWER))
        clock.advance(CLAIMED_FOR)
        assert refresh(job_resources, "parking", says(ANSWER))
        assert has_answer(db, link)

    def test_end_soon_whatever_hangs(
        self, job_resources: JobResources, wanted: Callable[..., UUID], hanging: Hanging
    ) -> None:
        wanted()
        with Refresher(job_resources, {"parking": hanging}, polls_s=0.05):
            assert soon(lambda: bool(hanging.asked))
            began = time.monotonic()
        assert time.monotonic() - began < STOPS_WITHIN_S + 2

    def test_end_at_once_where_nothing_is_asked(self, job_resources: JobResources) -> None:
        with Refresher(job_resources, {"parking": says(ANSWER), "bins": says(ANSWER)}):
            began = time.monotonic()
        assert time.monotonic() - began < STOPS_WITHIN_S
        assert "refresh parking" not in [thread.name for thread in threading.enumerate()]


def has_answer(db: Session, link: UUID) -> bool:
    found = row(db, link)
    return bool(found and found.sealed)


def listens(engine: Engine) -> bool:
    """Tell whether a refresher listens. engine: the owner's, who sees what others do."""
    last = text("select count(*) from pg_stat_activity where datname = current_database() and query like 'listen %'")
    with engine.connect() as connection:
        return bool(connection.execute(last).scalar_one())
