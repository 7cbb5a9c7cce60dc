"""Deletion by rule: what has had its time goes, the trail verifies, and nothing goes before its day."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.trail import keeping
from portal.trail.findings import Finding, Trouble
from tests.support.trail import Trail, superuser

LONG_AGO = datetime(2001, 1, 1, 10, tzinfo=UTC)
DUE = datetime(2002, 1, 2, 0, 0, tzinfo=UTC)
"""When a look of somebody's own at ``LONG_AGO`` may go: a year later, and the day is over."""


@pytest.fixture
def old(trail: Trail, clock: SetClock) -> list[int]:
    """A resident's look, a look by staff, a resident's look, sealed together long ago."""
    clock.set(LONG_AGO)
    ids = [trail.happens(authority=authority) for authority in ("self", "staff", "self")]
    trail.seal()
    return ids


def ids(db: Session) -> list[int]:
    db.rollback()
    return list(db.scalars(text("select id from audit_event where act <> 'audit.delete-due' order by id")))


def test_goes_on_its_day_and_leaves_the_trail_whole(db: Session, trail: Trail, clock: SetClock, old: list[int]) -> None:
    clock.set(DUE)
    assert keeping.delete_due(db, at=clock.now()) == 2
    assert ids(db) == [old[1]]
    report = trail.verify()
    assert (report.is_whole, report.records, report.deleted) == (True, 1, 2)


def test_stays_until_its_day(db: Session, clock: SetClock, old: list[int]) -> None:
    clock.set(DUE - timedelta(seconds=1))
    assert keeping.delete_due(db, at=clock.now()) == 0
    assert ids(db) == old


@pytest.mark.usefixtures("old")
def test_is_on_record_itself(db: Session, clock: SetClock) -> None:
    clock.set(DUE)
    keeping.delete_due(db, at=clock.now(), most=1)
    noted = db.execute(text("select authority, details from audit_event where act = 'audit.delete-due'")).all()
    assert [tuple(row) for row in noted] == [("system", {"records": 1})] * 2


def test_what_was_never_sealed_stays(db: Session, trail: Trail, clock: SetClock) -> None:
    clock.set(LONG_AGO)
    event = trail.happens()
    clock.set(DUE)
    assert keeping.delete_due(db, at=clock.now()) == 0
    assert ids(db) == [event]


def test_leaves_nothing_by_which_a_record_could_be_guessed(db: Session, clock: SetClock, old: list[int]) -> None:
    clock.set(DUE)
    keeping.delete_due(db, at=clock.now())
    assert set(db.scalars(text("select event_id from audit_leaf where salt is null"))) == {old[0], old[2]}


def test_a_clock_that_runs_ahead_deletes_nothing_early(db: Session, trail: Trail, clock: SetClock) -> None:
    (today,) = db.execute(text("select now()")).one()
    db.rollback()
    clock.set(today)
    event = trail.happens()
    trail.seal()
    clock.set(today + timedelta(days=4000))
    assert keeping.delete_due(db, at=clock.now()) == 0
    assert ids(db) == [event]


def test_what_is_due_and_gone_otherwise_is_still_found(
    trail: Trail, clock: SetClock, owner_engine: Engine, old: list[int]
) -> None:
    with superuser(owner_engine) as connection:
        connection.execute(text("delete from audit_event where id = :id"), {"id": old[0]})
    clock.set(DUE)
    assert trail.findings() == [Finding(Trouble.RECORD_DELETED, seal=1, record=old[0])]


class TestTheOwner:
    """By mistake; with triggers off it is tampering, which verifying finds."""

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from audit_event",
            "update audit_leaf set salt = null, delete_on = '2000-01-01'",
            "delete from audit_leaf",
        ],
    )
    def test_deletes_nothing_past_the_rule(self, owner_engine: Engine, trail: Trail, statement: str) -> None:
        trail.sealed()
        with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))

    def test_marks_no_leaf_before_its_day(
        self, owner_engine: Engine, db: Session, trail: Trail, clock: SetClock
    ) -> None:
        (today,) = db.execute(text("select now()")).one()
        db.rollback()
        clock.set(today)
        trail.sealed()
        with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("update audit_leaf set salt = null"))
