"""How long applications are kept: by one table, which the worker applies; what is open is never deleted."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from uuid import UUID

import pytest
from procrastinate import App
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy import jobs
from portal.blueprints.energy.actions import tidying
from portal.blueprints.energy.actions.drafting import KEPT
from portal.blueprints.energy.actions.progressing import NoSuchStep, take_step
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvidence, EnergyWorks
from portal.blueprints.energy.rules.progress import OPEN, State
from portal.blueprints.energy.rules.retention import RULES
from portal.clock import SetClock
from portal.db import defer
from portal.models import AuditEvent, Person
from tests.conftest import TUESDAY
from tests.support.applied import WITH_HEALTH, WITHOUT_HEALTH, Applied
from tests.support.storage import FakeFileStore

DAY = timedelta(days=1)
ENDED = sorted(set(State) - OPEN - {State.DRAFT})
SIX_YEARS = RULES["decided"].kept


@pytest.fixture
def tidy(db: Session, clock: SetClock) -> Callable[..., dict[str, int]]:
    """Do what the job does, so long after Tuesday."""

    def tidy(after: timedelta, *, batch: int = tidying.BATCH) -> dict[str, int]:
        clock.set(TUESDAY + after)
        return tidying.tidy(db, now=clock.now(), batch=batch)

    return tidy


Tidy = Callable[..., dict[str, int]]


def row(db: Session) -> EnergyApplication:
    db.rollback()
    db.expire_all()
    return db.scalars(select(EnergyApplication)).one()


def ids(db: Session) -> list[UUID]:
    db.rollback()
    return list(db.scalars(select(EnergyApplication.id)))


def kept_by(state: State) -> timedelta:
    return RULES[{State.WITHDRAWN: "withdrawn", State.CLOSED: "closed"}.get(state, "decided")].kept


class TestDrafts:
    def test_are_deleted_when_their_time_is_over(self, tidy: Tidy, applied: Applied, mary: Person, db: Session) -> None:
        applied.draft(mary, at=TUESDAY, until=TUESDAY + KEPT)
        assert tidy(KEPT - timedelta(seconds=1)) == {}
        assert tidy(KEPT) == {"draft": 1}
        assert ids(db) == []

    def test_the_table_says_how_long_that_is(self) -> None:
        assert RULES["draft"].kept == KEPT


class TestWhatIsOpen:
    @pytest.mark.parametrize("state", sorted(OPEN))
    def test_is_never_deleted_nor_anything_of_it(
        self, tidy: Tidy, applied: Applied, mary: Person, db: Session, files: FakeFileStore, state: State
    ) -> None:
        sent = applied.sent(mary, at=TUESDAY)
        applied.file(sent, files, "health", b"a", at=TUESDAY)
        applied.step(sent, state, at=TUESDAY, due=date(2026, 12, 24) if state is State.EVIDENCE_NEEDED else None)
        assert tidy(10 * SIX_YEARS) == {}
        assert row(db).health and row(db).bank
        assert db.scalars(select(EnergyEvidence)).one()

    def test_keeps_what_was_decided_beside_it(self, tidy: Tidy, applied: Applied, mary: Person) -> None:
        sent = applied.sent(mary, at=TUESDAY, schemes=(WITHOUT_HEALTH, WITH_HEALTH))
        applied.step(sent, State.REFUSED, at=TUESDAY)
        assert tidy(10 * SIX_YEARS) == {}


class TestWhatHasEnded:
    @pytest.mark.parametrize("state", ENDED)
    def test_is_deleted_as_long_after_its_last_step_as_the_table_says(
        self, tidy: Tidy, applied: Applied, mary: Person, db: Session, state: State
    ) -> None:
        sent = applied.sent(mary, at=TUESDAY - 300 * DAY)
        applied.step(sent, state, at=TUESDAY)
        tidy(kept_by(state) - timedelta(seconds=1))
        assert ids(db) == [sent.id]
        tidy(kept_by(state))
        assert ids(db) == []

    def test_goes_by_the_case_that_is_kept_longest(
        self, tidy: Tidy, applied: Applied, mary: Person, db: Session
    ) -> None:
        sent = applied.sent(mary, at=TUESDAY, schemes=(WITHOUT_HEALTH, WITH_HEALTH))
        applied.step(sent, State.WITHDRAWN, at=TUESDAY)
        applied.step(sent, State.PAID, at=TUESDAY, scheme=WITH_HEALTH)
        tidy(RULES["closed"].kept)
        assert ids(db) == [sent.id]
        tidy(SIX_YEARS)
        assert ids(db) == []

    def test_forgets_health_first_and_what_shows_it(
        self, tidy: Tidy, applied: Applied, mary: Person, db: Session, files: FakeFileStore
    ) -> None:
        sent = applied.sent(mary, at=TUESDAY)
        applied.file(sent, files, "health", b"a", at=TUESDAY)
        applied.file(sent, files, "income", b"b", at=TUESDAY)
        applied.step(sent, State.PAID, at=TUESDAY)
        assert tidy(RULES["health"].kept - timedelta(seconds=1)) == {"bank": 1}
        assert row(db).health
        assert tidy(RULES["health"].kept) == {"health": 1}
        assert row(db).health is None
        assert list(db.scalars(select(EnergyEvidence.kind))) == ["income"]

    @pytest.mark.parametrize("state", ENDED)
    def test_forgets_bank_details_once_nothing_is_left_to_be_paid(
        self, tidy: Tidy, applied: Applied, mary: Person, db: Session, state: State
    ) -> None:
        unpaid = state in (State.APPROVED, State.PARTLY_APPROVED, State.REVIEW_DECIDED)
        kept = RULES["bank-unpaid" if unpaid else "bank"].kept
        applied.step(applied.sent(mary, at=TUESDAY), state, at=TUESDAY)
        tidy(kept - timedelta(seconds=1))
        assert row(db).bank
        tidy(kept)
        assert row(db).bank is None


class TestWorks:
    def test_answers_go_so_long_after_they_were_taken_back(self, tidy: Tidy, mary: Person, db: Session) -> None:
        given = {
            "person_id": mary.id,
            "edition": "1",
            "interested": True,
            "agrees": True,
            "home": b"h",
            "signed_as": b"s",
        }
        said = {"words": "Yes.", "language": "en", "at": TUESDAY, "actor_id": mary.id}
        db.add(EnergyWorks(scheme="back", taken_back_at=TUESDAY, **given, **said))
        db.add(EnergyWorks(scheme="stands", taken_back_at=None, **given, **said))
        db.commit()
        assert tidy(RULES["works"].kept - timedelta(seconds=1)) == {}
        assert tidy(RULES["works"].kept) == {"works": 1}
        assert list(db.scalars(select(EnergyWorks.scheme))) == ["stands"]


class TestTheJob:
    def test_twice_is_as_good_as_once(self, tidy: Tidy, applied: Applied, mary: Person) -> None:
        applied.step(applied.sent(mary, at=TUESDAY), State.WITHDRAWN, at=TUESDAY)
        assert tidy(RULES["withdrawn"].kept) == {"withdrawn": 1}
        assert tidy(RULES["withdrawn"].kept) == {}

    def test_goes_on_until_nothing_is_left(self, tidy: Tidy, applied: Applied, mary: Person, db: Session) -> None:
        for _ in range(5):
            applied.step(applied.sent(mary, at=TUESDAY), State.WITHDRAWN, at=TUESDAY)
        assert tidy(RULES["withdrawn"].kept, batch=2) == {"withdrawn": 5}
        assert ids(db) == []

    def test_says_what_it_did_in_the_audit_with_numbers_alone(
        self, applied: Applied, mary: Person, clock: SetClock, db: Session, jobs_app: App, run_jobs: Callable[[], None]
    ) -> None:
        assert jobs.jobs.tasks
        applied.draft(mary, at=TUESDAY, until=TUESDAY + KEPT)
        applied.step(applied.sent(mary, at=TUESDAY), State.WITHDRAWN, at=TUESDAY)
        clock.set(TUESDAY + RULES["withdrawn"].kept)
        assert "energy:tidy" in jobs_app.tasks
        defer(db, "energy:tidy", timestamp=0)
        db.commit()
        run_jobs()
        event = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.tidy")).one()
        assert (event.authority, event.subject_id) == ("system", None)
        assert event.details == {"draft": 1, "withdrawn": 1}

    def test_leaves_no_record_where_there_was_nothing_to_do(self, tidy: Tidy, db: Session) -> None:
        assert tidy(DAY) == {}
        assert db.scalars(select(AuditEvent)).all() == []

    def test_a_case_that_is_opened_again_meanwhile_stays(
        self, applied: Applied, mary: Person, clock: SetClock, db: Session, engine: Engine
    ) -> None:
        """Somebody takes the step first: the job waits for them, and looks again."""
        sent = applied.sent(mary, at=TUESDAY)
        applied.step(sent, State.CLOSED, at=TUESDAY)
        clock.set(TUESDAY + RULES["closed"].kept)
        with Session(engine) as other:
            take_step(
                other, (sent.id, WITHOUT_HEALTH), State.CHECKING, before=(State.CLOSED,), by="council", at=clock.now()
            )
            job = Thread(target=self._tidy, args=(engine, clock))
            job.start()
            job.join(0.5)
            assert job.is_alive(), "it waits"
            other.commit()
            job.join(10)
        assert ids(db) == [sent.id]
        assert db.scalars(select(EnergyCase.state)).one() == "checking"

    def test_a_step_after_the_deletion_finds_nothing(
        self, tidy: Tidy, applied: Applied, mary: Person, clock: SetClock, db: Session
    ) -> None:
        sent = applied.sent(mary, at=TUESDAY)
        applied.step(sent, State.CLOSED, at=TUESDAY)
        tidy(RULES["closed"].kept)
        with pytest.raises(NoSuchStep):
            take_step(
                db, (sent.id, WITHOUT_HEALTH), State.CHECKING, before=(State.CLOSED,), by="council", at=clock.now()
            )

    @staticmethod
    def _tidy(engine: Engine, clock: SetClock) -> None:
        with Session(engine) as db:
            tidying.tidy(db, now=clock.now())
