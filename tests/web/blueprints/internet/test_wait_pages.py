"""Waiting for a computer on the pages, the first page of the service, and its place on the home page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Waiting
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.models import AuditEvent, Person
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.support.rooms import Rooms
from tests.web.blueprints.internet.test_book_pages import at, check_address, fields_of, words_of

HTMX = {"HX-Request": "true", "HX-Target": "content"}


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


@pytest.fixture
def browser(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


@pytest.fixture
def sit(rooms: Rooms) -> Callable[..., UUID]:
    """Let somebody sit down at a computer now."""

    def sit(person: Person, branch: UUID, minutes: int = 60) -> UUID:
        kept = booking.book(rooms.turn(person.id), Wanted(branch, None, None, minutes), key=uuid4())
        sitting.check_in(rooms.turn(person.id), kept, code=None, policy_from=BEFORE_ALL)
        return kept

    return sit


@pytest.fixture
def full(rooms: Rooms, joe: Person, sit: Callable[..., UUID]) -> UUID:
    """A library whose only computer is Joe's until 11am."""
    branch = rooms.branch(Kind.STANDARD)
    sit(joe, branch)
    return branch


def offered(db: Session) -> UUID:
    db.rollback()
    return db.scalars(select(Booking.id).where(Booking.how == "offer", Booking.ended_at.is_(None))).one()


class TestTheQueue:
    def test_begins_where_no_computer_is_free_now(self, browser: CheckingClient, full: UUID, db: Session) -> None:
        page = browser.get(check_address(full, "now")).text
        assert "At 11am one may be free again. You can wait for it." in words_of(page)
        assert browser.send("/internet/wait", fields_of(page, "Wait for a computer")).location == "/internet/wait"
        said = words_of(browser.get("/internet/wait").text)
        assert "You’re next." in said and "a computer is free at 11am, or sooner" in said
        assert db.scalars(select(Waiting.left_at)).all() == [None]

    def test_says_how_many_come_first(
        self, browser: CheckingClient, rooms: Rooms, full: UUID, mary: Person, make: Factory, clock: SetClock
    ) -> None:
        for number in range(2):
            clock.advance(timedelta(minutes=1))
            queueing.wait(rooms.turn(make.resident(email=f"{number}@example.org").id), full, None, 60)
        clock.advance(timedelta(minutes=1))
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        assert "There are 2 people before you." in words_of(browser.get("/internet/wait").text)

    def test_can_be_left(self, browser: CheckingClient, rooms: Rooms, full: UUID, mary: Person) -> None:
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        browser.get("/internet/wait")
        assert browser.send("/internet/wait/leave").location == "/internet"
        assert "You’re not waiting for a computer any more" in words_of(browser.get("/internet").text)
        assert "You’re not waiting for a computer." in words_of(browser.get("/internet/wait").text)

    def test_isnt_for_who_can_have_a_computer_now(self, browser: CheckingClient, rooms: Rooms) -> None:
        branch = rooms.branch(Kind.STANDARD)
        browser.get("/internet/wait")
        browser.get(check_address(branch, at(12)))
        response = browser.send("/internet/wait", {"branch": str(branch), "minutes": "60"})
        assert response.status_code == 409
        assert "A computer is free now" in words_of(response.text)
        [now] = find(response.text, "//a[normalize-space(.)='Use a computer now']/@href")
        assert "Now to 11am" in words_of(browser.get(now).text)

    def test_is_handed_on_by_a_look_although_no_job_runs(
        self, browser: CheckingClient, rooms: Rooms, full: UUID, mary: Person, db: Session
    ) -> None:
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        with_end = update(Booking).values(ends_at=at(10), ended_at=at(10), ended_why="finished")
        db.execute(with_end)
        db.commit()
        said = words_of(browser.get("/internet/wait").text)
        assert "A computer is free for you" in said and "until 10:04am, that is 4 minutes" in said

    def test_says_so_when_the_computers_are_off(
        self,
        browser: CheckingClient,
        rooms: Rooms,
        joe: Person,
        mary: Person,
        sit: Callable[..., UUID],
        clock: SetClock,
    ) -> None:
        """At noon they are; after the last closing of the day nobody waits any more."""
        branch = rooms.branch(Kind.STANDARD, hours=dict.fromkeys(range(7), ((9 * 60, 11 * 60), (12 * 60, 17 * 60))))
        sit(joe, branch, 45)
        queueing.wait(rooms.turn(mary.id), branch, None, 60)
        clock.set(at(10, 46))
        browser.sign_in(mary)
        assert "The computers are off for now" in words_of(browser.get("/internet/wait").text)
        clock.set(at(16, 46))
        browser.sign_in(mary)
        assert "You’re not waiting for a computer" in words_of(browser.get("/internet/wait").text)


