"""The session at a computer in a real browser, from the code to the end, with and without JavaScript.

The portal is served in this process by a clock that the tests move; the browser's own is moved along with it. It is
Tuesday 24 November 2026, 10am; sessions have 30 minutes; the computers stop at 4:45pm.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Response, expect
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, guests, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Computer
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import code_of
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.clock import SetClock
from portal.council import Council
from portal.models import Person, SignInSession
from portal.party import Level, Party
from portal.sealed import Sealer
from portal.settings import Settings
from tests.conftest import TUESDAY
from tests.e2e import keyboard
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.support import axe
from tests.support.rooms import Rooms

LISTEN = """
window.heard = []
document.addEventListener('DOMContentLoaded', () => {
  const told = document.querySelector('#told')
  new MutationObserver(() => window.heard.push(told.textContent)).observe(told, { childList: true })
})
Object.defineProperty(document, 'hidden', { get: () => window.away ?? false })
"""
"""Keeps what a screen reader would say, and lets a test hide the tab."""
HIDE = "(away) => { window.away = away; document.dispatchEvent(new Event('visibilitychange')) }"
SAVE = "Save your work, or send it to yourself."


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council, settings: Settings) -> Rooms:
    rooms = Rooms(db, clock, sealer, council, settings.secret_key.get_secret_value().encode())
    rooms.rule(minutes_a_session=30, minutes_a_day=90, extend_by=15)
    return rooms


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


def book(rooms: Rooms, person: Person, branch: UUID) -> UUID:
    return booking.book(rooms.turn(person.id), Wanted(branch, None, None, 30), key=uuid4())


def sit(rooms: Rooms, person: Person, branch: UUID) -> UUID:
    kept = book(rooms, person, branch)
    sitting.check_in(rooms.turn(person.id), kept, code=None, policy_from=BEFORE_ALL)
    return kept


def code(rooms: Rooms, booking_id: UUID) -> str:
    """Return what the computer of a booking shows."""
    [held] = bookings.held(rooms.db, Booking.id == booking_id)
    rooms.db.rollback()
    return code_of(rooms.secret, held.computer_id, rooms.clock.now())


class SessionPage(AnyPage):
    """looks: statuses of what the page asked by itself."""

    def __init__(self, page: Page, clock: SetClock) -> None:
        super().__init__(page)
        self.clock = clock
        self.looks: list[int] = []
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if "/left" in response.url:
            self.looks.append(response.status)

    def at(self, booking_id: UUID) -> "SessionPage":
        """Open the page of a booking."""
        self.page.add_init_script(LISTEN)
        self.open(f"/internet/sessions/{booking_id}")
        return self

    def later(self, **span: float) -> None:
        """Let it be later, here and in the portal; the page's timers run once."""
        moved = timedelta(**span)
        self.clock.advance(moved)
        self.page.clock.fast_forward(int(moved.total_seconds() * 1000))

    def shows(self, left: str) -> None:
        expect(self.page.locator(".hero")).to_have_text(left)

    def has_looked(self, warning: str) -> None:
        """Wait until the page has been brought up to date after a warning: till then its clock isn't moved."""
        expect(self.page.locator("#look")).to_have_attribute("hx-get", re.compile(f"-{warning}$"))
        expect(self.page.locator(".htmx-added, .htmx-settling")).to_have_count(0)

    @property
    def heard(self) -> list[str]:
        heard: list[str] = self.page.evaluate("window.heard")
        return heard

    def start(self, code: str) -> None:
        self.fill("Code on the computer’s screen", code)
        self.page.get_by_label("I agree to these rules").check()
        self.press("Start")

    def extended(self, until: str) -> None:
        self.press("Stay 15 minutes more")
        expect(self.page.locator(".govuk-notification-banner__heading")).to_have_text(f"You can stay until {until} now")


@pytest.fixture
def session_page(visit: Visit, mary: Person, clock: SetClock) -> SessionPage:
    return SessionPage(visit(mary, moves_clock=True), clock)


