"""Somebody at the desk of a library: Tuesday 24 November 2026, 10am; open until 5pm."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.internet.actions import booking, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Day, Member, Waiting
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.clock import SetClock
from portal.models import AuditEvent, Channel, OutboxMessage, Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.rooms import Rooms

PEOPLE = "/staff/branches/people"


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> Person:
    person = make.resident()
    make.contact(person, Channel.POST, "1 Hill Road\nMillbrook\nZZ1 1AA")
    return person


@pytest.fixture(autouse=True)
def staff(make: Factory, client: CheckingClient) -> Person:
    """A member of a library's staff, who is signed in."""
    person = make.staff(roles=(Role.LIBRARY,), name="Lena Shelf")
    client.sign_in(person, level=Level.HIGH)
    return person


@pytest.fixture
def branch(rooms: Rooms) -> UUID:
    return rooms.branch(Kind.STANDARD, Kind.SCANNER)


def find(client: CheckingClient, name: str = "Mary Example", postcode: str = "ZZ1 1AA") -> TestResponse:
    return client.submit(PEOPLE, {"name": name, "postcode": postcode})


def opened(client: CheckingClient, person: Person) -> str:
    """Find somebody, and return the address of their page."""
    find(client)
    address = f"{PEOPLE}/{person.id}"
    assert client.get(address).status_code == 200
    return address


def sent(client: CheckingClient, address: str, **form: str) -> TestResponse:
    return client.send(address, dict(form), follow_redirects=True)


def records(db: Session, act: str) -> list[AuditEvent]:
    db.rollback()
    return list(db.scalars(select(AuditEvent).where(AuditEvent.act == act)))


