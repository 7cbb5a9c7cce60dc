"""What pages want, who takes it to be asked for, and what becomes of a try that fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import snapshots
from portal.clock import SetClock
from portal.connectors.errors import Refused
from portal.db import committing
from portal.jobs.app import conninfo
from portal.models import Person
from portal.party import Party
from portal.snapshots import CLAIMED_FOR, MARKED_FOR, WAITS
from tests.factories import Factory
from tests.web.snapshots.conftest import FRESH_FOR, KINDS, SECOND, Kept, claimed


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