def test_from_the_code_to_the_end(session_page: SessionPage, rooms: Rooms, mary: Person, joe: Person) -> None:
    branch = rooms.branch(Kind.STANDARD)
    kept = book(rooms, mary, branch)
    page = session_page.at(kept)
    page.is_headed("Your computer is waiting until 10:10am")
    page.press("Start")
    assert page.errors == ["Enter the code that the computer shows", "Tick the box if you agree to the rules"]
    page.start("BBBBBB")
    expect(page.page.locator("#code-error")).to_contain_text("That isn’t the code that the computer shows.")
    page.start(code(rooms, kept))
    page.is_headed("Your time on this computer ends at 10:30am")
    page.shows("30 minutes left")

    for minutes, left in ((20, "10 minutes left"), (5, "5 minutes left"), (4, "1 minute left")):
        page.later(minutes=minutes)
        page.shows(left)
        expect(page.page.locator("#told")).to_have_text(f"{left}. {SAVE}")
        page.has_looked(left.split()[0])
        expect(page.page.locator(".away")).to_contain_text("Your time is nearly over.")
    assert page.heard == [f"{left}. {SAVE}" for left in ("10 minutes left", "5 minutes left", "1 minute left")], (
        "once each"
    )

    page.extended("10:45am")
    page.shows("16 minutes left")
    queueing.wait(rooms.turn(joe.id), branch, None, 30)
    page.press("Stay 15 minutes more")
    refused = "Somebody is waiting for a computer, so you can’t have more time. You can stay until your time is over."
    assert page.told == [refused]
    assert page.page.get_by_role("button", name="Stay").count() == 0
    page.later(minutes=1)
    page.shows("15 minutes left")
    page.press("End now and get the rest back")
    page.is_headed("Your time on this computer is over")
    assert page.told == ["You got 15 minutes back for today"]
    assert "You can use 60 minutes more today." in page.page.inner_text("main")
    page.press("Find a free computer")
    page.page.wait_for_url("**/internet")


def test_time_runs_out_by_itself(session_page: SessionPage, rooms: Rooms, mary: Person) -> None:
    page = session_page.at(sit(rooms, mary, rooms.branch(Kind.STANDARD)))
    page.later(minutes=29)
    page.shows("1 minute left")
    page.has_looked("1")
    page.later(minutes=1)
    page.is_headed("Your time on this computer is over")
    expect(page.page.locator("#told")).to_have_text("Your time on this computer is over")
    assert page.title == "Your time on this computer is over – Millbrook Council"
    looks = len(page.looks)
    page.later(minutes=10)
    page.page.wait_for_timeout(500)
    assert len(page.looks) == looks, "what is over isn't looked at any more"


def test_minutes_count_down_between_looks_which_come_sooner_near_the_end(
    session_page: SessionPage, rooms: Rooms, mary: Person
) -> None:
    page = session_page.at(sit(rooms, mary, rooms.branch(Kind.STANDARD)))

    def looked(steps: int, **span: float) -> list[int]:
        """Return what came of the looks, when the clock has been moved in steps."""
        page.looks.clear()
        for _ in range(steps):
            page.later(**span)
            page.page.wait_for_timeout(250)
        return page.looks

    assert looked(6, seconds=20) == [204, 204], "each minute"
    page.shows("28 minutes left")
    page.later(minutes=17)
    page.page.wait_for_timeout(300)
    assert looked(6, seconds=10) == [204, 204, 286], "each 20 seconds, and the warning at once"
    page.shows("10 minutes left")


