"""Sealing: every committed record once, in whatever order transactions end, and nobody waits for it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.clock import SetClock
from portal.trail.sealing import seal_all
from tests.support.trail import KEYS, Trail


@pytest.fixture
def other(engine: Engine) -> Iterator[Session]:
    """Another request's or worker's session."""
    with Session(engine) as session:
        yield session


def sealed(db: Session) -> list[tuple[int, int]]:
    """Return each leaf: the number of its seal, and its record's id."""
    found = [
        (row.seal, row.event_id) for row in db.execute(text("select seal, event_id from audit_leaf order by 1, 2"))
    ]
    db.rollback()
    return found


def test_seals_what_is_there_in_batches_once(db: Session, trail: Trail) -> None:
    ids = [trail.happens() for _ in range(5)]
    assert trail.seal(most=2) == 5
    assert sealed(db) == list(zip([1, 1, 2, 2, 3], ids, strict=True))
    assert trail.seal() == 0
    assert trail.verify().is_whole


def test_nothing_to_seal_makes_no_seal(db: Session, trail: Trail) -> None:
    assert trail.seal() == 0
    assert db.execute(text("select count(*) from audit_seal")).scalar_one() == 0


def test_a_record_committed_later_than_younger_ones_is_sealed_then(
    db: Session, other: Session, trail: Trail, clock: SetClock
) -> None:
    record(other, None, "rent.view", at=clock.now())
    (late,) = other.execute(text("select max(id) from audit_event")).one()
    younger = trail.happens()
    trail.seal()
    assert late < younger
    assert sealed(db) == [(1, younger)]
    other.commit()
    clock.advance(timedelta(minutes=1))
    trail.seal()
    assert sealed(db) == [(1, younger), (2, late)]
    assert trail.verify().is_whole


def test_what_is_later_than_an_hour_is_found_by_a_thorough_look_alone(
    other: Session, trail: Trail, clock: SetClock
) -> None:
    record(other, None, "rent.view", at=clock.now())
    trail.sealed()
    clock.advance(timedelta(hours=2))
    trail.sealed()
    other.commit()
    assert trail.seal() == 0
    assert trail.seal(thorough=True) == 1


def test_where_another_is_sealing_there_is_nothing_to_do(other: Session, trail: Trail, clock: SetClock) -> None:
    trail.happens()
    other.execute(text("select pg_advisory_xact_lock(hashtext('audit_seal'))"))
    assert trail.seal() == 0
    other.rollback()
    assert seal_all(other, KEYS, at=clock.now()) == 1
    assert trail.seal() == 0
    assert trail.verify().is_whole


def test_nobody_who_writes_a_record_waits_for_a_sealer(
    db: Session, other: Session, trail: Trail, clock: SetClock
) -> None:
    trail.happens()
    other.execute(text("select pg_advisory_xact_lock(hashtext('audit_seal'))"))
    other.execute(text("insert into audit_seal values (1, now(), 1, '', '', '', '')"))
    db.execute(text("set local lock_timeout = 100"))
    record(db, None, "rent.view", at=clock.now())
    db.commit()
    other.rollback()


@pytest.mark.parametrize(
    ("act", "authority", "day"),
    [
        ("rent.view", "self", date(2002, 1, 2)),
        ("rent.view", "staff", date(2007, 1, 1)),
        ("sign-in.password", "unknown", date(2002, 1, 2)),
        ("link.begin", "self", date(2007, 1, 1)),
    ],
)
def test_a_leaf_says_from_which_day_its_record_may_go(
    db: Session, trail: Trail, act: str, authority: str, day: date
) -> None:
    trail.happens(act, authority=authority, at=datetime(2001, 1, 1, 10, tzinfo=UTC))
    trail.seal()
    assert db.execute(text("select delete_on from audit_leaf")).scalar_one() == day


@pytest.mark.parametrize("table", ["audit_seal", "audit_leaf", "audit_head"])
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {}"])
def test_the_portal_changes_nothing_of_it(
    engine: Engine, owner_engine: Engine, trail: Trail, table: str, statement: str
) -> None:
    trail.sealed()
    trail.head()
    column = {"audit_seal": "root", "audit_leaf": "digest", "audit_head": "hash"}[table]
    tried = text(statement.format(table, column, column) + (" cascade" if statement.startswith("truncate") else ""))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(tried)
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(tried)