class TestFollowing:
    @pytest.fixture
    def again(self, browser: CheckingClient, rooms: Rooms, full: UUID, mary: Person) -> str:
        """The address at which the page of somebody who waits asks again."""
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        [address] = find(browser.get("/internet/wait").text, "//div[@hx-trigger]/@hx-get")
        return str(address)

    def test_is_told_nothing_while_nothing_changes(
        self, browser: CheckingClient, again: str, clock: SetClock, db: Session
    ) -> None:
        clock.advance(timedelta(seconds=15))
        before = db.scalars(select(AuditEvent.id)).all()
        db.rollback()
        assert browser.get(again, headers=HTMX).status_code == 204
        assert db.scalars(select(AuditEvent.id)).all() == before, "nothing was seen"

    def test_stops_after_an_hour(self, browser: CheckingClient, again: str, clock: SetClock, mary: Person) -> None:
        clock.advance(timedelta(minutes=60))
        browser.sign_in(mary)
        fresh = find(browser.get("/internet/wait").text, "//div[@hx-trigger]/@hx-get")[0]
        over = fresh.partition("&until=")[0] + "&until=" + again.partition("&until=")[2]
        assert browser.get(over, headers=HTMX).status_code == 286

    @pytest.mark.parametrize("until", ["", "&until=never"])
    def test_stops_where_the_time_isnt_ours(self, browser: CheckingClient, again: str, until: str) -> None:
        assert browser.get(again.partition("&until=")[0] + until, headers=HTMX).status_code == 286

    def test_brings_the_offer_and_says_it_aloud(
        self, browser: CheckingClient, rooms: Rooms, again: str, joe: Person, db: Session
    ) -> None:
        sitting.end(rooms.turn(joe.id), db.scalars(select(Booking.id)).one())
        piece = browser.get(again, headers=HTMX).text
        assert "<html" not in piece
        assert find(piece, "//p[@id='told']/text()") == ["A computer is free for you"]


class TestTheOffer:
    @pytest.fixture
    def offer(self, rooms: Rooms, full: UUID, mary: Person, joe: Person, db: Session) -> UUID:
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        sitting.end(rooms.turn(joe.id), db.scalars(select(Booking.id)).one())
        return offered(db)

    @pytest.mark.parametrize("address", ["/internet/wait", "/internet"])
    def test_is_on_both_pages_and_can_be_taken(
        self, browser: CheckingClient, offer: UUID, db: Session, address: str
    ) -> None:
        [action] = find(browser.get(address).text, "//form[contains(., 'Take it')]/@action")
        assert browser.send(action).location == f"/internet/sessions/{offer}"
        assert db.scalars(select(Booking.how).where(Booking.id == offer)).all() == ["now"]
        assert browser.send(action).status_code == 303, "twice is as good as once"

    def test_can_be_left_to_the_next(self, browser: CheckingClient, offer: UUID, db: Session) -> None:
        browser.get("/internet/wait")
        assert browser.send(f"/internet/sessions/{offer}/decline").location == "/internet"
        assert db.scalars(select(Booking.ended_why).where(Booking.id == offer)).all() == ["cancelled"]

    def test_that_was_taken_isnt_given_back_by_an_old_page(
        self, browser: CheckingClient, offer: UUID, db: Session
    ) -> None:
        browser.get("/internet/wait")
        browser.send(f"/internet/sessions/{offer}/take")
        browser.send(f"/internet/sessions/{offer}/decline")
        assert db.scalars(select(Booking.ended_at).where(Booking.id == offer)).all() == [None]

    def test_is_over_after_some_minutes(self, browser: CheckingClient, offer: UUID, clock: SetClock) -> None:
        browser.get("/internet/wait")
        clock.advance(settling.OFFER_LASTS)
        response = browser.send(f"/internet/sessions/{offer}/take")
        assert response.status_code == 409
        assert "offered to somebody else" in words_of(response.text)
        assert "not taken in time goes to the next person" in words_of(browser.get("/internet/wait").text)


