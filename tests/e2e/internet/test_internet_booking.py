"""Booking a computer in a real browser: find, look over, book, change, cancel, wait and take; by keyboard; narrow.

The portal is served in this process by a clock that the tests move. It is Tuesday 24 November 2026, 10am; computers
stop at 4:45pm.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.council import Council
from portal.models import Person
from portal.sealed import Sealer
from tests.e2e import keyboard
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.support.rooms import Rooms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COUNCILS = {"en": "millbrook", "cy": "millbrook", "ga": "dunmarra"}
KINDS = (Kind.STANDARD, Kind.STANDARD, Kind.ADJUSTABLE, Kind.LARGE_SCREEN, Kind.SCANNER, Kind.QUICK)
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council) -> Rooms:
    return Rooms(db, clock, sealer, council)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def joe(make: Factory) -> Person:
    return make.resident(email="joe@example.org", name="Joe Example")


@pytest.fixture
def sit(rooms: Rooms) -> Callable[[Person, UUID], UUID]:
    """Let somebody sit down at a computer for an hour from now on."""

    def sit(person: Person, branch: UUID) -> UUID:
        kept = keep(rooms, person, branch, None)
        sitting.check_in(rooms.turn(person.id), kept, code=None, policy_from=BEFORE_ALL)
        return kept

    return sit


def keep(rooms: Rooms, person: Person, branch: UUID, starts_at: datetime | None) -> UUID:
    return booking.book(rooms.turn(person.id), Wanted(branch, None, starts_at, 60), key=uuid4())


class BookPage(AnyPage):
    path = "/internet/book"

    def choose(self, label: str, option: str, *, javascript: bool) -> None:
        """Choose in a list; with JavaScript the times follow by themselves."""
        self.page.get_by_label(label, exact=True).select_option(option)
        if not javascript:
            self.press("Show")

    def times(self, words: str) -> None:
        """See that the times are those of what was chosen."""
        expect(self.page.locator("h2#times")).to_have_text(words)

    def slot(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def arrives(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_have_text(heading)


@both_ways
def test_find_look_over_book_change_and_cancel(
    visit: Visit, rooms: Rooms, mary: Person, db: Session, javascript: bool
) -> None:
    rooms.branch(*KINDS)
    rooms.branch(Kind.STANDARD, name="Eastgate")
    page = BookPage(visit(mary, javascript=javascript))
    page.open("/").follow("Internet")
    page.page.get_by_text("Book for later", exact=True).click()
    page.choose("Library", "Eastgate", javascript=javascript)
    page.choose("Day", "Thursday 26 November", javascript=javascript)
    page.choose("For how long", "30 minutes", javascript=javascript)
    page.times("Times on Thursday 26 November, for 30 minutes")
    assert "day=2026-11-26" in page.page.url and "minutes=30" in page.page.url, "the address is always right"
    page.slot("midday, 1 free")
    page.arrives("Look over your booking")
    page.press("Book it")
    page.arrives("A computer is booked for you")

    page.follow("Change it")
    page.arrives("Change your booking")
    page.slot("12:30pm, 1 free")
    page.press("Change the booking")
    page.arrives("A computer is booked for you")
    assert page.told == ["Your booking is changed."]
    assert "12:30pm to 1pm" in page.page.inner_text("main")

    page.follow("Cancel it")
    page.press("Cancel the booking")
    page.arrives("Internet at the library")
    assert page.told == ["Cancelled. The minutes are yours again."]
    assert db.scalars(select(Booking.ended_why)).all() == ["cancelled"]


@both_ways
def test_whoever_was_too_late_takes_the_nearest_time(
    visit: Visit, rooms: Rooms, mary: Person, joe: Person, db: Session, javascript: bool
) -> None:
    branch = rooms.branch(Kind.STANDARD)
    page = BookPage(visit(mary, javascript=javascript)).open()
    page.slot("midday, 1 free")
    keep(rooms, joe, branch, NOON)
    page.press("Book it")
    page.arrives("No computer is free")
    assert page.title.startswith("Error: ")
    page.page.get_by_role("button", name="Book it 1pm, Standard", exact=True).dblclick()
    page.arrives("A computer is booked for you")
    assert db.scalars(select(Booking.starts_at).where(Booking.person_id == mary.id)).all() == [
        NOON + timedelta(hours=1)
    ]


@both_ways
def test_wait_and_take_what_is_offered(
    visit: Visit,
    rooms: Rooms,
    mary: Person,
    joe: Person,
    sit: Callable[[Person, UUID], UUID],
    clock: SetClock,
    javascript: bool,
) -> None:
    theirs = sit(joe, rooms.branch(Kind.STANDARD))
    page = BookPage(visit(mary, javascript=javascript, moves_clock=javascript))
    page.open("/internet").page.get_by_role("button", name="Use a computer now").click()
    page.arrives("No computer is free")
    page.press("Wait for a computer")
    page.arrives("Waiting for a computer")
    assert "You’re next." in page.page.inner_text("main")

    clock.advance(timedelta(minutes=1))
    sitting.end(rooms.turn(joe.id), theirs)
    if javascript:
        page.page.clock.fast_forward(16_000)
        expect(page.page.locator("#told")).to_have_text("A computer is free for you")
    else:
        page.follow("Look again")
    page.arrives("It’s your turn")
    assert "We keep it for you until 10:05am, that is 4 minutes." in page.page.inner_text("main")
    page.press("Take it")
    page.page.wait_for_url("**/internet/sessions/*")


def test_by_keyboard_alone(visit: Visit, rooms: Rooms, mary: Person) -> None:
    rooms.branch(Kind.STANDARD)
    page = visit(mary)
    page.goto("/internet/book?day=2026-11-26")
    stops, wrong = keyboard.walk(page)
    assert wrong == [] and "a midday, Standard, 1 free" in stops
    keyboard.tab_to(page, "a midday, Standard, 1 free")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/check?**")
    keyboard.tab_to(page, "button Book it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/booked")


def test_a_list_is_chosen_by_keyboard_and_says_what_is_missing(visit: Visit, rooms: Rooms, mary: Person) -> None:
    rooms.branch(Kind.STANDARD)
    page = BookPage(visit(mary)).open("/internet/book?kind=standard")
    page.press("Look it over")
    assert page.errors == ["Select a time"]
    page.page.get_by_role("link", name="Select a time").press("Enter")
    page.page.keyboard.press("Space")
    page.press("Look it over")
    page.arrives("Look over your booking")


def test_the_focus_stays_where_a_filter_was_changed(visit: Visit, rooms: Rooms, mary: Person) -> None:
    rooms.branch(*KINDS)
    page = BookPage(visit(mary)).open()
    field = page.page.get_by_label("For how long", exact=True)
    field.focus()
    field.select_option("30 minutes")
    page.times("Times on Tuesday 24 November, for 30 minutes")
    expect(field).to_be_focused()
    expect(page.page.locator("#told")).to_have_text("Tuesday 24 November: 14 times free")
    page.page.go_back()
    page.times("Times on Tuesday 24 November, for 1 hour")


@pytest.mark.parametrize("language", COUNCILS)
def test_each_page_narrow_in_each_language(
    visit: Visit,
    rooms: Rooms,
    mary: Person,
    joe: Person,
    sit: Callable[[Person, UUID], UUID],
    language: str,
) -> None:
    branch, small = rooms.branch(*KINDS, name="Central"), rooms.branch(Kind.STANDARD, name="Eastgate")
    rooms.branch(Kind.STANDARD, name="Stoke Lane", hours={})
    page = visit(mary, council=COUNCILS[language], language=language)
    page.goto(f"/internet?lang={language}")
    tour = Tour(page, language=language, widths=(320, 1280))
    kept = keep(rooms, mary, branch, NOON)
    session = f"/internet/sessions/{kept}"
    choice = f"branch={branch}&at=2026-11-25T10:00Z&minutes=60"
    tour.to("/", "/internet", f"/internet/book?branch={branch}", f"/internet/book?branch={branch}&kind=standard")
    tour.to(f"/internet/book?branch={rooms.made[2]}", f"/internet/book/check?{choice}", "/internet/wait")
    tour.to(f"{session}/booked", f"{session}/change", f"{session}/change/check?{choice}", f"{session}/cancel")
    tour.to(f"/internet/book/check?branch={branch}&kind=standard", status=422)
    page.goto(f"/internet/book/check?branch={small}&at=2026-11-25T10:00Z&minutes=60")
    keep(rooms, joe, small, NOON.replace(day=25, hour=10))
    page.locator("main form [type=submit]").first.click()
    tour.errors("too late")
    theirs = sit(joe, small)
    tour.to(f"/internet/book/check?branch={small}&at=now&minutes=60")
    queueing.wait(rooms.turn(mary.id), small, None, 60)
    tour.to("/internet/wait", "/internet", "/")
    sitting.end(rooms.turn(joe.id), theirs)
    tour.to("/internet/wait", "/internet", "/")
    tour.check()


def test_without_javascript_nothing_is_missing_on_a_phone(visit: Visit, rooms: Rooms, mary: Person) -> None:
    rooms.branch(*KINDS)
    page: Page = visit(mary, javascript=False, width=320)
    page.goto("/internet/book")
    expect(page.get_by_role("link", name="midday, Large screen, 1 free", exact=True)).to_be_visible()
    box = page.locator("main").bounding_box()
    assert box is not None and box["width"] <= 320
