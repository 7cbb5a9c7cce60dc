"""What many do at the same moment: straight on the actions, each with a connection of its own.

Nobody meets an error: whatever isn't possible is refused by a rule, and no two wait for each other in a circle.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Count, Day, Waiting
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.clock import SetClock
from tests.conftest import TUESDAY
from tests.factories import Factory
from tests.support.crowds import Came, Deed, at_once, doors, of
from tests.support.rooms import Rooms

PEOPLE = 50
NOON = TUESDAY + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
ROUNDS = 25 if os.environ.get("SOAK") else 2
"""How often two things are set against each other: a circle of waits needs the wrong moment."""


@pytest.fixture(scope="module")
def many(database_url: str) -> Iterator[Engine]:
    with doors(database_url, PEOPLE) as engine:
        yield engine


@pytest.fixture
def people(make: Factory) -> list[UUID]:
    return [make.resident(email=None, password=None, name=f"Person {number}").id for number in range(PEOPLE)]


def books(rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime | None, *, key: UUID | None = None) -> Deed:
    turn, wanted = rooms.turn(person), Wanted(branch, None, starts_at, 60)
    return lambda db: booking.book(of(turn, db), wanted, key=key or uuid4())


def changes(rooms: Rooms, person: UUID, kept: UUID, branch: UUID, starts_at: datetime) -> Deed:
    turn, wanted = rooms.turn(person), Wanted(branch, None, starts_at, 60)
    return lambda db: booking.change(of(turn, db), kept, wanted)


def settles(rooms: Rooms) -> Deed:
    desk, now = rooms.desk, rooms.clock.now()
    return lambda db: settling.settle_everywhere(db, desk, now=now)


def does(action: object, rooms: Rooms, person: UUID, *args: object, **named: object) -> Deed:
    turn = rooms.turn(person)
    return lambda db: action(of(turn, db), *args, **named)  # type: ignore[operator]


def refusals(came: list[Came]) -> list[Why]:
    """Return why each was refused who was; nothing else may have happened to them."""
    for one in came:
        if one.error and not isinstance(one.error, NotAllowed):
            raise one.error
    return [one.error.why for one in came if isinstance(one.error, NotAllowed)]


def check(db: Session) -> None:
    """See that what must never be isn't, by reading the tables."""
    db.rollback()
    overlaps = text(
        "select count(*) from internet_booking a join internet_booking b on a.id < b.id"
        " and (a.computer_id = b.computer_id or a.holder = b.holder)"
        " and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
    )
    assert db.scalar(overlaps) == 0
    miscounted = text(
        "select count(*) from internet_day d where taken > allowed + granted or taken <> (select"
        " coalesce(sum(ceil(extract(epoch from ends_at - starts_at) / 60)), 0) from internet_booking b"
        " where b.holder = d.holder and b.day = d.day)"
    )
    assert db.scalar(miscounted) == 0
    db.rollback()


