"""Libraries that are open all night, in the nights in which clocks change; midnight; an hour without a worker."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, holding, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Day
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries import rooms as rooms_queries
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.free import slots
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from portal.models import Person
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.test_book_pages import words_of

ALL_NIGHT = dict.fromkeys(range(7), ((0, 1440),))
BACK, FORWARD, NEXT_FORWARD = date(2026, 10, 25), date(2026, 3, 29), date(2027, 3, 28)
CHANGES = [BACK, FORWARD, NEXT_FORWARD]
MINUTE = timedelta(minutes=1)


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.fixture(params=CHANGES, ids=str)
def night(request: pytest.FixtureRequest, clock: SetClock) -> date:
    """The day on which clocks change, at 01:00 UTC; it is ten past midnight, UTC."""
    day: date = request.param
    clock.set(utc(day, 0, 10))
    return day


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


@pytest.fixture
def ann(make: Factory) -> Person:
    return make.resident(email="ann@example.org", name="Ann Example")


@pytest.fixture
def held(db: Session) -> Callable[[UUID], Held]:
    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


def book(rooms: Rooms, person: Person, branch: UUID, starts_at: datetime | None, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person.id), Wanted(branch, None, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: Person, branch: UUID, minutes: int = 60) -> UUID:
    kept = book(rooms, person, branch, None, minutes)
    sitting.check_in(rooms.turn(person.id), kept, code=None, policy_from=BEFORE_ALL)
    return kept


class TestTheNightOfAChange:
    def test_an_hour_over_it_has_sixty_minutes(
        self, night: date, rooms: Rooms, mary: Person, held: Callable[[UUID], Held], db: Session
    ) -> None:
        kept = held(book(rooms, mary, rooms.branch(Kind.STANDARD, hours=ALL_NIGHT), utc(night, 0, 30)))
        assert (kept.starts_at, kept.ends_at, kept.minutes, kept.day) == (
            *(utc(night, 0, 30), utc(night, 1, 30), 60),
            night,
        )
        assert db.scalars(select(Day.taken).where(Day.day == night)).all() == [60]

    def test_a_session_over_it_runs_down_by_what_passes(
        self,
        night: date,
        rooms: Rooms,
        mary: Person,
        clock: SetClock,
        held: Callable[[UUID], Held],
        db: Session,
    ) -> None:
        clock.set(utc(night, 0, 45))
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD, hours=ALL_NIGHT), 30)
        clock.set(utc(night, 1))
        assert held(kept).state(clock.now()) is State.IN_USE
        assert held(kept).minutes_left(clock.now()) == 15
        assert sitting.extend(rooms.turn(mary.id), kept, until=utc(night, 1, 15)) == utc(night, 1, 45)
        clock.set(utc(night, 1, 25))
        sitting.end(rooms.turn(mary.id), kept)
        assert db.scalars(select(Day.taken)).all() == [40]

    def test_every_half_hour_of_it_can_be_booked_once(
        self, night: date, rooms: Rooms, make: Factory, clock: SetClock, db: Session
    ) -> None:
        """Also the hour that the clock shows twice; there is none in which it skips one."""
        clock.set(utc(night, 0) - timedelta(days=1))
        branch = rooms.branch(Kind.STANDARD, hours=ALL_NIGHT)
        person = make.resident(email=None)
        rooms.rule(minutes_a_day=1500, bookings_at_once=50)
        where, turn = rooms.desk.where, rooms.turn(person.id)
        room = holding.look(turn, branch, night)
        found = slots(holding.machines(turn, room), room.spells, where, minutes=30, not_before=clock.now())
        free = [slot.starts_at for slot in found if slot.free]
        assert len(found) == {BACK: 50, FORWARD: 46, NEXT_FORWARD: 46}[night]
        for starts_at in free:
            book(rooms, person, branch, starts_at, 30)
        assert len(free) == len(found) - 1, "computers stop a quarter of an hour before midnight"
        [machine] = rooms_queries.machines(db, branch, room.whole, now=clock.now())
        assert sum(span.minutes for span in machine.busy) == 30 * len(free)
        assert db.scalars(select(Day.taken).where(Day.day == night)).all() == [30 * len(free)]

    def test_minutes_count_in_the_day_that_the_wall_shows(
        self, night: date, rooms: Rooms, mary: Person, clock: SetClock, held: Callable[[UUID], Held]
    ) -> None:
        """In summer a day begins at eleven in the evening, UTC."""
        clock.set(utc(night, 12) - timedelta(days=1))
        branch = rooms.branch(Kind.STANDARD, hours=ALL_NIGHT)
        before = utc(night, 0) - timedelta(minutes=30)
        is_summer_before = night == BACK
        assert held(book(rooms, mary, branch, before, 15)).day == (night if is_summer_before else night - MINUTE * 1440)
        assert held(book(rooms, mary, branch, before + timedelta(days=1), 15)).day == (
            night if is_summer_before else night + MINUTE * 1440
        )


class TestMidnight:
    def test_no_session_lasts_over_it_and_the_next_day_has_minutes_of_its_own(
        self, rooms: Rooms, mary: Person, clock: SetClock, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, hours=ALL_NIGHT)
        rooms.rule(stops_before=0, minutes_a_day=60)
        clock.set(datetime(2026, 11, 24, 23, 15, tzinfo=UTC))
        midnight = datetime(2026, 11, 25, tzinfo=UTC)
        kept = sit(rooms, mary, branch, 60)
        assert bookings.held(db, Booking.id == kept)[0].ends_at == midnight
        with pytest.raises(NotAllowed) as caught:
            sitting.extend(rooms.turn(mary.id), kept, until=midnight)
        assert caught.value.why is Why.CLOSING
        clock.set(midnight)
        assert bookings.held(db, Booking.id == kept)[0].state(clock.now()) is State.ENDED
        sit(rooms, mary, branch, 60)
        assert db.execute(select(Day.day, Day.taken).order_by(Day.day)).all() == [
            (date(2026, 11, 24), 45),
            (date(2026, 11, 25), 60),
        ]


class TestAnHourWithoutAWorker:
    """Mary missed a booking, Joe's session is over, Ann let an offer lapse: nothing has been written of any of it."""

    @pytest.fixture
    def places(self, night: date, rooms: Rooms, mary: Person, joe: Person, ann: Person, clock: SetClock) -> list[UUID]:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, hours=ALL_NIGHT)
        missed = book(rooms, mary, branch, utc(night, 0, 30))
        used = sit(rooms, joe, branch, 60)
        other = rooms.branch(Kind.STANDARD, hours=ALL_NIGHT, name="West")
        taken = book(rooms, mary, other, None, 15)
        queueing.wait(rooms.turn(ann.id), other, None, 60)
        booking.cancel(rooms.turn(mary.id), taken)
        [offered] = bookings.held(rooms.db, Booking.how == "offer")
        clock.set(utc(night, 1, 20))
        return [branch, other, missed, used, offered.id]

    def test_every_answer_is_as_if_it_had_run(
        self,
        places: list[UUID],
        night: date,
        rooms: Rooms,
        client: CheckingClient,
        mary: Person,
        joe: Person,
        ann: Person,
        db: Session,
    ) -> None:
        branch, other, missed, used, offered = places
        pages = ["/internet", f"/internet/book?branch={branch}&day={night}", f"/internet/book?branch={other}"]

        def answers() -> list[str]:
            found = []
            for person, own in ((mary, missed), (joe, used), (ann, offered)):
                client.sign_in(person)
                found += [words_of(client.get(page).text) for page in (*pages, f"/internet/sessions/{own}")]
                found.append(str(holding.look(rooms.turn(person.id), branch)))
                db.rollback()
            return found

        before = answers()
        written = db.scalars(select(Booking.ended_why).where(Booking.ended_why == "missed")).all()
        db.rollback()
        assert written == [], "looking writes nothing"
        settling.settle_everywhere(db, rooms.desk, now=rooms.clock.now())
        assert len(db.scalars(select(Booking.id).where(Booking.ended_why == "missed")).all()) == 2
        assert answers() == before

    def test_whoever_asks_gets_what_is_free(
        self, places: list[UUID], night: date, rooms: Rooms, mary: Person, joe: Person, held: Callable[[UUID], Held]
    ) -> None:
        branch, other, *_ = places
        assert held(book(rooms, joe, other, None)).starts_at == utc(night, 1, 20)
        assert held(book(rooms, mary, branch, None)).ends_at == utc(night, 2, 20)