class TestFirstPage:
    def test_says_what_is_possible_where_nothing_is_booked(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.QUICK)
        said = words_of(browser.get("/internet").text)
        assert "You have nothing booked." in said
        assert "2 computers are free now. You have 2 hours left today." in said
        assert "Use a computer now" in said and "Book for later" in said

    def test_offers_no_computer_now_where_it_is_closed(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock
    ) -> None:
        rooms.branch(Kind.STANDARD)
        clock.set(at(20))
        said = words_of(browser.sign_in(mary).get("/internet").text)
        assert "Use a computer now" not in said and "Book for later" in said

    def test_lists_what_stands_and_the_session_that_runs(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, sit: Callable[..., UUID]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        running = sit(mary, branch, 30)
        later = booking.book(rooms.turn(mary.id), Wanted(branch, None, at(12), 60), key=uuid4())
        page = browser.get("/internet").text
        said = words_of(page)
        assert "You have 30 minutes left" in said
        assert "Tuesday 24 November, midday to 1pm" in said and "until 12:10pm" in said
        links = find(page, "//main//a/@href")
        assert f"/internet/sessions/{running}" in links
        assert {f"/internet/sessions/{later}{page}" for page in ("", "/change", "/cancel")} <= set(links)

    def test_leaves_out_what_was_missed_although_no_job_has_run(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        booking.book(rooms.turn(mary.id), Wanted(branch, None, at(10, 30), 60), key=uuid4())
        clock.set(at(10, 41))
        assert "What you have booked" not in browser.sign_in(mary).get("/internet").text


class TestHomePage:
    def panel(self, browser: CheckingClient) -> str:
        [panel] = find(browser.get("/").text, "//section[@aria-labelledby='panel-internet']")
        return " ".join(" ".join(panel.itertext()).split())

    def test_says_that_there_is_nothing_to_book_yet(self, browser: CheckingClient) -> None:
        assert "No library has computers to book yet" in self.panel(browser)

    def test_leads_to_a_free_computer(self, browser: CheckingClient, rooms: Rooms) -> None:
        rooms.branch(Kind.STANDARD)
        assert "Find a free computer" in self.panel(browser)

    def test_has_the_next_booking(self, browser: CheckingClient, rooms: Rooms, mary: Person) -> None:
        branch = rooms.branch(Kind.STANDARD)
        for day in (26, 25):
            booking.book(rooms.turn(mary.id), Wanted(branch, None, at(12, day=day), 60), key=uuid4())
        assert "Tomorrow, midday Computer 1 at Central. Change or cancel" in self.panel(browser)

    def test_has_the_time_left(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, sit: Callable[..., UUID]
    ) -> None:
        sit(mary, rooms.branch(Kind.STANDARD), 45)
        assert "45 minutes left Computer 1 at Central." in self.panel(browser)

    def test_has_the_place_in_the_queue(self, browser: CheckingClient, rooms: Rooms, mary: Person, full: UUID) -> None:
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        assert "You’re next. You’re waiting for a computer." in self.panel(browser)

    def test_has_the_offer_first_of_what_needs_doing(
        self, browser: CheckingClient, rooms: Rooms, mary: Person, joe: Person, full: UUID, db: Session
    ) -> None:
        queueing.wait(rooms.turn(mary.id), full, None, 60)
        sitting.end(rooms.turn(joe.id), db.scalars(select(Booking.id)).one())
        page = browser.get("/").text
        [todo] = find(page, "//a[contains(@class, 'todo')]")
        assert todo.text == "Take the computer that is free for you" and todo.get("href") == "/internet/wait"
        assert "until 10:04am" in self.panel(browser)

    def test_takes_three_reads_more(self, browser: CheckingClient, rooms: Rooms, engine: Engine) -> None:
        rooms.branch(Kind.STANDARD)
        with statements(engine) as sent:
            browser.get("/")
        assert sum("internet_" in one for one in sent) <= 3, sent


def test_times_are_the_councils(browser: CheckingClient, rooms: Rooms, mary: Person, clock: SetClock) -> None:
    """In summer the clock on the wall is an hour ahead of UTC."""
    clock.set(datetime(2027, 6, 1, 8, tzinfo=UTC))
    branch = rooms.branch(Kind.STANDARD)
    page = browser.sign_in(mary).get(check_address(branch, datetime(2027, 6, 1, 11, tzinfo=UTC))).text
    assert "midday to 1pm" in words_of(page)
