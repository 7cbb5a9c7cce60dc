"""A first night that is brought back (``tests.support.first_nights``) is as one that was imported."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, Row, text
from sqlalchemy.orm import Session

from portal.clock import SetClock
from tests.factories.rent import BEFORE, GARAGE, JOHN, MARY, RENT, Night, Tenancies
from tests.support import databases, first_nights

TABLES = ("rent_account", "rent_tenant", "rent_line", "rent_arrangement", "rent_import", "rent_import_run")
RECORDS = "select at, actor_id, subject_id, authority, act, object, outcome, request_id, details from audit_event"

Left = dict[str, list[Row[tuple[object, ...]]]]


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_nights, "_kept", {})


def night(day: date = date(2026, 11, 24)) -> Night:
    night = Night(on=day).account(BEFORE, RENT, tenants=(MARY, JOHN))
    return night.account(reference=GARAGE, tenants=(MARY,), arrangement=("02/11/2026", "Weekly", "N", 500))


def left(db: Session) -> Left:
    db.rollback()
    found = {name: list(db.execute(text(f"select * from {name} order by 1, 2"))) for name in TABLES}  # noqa: S608
    db.rollback()
    return found | {"audit_event": list(db.execute(text(RECORDS)))}


def test_all_that_it_left_is_there_again(tenancies: Tenancies, db: Session, owner_engine: Engine) -> None:
    imported = tenancies.load(night())
    before = left(db)
    assert all(before.values())
    db.rollback()
    with owner_engine.begin() as connection:
        connection.execute(text(databases.EMPTY_ALL))
    assert tenancies.load(night()) is imported, "it was imported again"
    assert left(db) == before


def test_the_next_night_is_imported_over_it(tenancies: Tenancies, owner_engine: Engine, clock: SetClock) -> None:
    tenancies.load(night())
    with owner_engine.begin() as connection:
        connection.execute(text(databases.EMPTY_ALL))
    tenancies.load(night())
    clock.advance(timedelta(days=1))
    second = tenancies.load(night(date(2026, 11, 25)).account(RENT, reference="7204011899"))
    assert (second.new, second.accounts) == (1, 3)


def test_another_moment_is_another_night(tenancies: Tenancies, owner_engine: Engine, clock: SetClock) -> None:
    first = tenancies.load(night())
    with owner_engine.begin() as connection:
        connection.execute(text(databases.EMPTY_ALL))
    clock.advance(timedelta(minutes=1))
    assert tenancies.load(night()) is not first