def test_an_offer_taken_after_the_clock_was_put_back_is_kept_and_missed_as_any(
    rooms: Rooms, clock: SetClock, joe: Person, ann: Person
) -> None:
    branch = rooms.branch(Kind.STANDARD)
    sat = booking.book(rooms.turn(joe.id), Wanted(branch, None, None, 30), key=uuid4())
    sitting.check_in(rooms.turn(joe.id), sat, code=None, policy_from=BEFORE_ALL)
    queueing.wait(rooms.turn(ann.id), branch, None, 60)
    clock.advance(30 * MINUTE)
    settling.settle(rooms.db, rooms.desk, branch, now=clock.now())
    [offered] = bookings.held(rooms.db, Booking.how == "offer")
    rooms.db.rollback()
    clock.advance(-20 * MINUTE)
    queueing.take(rooms.turn(ann.id), offered.id)
    [taken] = bookings.held(rooms.db, Booking.id == offered.id)
    rooms.db.rollback()
    assert taken.held_until == taken.starts_at + 10 * MINUTE
    clock.set(taken.starts_at + 11 * MINUTE)
    settling.settle(rooms.db, rooms.desk, branch, now=clock.now())
    [missed] = bookings.held(rooms.db, Booking.id == offered.id)
    assert (missed.ended_why, missed.ends_at) == ("missed", taken.held_until)


def test_a_booking_held_until_before_it_starts_is_settled_and_holds_up_nobody(
    rooms: Rooms, clock: SetClock, ann: Person
) -> None:
    branch = rooms.branch(Kind.STANDARD)
    kept = booking.book(rooms.turn(ann.id), Wanted(branch, None, clock.now() + 60 * MINUTE, 30), key=uuid4())
    rooms.db.execute(update(Booking).values(held_until=Booking.starts_at - 5 * MINUTE))
    rooms.db.commit()
    clock.advance(60 * MINUTE)
    settling.settle(rooms.db, rooms.desk, branch, now=clock.now())
    [missed] = bookings.held(rooms.db, Booking.id == kept)
    assert (missed.ended_why, missed.ends_at) == ("missed", missed.starts_at)
