"""The session at a computer, as its pages show it: Tuesday 24 November 2026, 10am; computers stop at 4:45pm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Computer, Policy
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import code_of
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.standing import Held, State
from portal.clock import SetClock
from portal.identity.sessions import SEEN_EVERY
from portal.models import Attempt, AuditEvent, Person, SignInSession
from portal.settings import Settings
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.rooms import Rooms

BY_ITSELF = {"HX-Request": "true", "HX-Target": "look"}
Later = Callable[[datetime], None]
MOST_BYTES = 300
"""Of what the page gets that asks by itself."""


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


@pytest.fixture
def her(client: CheckingClient, mary: Person) -> CheckingClient:
    """Mary's browser."""
    return client.sign_in(mary)


@pytest.fixture
def later(her: CheckingClient, mary: Person, clock: SetClock) -> Later:
    """Let it be later, and Mary sign in anew: who does nothing for half an hour is signed out."""

    def go(moment: datetime) -> None:
        clock.set(moment)
        her.sign_in(mary)

    return go


@pytest.fixture
def held(db: Session) -> Callable[[UUID], Held]:
    """Return a booking as it stands."""

    def look(booking_id: UUID) -> Held:
        db.rollback()
        return bookings.held(db, Booking.id == booking_id)[0]

    return look


@pytest.fixture
def code(settings: Settings, clock: SetClock) -> Callable[[UUID], str]:
    """Return what a computer shows now."""

    def read(computer: UUID) -> str:
        return code_of(settings.secret_key.get_secret_value().encode(), computer, clock.now())

    return read


def book(rooms: Rooms, person: Person, branch: UUID, starts_at: datetime | None = None, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person.id), Wanted(branch, None, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: Person, branch: UUID, minutes: int = 60) -> UUID:
    kept = book(rooms, person, branch, None, minutes)
    sitting.check_in(rooms.turn(person.id), kept, code=None, policy_from=BEFORE_ALL)
    return kept


def heading(text: str) -> str:
    return " ".join(pages.find(text, "string(//h1)").split())  # type: ignore[attr-defined]  # a string


def errors(text: str) -> list[str]:
    return [str(one) for one in pages.find(text, "//*[contains(@class, 'error-summary__list')]//a/text()")]


def agreed(code: str, **changed: str) -> dict[str, str]:
    return {"code": code, "agree": "y", "policy": BEFORE_ALL.isoformat(), "key": str(uuid4()), **changed}


