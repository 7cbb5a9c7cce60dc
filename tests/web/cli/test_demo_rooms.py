"""The demo's library branches: something to see of each thing, at any hour; filling it again adds nothing."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking, Branch, Computer, Count, OpeningException, Waiting
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.rules.hours import Where
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import State
from portal.cli.demo import loading
from portal.cli.demo.running import greeting
from portal.clock import SetClock
from portal.council import Council
from portal.identity import persons
from portal.settings import Settings
from tests.web.cli.conftest import Load

HOURS = [1, 6, 17, 21] if os.environ.get("SOAK") else [1, 17]
TABLES = (Branch, Computer, OpeningException, Booking, Waiting, Count)


def count(db: Session, table: Any) -> int:
    db.rollback()
    return db.execute(select(func.count()).select_from(table)).scalar_one()


def states(db: Session, now: datetime, email: str) -> list[State]:
    """Return what stands of the bookings of one of the demo's residents."""
    account = persons.find(db, email)
    assert account
    return [held.state(now) for held in bookings.held(db, Booking.person_id == account.id)]


@pytest.mark.parametrize("loading", ["load", "load_irish"])
def test_there_is_a_computer_of_every_kind(loading: str, request: pytest.FixtureRequest, db: Session) -> None:
    request.getfixturevalue(loading)()
    assert set(db.scalars(select(Computer.kind))) == set(Kind)


def test_residents_book_sit_and_wait(load: Load, db: Session, clock: SetClock) -> None:
    load()
    now = clock.now()
    assert states(db, now, "halima@example.org") == [State.BOOKED]
    assert states(db, now, "catrin@example.org") == [State.BOOKED]
    assert states(db, now, "bartosz@example.org") == [State.IN_USE]
    [waits] = db.scalars(select(Waiting.person_id).where(Waiting.left_at.is_(None)))
    renee = persons.find(db, "renee@example.org")
    assert renee and waits == renee.id
    guests = bookings.held(db, Booking.guest_id.is_not(None))
    assert [guest.state(now) for guest in guests] == [State.IN_USE] * 3


def test_nobody_knows_who_sat_there_in_the_days_before(load: Load, db: Session, clock: SetClock) -> None:
    load()
    before = bookings.held(db, Booking.ends_at < clock.now())
    assert len(before) > 500
    assert {held.holder for held in before} == {None}


def test_filling_it_again_adds_nothing(load: Load, db: Session) -> None:
    load()
    before = [count(db, table) for table in TABLES]
    load()
    assert [count(db, table) for table in TABLES] == before


def test_the_next_day_has_its_own_bookings(load: Load, db: Session, clock: SetClock) -> None:
    load()
    clock.advance(timedelta(days=1))
    load()
    assert states(db, clock.now(), "halima@example.org") == [State.BOOKED, State.BOOKED]
    assert states(db, clock.now(), "bartosz@example.org") == [State.ENDED, State.IN_USE]


def test_each_computer_of_the_first_branch_gets_a_program_and_each_start_a_new_code(
    load: Load, database_url: str, settings: Settings, clock: SetClock
) -> None:
    load()
    of_demo = settings.model_copy(update={"database_url": database_url})
    first, second = [loading.codes_of_room(of_demo, clock=clock) for _ in range(2)]
    assert list(first) == [str(number) for number in range(1, 17)] == list(second)
    assert not set(first.values()) & set(second.values())


def test_where_the_screens_are_fits_into_a_terminal() -> None:
    said = "\n".join(greeting("Millbrook Council", "http://localhost:8000", [], "http://localhost:6003"))
    assert "http://localhost:6003" in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("hour", HOURS)
def test_it_can_be_tried_at_any_hour_of_a_sunday(
    load: Load, db: Session, clock: SetClock, council: Council, hour: int
) -> None:
    clock.set(datetime(2026, 11, 29, hour, 30, tzinfo=UTC))
    load()
    today, here = clock.now().date(), Where(council.zone, council.nation)
    central = next(one for one in rooms.branches(db, since=today) if one.code == "CEN")
    [spell] = central.opening.spells(today, here)
    assert spell.start <= clock.now() < spell.end - timedelta(hours=2)
    assert states(db, clock.now(), "bartosz@example.org") == [State.IN_USE]