def test_a_hidden_tab_asks_nothing_and_looks_again_when_it_is_shown(
    session_page: SessionPage, rooms: Rooms, mary: Person
) -> None:
    kept = sit(rooms, mary, rooms.branch(Kind.STANDARD))
    page = session_page.at(kept)
    page.page.evaluate(HIDE, True)
    page.looks.clear()
    page.later(minutes=5)
    page.later(minutes=5)
    page.page.wait_for_timeout(500)
    assert page.looks == []
    sitting.extend(rooms.turn(mary.id, by_staff=True), kept, until=TUESDAY + timedelta(minutes=30))
    page.page.evaluate(HIDE, False)
    page.shows("35 minutes left")
    page.is_headed("Your time on this computer ends at 10:45am")
    expect(page.page.locator("#told")).to_have_text("Your time on this computer ends at 10:45am")
    assert page.looks == [286]


def test_warned_although_nothing_is_heard_of_the_portal(session_page: SessionPage, rooms: Rooms, mary: Person) -> None:
    page = session_page.at(sit(rooms, mary, rooms.branch(Kind.STANDARD)))
    page.page.route("**/left?*", lambda route: route.fulfill(status=503, body="away"))
    page.later(minutes=22)
    page.shows("8 minutes left")
    assert page.heard == [f"8 minutes left. {SAVE}"], "late, and as it is"
    page.later(minutes=4)
    page.shows("4 minutes left")
    assert page.heard[1:] == [f"4 minutes left. {SAVE}"]
    page.is_headed("Your time on this computer ends at 10:30am")


def test_who_was_signed_out_meanwhile_is_still_told_the_time(
    session_page: SessionPage, rooms: Rooms, mary: Person, db: Session
) -> None:
    page = session_page.at(sit(rooms, mary, rooms.branch(Kind.STANDARD)))
    db.execute(delete(SignInSession))
    db.commit()
    page.later(minutes=20)
    page.shows("10 minutes left")
    expect(page.page.locator("#look")).to_have_count(0)
    assert page.heard == [f"10 minutes left. {SAVE}"]
    page.later(minutes=10)
    page.page.wait_for_url("**/sign-in?**")


def test_closing_time_is_said_well_before(session_page: SessionPage, rooms: Rooms, mary: Person) -> None:
    branch = rooms.branch(Kind.STANDARD, hours=dict.fromkeys(range(7), ((9 * 60, 10 * 60 + 40),)))
    page = session_page.at(sit(rooms, mary, branch))
    page.shows("25 minutes left")
    closing = "The library’s computers stop at 10:25am, so you can’t have more time."
    assert closing in page.page.inner_text("main")
    page.later(minutes=15)
    page.shows("10 minutes left")
    assert page.heard == [f"10 minutes left. At 10:25am the library’s computers stop. {SAVE}"]


def test_without_javascript(visit: Visit, rooms: Rooms, mary: Person, clock: SetClock) -> None:
    kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
    page = SessionPage(visit(mary, javascript=False), clock)
    page.open(f"/internet/sessions/{kept}")
    page.press("Start")
    assert page.page.locator(".govuk-error-summary li").count() == 2
    page.start(code(rooms, kept))
    page.is_headed("Your time on this computer ends at 10:30am")
    clock.advance(timedelta(minutes=21))
    page.follow("Look again")
    page.shows("9 minutes left")
    assert "Your time is nearly over." in page.page.inner_text("main")
    page.press("Stay 15 minutes more")
    page.is_headed("Your time on this computer ends at 10:45am")
    page.press("End now and get the rest back")
    page.is_headed("Your time on this computer is over")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_guest_with_a_ticket(visit: Visit, rooms: Rooms, make: Factory, clock: SetClock, javascript: bool) -> None:
    branch = rooms.branch(Kind.STANDARD)
    rooms.rule(Who.GUEST, extend_by=15, on_line=False)
    staff = make.staff().id
    party = Party(staff, staff, Level.HIGH)
    ticket = guests.make_ticket(rooms.db, rooms.desk, party, branch, minutes=30, now=clock.now())
    computer = rooms.db.scalars(select(Computer.id)).one()
    rooms.db.rollback()
    page = SessionPage(visit(javascript=javascript), clock)
    page.open("/internet/guest")
    page.fill("Code on your ticket", ticket)
    page.start(code_of(rooms.secret, computer, clock.now()))
    page.shows("30 minutes left")
    assert page.page.url.endswith("/internet/guest/session")
    clock.advance(timedelta(minutes=10))
    page.press("End now and get the rest back")
    page.is_headed("Your time on this computer is over")


