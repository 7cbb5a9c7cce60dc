"""Guests: a ticket from the desk opens one session, once, today, here. Tuesday 24 November 2026, 10am."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, guests
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Computer, Guest
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import CODE_LETTERS, TICKET_LENGTH, code_of
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import State
from portal.blueprints.internet.rules.trying import NETWORK, of_codes
from portal.clock import SetClock
from portal.identity.throttle import Throttle
from portal.models import AuditEvent, SignInSession
from portal.party import Level, Party
from portal.settings import Settings
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.rooms import Rooms

HERE = "/internet/guest"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


@pytest.fixture
def branch(rooms: Rooms, settings: Settings) -> UUID:
    rooms.secret = settings.secret_key.get_secret_value().encode()
    return rooms.branch(Kind.STANDARD, Kind.STANDARD)


@pytest.fixture
def computer(branch: UUID, db: Session) -> UUID:
    return db.scalars(select(Computer.id).where(Computer.branch_id == branch, Computer.name == "1")).one()


@pytest.fixture
def ticket(rooms: Rooms, branch: UUID, make: Factory) -> str:
    staff = make.staff().id
    party = Party(staff, staff, Level.HIGH)
    return guests.make_ticket(rooms.db, rooms.desk, party, branch, minutes=30, now=rooms.clock.now())


@pytest.fixture
def code(rooms: Rooms) -> Callable[[UUID], str]:
    return lambda computer: code_of(rooms.secret, computer, rooms.clock.now())


def form(ticket: str, code: str, **changed: str) -> dict[str, str]:
    given = {"ticket": ticket, "code": code, "agree": "y", "policy": BEFORE_ALL.isoformat(), "key": str(uuid4())}
    return given | changed


def errors(text: str) -> list[str]:
    return [str(one) for one in pages.find(text, "//*[contains(@class, 'error-summary__list')]//a/text()")]


def test_a_ticket_says_nothing_to_whoever_reads_the_table(ticket: str, db: Session) -> None:
    assert len(ticket) == TICKET_LENGTH
    assert set(ticket) <= set(CODE_LETTERS)
    guest = db.scalars(select(Guest)).one()
    assert ticket.encode() not in (guest.code_hash or b"")
    assert (guest.day, guest.minutes) == (at(10).date(), 30)
    assert db.scalars(select(AuditEvent.act)).all() == ["internet.ticket"]


class TestTheTicket:
    def test_opens_the_computer_for_its_minutes(
        self, client: CheckingClient, ticket: str, computer: UUID, code: Callable[[UUID], str], db: Session
    ) -> None:
        answer = client.submit(HERE, form(f"{ticket[:4]} {ticket[4:].lower()}", code(computer)))
        assert (answer.status_code, answer.location) == (303, "/internet/guest/session")
        [kept] = bookings.held(db)
        assert (kept.computer_id, kept.is_guest, kept.state(at(10))) == (computer, True, State.IN_USE)
        assert kept.ends_at == at(10, 30)
        text = client.get("/internet/guest/session").text
        assert "Your time on this computer ends at 10:30am" in text
        assert "30 minutes left" in text
        assert "Find a free computer" not in text
        whose = db.execute(
            select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.authority).where(
                AuditEvent.act.in_(["internet.book", "internet.check-in"])
            )
        ).all()
        assert whose == [(None, None, "guest")] * 2

    def test_works_once(
        self, client: CheckingClient, ticket: str, computer: UUID, code: Callable[[UUID], str], db: Session
    ) -> None:
        client.submit(HERE, form(ticket, code(computer)))
        assert db.scalars(select(Guest.code_hash)).all() == [None]
        client.delete_cookie("portal")
        answer = client.submit(HERE, form(ticket, code(computer)))
        assert answer.status_code == 422
        assert errors(answer.text) == [
            "We don’t know this ticket, or it was used. Check the code, or ask at the desk for a new ticket."
        ]
        assert client.get("/internet/guest/session").location == HERE

    def test_the_same_form_sent_twice_begins_once(
        self, client: CheckingClient, ticket: str, computer: UUID, code: Callable[[UUID], str], db: Session
    ) -> None:
        sent = form(ticket, code(computer))
        client.submit(HERE, sent)
        client.get(HERE)
        assert client.send(HERE, sent).location == "/internet/guest/session"
        assert len(bookings.held(db)) == 1

    def test_is_good_on_its_day_only(
        self, client: CheckingClient, ticket: str, computer: UUID, code: Callable[[UUID], str], clock: SetClock
    ) -> None:
        clock.advance(timedelta(days=1))
        answer = client.submit(HERE, form(ticket, code(computer)))
        assert errors(answer.text) == [
            "This ticket is good on Tuesday 24 November 2026 only. Ask at the desk for a new one."
        ]

    def test_is_good_at_its_branch_only(
        self, client: CheckingClient, ticket: str, rooms: Rooms, code: Callable[[UUID], str], db: Session
    ) -> None:
        other = rooms.branch(Kind.STANDARD, name="Harbour")
        there = db.scalars(select(Computer.id).where(Computer.branch_id == other)).one()
        answer = client.submit(HERE, form(ticket, code(there)))
        assert errors(answer.text) == ["This ticket is good at Central only. Ask at the desk for a new one."]

    def test_stays_good_when_somebody_sits_there(
        self,
        client: CheckingClient,
        ticket: str,
        rooms: Rooms,
        make: Factory,
        branch: UUID,
        code: Callable[[UUID], str],
        db: Session,
    ) -> None:
        joe = make.resident(email="joe@example.org").id
        booking.book(rooms.turn(joe), Wanted(branch, None, None, 60), key=uuid4())
        [his] = bookings.held(db)
        db.rollback()
        answer = client.submit(HERE, form(ticket, code(his.computer_id)))
        assert errors(answer.text) == ["Somebody else has this computer until 11am. Use another one, or wait."]
        free = db.scalars(select(Computer.id).where(Computer.id != his.computer_id)).one()
        db.rollback()
        assert client.send(HERE, form(ticket, code(free))).status_code == 303

    def test_nothing_entered_says_what_to_enter(self, client: CheckingClient) -> None:
        answer = client.submit(HERE, form("", "", agree=""))
        assert answer.status_code == 422
        assert set(errors(answer.text)) == {
            "Enter the code on your ticket",
            "Enter the code that the computer shows",
            "Tick the box if you agree to the rules",
        }

    def test_a_wrong_code_of_the_computer_is_said_of_that(self, client: CheckingClient, ticket: str) -> None:
        answer = client.submit(HERE, form(ticket, "BBBBBB"))
        assert errors(answer.text) == [
            "That isn’t the code that the computer shows. Look at its screen, and enter the code again."
        ]

    def test_wrong_tries_are_counted(
        self,
        client: CheckingClient,
        ticket: str,
        computer: UUID,
        code: Callable[[UUID], str],
        throttle: Throttle,
        db: Session,
    ) -> None:
        for _ in range(NETWORK - 1):
            throttle.ask(db, of_codes(throttle, person=None, address="127.0.0.1"), at=at(10))
        client.get(HERE)
        assert client.send(HERE, form("BBBBBBBB", code(computer))).status_code == 422
        answer = client.send(HERE, form(ticket, code(computer)))
        assert answer.status_code == 429
        assert errors(answer.text) == ["There were too many tries. You can try again at 10:15am."]


class TestTheSession:
    @pytest.fixture
    def begun(self, client: CheckingClient, ticket: str, computer: UUID, code: Callable[[UUID], str]) -> CheckingClient:
        client.submit(HERE, form(ticket, code(computer)))
        client.get("/internet/guest/session")
        return client

    @pytest.mark.usefixtures("begun")
    def test_nothing_names_anybody(self, db: Session) -> None:
        assert db.scalars(select(SignInSession.person_id)).all() == [None]
        assert db.scalars(select(func.count()).select_from(Booking).where(Booking.person_id.is_not(None))).one() == 0

    def test_it_is_known_until_its_end_with_nobody_before_it(self, begun: CheckingClient, clock: SetClock) -> None:
        begun.send("/internet/guest/session/extend", {"until": at(10, 30).isoformat()})
        clock.set(at(10, 29))
        text = begun.get("/internet/guest/session").text
        assert "1 minute left" in text
        clock.set(at(10, 59))
        assert "Your time on this computer is over" in begun.get("/internet/guest/session").text
        clock.set(at(11, 30))
        assert begun.get("/internet/guest/session").location == HERE

    def test_more_time_is_what_the_ticket_has_left(self, begun: CheckingClient) -> None:
        assert "You have used all your minutes for today" in begun.get("/internet/guest/session").text

    def test_ending_early(self, begun: CheckingClient, clock: SetClock, db: Session) -> None:
        clock.set(at(10, 10))
        answer = begun.send("/internet/guest/session/end", follow_redirects=True)
        assert "Your time on this computer is over" in answer.text
        assert "For more time, ask for a new ticket at the desk." in answer.text
        [kept] = bookings.held(db)
        assert kept.ends_at == at(10, 10)

    def test_looking_by_itself_is_as_cheap_as_a_residents(
        self, begun: CheckingClient, engine: Engine, clock: SetClock
    ) -> None:
        [address] = pages.find(begun.get("/internet/guest/session").text, "//*[@id='look']/@hx-get")
        clock.set(at(10, 19))
        with statements(engine) as sent:
            assert begun.get(str(address), headers={"HX-Request": "true", "HX-Target": "look"}).status_code == 204
        assert len(sent) <= 2, sent
        clock.set(at(10, 20))
        assert begun.get(str(address), headers={"HX-Request": "true", "HX-Target": "look"}).status_code == 286

    def test_another_browser_knows_nothing_of_it(self, begun: CheckingClient) -> None:
        begun.delete_cookie("portal")
        for path in ("", "/extend", "/end"):
            begun.get("/sign-in")
            method = "POST" if path else "GET"
            answer = begun.open(f"/internet/guest/session{path}", method=method, data={"csrf_token": begun.token})
            assert answer.location == HERE


def test_who_has_an_account_uses_it(client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.resident())
    assert client.get(HERE).location == "/internet/check-in"
    client.get("/account/language")
    assert client.send(HERE, form("BBBBBBBB", "BBBBBB")).location == HERE
    assert client.get("/account").status_code == 200, "and stays signed in"