class TestThePageInEachState:
    def test_booked_says_when_and_where_and_from_when_one_may_sit_down(
        self, rooms: Rooms, her: CheckingClient, mary: Person
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        text = her.get(f"/internet/sessions/{kept}").text
        assert heading(text) == "Your computer is booked"
        assert "Computer 1, Central" in text
        assert "You can sit down from 11:55am on. If nobody has come by 12:10pm" in text
        assert not pages.find(text, "//input[@name='code']")

    def test_waiting_says_until_when_and_takes_the_code(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        later(at(11, 55))
        assert pages.find(her.get(f"/internet/sessions/{kept}").text, "//input[@name='code']")
        later(at(12, 1))
        text = her.get(f"/internet/sessions/{kept}").text
        assert heading(text) == "Your computer is waiting until 12:10pm"
        assert "We never keep which sites you visit" in text

    def test_missed_says_that_the_minutes_count(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        later(at(12, 10))
        text = her.get(f"/internet/sessions/{kept}").text
        assert heading(text) == "Your booking was given up"
        assert "We kept it until 12:10pm" in text
        assert "count as used" in text

    def test_cancelled(self, rooms: Rooms, her: CheckingClient, mary: Person) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        booking.cancel(rooms.turn(mary.id), kept)
        assert heading(her.get(f"/internet/sessions/{kept}").text) == "This booking was cancelled"

    def test_offered_says_until_when(
        self, rooms: Rooms, her: CheckingClient, mary: Person, joe: Person, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        his = sit(rooms, joe, branch)
        queueing.wait(rooms.turn(mary.id), branch, None, 60)
        sitting.end(rooms.turn(joe.id), his)
        [offer] = bookings.held(db, Booking.how == "offer")
        text = her.get(f"/internet/sessions/{offer.id}").text
        assert heading(text) == "A computer is free for you until 10:04am"
        assert pages.find(text, "//input[@name='code']"), "who sits there already needn't take it first"

    def test_in_use_says_how_long_and_until_when(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        later(at(10, 20))
        text = her.get(f"/internet/sessions/{kept}").text
        assert heading(text) == "Your time on this computer ends at 11am"
        assert "40 minutes left" in text
        assert "Stay 30 minutes more" in text
        assert "Your time is nearly over" not in text
        assert "You can use 60 minutes more today." in text

    @pytest.mark.parametrize(
        ("minute", "left"), [(50, "10 minutes left"), (55, "5 minutes left"), (59, "1 minute left")]
    )
    def test_a_page_opened_late_warns_as_well(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later, minute: int, left: str
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        later(at(10, minute))
        text = her.get(f"/internet/sessions/{kept}").text
        assert left in text
        assert "Your time is nearly over." in text

    def test_ended_says_what_is_left_of_the_day(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        later(at(11))
        text = her.get(f"/internet/sessions/{kept}").text
        assert heading(text) == "Your time on this computer is over"
        assert "You can use 60 minutes more today." in text
        assert "Find a free computer" in text

    def test_closing_is_said_from_the_begin(
        self, rooms: Rooms, her: CheckingClient, mary: Person, later: Later
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        later(at(16, 10))
        text = her.get(f"/internet/sessions/{sit(rooms, mary, branch)}").text
        assert "35 minutes left" in text
        assert "The library’s computers stop at 4:45pm, so you can’t have more time." in text
        assert "At 4:45pm the library’s computers stop." in pages.find(text, "//@data-save")[0]
        assert "Stay" not in text

    def test_nobody_sees_anothers(self, rooms: Rooms, her: CheckingClient, joe: Person) -> None:
        kept = sit(rooms, joe, rooms.branch(Kind.STANDARD))
        for method, path in (("GET", ""), ("GET", "/left"), ("POST", ""), ("POST", "/extend"), ("POST", "/end")):
            assert her.open(f"/internet/sessions/{kept}{path}", method=method).status_code in (400, 404)
        her.get("/account/language")
        for path in ("", "/extend", "/end"):
            assert her.send(f"/internet/sessions/{kept}{path}", agreed("BBBBBB")).status_code == 404

    @pytest.mark.parametrize(("language", "words"), [("ga", "nóiméad"), ("cy", "unud")])
    def test_every_number_of_minutes_is_right_in_each_language(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        irish_app: Flask,
        language: str,
        words: str,
        later: Later,
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        if language == "ga":
            her = cast(CheckingClient, irish_app.test_client()).sign_in(mary)
        later(at(10, 20))
        text = her.get(f"/internet/sessions/{kept}?lang={language}").text
        texts = pages.find(text, "//@data-texts")[0].split("|")
        assert len(texts) == 12
        assert all(words in one.lower() for one in texts[1:])
        assert texts[-1].replace("#", "40") in text


class TestCheckingIn:
    def test_code_and_agreement_begin_the_session(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        held: Callable[[UUID], Held],
        code: Callable[[UUID], str],
        db: Session,
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        typed = code(held(kept).computer_id).lower()
        answer = her.submit(f"/internet/sessions/{kept}", agreed(f" {typed[:3]}-{typed[3:]}"))
        assert (answer.status_code, answer.location) == (303, f"/internet/sessions/{kept}")
        assert held(kept).state(at(10)) is State.IN_USE
        assert db.scalars(select(Booking.policy_from)).one() == BEFORE_ALL
        assert db.scalars(select(func.coalesce(func.sum(Attempt.tries), 0))).one() == 0, "a right one doesn't count"

    def test_nothing_entered_says_what_to_enter(self, rooms: Rooms, her: CheckingClient, mary: Person) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        answer = her.submit(f"/internet/sessions/{kept}", agreed("", agree=""))
        assert answer.status_code == 422
        assert errors(answer.text) == [
            "Enter the code that the computer shows",
            "Tick the box if you agree to the rules",
        ]

    def test_another_computers_code_says_which_is_theirs(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        held: Callable[[UUID], Held],
        code: Callable[[UUID], str],
        db: Session,
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD, Kind.STANDARD))
        other = db.scalars(select(Computer.id).where(Computer.id != held(kept).computer_id)).one()
        for path in (f"/internet/sessions/{kept}", "/internet/check-in"):
            her.get(f"/internet/sessions/{kept}")
            answer = her.send(path, agreed(code(other)))
            assert answer.status_code == 422
            assert errors(answer.text) == [
                f"That is the code of another computer. Yours is computer {held(kept).computer}."
            ]

    def test_wrong_codes_are_counted(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        held: Callable[[UUID], Held],
        code: Callable[[UUID], str],
        clock: SetClock,
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        here = f"/internet/sessions/{kept}"
        assert [her.submit(here, agreed("BBBBBB")).status_code for _ in range(10)] == [422] * 10
        answer = her.submit(here, agreed(code(held(kept).computer_id)))
        assert answer.status_code == 429
        assert errors(answer.text) == ["There were too many tries. You can try again at 10:15am."]
        assert held(kept).state(clock.now()) is State.HELD

    def test_a_policy_that_changed_meanwhile_is_shown_and_asked_for_again(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        held: Callable[[UUID], Held],
        code: Callable[[UUID], str],
        db: Session,
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        db.execute(insert(Policy).values(from_moment=at(9, 59), body={"en": "Be quiet.\nBe kind."}))
        db.commit()
        answer = her.submit(f"/internet/sessions/{kept}", agreed(code(held(kept).computer_id)))
        assert answer.status_code == 409
        assert errors(answer.text) == ["The rules have changed. Read them again, and tick the box if you agree"]
        assert "Be kind." in answer.text
        assert not pages.find(answer.text, "//input[@name='agree']/@checked")
        [since] = pages.find(answer.text, "//input[@name='policy']/@value")
        assert (
            her.send(f"/internet/sessions/{kept}", agreed(code(held(kept).computer_id), policy=since)).status_code
            == 303
        )
        assert held(kept).state(at(10)) is State.IN_USE

    def test_a_policy_in_another_language_says_so(
        self, rooms: Rooms, her: CheckingClient, mary: Person, db: Session
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        db.execute(insert(Policy).values(from_moment=at(9), body={"en": "Be quiet."}))
        db.commit()
        text = her.get(f"/internet/sessions/{kept}?lang=cy").text
        assert pages.find(text, "//div[@lang='en']/p/text()") == ["Be quiet."]

    def test_what_is_over_is_shown_as_it_is(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        later: Later,
        clock: SetClock,
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(12))
        later(at(12))
        her.get(f"/internet/sessions/{kept}")
        clock.set(at(12, 10))
        answer = her.send(f"/internet/sessions/{kept}", agreed("BBBBBB"), follow_redirects=True)
        assert heading(answer.text) == "Your booking was given up"


class TestWithoutABooking:
    def test_a_free_computer_is_used_at_once(
        self, rooms: Rooms, her: CheckingClient, code: Callable[[UUID], str], db: Session
    ) -> None:
        rooms.branch(Kind.STANDARD, Kind.STANDARD)
        [_, second] = db.scalars(select(Computer.id).order_by(Computer.name))
        form = agreed(code(second))
        answer = her.submit("/internet/check-in", form)
        again = her.send("/internet/check-in", form)
        [kept] = bookings.held(db)
        assert answer.location == again.location == f"/internet/sessions/{kept.id}", "sent twice, begun once"
        assert (kept.computer_id, kept.state(at(10)), kept.ends_at) == (second, State.IN_USE, at(11))
        acts = db.scalars(select(AuditEvent.act).where(AuditEvent.act.startswith("internet."))).all()
        assert sorted(acts) == ["internet.book", "internet.check-in"]

    def test_who_has_one_goes_to_it(self, rooms: Rooms, her: CheckingClient, mary: Person) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        assert her.get("/internet/check-in").location == f"/internet/sessions/{kept}"

    def test_what_is_booked_for_now_is_claimed(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        held: Callable[[UUID], Held],
        code: Callable[[UUID], str],
    ) -> None:
        her.get("/internet/check-in")
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
        answer = her.send("/internet/check-in", agreed(code(held(kept).computer_id)))
        assert answer.location == f"/internet/sessions/{kept}"
        assert held(kept).state(at(10)) is State.IN_USE

    def test_one_that_somebody_has_says_until_when(
        self, rooms: Rooms, her: CheckingClient, joe: Person, code: Callable[[UUID], str], db: Session
    ) -> None:
        sit(rooms, joe, rooms.branch(Kind.STANDARD))
        answer = her.submit("/internet/check-in", agreed(code(db.scalars(select(Computer.id)).one())))
        assert answer.status_code == 422
        assert errors(answer.text) == ["Somebody else has this computer until 11am. Use another one, or wait."]
        assert len(bookings.held(db)) == 1

    def test_it_lasts_until_the_next_booking_there(
        self, rooms: Rooms, her: CheckingClient, mary: Person, joe: Person, code: Callable[[UUID], str], db: Session
    ) -> None:
        book(rooms, joe, rooms.branch(Kind.STANDARD), at(10, 30))
        her.submit("/internet/check-in", agreed(code(db.scalars(select(Computer.id)).one())))
        [kept] = bookings.held(db, Booking.person_id == mary.id)
        assert kept.ends_at == at(10, 30)

    def test_a_rule_that_says_no_is_said(
        self, rooms: Rooms, her: CheckingClient, code: Callable[[UUID], str], db: Session
    ) -> None:
        rooms.branch(Kind.CHILDREN)
        answer = her.submit("/internet/check-in", agreed(code(db.scalars(select(Computer.id)).one())))
        assert errors(answer.text) == ["You can’t have a computer of this kind. Choose another kind."]


class TestMoreAndLess:
    def test_pressed_twice_gives_one_step(
        self, rooms: Rooms, her: CheckingClient, mary: Person, held: Callable[[UUID], Held]
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        her.get(f"/internet/sessions/{kept}")
        for _ in range(2):
            answer = her.send(f"/internet/sessions/{kept}/extend", {"until": at(11).isoformat()}, follow_redirects=True)
            assert "You can stay until 11:30am now" in answer.text
        assert held(kept).ends_at == at(11, 30)

    def test_somebody_who_waits_is_why_not(
        self, rooms: Rooms, her: CheckingClient, mary: Person, joe: Person, held: Callable[[UUID], Held]
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        kept = sit(rooms, mary, branch)
        her.get(f"/internet/sessions/{kept}")
        queueing.wait(rooms.turn(joe.id), branch, None, 60)
        answer = her.send(f"/internet/sessions/{kept}/extend", {"until": at(11).isoformat()}, follow_redirects=True)
        assert answer.text.count("Somebody is waiting for a computer, so you can’t have more time.") == 2, (
            "told, and shown"
        )
        assert "Stay" not in answer.text
        assert held(kept).ends_at == at(11)

    def test_ending_early_says_what_comes_back(
        self,
        rooms: Rooms,
        her: CheckingClient,
        mary: Person,
        later: Later,
        clock: SetClock,
        held: Callable[[UUID], Held],
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        later(at(10, 19) + timedelta(seconds=30))
        her.get(f"/internet/sessions/{kept}")
        answer = her.send(f"/internet/sessions/{kept}/end", follow_redirects=True)
        assert "You got 40 minutes back for today" in answer.text
        assert "You can use 100 minutes more today." in answer.text
        assert held(kept).state(clock.now()) is State.ENDED
        again = her.send(f"/internet/sessions/{kept}/end", follow_redirects=True)
        assert "back for today" not in again.text

    def test_a_moment_that_is_none_changes_nothing(
        self, rooms: Rooms, her: CheckingClient, mary: Person, held: Callable[[UUID], Held]
    ) -> None:
        kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        her.get(f"/internet/sessions/{kept}")
        for until in ("", "soon", "2026-11-24T11:00"):
            assert her.send(f"/internet/sessions/{kept}/extend", {"until": until}).status_code == 303
        assert held(kept).ends_at == at(11)


class TestLookingByItself:
    @pytest.fixture
    def kept(self, rooms: Rooms, mary: Person) -> UUID:
        return sit(rooms, mary, rooms.branch(Kind.STANDARD))

    @pytest.fixture
    def look(self, her: CheckingClient, kept: UUID) -> Callable[[], str]:
        """Open the page, and return the address that it asks."""

        def address() -> str:
            return str(pages.find(her.get(f"/internet/sessions/{kept}").text, "//*[@id='look']/@hx-get")[0])

        return address

    def test_nothing_new_is_two_queries_and_no_byte(
        self, her: CheckingClient, look: Callable[[], str], engine: Engine, clock: SetClock
    ) -> None:
        address = look()
        clock.advance(timedelta(minutes=5))
        with statements(engine) as sent:
            answer = her.get(address, headers=BY_ITSELF)
        assert (answer.status_code, answer.data) == (204, b"")
        assert len(sent) <= 2, sent
        assert answer.headers["HX-Trigger"] == '{"left":{"s":3300}}'

    @pytest.mark.parametrize("minute", [50, 55, 59, 60])
    def test_a_warning_and_the_end_are_news(
        self, her: CheckingClient, look: Callable[[], str], engine: Engine, later: Later, minute: int
    ) -> None:
        address = look()
        later(at(10) + timedelta(minutes=minute, seconds=-1))
        before = her.get(address, headers=BY_ITSELF)
        address = look() if before.status_code != 204 else address
        later(at(10) + timedelta(minutes=minute))
        with statements(engine) as sent:
            answer = her.get(address, headers=BY_ITSELF)
        assert answer.status_code == 286
        assert len(answer.data) <= MOST_BYTES
        assert len(sent) <= 2, sent
        [again] = pages.find(answer.text, "//@hx-get")
        content = her.get(str(again), headers={"HX-Request": "true", "HX-Target": "content"}).text
        assert ("Your time is nearly over." in content) == (minute < 60)
        told = pages.find(content, "//*[@id='told']/text()")
        assert told == ([] if minute < 60 else ["Your time on this computer is over"]), "the script tells of warnings"
        assert bool(pages.find(content, "//*[@id='look']")) == (minute < 60), "what is over is not looked at"

    def test_what_others_change_is_news(
        self, rooms: Rooms, her: CheckingClient, look: Callable[[], str], mary: Person, kept: UUID
    ) -> None:
        address = look()
        sitting.extend(rooms.turn(mary.id, by_staff=True), kept, until=at(11))
        assert her.get(address, headers=BY_ITSELF).status_code == 286

    def test_it_is_no_use_of_the_sign_in_and_no_look_on_record(
        self, her: CheckingClient, look: Callable[[], str], clock: SetClock, db: Session
    ) -> None:
        address = look()
        db.rollback()
        before = db.execute(select(SignInSession.seen_at, SignInSession.expires_at)).one()
        records = db.scalars(select(func.count()).select_from(AuditEvent)).one()
        while clock.now() + SEEN_EVERY < before.expires_at:
            clock.advance(SEEN_EVERY)
            assert her.get(address, headers=BY_ITSELF).status_code == 204
        db.rollback()
        assert db.execute(select(SignInSession.seen_at, SignInSession.expires_at)).one() == before
        assert db.scalars(select(func.count()).select_from(AuditEvent)).one() == records
        clock.set(before.expires_at)
        assert her.get(address, headers=BY_ITSELF).status_code == 401

    def test_what_is_booked_for_later_or_over_is_not_looked_at(
        self, rooms: Rooms, her: CheckingClient, mary: Person
    ) -> None:
        kept = book(rooms, mary, rooms.branch(Kind.STANDARD), at(14))
        assert not pages.find(her.get(f"/internet/sessions/{kept}").text, "//*[@id='look']")
        booking.cancel(rooms.turn(mary.id), kept)
        assert not pages.find(her.get(f"/internet/sessions/{kept}").text, "//*[@id='look']")

    def test_what_the_address_says_is_never_taken_for_html(self, her: CheckingClient, kept: UUID) -> None:
        answer = her.get(f"/internet/sessions/{kept}/left?seen=%22%3E%3Cb%3E", headers=BY_ITSELF)
        assert b"<b>" not in answer.data
