"""What a hostile review of the booking engine found: Tuesday 24 November 2026, 10am; computers stop at 4:45pm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, holding, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Branch, Computer, Day, Guest, Member, Waiting
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Holder, Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from portal.models import Person
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.support.rooms import Rooms

MINUTE = timedelta(minutes=1)


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
    rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime | None, minutes: int = 60, kind: Kind | None = None
) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, kind, starts_at, minutes), key=uuid4())


def check_in(rooms: Rooms, person: UUID, booking_id: UUID) -> None:
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)


def sit(rooms: Rooms, person: UUID, branch: UUID, minutes: int = 60, kind: Kind | None = None) -> UUID:
    booking_id = book(rooms, person, branch, None, minutes, kind)
    check_in(rooms, person, booking_id)
    return booking_id


def why(action: Callable[..., object], *args: object, **named: object) -> Why:
    with pytest.raises(NotAllowed) as caught:
        action(*args, **named)
    return caught.value.why


def waits(db: Session) -> list[UUID]:
    return list(db.scalars(select(Waiting.person_id).where(Waiting.left_at.is_(None)).order_by(Waiting.asked_at)))


def settle(rooms: Rooms) -> None:
    settling.settle_everywhere(rooms.db, rooms.desk, now=rooms.clock.now())


def guest(rooms: Rooms, branch: UUID, day: int = 24) -> Turn:
    """Return the turn of somebody with a ticket for a day of November."""
    ticket = uuid4()
    rooms.db.execute(
        insert(Guest).values(id=ticket, branch_id=branch, day=at(12, day=day).date(), minutes=60, made_at=at(9))
    )
    rooms.db.commit()
    return Turn(rooms.db, rooms.desk, Holder(ticket, is_guest=True), None, rooms.clock.now(), by_staff=True)


class TestOffers:
    def test_end_where_ones_own_next_booking_begins(self, rooms: Rooms, mary: UUID, joe: UUID, db: Session) -> None:
        """It would overlap with that one, and whoever asked this branch for anything would meet an error."""
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        taken = book(rooms, mary, branch, None)
        book(rooms, joe, other, at(10, 20), 30)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        booking.cancel(rooms.turn(mary), taken)
        [offer] = bookings.held(db, Booking.how == "offer")
        assert (offer.holder, offer.ends_at) == (joe, at(10, 20))

    def test_come_though_something_was_missed_elsewhere_that_nothing_has_written_yet(
        self, rooms: Rooms, mary: UUID, joe: UUID, db: Session, clock: SetClock
    ) -> None:
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        taken = sit(rooms, mary, branch)
        book(rooms, joe, other, at(10, 6))
        queueing.wait(rooms.turn(joe), branch, None, 60)
        clock.set(at(10, 16))
        sitting.end(rooms.turn(mary), taken)
        [offer] = bookings.held(db, Booking.how == "offer")
        assert (offer.holder, offer.starts_at) == (joe, at(10, 16))

    def test_of_what_the_database_refuses_hold_up_nobody_else(
        self, rooms: Rooms, mary: UUID, joe: UUID, make: Factory, db: Session, clock: SetClock
    ) -> None:
        """Joe's last session ended at 10:30 by a clock that has been put back since."""
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        clock.set(at(10, 30))
        ended = sit(rooms, joe, other, 30)
        clock.set(at(10, 50))
        sitting.end(rooms.turn(joe), ended)
        clock.set(at(10, 35))
        taken = sit(rooms, mary, branch)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        ann = make.resident(email=None).id
        clock.advance(MINUTE)
        queueing.wait(rooms.turn(ann), branch, None, 60)
        sitting.end(rooms.turn(mary), taken)
        assert [one.holder for one in bookings.held(db, Booking.how == "offer")] == [ann]
        assert waits(db) == [joe]

    def test_go_to_nobody_whose_account_was_closed(
        self, rooms: Rooms, mary: UUID, joe: UUID, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        taken = book(rooms, mary, branch, None)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        db.execute(update(Person).where(Person.id == joe).values(closed_at=clock.now()))
        db.commit()
        booking.cancel(rooms.turn(mary), taken)
        assert bookings.held(db, Booking.how == "offer") == []
        assert waits(db) == []

    def test_go_to_nobody_who_was_blocked_since(self, rooms: Rooms, mary: UUID, joe: UUID, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        taken = book(rooms, mary, branch, None)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        db.execute(update(Member).where(Member.person_id == joe).values(blocked_until=at(12), blocked_why=b"sealed"))
        db.commit()
        booking.cancel(rooms.turn(mary), taken)
        assert bookings.held(db, Booking.how == "offer") == []
        assert waits(db) == []

    def test_go_to_nobody_whose_minutes_are_taken(self, rooms: Rooms, mary: UUID, joe: UUID, db: Session) -> None:
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        taken = book(rooms, mary, branch, None)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        book(rooms, joe, other, at(12))
        book(rooms, joe, other, at(14))
        booking.cancel(rooms.turn(mary), taken)
        assert bookings.held(db, Booking.how == "offer") == []
        assert waits(db) == []

    def test_end_for_all_who_wait_when_the_branch_closes(
        self, rooms: Rooms, mary: UUID, joe: UUID, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        sit(rooms, mary, branch)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        db.execute(update(Branch).values(is_open=False))
        db.commit()
        clock.set(at(11))
        settle(rooms)
        assert bookings.held(db, Booking.how == "offer") == []
        assert waits(db) == []

    def test_of_one_kind_dont_wait_for_whoever_wants_another(
        self, rooms: Rooms, mary: UUID, joe: UUID, make: Factory, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.SCANNER)
        sit(rooms, mary, branch, kind=Kind.STANDARD)
        ann, kim = make.resident(email=None).id, make.resident(email=None).id
        taken = sit(rooms, ann, branch, kind=Kind.SCANNER)
        queueing.wait(rooms.turn(joe), branch, Kind.STANDARD, 60)
        clock.advance(MINUTE)
        queueing.wait(rooms.turn(kim), branch, Kind.SCANNER, 60)
        sitting.end(rooms.turn(ann), taken)
        assert [one.holder for one in bookings.held(db, Booking.how == "offer")] == [kim]


class TestWaiting:
    def test_is_over_for_whoever_sits_down(
        self, rooms: Rooms, mary: UUID, joe: UUID, db: Session, clock: SetClock
    ) -> None:
        """They would keep others, and themselves, from more time."""
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        kept = book(rooms, joe, other, at(10, 10))
        sit(rooms, mary, branch)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        clock.set(at(10, 10))
        check_in(rooms, joe, kept)
        assert waits(db) == []

    def test_is_over_for_whoever_books_for_now(self, rooms: Rooms, mary: UUID, joe: UUID, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.SCANNER)
        sit(rooms, mary, branch)
        queueing.wait(rooms.turn(joe), branch, Kind.STANDARD, 60)
        book(rooms, joe, branch, None, kind=Kind.SCANNER)
        assert waits(db) == []

    def test_isnt_for_guests(self, rooms: Rooms, mary: UUID) -> None:
        branch = rooms.branch(Kind.STANDARD)
        sit(rooms, mary, branch)
        turn = guest(rooms, branch)
        assert why(queueing.wait, turn, branch, None, 60) is Why.THROUGH_STAFF
        with pytest.raises(NotAllowed) as caught:
            booking.book(turn, Wanted(branch, None, None, 30), key=uuid4())
        assert not caught.value.may_wait

    def test_begins_anew_where_the_clock_was_put_back_over_midnight(
        self, rooms: Rooms, mary: UUID, joe: UUID, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, hours=dict.fromkeys(range(7), ((0, 1440),)))
        clock.set(at(0, 1, day=25))
        sit(rooms, mary, branch)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        clock.set(at(23, 40))
        book(rooms, mary, branch, None, 15)
        queueing.wait(rooms.turn(joe), branch, None, 15)
        assert waits(db) == [joe]


class TestEarly:
    def test_a_session_begins_and_ends_so_much_sooner(
        self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session, held: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(11))
        clock.set(at(10, 56))
        check_in(rooms, mary, kept)
        assert (held(kept).starts_at, held(kept).ends_at) == (at(10, 56), at(11, 56))
        clock.set(at(10, 59))
        sitting.end(rooms.turn(mary), kept)
        assert db.scalars(select(Day.taken)).all() == [3], "whoever sat there for three minutes took three"

    def test_nobody_gets_the_computer_of_who_sits_there_already(
        self, rooms: Rooms, mary: UUID, joe: UUID, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch, at(11))
        clock.set(at(10, 55))
        check_in(rooms, mary, kept)
        assert why(book, rooms, joe, branch, None) is Why.TAKEN

    def test_nobody_sits_at_two_computers(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        sit(rooms, mary, branch)
        kept = book(rooms, mary, other, at(11))
        clock.set(at(10, 56))
        assert why(check_in, rooms, mary, kept) is Why.AT_ANOTHER
        clock.set(at(11))
        check_in(rooms, mary, kept)

    def test_nobody_sits_down_before_it_opens(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(9, day=25))
        clock.set(at(8, 57, day=25))
        assert why(check_in, rooms, mary, kept) is Why.NOT_YET
        clock.set(at(9, day=25))
        check_in(rooms, mary, kept)

    def test_the_time_may_be_extended_into_what_was_booked(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(11))
        clock.set(at(10, 56))
        check_in(rooms, mary, kept)
        assert sitting.extend(rooms.turn(mary), kept, until=at(11, 56)) == at(12, 26)


class TestMinutes:
    def left(self, rooms: Rooms, person: UUID, branch: UUID) -> int:
        rooms.db.rollback()
        return holding.look(rooms.turn(person), branch).left

    def test_of_what_was_missed_come_back_though_nothing_has_written_it(
        self, rooms: Rooms, mary: UUID, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch, at(10, 30))
        assert self.left(rooms, mary, branch) == 60
        clock.set(at(10, 40))
        before = self.left(rooms, mary, branch)
        settle(rooms)
        assert before == self.left(rooms, mary, branch) == 110

    def test_of_a_missed_offer_come_back_all(self, rooms: Rooms, mary: UUID, joe: UUID, clock: SetClock) -> None:
        branch = rooms.branch(Kind.STANDARD)
        taken = book(rooms, mary, branch, None)
        queueing.wait(rooms.turn(joe), branch, None, 60)
        booking.cancel(rooms.turn(mary), taken)
        clock.advance(settling.OFFER_LASTS)
        before = self.left(rooms, joe, branch)
        settle(rooms)
        assert before == self.left(rooms, joe, branch) == 120

    def test_arent_gained_by_ending_and_booking_again(
        self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session
    ) -> None:
        """Each begun minute counts: whoever sits for 20 s takes one, and after 120 has none."""
        branch = rooms.branch(Kind.STANDARD)
        for _ in range(115):
            kept = sit(rooms, mary, branch, 5)
            clock.advance(timedelta(seconds=20))
            sitting.end(rooms.turn(mary), kept)
            clock.advance(timedelta(seconds=1))
        assert db.scalars(select(Day.taken)).all() == [115]
        sit(rooms, mary, branch, 60)
        assert db.scalars(select(Day.taken)).all() == [120]

    def test_taken_stay_theirs_when_the_rule_is_lowered(
        self, rooms: Rooms, mary: UUID, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12))
        rooms.rule(minutes_a_day=30, minutes_a_session=30)
        assert why(book, rooms, mary, branch, at(14), 30) is Why.NO_MINUTES
        assert held(kept).minutes == 60
        booking.cancel(rooms.turn(mary), kept)
        assert why(book, rooms, mary, branch, at(14), 31) is Why.TOO_LONG
        book(rooms, mary, branch, at(14), 30)


class TestMoreTime:
    def test_ends_where_ones_own_next_booking_begins(self, rooms: Rooms, mary: UUID) -> None:
        branch, other = rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD)
        rooms.rule(minutes_a_day=300)
        kept = sit(rooms, mary, branch)
        book(rooms, mary, other, at(11, 10))
        assert sitting.extend(rooms.turn(mary), kept, until=at(11)) == at(11, 10)
        assert why(sitting.extend, rooms.turn(mary), kept, until=at(11, 10)) is Why.AT_ANOTHER

    def test_isnt_given_at_a_quick_computer(self, rooms: Rooms, mary: UUID) -> None:
        branch = rooms.branch(Kind.QUICK)
        kept = sit(rooms, mary, branch, 10, Kind.QUICK)
        assert sitting.extend(rooms.turn(mary), kept, until=at(10, 10)) == at(10, 15)
        assert why(sitting.extend, rooms.turn(mary), kept, until=at(10, 15)) is Why.TOO_LONG
        at_desk = rooms.turn(mary, by_staff=True)
        assert sitting.extend(at_desk, kept, until=at(10, 15)) == at(10, 45)


class TestWhoMayNot:
    def test_whoever_was_blocked_doesnt_sit_down(self, rooms: Rooms, mary: UUID, db: Session) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), None)
        db.execute(update(Member).values(blocked_until=at(12, day=26), blocked_why=b"sealed"))
        db.commit()
        assert why(check_in, rooms, mary, kept) is Why.BLOCKED

    def test_a_ticket_opens_nothing_on_another_day(self, rooms: Rooms) -> None:
        branch = rooms.branch(Kind.STANDARD)
        yesterdays = guest(rooms, branch, day=23)
        assert why(booking.book, yesterdays, Wanted(branch, None, None, 30), key=uuid4()) is Why.OVER
        todays = guest(rooms, branch)
        assert booking.book(todays, Wanted(branch, None, None, 30), key=uuid4())


