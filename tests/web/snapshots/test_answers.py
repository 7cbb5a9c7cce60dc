"""What other systems last said: who sees it, which answer wins, as which state it is shown."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.cli.keys import reseal
from portal.clock import SetClock
from portal.connectors.errors import OutsideError, Refused
from portal.facts import PanelState
from portal.models import Person, Snapshot
from portal.party import Party
from portal.sealed import Sealer
from tests.factories import Factory
from tests.web.snapshots.conftest import ANSWER, AWAY, FRESH_FOR, SECOND, Kept, claimed


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