class TestTheLastPlaces:
    @pytest.mark.parametrize("starts_at", [NOON, None], ids=["later", "now"])
    def test_fifty_on_five_get_exactly_five(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session, starts_at: datetime | None
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 5)
        came = at_once(many, [books(rooms, person, branch, starts_at) for person in people])
        assert refusals(came) == [Why.TAKEN] * 45
        assert db.scalar(select(func.count()).select_from(Booking)) == 5
        assert db.scalars(select(Count.count).where(Count.what == "turned-away")).all() == [45]
        for one in came:
            if isinstance(one.error, NotAllowed):
                assert one.error.others, "something else is offered"
                assert one.error.may_wait is (starts_at is None)
        check(db)

    def test_a_form_that_is_sent_ten_times_books_once(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 5)
        keys = {person: uuid4() for person in people[:5]}
        deeds = [books(rooms, person, branch, NOON, key=key) for person, key in keys.items() for _ in range(10)]
        came = at_once(many, deeds)
        assert refusals(came) == []
        assert len({one.result for one in came}) == db.scalar(select(func.count()).select_from(Booking)) == 5
        check(db)

    def test_two_forms_of_one_person_book_what_their_rule_lets_them(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        """At eight times of three branches, of which two are what a person may have ahead, and as many minutes."""
        branches = [rooms.branch(Kind.STANDARD, Kind.STANDARD, name=name) for name in ("East", "West", "North")]
        hours = [NOON + timedelta(hours=hour) for hour in range(4)]
        mary = people[0]
        came = at_once(many, [books(rooms, mary, branch, at) for branch in branches for at in hours * 2])
        assert set(refusals(came)) <= {Why.AT_ANOTHER, Why.TOO_MANY, Why.NO_MINUTES}
        assert db.scalars(select(Day.taken).where(Day.holder == mary)).all() == [120]
        check(db)


class TestOnePerson:
    def test_sits_in_one_branch_only_though_they_ask_in_two(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        east, west = rooms.branch(*[Kind.STANDARD] * 25, name="East"), rooms.branch(*[Kind.STANDARD] * 25, name="West")
        came = at_once(many, [books(rooms, person, branch, None) for person in people[:25] for branch in (east, west)])
        assert refusals(came) == [Why.AT_ANOTHER] * 25
        check(db)

    def test_never_waits_for_themselves_in_a_circle(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        """They change a booking and cancel it at the same moment, from two branches and to two days."""
        east, west = rooms.branch(*[Kind.STANDARD] * 10, name="East"), rooms.branch(*[Kind.STANDARD] * 10, name="West")
        tomorrow = NOON + timedelta(days=1)
        for _ in range(ROUNDS):
            kept = {person: books(rooms, person, east, NOON)(db) for person in people[:10]}
            deeds = [
                deed
                for person, id_ in kept.items()
                for deed in (
                    changes(rooms, person, id_, west, tomorrow),
                    changes(rooms, person, id_, east, NOON + timedelta(hours=1)),
                    does(booking.cancel, rooms, person, id_),
                )
            ]
            assert set(refusals(at_once(many, deeds))) <= {Why.OVER}
            check(db)


class TestASession:
    def test_takes_more_time_or_ends_but_never_errs(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 10)
        for _ in range(ROUNDS):
            deeds: list[Deed] = []
            for person in people[:10]:
                kept = booking.book(rooms.turn(person), Wanted(branch, None, None, 15), key=uuid4())
                sitting.check_in(rooms.turn(person), kept, code=None, policy_from=BEFORE_ALL)
                until = bookings.held(db, Booking.id == kept)[0].ends_at
                deeds += [
                    does(sitting.extend, rooms, person, kept, until=until),
                    does(sitting.extend, rooms, person, kept, until=until),
                    does(sitting.end, rooms, person, kept),
                ]
            assert set(refusals(at_once(many, deeds))) <= {Why.OVER}
            check(db)

    def test_isnt_extended_into_what_others_book(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session
    ) -> None:
        """Ten sit until eleven and press for more while forty book eleven: each computer goes to one of both."""
        branch = rooms.branch(*[Kind.STANDARD] * 10)
        kept = []
        for person in people[:10]:
            id_ = booking.book(rooms.turn(person), Wanted(branch, None, None, 60), key=uuid4())
            sitting.check_in(rooms.turn(person), id_, code=None, policy_from=BEFORE_ALL)
            kept.append((person, id_))
        eleven = TUESDAY + timedelta(hours=1)
        deeds = [does(sitting.extend, rooms, person, id_, until=eleven) for person, id_ in kept]
        came = at_once(many, [*deeds, *(books(rooms, person, branch, eleven) for person in people[10:])])
        refused = refusals(came)
        assert set(refused) <= {Why.BOOKED_NEXT, Why.TAKEN}
        assert len(came) - len(refused) == 10
        check(db)


class TestSettling:
    def test_never_errs_against_whatever_else_is_done(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session, clock: SetClock
    ) -> None:
        """Ten bookings are given up by two workers while whoever had them changes, cancels, claims and books them."""
        branch = rooms.branch(*[Kind.STANDARD] * 10)
        rooms.rule(minutes_a_day=1500, bookings_at_once=50)
        for _ in range(ROUNDS):
            kept = {person: books(rooms, person, branch, clock.now() + MINUTE)(db) for person in people[:10]}
            clock.advance(11 * MINUTE)
            deeds = [settles(rooms), settles(rooms)]
            for number, (person, id_) in enumerate(kept.items()):
                deeds += [
                    changes(rooms, person, id_, branch, clock.now() + 2 * MINUTE),
                    does(booking.cancel, rooms, person, id_),
                    does(sitting.check_in, rooms, person, id_, code=None, policy_from=BEFORE_ALL),
                    books(rooms, people[10 + number], branch, None),
                ]
            assert set(refusals(at_once(many, deeds))) <= {Why.OVER}
            check(db)
            for person in people[10:20]:
                for held in bookings.held(db, Booking.holder == person, Booking.ended_at.is_(None)):
                    booking.cancel(rooms.turn(person), held.id)

    def test_two_workers_make_each_offer_once_first_come_first(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 5)
        sit = [booking.book(rooms.turn(person), Wanted(branch, None, None, 60), key=uuid4()) for person in people[:5]]
        for person in people[5:20]:
            clock.advance(timedelta(seconds=1))
            queueing.wait(rooms.turn(person), branch, None, 60)
        db.execute(text("update internet_booking set held_until = :at"), {"at": clock.now() + MINUTE})
        db.commit()
        clock.advance(2 * MINUTE)
        assert refusals(at_once(many, [settles(rooms)] * 8)) == []
        offered = bookings.held(db, Booking.how == "offer")
        assert {one.holder for one in offered} == set(people[5:10])
        assert len(offered) == len(sit)
        check(db)

    def test_a_missed_offer_is_given_on_while_whoever_missed_it_books(
        self, rooms: Rooms, people: list[UUID], many: Engine, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 10)
        rooms.rule(minutes_a_day=1500)
        for _ in range(ROUNDS):
            sit = {person: books(rooms, person, branch, None)(db) for person in people[:10]}
            for person in people[10:20]:
                queueing.wait(rooms.turn(person), branch, None, 60)
            for person, id_ in sit.items():
                booking.cancel(rooms.turn(person), id_)
            clock.advance(settling.OFFER_LASTS)
            deeds = [settles(rooms), settles(rooms)]
            deeds += [books(rooms, person, branch, NOON + timedelta(days=2)) for person in people[10:20]]
            deeds += [books(rooms, person, branch, None) for person in people[20:30]]
            assert set(refusals(at_once(many, deeds))) <= {Why.TAKEN, Why.TOO_MANY}
            assert db.scalars(select(Waiting.id).where(Waiting.left_at.is_(None))).all() == []
            check(db)
            for held in bookings.held(db, Booking.ended_at.is_(None)):
                assert held.holder
                booking.cancel(rooms.turn(held.holder), held.id)
            clock.advance(timedelta(minutes=1))