class TestShortBookings:
    def test_are_missed_or_over_but_not_first_one_and_then_the_other(
        self, rooms: Rooms, mary: UUID, clock: SetClock, held: Callable[[UUID], Held]
    ) -> None:
        """Five minutes, that would be kept for ten."""
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(11), 5)
        for minute in (5, 9, 10, 11):
            clock.set(at(11, minute))
            assert held(kept).state(clock.now()) is State.MISSED


class TestFullDays:
    """Nothing is free tomorrow, and of today and the day after the same hour is as near."""

    @pytest.fixture
    def branch(self, rooms: Rooms, db: Session) -> UUID:
        branch = rooms.branch(Kind.STANDARD)
        values: dict[str, object] = {
            "computer_id": db.scalars(select(Computer.id)).one(),
            "how": "block",
            "words": b"sealed",
            "day": at(9, day=25).date(),
            "starts_at": at(9, day=25),
            "ends_at": at(17, day=25),
        }
        db.execute(insert(Booking).values(id=uuid4(), made_at=at(9), by_staff=True, **values))
        db.commit()
        return branch

    def test_another_day_is_offered_when_one_is_full(self, rooms: Rooms, joe: UUID, branch: UUID) -> None:
        with pytest.raises(NotAllowed) as caught:
            book(rooms, joe, branch, at(12, day=25))
        assert caught.value.why is Why.TAKEN
        assert [one.starts_at for one in caught.value.others] == [at(11, 30), at(12), at(12, 30)]

    def test_the_page_says_which_day_that_is(self, client: CheckingClient, make: Factory, branch: UUID) -> None:
        client.sign_in(make.resident())
        asked = {"branch": str(branch), "at": "2026-11-25T12:00Z", "minutes": "60"}
        client.get("/internet/book")
        answer = client.send("/internet/book/check", {**asked, "key": str(uuid4())})
        assert answer.status_code == 409
        said = find(answer.text, "//section[@aria-labelledby='others']//strong/text()")
        assert said[0] == "Tuesday 24 November, 11:30am"
