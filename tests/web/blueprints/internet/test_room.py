"""A running room, as its staff see it: Tuesday 24 November 2026, 10am; open until 5pm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Computer, Program
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.routes.rooms.overview import FOLLOWS_FOR
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from portal.models import AuditEvent, OutboxMessage, Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.rooms import Rooms

LIVE = {"HX-Request": "true", "HX-Target": "content"}


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Other")


@pytest.fixture
def staff(make: Factory, client: CheckingClient) -> Person:
    """A member of a library's staff, who is signed in."""
    person = make.staff(roles=(Role.LIBRARY,), name="Lena Shelf")
    client.sign_in(person, level=Level.HIGH)
    return person


@pytest.fixture
def look(db: Session) -> Callable[[UUID], Held]:
    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


def book(rooms: Rooms, person: Person, branch: UUID, starts_at: datetime | None, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person.id), Wanted(branch, None, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: Person, branch: UUID, minutes: int = 60) -> UUID:
    booking_id = book(rooms, person, branch, None, minutes)
    sitting.check_in(rooms.turn(person.id), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def computer_of(rooms: Rooms, branch: UUID, name: str) -> UUID:
    return rooms.db.scalars(select(Computer.id).where(Computer.branch_id == branch, Computer.name == name)).one()


def address(held: Held | UUID) -> str:
    return f"/staff/branches/computers/{held.computer_id if isinstance(held, Held) else held}"


def seats(text: str) -> list[str]:
    found = pages.find(text, "//*[contains(@class, 'seat ')]")
    return [" ".join(one.text_content().split()) for one in found]


def acts(db: Session, act: str) -> list[UUID | None]:
    """Return whom the audit's records of an act are about."""
    db.rollback()
    return list(db.scalars(select(AuditEvent.subject_id).where(AuditEvent.act == act).order_by(AuditEvent.id)))


@pytest.mark.usefixtures("staff")
class TestTheBranches:
    def test_stand_with_what_is_free_and_who_waits(
        self, client: CheckingClient, rooms: Rooms, mary: Person, joe: Person, make: Factory
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        rooms.branch(Kind.STANDARD, name="North")
        sit(rooms, mary, branch)
        book(rooms, joe, branch, None)
        ann = make.resident(email="ann@example.org", name="Ann Third")
        queueing.wait(rooms.turn(ann.id), branch, None, 60)
        found = pages.find(client.get("/staff/branches").text, "//li[contains(@class, 'row')]")
        assert [" ".join(one.text_content().split()) for one in found] == [
            "Central 0 free, 1 in use, 1 kept. 1 person waits.",
            "North 1 free, 0 in use.",
        ]

    def test_the_one_that_was_looked_at_last_is_first(self, client: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        north = rooms.branch(Kind.STANDARD, name="North")
        client.get(f"/staff/branches/{north}")
        assert pages.find(client.get("/staff/branches").text, "//h2//text()")[0] == "North"

    def test_a_computer_that_nobody_came_for_is_free_whether_or_not_a_job_ran(
        self, client: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock, staff: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch, at(10, 30))
        clock.advance(timedelta(minutes=41))
        client.sign_in(staff, level=Level.HIGH)
        assert "<strong>1 free</strong>, 0 in use" in client.get("/staff/branches").text
        assert "Free until 5pm" in client.get(f"/staff/branches/{branch}").text


@pytest.mark.usefixtures("staff")
class TestARoom:
    def test_says_of_each_computer_how_it_stands(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: Person, joe: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.LARGE_SCREEN, Kind.QUICK)
        sit(rooms, mary, branch)
        booking.book(rooms.turn(joe.id), Wanted(branch, Kind.LARGE_SCREEN, at(10, 30), 60), key=uuid4())
        db.execute(update(Computer).where(Computer.kind == "quick").values(status="out-of-order"))
        db.commit()
        assert seats(client.get(f"/staff/branches/{branch}").text) == [
            "Computer 1 Standard In use until 11am, 60 min left (M. E.)",
            "Computer 2 Large screen, with magnifier Free until 10:30am Then: 10:30am to 11:30am (J. O.)",
            "Computer 3 Quick, 15 minutes Out of order",
        ]

    def test_shows_no_names_and_nothing_at_all_of_people_at_risk(
        self, client: CheckingClient, rooms: Rooms, mary: Person, make: Factory
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        ann = make.resident(email="ann@example.org", name="Zita Hidden", restricted=True)
        sit(rooms, mary, branch)
        hidden = sit(rooms, ann, branch)
        text = client.get(f"/staff/branches/{branch}").text
        assert "Example" not in text
        assert "(a resident)" in text
        assert "Z. H." not in text
        held = bookings.held(rooms.db, Booking.id == hidden)[0]
        text = client.get(address(held)).text
        assert "a resident" in text
        assert "Zita" not in text

    def test_says_when_the_branch_is_closed(self, client: CheckingClient, rooms: Rooms) -> None:
        branch = rooms.branch(Kind.STANDARD, hours={})
        text = client.get(f"/staff/branches/{branch}").text
        assert "Closed today." in text
        assert "The branch is closed" in text

    def test_says_when_a_program_has_gone_silent(
        self, client: CheckingClient, rooms: Rooms, db: Session, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        db.add(Program(computer_id=computer_of(rooms, branch, "1"), counter=0, seen_at=clock.now()))
        db.commit()
        assert "Not heard of" not in client.get(f"/staff/branches/{branch}").text
        clock.advance(timedelta(minutes=6))
        assert "Not heard of since 10am" in client.get(f"/staff/branches/{branch}").text

    def test_there_is_none_at_any_other_address(self, client: CheckingClient) -> None:
        assert client.get(f"/staff/branches/{uuid4()}").status_code == 404
        assert client.get(f"/staff/branches/computers/{uuid4()}").status_code == 404


@pytest.mark.usefixtures("staff")
class TestLive:
    def poll(self, page: str) -> str:
        return str(pages.find(page, "//*[@hx-trigger]/@hx-get")[0])

    def test_nothing_is_sent_until_something_has_changed(
        self, client: CheckingClient, rooms: Rooms, mary: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        asks = self.poll(client.get(f"/staff/branches/{branch}").text)
        unchanged = client.get(asks, headers=LIVE)
        assert (unchanged.status_code, unchanged.data) == (204, b"")
        sit(rooms, mary, branch)
        changed = client.get(asks, headers=LIVE)
        assert changed.status_code == 200
        assert "In use until 11am" in changed.text
        assert "<html" not in changed.text

    def test_a_screen_that_nobody_looks_at_stops_asking(
        self, client: CheckingClient, rooms: Rooms, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        asks = self.poll(client.get(f"/staff/branches/{branch}").text)
        for _ in range(2):  # the session lives on while it asks
            clock.advance(FOLLOWS_FOR / 3)
            assert client.get(asks, headers=LIVE).status_code in (200, 204)
        clock.advance(FOLLOWS_FOR / 3)
        last = client.get(asks, headers=LIVE)
        assert "This page follows no longer" in last.text
        assert "hx-trigger" not in last.text

    def test_takes_a_handful_of_queries_whatever_the_number_of_computers(
        self, client: CheckingClient, rooms: Rooms, engine: Engine, mary: Person
    ) -> None:
        few, many = rooms.branch(Kind.STANDARD), rooms.branch(*[Kind.STANDARD] * 60, name="Large")
        sit(rooms, mary, many)
        client.get("/staff/branches")
        counts = []
        for branch in (few, many):
            client.get(f"/staff/branches/{branch}")
            with statements(engine) as sent:
                client.get(f"/staff/branches/{branch}")
            counts.append(len(sent))
        assert counts[0] == counts[1] <= 8, "five of the room, and those of the session"


@pytest.mark.usefixtures("staff")
class TestWhoIsThere:
    def test_a_name_is_shown_at_the_computer_and_that_is_on_record(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        held = look(sit(rooms, mary, rooms.branch(Kind.STANDARD)))
        assert "Mary Example" in client.get(address(held)).text
        assert acts(db, "internet.see") == [mary.id]

    def test_of_who_comes_later_there_are_initials(
        self,
        client: CheckingClient,
        rooms: Rooms,
        db: Session,
        mary: Person,
        joe: Person,
        make: Factory,
        look: Callable[[UUID], Held],
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        held = look(sit(rooms, mary, branch))
        book(rooms, joe, branch, at(12))
        book(rooms, make.resident(email="ann@example.org", name="Ann Third"), branch, at(14))
        text = client.get(address(held)).text
        assert "Joe Other" in text
        assert "A. T." in text
        assert "Ann" not in text
        assert len(acts(db, "internet.see")) == 2

    def test_neither_theirs_nor_of_somebody_who_has_their_name(
        self, client: CheckingClient, rooms: Rooms, db: Session, make: Factory, look: Callable[[UUID], Held]
    ) -> None:
        namesake = make.resident(email="ls@example.org", name="Lena Shelf")
        held = look(sit(rooms, namesake, rooms.branch(Kind.STANDARD)))
        text = client.get(address(held)).text
        assert "Lena Shelf" not in text
        assert acts(db, "internet.see") == []


@pytest.mark.usefixtures("staff")
class TestASession:
    def test_is_begun_by_whoever_sees_them_sit_there(
        self, client: CheckingClient, rooms: Rooms, mary: Person, db: Session, look: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), None)
        page = client.get(address(look(kept)))
        policy = pages.find(page.text, "//input[@name='policy']/@value")[0]
        response = client.send(f"/staff/branches/bookings/{kept}/check-in", {"policy": policy})
        assert response.status_code == 303
        assert look(kept).state(at(10)) is State.IN_USE
        assert acts(db, "internet.check-in") == [mary.id]

    def test_is_not_begun_with_rules_that_were_changed_since(
        self, client: CheckingClient, rooms: Rooms, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), None)
        client.get(address(look(kept)))
        client.send(f"/staff/branches/bookings/{kept}/check-in", {"policy": at(9).isoformat()})
        assert look(kept).state(at(10)) is State.HELD
        assert "The rules for using the computers have changed" in client.get(address(look(kept))).text

    def test_is_ended(
        self,
        client: CheckingClient,
        rooms: Rooms,
        mary: Person,
        db: Session,
        clock: SetClock,
        look: Callable[[UUID], Held],
    ) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(minutes=20))
        client.get(address(look(session)))
        for _ in range(2):
            assert client.send(f"/staff/branches/bookings/{session}/end").status_code == 303
        ended = look(session)
        assert (ended.state(clock.now()), ended.ended_why, ended.ends_at) == (State.ENDED, "by-staff", at(10, 20))
        assert acts(db, "internet.end") == [mary.id]

    def test_gets_more_time_than_the_day_has_and_who_gave_it_is_on_record(
        self, client: CheckingClient, rooms: Rooms, mary: Person, db: Session, look: Callable[[UUID], Held]
    ) -> None:
        rooms.rule(minutes_a_day=60)
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        page = client.get(address(look(session)))
        until = pages.find(page.text, "//input[@name='until']/@value")[0]
        for _ in range(2):  # the second finds that it was given
            client.send(f"/staff/branches/bookings/{session}/more", {"until": until, "minutes": "30"})
        assert look(session).ends_at == at(11, 30)
        granted = db.execute(select(AuditEvent).where(AuditEvent.act == "internet.grant")).scalars().one()
        assert (granted.subject_id, granted.authority, granted.details) == (mary.id, "staff", {"minutes": 30})

    def test_gets_no_more_than_there_is_before_the_next_booking(
        self, client: CheckingClient, rooms: Rooms, mary: Person, joe: Person, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        session = sit(rooms, mary, branch)
        book(rooms, joe, branch, at(11, 10))
        client.get(address(look(session)))
        client.send(f"/staff/branches/bookings/{session}/more", {"until": at(11).isoformat(), "minutes": "30"})
        assert look(session).ends_at == at(11, 10)
        client.send(f"/staff/branches/bookings/{session}/more", {"until": at(11, 10).isoformat(), "minutes": "30"})
        assert "The computer is booked next" in client.get(address(look(session))).text

    def test_moves_to_the_computer_that_is_chosen(
        self,
        client: CheckingClient,
        rooms: Rooms,
        mary: Person,
        joe: Person,
        clock: SetClock,
        look: Callable[[UUID], Held],
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.SCANNER)
        session, other = sit(rooms, mary, branch), sit(rooms, joe, branch)
        clock.advance(timedelta(minutes=10, seconds=30))
        page = client.get(address(look(session)))
        assert pages.find(page.text, "//select[@name='to']/option/text()") == ["Computer 3 (With scanner)"]
        to = computer_of(rooms, branch, "3")
        for _ in range(2):
            client.send(f"/staff/branches/bookings/{session}/move", {"to": str(to)})
        assert (look(session).computer, look(session).ends_at) == ("3", at(11))
        client.send(f"/staff/branches/bookings/{session}/move", {"to": str(look(other).computer_id)})
        assert look(session).computer == "3"
        assert "No such computer is free" in client.get(address(look(session))).text

    def test_a_booking_is_cancelled(
        self, client: CheckingClient, rooms: Rooms, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        client.get(address(look(kept)))
        client.send(f"/staff/branches/bookings/{kept}/cancel")
        assert look(kept).state(at(10)) is State.CANCELLED

    @pytest.mark.parametrize("deed", ["check-in", "more", "end", "cancel", "move", "lift"])
    def test_there_is_none_at_any_other_address(self, client: CheckingClient, deed: str) -> None:
        client.get("/staff/branches")
        form = {"policy": at(10).isoformat(), "until": at(10).isoformat(), "minutes": "15", "to": str(uuid4())}
        assert client.send(f"/staff/branches/bookings/{uuid4()}/{deed}", form).status_code == 404

    @pytest.mark.parametrize(("deed", "form"), [("more", {"until": "x"}), ("move", {"to": "x"}), ("check-in", {})])
    def test_what_no_form_of_ours_sends_is_refused(
        self, client: CheckingClient, rooms: Rooms, mary: Person, deed: str, form: dict[str, str]
    ) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        client.get("/staff/branches")
        assert client.send(f"/staff/branches/bookings/{session}/{deed}", form).status_code == 400


@pytest.mark.usefixtures("staff")
class TestAComputerBreaks:
    def test_its_people_are_moved_and_told_those_of_later_days_stay(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        session, tomorrow = sit(rooms, mary, branch, 30), None
        broken = look(session).computer_id
        tomorrow = book(rooms, mary, branch, at(12, day=25))
        db.execute(update(Booking).where(Booking.id == tomorrow).values(computer_id=broken))
        db.commit()
        client.get(address(broken))
        response = client.send(f"{address(broken)}/fault", {"how_long": "today"}, follow_redirects=True)
        assert "The computer is out of order. 1 booking was moved." in response.text
        assert look(session).computer_id != broken
        assert look(tomorrow).computer_id == broken
        assert "internet-moved" in db.scalars(select(OutboxMessage.template)).all()
        client.send(f"{address(broken)}/fault", {"how_long": "longer"})
        assert look(tomorrow).computer_id != broken

    def test_without_another_they_are_cancelled(
        self, client: CheckingClient, rooms: Rooms, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        client.get(address(look(kept)))
        response = client.send(f"{address(look(kept))}/fault", {"how_long": "today"}, follow_redirects=True)
        assert "1 booking was cancelled or ended." in response.text
        assert look(kept).state(at(10)) is State.CANCELLED

    def test_it_comes_back_and_is_offered_to_whoever_waits(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        computer = computer_of(rooms, branch, "1")
        client.get(address(computer))
        client.send(f"{address(computer)}/fault", {"how_long": "today"})
        queueing.wait(rooms.turn(mary.id), branch, None, 60)
        client.send(f"{address(computer)}/repair")
        assert db.scalars(select(Booking.how)).all() == ["offer"]


@pytest.mark.usefixtures("staff")
class TestABlock:
    def form(self, rooms: Rooms, branch: UUID, *names: str, **changed: str) -> dict[str, object]:
        return {
            "computers": [str(computer_of(rooms, branch, name)) for name in names],
            "from_day": "2026-11-24",
            "from_time": "12:00",
            "until_day": "2026-11-24",
            "until_time": "14:00",
            "why": "Class for beginners",
            "key": str(uuid4()),
            **changed,
        }

    def test_keeps_computers_for_a_class_and_gives_others_to_who_has_them(
        self, client: CheckingClient, rooms: Rooms, db: Session, mary: Person, look: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.STANDARD)
        kept = book(rooms, mary, branch, at(12, 30))
        taken = look(kept).computer
        others = sorted({"1", "2", "3"} - {taken})
        form = self.form(rooms, branch, taken, others[0])
        client.get(f"/staff/branches/{branch}/block")
        client.send(f"/staff/branches/{branch}/block", form)
        response = client.send(f"/staff/branches/{branch}/block", form, follow_redirects=True)
        assert look(kept).computer == others[1]
        assert "midday to 2pm (Class for beginners)" in response.text
        assert len(db.scalars(select(Booking.id).where(Booking.how == "block")).all()) == 2
        words = db.scalars(select(Booking.words).where(Booking.how == "block")).first()
        assert words is not None
        assert b"Class" not in words

    def test_is_ended_before_its_time(
        self, client: CheckingClient, rooms: Rooms, db: Session, clock: SetClock, staff: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        client.get(f"/staff/branches/{branch}/block")
        client.send(f"/staff/branches/{branch}/block", self.form(rooms, branch, "1"))
        clock.advance(timedelta(hours=3))
        client.sign_in(staff, level=Level.HIGH)
        assert "Blocked until 2pm: Class for beginners" in client.get(f"/staff/branches/{branch}").text
        block = db.scalars(select(Booking.id)).one()
        for _ in range(2):
            assert client.send(f"/staff/branches/bookings/{block}/lift").status_code == 303
        assert "Free until 5pm" in client.get(f"/staff/branches/{branch}").text

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"why": " "}, "Say why"),
            ({"until_time": "11:00"}, "It has to end after it begins"),
            ({"until_day": "2027-11-24"}, "It has to end after it begins"),
            ({"from_time": "noon"}, "Enter a time such as 14:30"),
            ({"computers": []}, "Select computers"),
        ],
    )
    def test_a_form_that_is_wrong_says_so(
        self, client: CheckingClient, rooms: Rooms, changed: dict[str, str], says: str
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        client.get(f"/staff/branches/{branch}/block")
        response = client.send(f"/staff/branches/{branch}/block", self.form(rooms, branch, "1", **changed))
        assert response.status_code == 422
        assert says in response.text

    def test_two_at_once_are_one(self, client: CheckingClient, rooms: Rooms) -> None:
        branch = rooms.branch(Kind.STANDARD)
        client.get(f"/staff/branches/{branch}/block")
        client.send(f"/staff/branches/{branch}/block", self.form(rooms, branch, "1"))
        response = client.send(f"/staff/branches/{branch}/block", self.form(rooms, branch, "1"))
        assert response.status_code == 409
        assert "is blocked or was booked just now" in response.text


@pytest.mark.usefixtures("staff")
class TestAMessage:
    def test_goes_to_a_screen_whose_program_is_enrolled(
        self, client: CheckingClient, rooms: Rooms, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        computer, other = computer_of(rooms, branch, "1"), computer_of(rooms, branch, "2")
        db.add(Program(computer_id=computer, counter=0, key=b"sealed"))
        db.commit()
        assert "What shall its screen say?" not in client.get(address(other)).text
        assert "What shall its screen say?" in client.get(address(computer)).text
        assert client.send(f"{address(computer)}/say", {"text": " "}).status_code == 422
        assert client.send(f"{address(computer)}/say", {"text": "We close in 10 minutes"}).status_code == 303
        assert client.send(f"{address(other)}/say", {"text": "We close in 10 minutes"}).status_code == 404
        db.rollback()
        kept = db.execute(select(Program.message, Program.message_until)).one()
        assert b"close" not in kept.message
        assert kept.message_until > at(10)


@pytest.mark.usefixtures("staff")
class TestATicket:
    def test_is_shown_once_and_the_same_form_makes_one(self, client: CheckingClient, rooms: Rooms, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        form = {"minutes": "30", "key": str(uuid4())}
        client.get(f"/staff/branches/{branch}/ticket")
        codes = {
            pages.find(client.send(f"/staff/branches/{branch}/ticket", form).text, "//*[@class='hero']/text()")[0]
            for _ in range(2)
        }
        assert len(codes) == 1
        assert len(acts(db, "internet.ticket")) == 1
        assert "30 minutes at a computer" in client.send(f"/staff/branches/{branch}/ticket", form).text


@pytest.mark.usefixtures("staff")
class TestTheDaysSheet:
    def test_has_what_is_booked_with_initials_and_when_it_was_made(
        self, client: CheckingClient, rooms: Rooms, mary: Person, joe: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD, Kind.STANDARD)
        book(rooms, mary, branch, at(12))
        gone = book(rooms, joe, branch, at(14))
        booking.cancel(rooms.turn(joe.id), gone)
        text = client.get(f"/staff/branches/{branch}/sheet").text
        assert "midday to 1pm M. E." in text
        assert "Mary" not in text
        assert "J. O." not in text
        assert "Made on Tuesday 24 November 2026, 10am" in text

    def test_is_there_for_other_days(self, client: CheckingClient, rooms: Rooms, mary: Person) -> None:
        branch = rooms.branch(Kind.STANDARD)
        book(rooms, mary, branch, at(14, day=26))
        assert "2pm to 3pm M. E." in client.get(f"/staff/branches/{branch}/sheet?day=2026-11-26").text
        assert client.get(f"/staff/branches/{branch}/sheet?day=soon").status_code == 422


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.LIBRARY, Role.LIBRARY_MANAGER])
    def test_staff_of_libraries(self, client: CheckingClient, rooms: Rooms, make: Factory, role: Role) -> None:
        client.sign_in(make.staff(roles=(role,)), level=Level.HIGH)
        assert client.get(f"/staff/branches/{rooms.branch(Kind.STANDARD)}").status_code == 200

    def test_no_other_staff_and_no_resident(
        self, client: CheckingClient, rooms: Rooms, make: Factory, mary: Person
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        client.sign_in(make.staff(roles=(Role.HOUSING_OFFICER,)), level=Level.HIGH)
        assert client.get(f"/staff/branches/{branch}").status_code == 403
        client.sign_in(mary, level=Level.HIGH)
        assert client.get(f"/staff/branches/{branch}").status_code == 404
