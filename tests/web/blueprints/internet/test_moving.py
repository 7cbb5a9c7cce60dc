"""Giving people another computer, or none: Tuesday 24 November 2026, 10am; the branch closes at 5pm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.moving import Mover, Replaced, replace_or_cancel
from portal.blueprints.internet.models import Booking, Computer, Day, OpeningException
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from portal.models import AuditEvent, OutboxMessage
from tests.factories import Factory
from tests.support.rooms import Rooms

HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident().id


@pytest.fixture
def joe(make: Factory) -> UUID:
    return make.resident(email="joe@example.org", name="Joe Example").id


@pytest.fixture
def look(db: Session) -> Callable[[UUID], Held]:
    """Return a booking as it stands."""

    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


def book(rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime | None, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, Kind.STANDARD, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: UUID, branch: UUID, minutes: int = 60) -> UUID:
    booking_id = book(rooms, person, branch, None, minutes)
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def breaks(rooms: Rooms, computer: UUID) -> None:
    rooms.db.execute(update(Computer).where(Computer.id == computer).values(status="out-of-order"))
    rooms.db.commit()


def replaced(rooms: Rooms, *ids: UUID) -> Replaced:
    return replace_or_cancel(Mover(rooms.db, rooms.desk, None, "out-of-order", rooms.clock.now()), ids)


def told(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(OutboxMessage.template).order_by(OutboxMessage.template)))


class TestABooking:
    def test_moves_to_a_computer_of_its_kind_and_its_owner_is_told(
        self, rooms: Rooms, db: Session, mary: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.LARGE_SCREEN, Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12))
        before = look(kept)
        breaks(rooms, before.computer_id)
        assert replaced(rooms, kept) == Replaced(moved=1)
        after = look(kept)
        assert {before.computer, after.computer} == {"1", "3"}
        assert (after.starts_at, after.ends_at, after.held_until) == (at(12), at(13), at(12, 10))
        assert told(db) == ["internet-booked", "internet-moved"]
        assert db.scalars(select(AuditEvent.subject_id).where(AuditEvent.act == "internet.move")).all() == [mary]

    def test_is_cancelled_without_one_and_costs_no_minutes(
        self, rooms: Rooms, db: Session, mary: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.LARGE_SCREEN)
        kept = book(rooms, mary, branch, at(12))
        breaks(rooms, look(kept).computer_id)
        assert replaced(rooms, kept) == Replaced(cancelled=1)
        assert look(kept).state(at(10)) is State.CANCELLED
        assert told(db) == ["internet-booked", "internet-cancelled"]
        assert db.scalars(select(Day.taken)).all() == [0]

    def test_takes_no_computer_that_somebody_else_has_then(
        self, rooms: Rooms, mary: UUID, joe: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        kept, others = book(rooms, mary, branch, at(12)), book(rooms, joe, branch, at(12, 30))
        breaks(rooms, look(kept).computer_id)
        assert replaced(rooms, kept) == Replaced(cancelled=1)
        assert look(others).state(at(10)) is State.BOOKED

    def test_ends_when_its_branch_closes_sooner(
        self, rooms: Rooms, db: Session, mary: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12))
        db.add(OpeningException(branch_id=branch, day=at(12).date(), opens=540, closes=750, why={"en": "A burst pipe"}))
        db.commit()
        assert replaced(rooms, kept) == Replaced(moved=1)
        assert (look(kept).starts_at, look(kept).ends_at) == (at(12), at(12, 30))

    def test_is_cancelled_when_its_branch_is_closed(self, rooms: Rooms, db: Session, mary: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12))
        db.add(OpeningException(branch_id=branch, day=at(12).date(), opens=None, closes=None, why={"en": "Snow"}))
        db.commit()
        assert replaced(rooms, kept) == Replaced(cancelled=1)

    def test_stays_where_nothing_is_in_its_way(self, rooms: Rooms, db: Session, mary: UUID) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        assert replaced(rooms, kept) == Replaced()
        assert told(db) == ["internet-booked"]

    def test_is_moved_once(self, rooms: Rooms, mary: UUID, look: Callable[[UUID], Held]) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12))
        breaks(rooms, look(kept).computer_id)
        assert [replaced(rooms, kept), replaced(rooms, kept)] == [Replaced(moved=1), Replaced()]


class TestASession:
    def test_goes_on_at_another_computer_with_the_minutes_it_had(
        self, rooms: Rooms, db: Session, clock: SetClock, mary: UUID, look: Callable[[UUID], Held]
    ) -> None:
        rooms.rule(minutes_a_day=60)
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        session = sit(rooms, mary, branch)
        first = look(session)
        clock.advance(timedelta(minutes=20, seconds=40))
        breaks(rooms, first.computer_id)
        assert replaced(rooms, session) == Replaced(moved=1)
        after = look(session)
        assert after.computer_id != first.computer_id
        assert (after.state(clock.now()), after.ends_at) == (State.IN_USE, at(11))
        assert db.scalars(select(Day.taken)).all() == [60]
        used = bookings.held(db, Booking.computer_id == first.computer_id)
        assert [(one.starts_at, one.ends_at, one.state(clock.now())) for one in used] == [
            (at(10), at(10, 20), State.ENDED)
        ]

    def test_goes_on_where_somebody_left_a_moment_ago(
        self, rooms: Rooms, clock: SetClock, mary: UUID, joe: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        session, other = sit(rooms, mary, branch), sit(rooms, joe, branch)
        clock.advance(timedelta(minutes=20, seconds=40))
        sitting.end(rooms.turn(joe), other)
        clock.advance(timedelta(seconds=5))
        breaks(rooms, look(session).computer_id)
        assert replaced(rooms, session) == Replaced(moved=1)
        assert look(session).ends_at == at(11)

    def test_ends_where_there_is_no_other_and_gives_the_rest_back(
        self, rooms: Rooms, db: Session, clock: SetClock, mary: UUID, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        session = sit(rooms, mary, branch)
        clock.advance(timedelta(minutes=20))
        breaks(rooms, look(session).computer_id)
        assert replaced(rooms, session) == Replaced(cancelled=1)
        assert look(session).state(clock.now()) is State.ENDED
        assert db.scalars(select(Day.taken)).all() == [20]
