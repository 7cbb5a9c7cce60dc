"""What other systems last said: who sees it, when and how often it is asked for, which answer wins, when it goes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal import snapshots
from portal.cli.keys import reseal
from portal.clock import SetClock
from portal.connectors.errors import Away, OutsideError, Refused, Unavailable
from portal.db import committing
from portal.facts import PanelState
from portal.identity import links, persons
from portal.jobs.app import conninfo
from portal.jobs.retention import clear_expired
from portal.models import Link, Person, Snapshot
from portal.party import Party
from portal.sealed import Sealer
from portal.snapshots import CLAIMED_FOR, MARKED_FOR, WAITS, Claim, LastAnswer
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


def test_an_answer_is_shown_to_whose_it_is_and_to_nobody_else(
    kept: Kept, make: Factory, party: Party, link: UUID, clock: SetClock
) -> None:
    other = make.party(make.resident(email="other@example.org"))
    kept.put(link)
    (last,) = kept.load(party)
    assert (last.link_id, last.text, last.taken_at) == (link, ANSWER, clock.now())
    assert kept.load(other) == kept.load(party, "library") == []


def test_staff_who_help_see_no_more_than_they_may(kept: Kept, party: Party, link: UUID) -> None:
    helping = Party(subject=party.subject, actor=uuid4(), level=party.level, scope=frozenset({"rent"}))
    kept.put(link, ago=FRESH_FOR)
    assert kept.load(helping) == []
    assert kept.want(helping) == 0


def test_an_answer_lies_sealed_and_is_in_no_repr(kept: Kept, party: Party, link: UUID, db: Session) -> None:
    kept.put(link, '{"title": "Middlemarch"}')
    assert b"Middlemarch" not in db.scalars(select(Snapshot.sealed)).one()  # type: ignore[operator]
    assert "Middlemarch" not in repr(kept.load(party))


def test_an_answer_opens_for_its_own_link_only(
    kept: Kept, make: Factory, mary: Person, party: Party, link: UUID
) -> None:
    other = make.link(mary, "parking", uuid4()).id
    kept.put(link)
    kept.put(other, '{"permits": 7}')
    kept.db.execute(text("update snapshot set sealed = (select sealed from snapshot where link_id = :o)"), {"o": other})
    kept.db.commit()
    assert {last.link_id: last.text for last in kept.load(party)} == {link: None, other: '{"permits": 7}'}


def test_a_changed_sealing_key_is_followed(kept: Kept, link: UUID, party: Party, db: Session) -> None:
    kept.put(link)
    newer = Sealer({"new": b"k" * 32, "demo": bytes(32)})
    assert reseal(db, newer).done == 1
    kept.sealer = Sealer({"new": b"k" * 32})
    assert kept.load(party)[0].text == ANSWER


class TestWhatWins:
    def test_a_newer_answer_takes_an_older_ones_place(self, kept: Kept, party: Party, link: UUID) -> None:
        assert kept.put(link, "1", ago=SECOND)
        assert kept.put(link, "2")
        assert kept.load(party)[0].text == "2"

    @pytest.mark.parametrize("ago", [SECOND, timedelta(0)], ids=["older", "as old"])
    def test_a_newer_answer_is_never_overwritten_by_an_older_one(
        self, kept: Kept, party: Party, link: UUID, ago: timedelta
    ) -> None:
        kept.put(link, "2")
        assert not kept.put(link, "1", ago=ago)
        assert kept.load(party)[0].text == "2"

    def test_an_answer_forgets_failures_and_what_was_wanted(self, kept: Kept, party: Party, link: UUID) -> None:
        kept.want(party)
        kept.fail(claimed(kept))
        kept.put(link)
        row = kept.row(link)
        assert row
        assert (row.failed_at, row.failure, row.failures, row.retry_at) == (None, None, 0, None)
        assert (row.wanted_at, row.claimed_until) == (None, None)

    def test_a_failure_does_not_hide_an_answer_that_came_meanwhile(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        kept.want(party)
        asking = claimed(kept)
        clock.advance(SECOND)
        kept.put(link)
        clock.advance(SECOND)
        kept.fail(asking, took=2 * SECOND)
        assert kept.state(party) is PanelState.FRESH


def claimed(kept: Kept) -> Claim:
    found = kept.claim()
    assert found
    return found


class TestWanting:
    def test_what_is_fresh_is_left_alone(self, kept: Kept, party: Party, link: UUID) -> None:
        kept.put(link, ago=FRESH_FOR - SECOND)
        assert kept.want(party) == 0
        assert kept.claim() is None

    def test_what_is_too_old_or_was_never_there_is_asked_for(
        self, kept: Kept, make: Factory, mary: Person, party: Party, link: UUID
    ) -> None:
        never = make.link(mary, "parking", uuid4()).id
        kept.put(link, ago=FRESH_FOR)
        assert kept.want(party) == 2
        assert {claimed(kept).link_id, claimed(kept).link_id} == {link, never}
        assert kept.claim() is None

    def test_two_tabs_ask_once(self, kept: Kept, party: Party, link: UUID) -> None:
        assert kept.want(party) == 1
        assert kept.want(party) == 0
        assert claimed(kept).link_id == link
        assert kept.want(party) == 0
        assert kept.claim() is None

    def test_two_tabs_that_look_at_the_same_moment_ask_once(
        self, kept: Kept, party: Party, link: UUID, engine: Engine, clock: SetClock
    ) -> None:
        at = clock.now()
        with Session(engine) as first, Session(engine) as second:
            both = [snapshots.look(each, party, KINDS, at=at).stale for each in (first, second)]
            assert both == [(link,), (link,)]
            snapshots.want(first, both[0], KINDS, at=at)
            with ThreadPoolExecutor(1) as thread:
                waiting = thread.submit(snapshots.want, second, both[1], KINDS, at=at + SECOND)
                first.commit()
                waiting.result()
            second.commit()
        row = kept.row(link)
        assert row and row.wanted_at == at

    def test_what_was_answered_between_looking_and_marking_is_left_alone(
        self, kept: Kept, party: Party, link: UUID, db: Session, clock: SetClock
    ) -> None:
        stale = snapshots.look(db, party, KINDS, at=clock.now()).stale
        kept.put(link)
        with committing(db):
            snapshots.want(db, stale, KINDS, at=clock.now())
        assert kept.claim() is None

    def test_a_mark_is_dropped_after_a_minute_and_may_be_made_anew(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        kept.want(party)
        clock.advance(MARKED_FOR)
        assert kept.claim() is None
        assert kept.want(party) == 1
        assert claimed(kept).link_id == link

    @pytest.mark.usefixtures("link")
    def test_after_a_failure_nobody_asks_for_a_minute(self, kept: Kept, party: Party, clock: SetClock) -> None:
        kept.want(party)
        kept.fail(claimed(kept), Refused("no-permit"))
        assert kept.want(party) == 0
        clock.advance(MARKED_FOR)
        assert kept.want(party) == 1

    def test_a_link_whose_time_is_over_is_not_asked_for(
        self, kept: Kept, make: Factory, mary: Person, party: Party, clock: SetClock
    ) -> None:
        make.link(mary, "parking", uuid4(), until=clock.now() + SECOND)
        kept.want(party)
        clock.advance(SECOND)
        assert kept.load(party) == []
        assert kept.want(party) == 0
        assert kept.claim() is None

    def test_a_refresher_hears_of_it_when_it_is_committed(
        self, link: UUID, db: Session, clock: SetClock, database_url: str
    ) -> None:
        with psycopg.connect(conninfo(database_url), autocommit=True) as listening:
            listening.execute(f"listen {snapshots.CHANNEL}")
            snapshots.want(db, [link], KINDS, at=clock.now())
            assert list(listening.notifies(timeout=0.1)) == []
            db.commit()
            assert [heard.payload for heard in listening.notifies(timeout=5, stop_after=1)] == ["parking"]

    def test_what_stands_changes_with_every_answer_and_when_a_system_goes_away(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        def seen() -> str:
            clock.advance(SECOND)
            return snapshots.look(kept.db, party, KINDS, at=clock.now()).seen

        first = seen()
        kept.want(party)
        asking = claimed(kept)
        assert seen() == first
        kept.fail(asking)
        failed = seen()
        clock.advance(timedelta(minutes=2))
        kept.fail(claimed(kept))
        assert seen() == failed
        kept.put(link)
        assert len({first, failed, seen()}) == 3

    def test_it_says_whether_something_is_asked_for(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        def is_asked() -> bool:
            return snapshots.look(kept.db, party, KINDS, at=clock.now()).is_asked

        kept.want(party)
        assert is_asked()
        claimed(kept)
        assert is_asked()
        kept.put(link)
        assert not is_asked()


class TestClaiming:
    def test_no_two_take_the_same(self, kept: Kept, make: Factory, mary: Person, party: Party, engine: Engine) -> None:
        wanted = {make.link(mary, "parking", uuid4()).id for _ in range(3)}
        kept.want(party)
        with Session(engine) as one, Session(engine) as other:
            taken = [snapshots.claim(each, "parking", at=kept.clock.now()) for each in (one, other, one, other)]
        assert {each.link_id for each in taken if each} == wanted
        assert taken[3] is None

    def test_a_killed_refreshers_claim_expires(self, kept: Kept, party: Party, link: UUID, clock: SetClock) -> None:
        kept.want(party)
        claimed(kept)
        clock.advance(CLAIMED_FOR - SECOND)
        assert kept.claim() is None
        clock.advance(SECOND)
        assert claimed(kept).link_id == link

    def test_and_may_be_wanted_anew(self, kept: Kept, party: Party, link: UUID, clock: SetClock) -> None:
        kept.want(party)
        clock.advance(MARKED_FOR - SECOND)
        claimed(kept)
        clock.advance(CLAIMED_FOR)
        assert kept.claim() is None
        assert kept.want(party) == 1
        assert claimed(kept).link_id == link

    def test_each_service_has_its_own(self, kept: Kept, party: Party, link: UUID) -> None:
        kept.want(party)
        assert kept.claim("library") is None
        assert claimed(kept).link_id == link

    def test_those_that_people_wait_for_come_first_the_longest_wait_before_all(
        self, kept: Kept, make: Factory, clock: SetClock
    ) -> None:
        def wanted(email: str) -> UUID:
            person = make.resident(email=email)
            link = make.link(person, "parking", uuid4()).id
            kept.want(make.party(person))
            clock.advance(SECOND)
            return link

        failed = wanted("failed@example.org")
        kept.fail(claimed(kept))
        clock.advance(WAITS[0] * 2)
        assert [wanted("first@example.org"), wanted("second@example.org"), failed] == [
            claimed(kept).link_id for _ in range(3)
        ]


class TestFailing:
    def test_is_tried_again_by_itself_each_time_later_for_a_day(
        self, kept: Kept, party: Party, link: UUID, clock: SetClock
    ) -> None:
        began = clock.now()
        kept.want(party)
        kept.fail(claimed(kept))
        for wait in WAITS:
            row = kept.row(link)
            assert row and row.retry_at
            assert 0.7 * wait <= row.retry_at - clock.now() <= 1.3 * wait
            clock.set(row.retry_at - SECOND)
            assert kept.claim() is None
            clock.set(row.retry_at)
            kept.fail(claimed(kept))
        assert timedelta(hours=12) < clock.now() - began < timedelta(hours=36)
        row = kept.row(link)
        assert row and row.retry_at is None

    def test_a_refusal_is_not_tried_again_by_itself(self, kept: Kept, party: Party, link: UUID) -> None:
        kept.want(party)
        kept.fail(claimed(kept), Refused("no-permit"))
        row = kept.row(link)
        assert row and row.retry_at is None
        (last,) = kept.load(party)
        assert (last.failure, last.reason) == ("refused", "no-permit")


class TestStates:
    @pytest.mark.usefixtures("link")
    def test_never_had_one_and_being_asked(self, kept: Kept, party: Party) -> None:
        kept.want(party)
        assert kept.state(party) is PanelState.ASKING

    @pytest.mark.usefixtures("link")
    def test_never_had_one_and_away(self, kept: Kept, party: Party) -> None:
        kept.want(party)
        kept.fail(claimed(kept))
        assert kept.state(party) is PanelState.NEVER

    def test_fresh_then_older(self, kept: Kept, party: Party, link: UUID, clock: SetClock) -> None:
        kept.put(link)
        clock.advance(FRESH_FOR - SECOND)
        assert kept.state(party) is PanelState.FRESH
        clock.advance(SECOND)
        assert kept.state(party) is PanelState.OLDER

    @pytest.mark.parametrize(("error", "state"), [(AWAY, PanelState.AWAY), (Refused("no"), PanelState.OLDER)])
    def test_away_since_the_last_answer(
        self, kept: Kept, party: Party, link: UUID, error: OutsideError, state: PanelState
    ) -> None:
        kept.put(link, ago=FRESH_FOR)
        kept.want(party)
        kept.fail(claimed(kept), error)
        assert kept.state(party) is state
        assert kept.load(party)[0].text == ANSWER


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