def sit(rooms: Rooms, person: Person, branch: UUID, minutes: int = 60) -> UUID:
    booking_id = booking.book(rooms.turn(person.id), Wanted(branch, None, None, minutes), key=uuid4())
    sitting.check_in(rooms.turn(person.id), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


@pytest.mark.usefixtures("branch")
class TestFinding:
    def test_takes_two_facts_and_is_on_record(self, client: CheckingClient, mary: Person, db: Session) -> None:
        response = find(client)
        assert pages.find(response.text, "//main//li//h3/text()") == ["Mary Example"]
        assert [one.subject_id for one in records(db, "assist.found")] == [mary.id]
        assert find(client, postcode="").status_code == 422
        assert "Nobody matches" in find(client, name="Somebody Else").text

    def test_nobody_opens_who_was_not_found(self, client: CheckingClient, mary: Person, make: Factory) -> None:
        joe = make.resident(email="joe@example.org", name="Joe Other")
        assert client.get(f"{PEOPLE}/{mary.id}").status_code == 404
        opened(client, mary)
        assert client.get(f"{PEOPLE}/{joe.id}").status_code == 404

    def test_who_is_at_risk_is_not_shown(self, client: CheckingClient, mary: Person, db: Session) -> None:
        address = opened(client, mary)
        db.execute(update(Person).where(Person.id == mary.id).values(restricted=True))
        db.commit()
        assert client.get(address).status_code == 404, "even whoever had found them"
        response = find(client)
        assert "Mary" not in "".join(pages.find(response.text, "//main//li//text()"))
        assert "1 record is protected." in response.text

    def test_nobody_is_shown_their_own_record(self, client: CheckingClient, make: Factory) -> None:
        own = make.resident(email="lena@example.org", name="Lena Shelf")
        make.contact(own, Channel.POST, "2 Hill Road\nMillbrook\nZZ1 1AA")
        assert "1 record is protected." in find(client, name="Lena Shelf").text

    def test_a_look_is_on_record(self, client: CheckingClient, mary: Person, db: Session) -> None:
        opened(client, mary)
        assert [(one.subject_id, one.authority) for one in records(db, "internet.see")] == [(mary.id, "staff")]


class TestBooking:
    def form(self, branch: UUID, **changed: str) -> dict[str, str]:
        given = {"branch": str(branch), "kind": "", "day": "2026-11-24", "at": "", "minutes": "60", "key": str(uuid4())}
        return given | changed

    def test_for_now_and_they_sit_down(self, client: CheckingClient, mary: Person, db: Session, branch: UUID) -> None:
        address = f"{opened(client, mary)}/book"
        client.get(address)
        form = self.form(branch, sits="y")
        for _ in range(2):
            assert "They have computer 1 on Tuesday 24 November, 10am to 11am." in sent(client, address, **form).text
        made = db.scalars(select(Booking)).one()
        assert (made.person_id, made.by_staff, made.checked_in_at) == (mary.id, True, at(10))
        assert {one.subject_id for one in records(db, "internet.book")} == {mary.id}

    def test_for_later_even_for_whom_the_page_is_closed(
        self, client: CheckingClient, mary: Person, branch: UUID, rooms: Rooms
    ) -> None:
        rooms.rule(Who.ADULT, on_line=False)
        address = f"{opened(client, mary)}/book"
        client.get(address)
        response = sent(client, address, **self.form(branch, day="2026-12-22", at="14:30", kind="scanner"))
        assert "They have computer 2 on Tuesday 22 December, 2:30pm to 3:30pm." in response.text

    def test_what_a_rule_refuses_is_said_with_what_is_free(
        self, client: CheckingClient, mary: Person, branch: UUID, rooms: Rooms, make: Factory
    ) -> None:
        joe = make.resident(email="joe@example.org", name="Joe Other")
        booking.book(rooms.turn(joe.id), Wanted(branch, Kind.SCANNER, at(12), 60), key=uuid4())
        address = f"{opened(client, mary)}/book"
        client.get(address)
        response = sent(client, address, **self.form(branch, at="12:00", kind="scanner"))
        assert response.status_code == 409
        assert "No such computer is free for that time." in response.text
        assert "11am, With scanner" in response.text

    def test_into_the_queue_when_nothing_is_free(
        self, client: CheckingClient, mary: Person, branch: UUID, rooms: Rooms, make: Factory, db: Session
    ) -> None:
        for name in ("Joe", "Ann"):
            sit(rooms, make.resident(email=f"{name}@example.org", name=f"{name} Other"), branch)
        address = f"{opened(client, mary)}/book"
        client.get(address)
        assert sent(client, address, **self.form(branch)).status_code == 409
        assert "They are in the queue" in sent(client, address, **self.form(branch, waits="y")).text
        assert db.scalars(select(Waiting.person_id)).all() == [mary.id]

    @pytest.mark.parametrize(
        ("changed", "says"), [({"day": ""}, "Enter a day"), ({"at": "noon"}, "Enter a time such as 14:30")]
    )
    def test_a_form_that_is_wrong_says_so(
        self, client: CheckingClient, mary: Person, branch: UUID, changed: dict[str, str], says: str
    ) -> None:
        address = f"{opened(client, mary)}/book"
        client.get(address)
        response = sent(client, address, **self.form(branch, **changed))
        assert response.status_code == 422
        assert says in response.text


@pytest.mark.usefixtures("branch")
class TestWhatHolds:
    @pytest.mark.parametrize(
        ("born_on", "until"),
        [
            ("2012-05-06", date(2028, 5, 6)),
            ("2010-11-24", None),
            ("1980-01-01", None),
            ("2012-02-29", date(2028, 2, 29)),
        ],
    )
    def test_children_are_known_by_a_day_and_the_birth_date_is_not_kept(
        self, client: CheckingClient, mary: Person, db: Session, born_on: str, until: date | None
    ) -> None:
        address = opened(client, mary)
        sent(client, f"{address}/birth", born_on=born_on)
        assert db.scalars(select(Member.child_until)).all() == [until]
        assert [one.subject_id for one in records(db, "internet.age")] == [mary.id]
        assert all(born_on not in str(one.details) for one in records(db, "internet.age"))

    def test_nobody_is_born_tomorrow(self, client: CheckingClient, mary: Person) -> None:
        response = sent(client, f"{opened(client, mary)}/birth", born_on="2026-11-25")
        assert response.status_code == 422
        assert "Enter a date of birth in the past" in response.text

    def test_minutes_are_granted_once_however_often_the_form_is_sent(
        self, client: CheckingClient, mary: Person, db: Session
    ) -> None:
        address = opened(client, mary)
        for _ in range(2):
            sent(client, f"{address}/grant", minutes="30", before="0")
        assert "Has 2 hours 30 minutes left today" in client.get(address).text
        assert db.scalars(select(Day.granted)).all() == [30]
        assert [one.details for one in records(db, "internet.grant")] == [{"minutes": 30}]


@pytest.mark.usefixtures("branch")
class TestABlock:
    def test_ends_what_they_have_and_is_lifted(
        self, client: CheckingClient, mary: Person, db: Session, branch: UUID, rooms: Rooms, clock: SetClock
    ) -> None:
        session = sit(rooms, mary, branch, 30)
        kept = booking.book(rooms.turn(mary.id), Wanted(branch, None, at(12, day=25), 60), key=uuid4())
        beyond = booking.book(rooms.turn(mary.id), Wanted(branch, None, at(12, day=27), 60), key=uuid4())
        clock.advance(timedelta(minutes=5))
        address = opened(client, mary)
        response = sent(client, f"{address}/suspend", until="2026-11-26", why="Shouting at others")
        assert "until the end of Thursday 26 November 2026" in response.text
        assert "Shouting at others" in response.text
        ended = dict(db.execute(select(Booking.id, Booking.ended_why)).all())
        assert (ended[session], ended[kept], ended[beyond]) == ("cancelled", "cancelled", None)
        assert db.scalars(select(OutboxMessage.template)).all().count("internet-cancelled") == 2
        assert b"Shouting" not in (db.scalars(select(Member.blocked_why)).one() or b"")
        assert "Let them use the computers again" in client.get(address).text
        sent(client, f"{address}/lift-suspension")
        assert "Has " in client.get(address).text
        assert [one.subject_id for one in records(db, "internet.unblock")] == [mary.id]

    def test_takes_them_out_of_the_queue(
        self, client: CheckingClient, mary: Person, rooms: Rooms, make: Factory, db: Session
    ) -> None:
        full = rooms.branch(Kind.STANDARD)
        sit(rooms, make.resident(email="joe@example.org", name="Joe Other"), full)
        queueing.wait(rooms.turn(mary.id), full, None, 30)
        sent(client, f"{opened(client, mary)}/suspend", until="2026-11-26", why="Shouting")
        assert db.scalars(select(Waiting.left_at.is_not(None))).all() == [True]

    @pytest.mark.parametrize(
        ("until", "why", "says"),
        [
            ("2026-11-23", "Shouting", "Enter a day between today and a year from now"),
            ("2028-11-24", "Shouting", "Enter a day between today and a year from now"),
            ("2026-11-26", "", "Say why"),
        ],
    )
    def test_has_an_end_and_a_reason(
        self, client: CheckingClient, mary: Person, until: str, why: str, says: str
    ) -> None:
        response = sent(client, f"{opened(client, mary)}/suspend", until=until, why=why)
        assert response.status_code == 422
        assert says in response.text
