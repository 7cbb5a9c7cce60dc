"""Booking a computer, as the database holds it: Tuesday 24 November 2026, 10am; computers stop at 4:45pm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.models import Booking, Computer, Count, Day, Member, Waiting
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import code_of
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Offer, Why
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from tests.factories import Factory
from tests.support.rooms import Rooms

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident().id


@pytest.fixture
def joe(make: Factory) -> UUID:
    return make.resident(email="joe@example.org", name="Joe Example").id


@pytest.fixture
def held(db: Session) -> Callable[[UUID], Held]:
    """Return a booking as it stands."""

    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


def book(
    rooms: Rooms,
    person: UUID,
    branch: UUID,
    starts_at: datetime | None = NOON,
    minutes: int = 60,
    kind: Kind | None = None,
) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, kind, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: UUID, branch: UUID, minutes: int = 60) -> UUID:
    booking_id = book(rooms, person, branch, None, minutes)
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def refused(rooms: Rooms, person: UUID, branch: UUID, *args: object, **named: object) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        book(rooms, person, branch, *args, **named)  # type: ignore[arg-type]
    return caught.value


class TestBooking:
    def test_keeps_a_computer_for_the_time_asked_for(
        self, rooms: Rooms, mary: UUID, held: Callable[[UUID], Held]
    ) -> None:
        kept = held(book(rooms, mary, rooms.branch(Kind.STANDARD)))
        assert (kept.starts_at, kept.ends_at, kept.held_until) == (NOON, NOON + HOUR, at(12, 10))
        assert kept.state(at(10)) is State.BOOKED

    def test_the_same_form_books_once(self, rooms: Rooms, mary: UUID) -> None:
        branch, key = rooms.branch(Kind.STANDARD, Kind.STANDARD), uuid4()
        wanted = Wanted(branch, None, NOON, 60)
        assert booking.book(rooms.turn(mary), wanted, key=key) == booking.book(rooms.turn(mary), wanted, key=key)

    def test_somebody_elses_form_books_nothing(self, rooms: Rooms, mary: UUID, joe: UUID) -> None:
        branch, key = rooms.branch(Kind.STANDARD, Kind.STANDARD), uuid4()
        booking.book(rooms.turn(mary), Wanted(branch, None, NOON, 60), key=key)
        with pytest.raises(NoSuch):
            booking.book(rooms.turn(joe), Wanted(branch, None, NOON, 60), key=key)

    def test_says_what_is_free_instead_of_what_is_taken(self, rooms: Rooms, mary: UUID, joe: UUID, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch)
        no = refused(rooms, joe, branch)
        assert no.why is Why.TAKEN
        assert no.others == (
            Offer(Kind.STANDARD, at(10, 30), 60),
            Offer(Kind.STANDARD, at(11), 60),
            Offer(Kind.STANDARD, at(13), 60),
        )
        assert db.scalars(select(Count.count).where(Count.what == "turned-away")).all() == [1]

    def test_a_person_has_one_computer_at_a_time_anywhere(self, rooms: Rooms, mary: UUID) -> None:
        book(rooms, mary, rooms.branch(Kind.STANDARD))
        assert refused(rooms, mary, rooms.branch(Kind.STANDARD), at(12, 30)).why is Why.AT_ANOTHER

    def test_no_more_minutes_than_a_day_has(self, rooms: Rooms, mary: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        rooms.rule(minutes_a_day=90)
        book(rooms, mary, branch)
        no = refused(rooms, mary, branch, at(14))
        assert (no.why, no.minutes) == (Why.NO_MINUTES, 30)
        book(rooms, mary, branch, at(14), 30)

    def test_no_more_at_once_than_the_rule_says(self, rooms: Rooms, mary: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        for day in (25, 26):
            book(rooms, mary, branch, at(12, day=day))
        assert refused(rooms, mary, branch, at(12, day=27)).why is Why.TOO_MANY

    @pytest.mark.parametrize(
        ("starts_at", "minutes", "why"),
        [
            (at(9, 30), 60, Why.PAST),
            (at(8, day=25), 60, Why.BRANCH_CLOSED),
            (at(16), 60, Why.CLOSING),
            (at(12), 61, Why.TOO_LONG),
            (at(12, day=30) + timedelta(days=2), 60, Why.TOO_FAR_AHEAD),
        ],
    )
    def test_a_rule_says_no(self, rooms: Rooms, mary: UUID, starts_at: datetime, minutes: int, why: Why) -> None:
        assert refused(rooms, mary, rooms.branch(Kind.STANDARD), starts_at, minutes).why is why

    def test_whoever_is_blocked_is_told_until_when(self, rooms: Rooms, mary: UUID, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch)
        db.execute(update(Member).values(blocked_until=at(12, day=26), blocked_why=b"sealed"))
        db.commit()
        no = refused(rooms, mary, branch, at(14))
        assert (no.why, no.until) == (Why.BLOCKED, at(12, day=26))

    def test_any_computer_is_a_standard_one_first_and_never_a_quick_one(
        self, rooms: Rooms, mary: UUID, joe: UUID, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.QUICK, Kind.LARGE_SCREEN, Kind.STANDARD)
        assert held(book(rooms, mary, branch)).kind is Kind.STANDARD
        assert held(book(rooms, joe, branch)).kind is Kind.LARGE_SCREEN

    def test_now_lasts_until_the_next_booking(
        self, rooms: Rooms, mary: UUID, joe: UUID, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch, at(10, 30))
        assert held(book(rooms, joe, branch, None)).ends_at == at(10, 30)

    def test_a_changed_booking_gives_its_old_time_back(
        self, rooms: Rooms, mary: UUID, joe: UUID, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch)
        booking.change(rooms.turn(mary), kept, Wanted(branch, None, at(12, 30), 60))
        assert held(kept).starts_at == at(12, 30)
        book(rooms, joe, branch, at(11, 30))

    def test_a_cancelled_booking_gives_its_minutes_back(
        self, rooms: Rooms, mary: UUID, db: Session, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch)
        booking.cancel(rooms.turn(mary), kept)
        assert held(kept).state(at(10)) is State.CANCELLED
        assert db.scalars(select(Day.taken)).all() == [0]
        book(rooms, mary, branch)

    def test_nobody_touches_anothers_booking(self, rooms: Rooms, mary: UUID, joe: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch)
        with pytest.raises(NoSuch):
            booking.cancel(rooms.turn(joe), kept)
        with pytest.raises(NoSuch):
            booking.change(rooms.turn(joe), kept, Wanted(branch, None, at(13), 60))


class TestTheDatabaseItself:
    """What no code can do, whatever it forgets."""

    def insert(self, owner_engine: Engine, **changed: object) -> None:
        values = {
            "id": uuid4(),
            "how": "booked",
            "day": NOON.date(),
            "starts_at": NOON,
            "ends_at": NOON + HOUR,
            "held_until": at(12, 10),
            "made_at": at(10),
            "by_staff": False,
        } | changed
        with Session(owner_engine) as session:
            session.add(Booking(**values))
            session.commit()

    def test_two_bookings_never_overlap_on_one_computer(
        self, rooms: Rooms, mary: UUID, joe: UUID, owner_engine: Engine, db: Session
    ) -> None:
        book(rooms, mary, rooms.branch(Kind.STANDARD))
        computer = db.scalars(select(Computer.id)).one()
        db.add(Day(holder=joe, day=NOON.date(), allowed=120, granted=0, taken=0))
        db.commit()
        with pytest.raises(IntegrityError, match="one_on_a_computer"):
            self.insert(
                owner_engine,
                computer_id=computer,
                person_id=joe,
                starts_at=at(12, 30),
                ends_at=at(13, 30),
                held_until=at(12, 40),
            )

    def test_a_person_is_never_at_two_computers(
        self, rooms: Rooms, mary: UUID, owner_engine: Engine, db: Session
    ) -> None:
        book(rooms, mary, rooms.branch(Kind.STANDARD))
        rooms.branch(Kind.STANDARD)
        other = db.scalars(select(Computer.id).where(Computer.branch_id == rooms.made[1])).one()
        with pytest.raises(IntegrityError, match="one_at_a_time"):
            self.insert(owner_engine, computer_id=other, person_id=mary)

    def test_nobody_takes_more_minutes_than_they_may(
        self, rooms: Rooms, mary: UUID, owner_engine: Engine, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        rooms.rule(minutes_a_day=90)
        book(rooms, mary, branch)
        computer = db.scalars(select(Computer.id)).one()
        with pytest.raises(IntegrityError, match="ck_internet_day_enough"):
            self.insert(
                owner_engine,
                computer_id=computer,
                person_id=mary,
                starts_at=at(14),
                ends_at=at(15),
                held_until=at(14, 10),
            )

    def test_no_booking_without_a_day_to_count_it_in(
        self, rooms: Rooms, mary: UUID, owner_engine: Engine, db: Session
    ) -> None:
        rooms.branch(Kind.STANDARD)
        computer = db.scalars(select(Computer.id)).one()
        db.rollback()
        with pytest.raises(IntegrityError, match="internet_day"):
            self.insert(owner_engine, computer_id=computer, person_id=mary)


class TestTheClock:
    def test_what_nobody_claims_in_time_is_free_although_no_job_has_run(
        self, rooms: Rooms, mary: UUID, joe: UUID, clock: SetClock, db: Session, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch)
        clock.set(at(12, 10))
        assert held(kept).state(clock.now()) is State.MISSED
        assert held(book(rooms, joe, branch, None)).ends_at == at(13, 10)
        assert db.scalars(select(Day.taken).where(Day.holder == mary)).all() == [10]

    def test_what_was_missed_elsewhere_doesnt_stand_in_the_way(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        book(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.set(at(12, 20))
        book(rooms, mary, rooms.branch(Kind.STANDARD), None)


class TestSitting:
    def test_the_code_of_the_computer_begins_the_session(
        self, rooms: Rooms, mary: UUID, held: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), None)
        code = code_of(rooms.secret, held(kept).computer_id, rooms.clock.now())
        sitting.check_in(rooms.turn(mary), kept, code=f" {code.lower()[:3]} {code[3:]}", policy_from=BEFORE_ALL)
        assert held(kept).state(rooms.clock.now()) is State.IN_USE

    def test_another_computers_code_leads_to_the_right_one(
        self, rooms: Rooms, mary: UUID, db: Session, held: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD, Kind.STANDARD), None)
        other = db.scalars(select(Computer.id).where(Computer.id != held(kept).computer_id)).one()
        for code, why in (
            (code_of(rooms.secret, other, rooms.clock.now()), Why.OTHER_COMPUTER),
            ("BBBBBB", Why.WRONG_CODE),
        ):
            with pytest.raises(NotAllowed) as caught:
                sitting.check_in(rooms.turn(mary), kept, code=code, policy_from=BEFORE_ALL)
            assert caught.value.why is why

    def test_more_time_while_nobody_waits(self, rooms: Rooms, mary: UUID) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        assert sitting.extend(rooms.turn(mary), kept, until=at(11)) == at(11, 30)
        assert sitting.extend(rooms.turn(mary), kept, until=at(11)) == at(11, 30), "pressed twice"
        assert sitting.extend(rooms.turn(mary), kept, until=at(11, 30)) == at(12)
        with pytest.raises(NotAllowed) as caught:
            sitting.extend(rooms.turn(mary), kept, until=at(12))
        assert caught.value.why is Why.NO_MINUTES

    def test_a_step_ends_where_the_next_booking_begins(self, rooms: Rooms, mary: UUID, joe: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = sit(rooms, mary, branch, 30)
        book(rooms, joe, branch, at(11))
        assert sitting.extend(rooms.turn(mary), kept, until=at(10, 30)) == at(11)
        with pytest.raises(NotAllowed) as caught:
            sitting.extend(rooms.turn(mary), kept, until=at(11))
        assert caught.value.why is Why.BOOKED_NEXT

    def test_ending_early_gives_the_rest_back(self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.set(at(10, 20))
        sitting.end(rooms.turn(mary), kept)
        assert db.scalars(select(Day.taken)).all() == [20]


class TestWaiting:
    def test_the_next_free_computer_is_offered_to_who_came_first_then_to_the_next(
        self, rooms: Rooms, mary: UUID, joe: UUID, make: Factory, clock: SetClock, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = sit(rooms, mary, branch)
        ann = make.resident(email="ann@example.org").id
        for person in (joe, ann):
            clock.advance(timedelta(minutes=1))
            queueing.wait(rooms.turn(person), branch, None, 60)
        with pytest.raises(NotAllowed) as caught:
            sitting.extend(rooms.turn(mary), kept, until=at(11))
        assert caught.value.why is Why.SOMEBODY_WAITS
        sitting.end(rooms.turn(mary), kept)
        [offer] = bookings.held(db, Booking.how == "offer")
        assert (offer.holder, offer.state(clock.now())) == (joe, State.OFFERED)
        clock.advance(settling.OFFER_LASTS)
        settling.settle_everywhere(db, rooms.desk, now=clock.now())
        [_, second] = bookings.held(db, Booking.how == "offer")
        assert second.holder == ann
        queueing.take(rooms.turn(ann), second.id)
        clock.advance(timedelta(minutes=9))
        sitting.check_in(rooms.turn(ann), second.id, code=None, policy_from=BEFORE_ALL)
        assert db.scalars(select(Day.taken).where(Day.holder == joe)).all() == [0]
        assert db.scalars(select(Waiting.id).where(Waiting.left_at.is_(None))).all() == []

    def test_nobody_waits_for_what_is_free(self, rooms: Rooms, mary: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        with pytest.raises(NotAllowed) as caught:
            queueing.wait(rooms.turn(mary), branch, None, 60)
        assert caught.value.why is Why.NOTHING_TO_WAIT_FOR