def test_by_keyboard_alone(visit: Visit, rooms: Rooms, mary: Person) -> None:
    kept = book(rooms, mary, rooms.branch(Kind.STANDARD))
    page = AnyPage(visit(mary)).open(f"/internet/sessions/{kept}").page
    assert keyboard.walk(page)[1] == []
    page.reload()
    keyboard.tab_to(page, "input Code on the computer’s screen")
    page.keyboard.type(code(rooms, kept))
    keyboard.tab_to(page, "input I agree to these rules")
    page.keyboard.press("Space")
    keyboard.tab_to(page, "button Start")
    page.keyboard.press("Enter")
    expect(page.locator(".hero")).to_have_text("30 minutes left")
    assert keyboard.walk(page)[1] == []


@pytest.fixture
def every_state(rooms: Rooms, joe: Person, clock: SetClock) -> Callable[[Person], Iterator[tuple[str, UUID]]]:
    """Yield a booking in each state, as its page stands then."""

    def go(mary: Person) -> Iterator[tuple[str, UUID]]:
        begun = clock.now()
        branch = rooms.branch(Kind.STANDARD)
        later = Wanted(branch, None, begun + timedelta(hours=1), 30)
        kept = booking.book(rooms.turn(mary.id), later, key=uuid4())
        yield "booked", kept
        booking.cancel(rooms.turn(mary.id), kept)
        yield "cancelled", kept
        his = sit(rooms, joe, branch)
        queueing.wait(rooms.turn(mary.id), branch, None, 30)
        sitting.end(rooms.turn(joe.id), his)
        [offer] = bookings.held(rooms.db, Booking.how == "offer", Booking.ended_at.is_(None))
        yield "offered", offer.id
        queueing.take(rooms.turn(mary.id), offer.id)
        yield "held", offer.id
        sitting.check_in(rooms.turn(mary.id), offer.id, code=None, policy_from=BEFORE_ALL)
        yield "in use", offer.id
        clock.advance(timedelta(minutes=21))
        yield "nearly over", offer.id
        sitting.end(rooms.turn(mary.id), offer.id)
        yield "ended", offer.id
        missed = book(rooms, mary, branch)
        clock.advance(timedelta(minutes=10))
        yield "missed", missed
        clock.set(begun)

    return go


@pytest.mark.parametrize(("council_name", "language"), [("millbrook", "en"), ("millbrook", "cy"), ("dunmarra", "ga")])
def test_each_state_narrow_and_accessible(
    visit: Visit,
    mary: Person,
    every_state: Callable[[Person], Iterator[tuple[str, UUID]]],
    council_name: str,
    language: str,
) -> None:
    page = visit(mary, council=council_name, language=language)
    tour = Tour(page, language, widths=(320, 1280))
    page.goto(f"/account/language?lang={language}")
    for state, kept in every_state(mary):
        tour.to(f"/internet/sessions/{kept}")
        if state == "held":
            page.locator("main form [type=submit]").last.click()
            tour.errors("held, refused")
    tour.to("/internet/check-in")
    page.context.clear_cookies()
    tour.to(f"/internet/guest?lang={language}")
    page.locator("main form [type=submit]").last.click()
    tour.errors("guest, refused")
    tour.check()
    assert tour.seen == 12


def test_each_state_without_javascript_is_narrow(
    visit: Visit, mary: Person, every_state: Callable[[Person], Iterator[tuple[str, UUID]]]
) -> None:
    page = visit(mary, javascript=False, width=320)
    for state, kept in every_state(mary):
        page.goto(f"/internet/sessions/{kept}")
        assert not axe.scrolls_sideways(page), state
