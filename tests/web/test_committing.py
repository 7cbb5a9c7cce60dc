"""The one way to commit, the audit, and asking another system: tried with a database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.audit import asking, record
from portal.db import at_once, committing, rows
from portal.models import Asked, AuditEvent, Person, StaffRole
from portal.party import Party
from portal.sealed import Sealer
from tests.factories import Factory

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def party(make: Factory, mary: Person) -> Party:
    return make.party(mary)


def outcomes(db: Session) -> list[str]:
    return list(db.scalars(select(AuditEvent.outcome).order_by(AuditEvent.id)))


class TestCommitting:
    def test_keeps_what_the_block_wrote(self, db: Session, engine: Engine, party: Party) -> None:
        with committing(db):
            record(db, party, "rent.view", at=NOW)
        with Session(engine) as other:
            assert outcomes(other) == ["done"]

    def test_keeps_nothing_if_the_block_raises(self, db: Session, party: Party) -> None:
        def fail_half_way() -> None:
            with committing(db):
                record(db, party, "rent.view", at=NOW)
                raise RuntimeError("half way")

        with pytest.raises(RuntimeError, match="half way"):
            fail_half_way()
        assert outcomes(db) == []

    def test_refuses_an_action_that_calls_an_action(self, db: Session) -> None:
        with pytest.raises(RuntimeError, match="actions do not call actions"), committing(db), committing(db):
            pass

    def test_can_be_used_again_after_a_failure(self, db: Session, party: Party) -> None:
        with pytest.raises(ValueError, match="no"), committing(db):
            raise ValueError("no")
        with committing(db):
            record(db, party, "rent.view", at=NOW)
        assert outcomes(db) == ["done"]


class TestAtOnce:
    def test_keeps_each_statement_by_itself(self, db: Session, engine: Engine, party: Party) -> None:
        with at_once(db) as connection:
            record(connection, party, "rent.view", at=NOW)
            with Session(engine) as other:
                assert outcomes(other) == ["done"]

    def test_needs_no_second_connection(self, db: Session) -> None:
        db.execute(text("select 1"))
        with at_once(db):
            assert not db.in_transaction()

    def test_leaves_later_transactions_as_they_are(self, db: Session, party: Party) -> None:
        with at_once(db):
            pass
        record(db, party, "rent.view", at=NOW)
        db.rollback()
        assert outcomes(db) == []

    def test_is_refused_where_it_would_not_see_what_is_being_written(self, db: Session) -> None:
        with pytest.raises(RuntimeError, match="not seen"), committing(db), at_once(db):
            pass


class TestRows:
    def test_are_what_the_statement_asks_for(self, db: Session, party: Party) -> None:
        of_person = select(AuditEvent.act, AuditEvent.details).where(
            AuditEvent.outcome == "done", AuditEvent.actor_id == bindparam("person")
        )
        record(db, party, "rent.view", at=NOW, lines=3)
        record(db, None, "rent.import", at=NOW)
        assert [tuple(row) for row in rows(db, of_person, person=party.actor)] == [("rent.view", {"lines": 3})]

    def test_are_refused_where_a_column_would_stay_as_the_driver_has_it(self, db: Session) -> None:
        with pytest.raises(TypeError, match="ARRAY"):
            rows(db, select(func.array_agg(StaffRole.role).label("roles")))

    def test_need_a_value_for_each_parameter(self, db: Session) -> None:
        with pytest.raises(ProgrammingError, match="person"):
            rows(db, text("select name from person where id = :person"))


class TestARecord:
    def test_names_both_persons_and_why_the_actor_might(self, db: Session, make: Factory, mary: Person) -> None:
        sam = make.staff()
        helping = Party(subject=mary.id, actor=sam.id, level=make.party(sam).level)
        with committing(db):
            record(db, helping, "rent.view", at=NOW, object="rent.account:1")
        event = db.scalars(select(AuditEvent)).one()
        assert (event.subject_id, event.actor_id, event.authority) == (mary.id, sam.id, "staff")

    def test_outlives_the_person_it_is_about(self, db: Session, party: Party) -> None:
        with committing(db):
            record(db, party, "account.close", at=NOW)
            db.execute(text("delete from person"))
        assert outcomes(db) == ["done"]


class TestAsking:
    """Two committed rows, the asking and its outcome, and no transaction in between."""

    def ask(self, db: Session, party: Party, sealer: Sealer, *, fails: Exception | None = None) -> None:
        with asking(db, party, "library.renew", at=NOW, object="library.card:1", question="B1", sealer=sealer) as asked:
            assert not db.in_transaction()
            if fails:
                raise fails
            asked.settled("renewed")

    def test_is_settled_by_an_answer(self, db: Session, party: Party, sealer: Sealer) -> None:
        self.ask(db, party, sealer)
        assert outcomes(db) == ["asked", "done"]
        assert db.scalar(select(func.count()).select_from(Asked)) == 0

    def test_is_settled_by_a_refusal(self, db: Session, party: Party, sealer: Sealer) -> None:
        class Refused(Exception):
            settles = "refused"

        with pytest.raises(Refused):
            self.ask(db, party, sealer, fails=Refused())
        assert outcomes(db) == ["asked", "refused"]
        assert db.scalar(select(func.count()).select_from(Asked)) == 0

    def test_stays_open_while_nobody_knows(self, db: Session, party: Party, sealer: Sealer) -> None:
        with pytest.raises(TimeoutError):
            self.ask(db, party, sealer, fails=TimeoutError())
        assert outcomes(db) == ["asked", "unknown"]
        question = db.scalars(select(Asked.question)).one()
        assert b"B1" not in question and sealer.unseal(question, context="asked.question") == "B1"
