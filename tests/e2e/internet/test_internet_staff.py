"""A day of a library's staff: who comes, who leaves, what breaks, a guest, a class, and the sheet for the day."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.council import Council
from portal.models import Channel, OutboxMessage, Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.factories import Factory
from tests.support import axe
from tests.support.rooms import Rooms

ALL_DAY = dict.fromkeys(range(7), ((0, 1440),))
SHOTS = os.environ.get("ROOM_SHOTS")


@dataclass(frozen=True)
class Day:
    """Mary has booked and comes; Joe sits there; Ann is at the desk. All at a branch that never closes."""

    rooms: Rooms
    branch: UUID
    mary: Person
    joe: Person
    booked: UUID
    session: UUID

    @property
    def address(self) -> str:
        return f"/staff/branches/{self.branch}"


@pytest.fixture
def day(db: Session, clock: SetClock, sealer: Sealer, council: Council, make: Factory) -> Day:
    rooms = Rooms(db, clock, sealer, council)
    branch = rooms.branch(Kind.STANDARD, Kind.STANDARD, Kind.STANDARD, Kind.SCANNER, hours=ALL_DAY)
    mary, joe = make.resident(name="Mary Example"), make.resident(name="Joe Other", email="joe@example.org")
    ann = make.resident(name="Ann Third", email="ann@example.org")
    make.contact(ann, Channel.POST, "1 Hill Road\nMillbrook\nZZ1 1AA")
    booked, session = (
        booking.book(rooms.turn(one.id), Wanted(branch, Kind.STANDARD, None, 30), key=uuid4()) for one in (mary, joe)
    )
    sitting.check_in(rooms.turn(joe.id), session, code=None, policy_from=BEFORE_ALL)
    return Day(rooms, branch, mary, joe, booked, session)


@pytest.fixture
def lena(make: Factory) -> Person:
    return make.staff(roles=(Role.LIBRARY,), name="Lena Shelf")


@pytest.fixture
def check() -> Callable[[Page, str, bool], None]:
    """See that the page as it stands can be used by everybody, also at 320 px; axe needs scripts to run."""

    def look(page: Page, name: str, javascript: bool) -> None:
        if not javascript:
            return
        assert axe.violations(page) == []
        shoot(page, name)
        page.set_viewport_size({"width": 320, "height": 900})
        assert not axe.scrolls_sideways(page)
        shoot(page, f"{name}-320")
        page.set_viewport_size({"width": 1280, "height": 900})

    return look


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def computer_of(day: Day, booking_id: UUID) -> UUID:
    day.rooms.db.rollback()
    return day.rooms.db.scalars(select(Booking.computer_id).where(Booking.id == booking_id)).one()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_day_of_staff(
    visit: Visit,
    day: Day,
    lena: Person,
    db: Session,
    check: Callable[[Page, str, bool], None],
    javascript: bool,
) -> None:
    page = visit(lena, level=Level.HIGH, javascript=javascript)
    at = AnyPage(page).open("/staff/branches")
    check(page, "branches", javascript)
    at.follow("Central")
    expect(page.locator(".seat--kept")).to_have_count(1)
    expect(page.locator(".seat--in-use")).to_have_count(1)
    check(page, "room", javascript)

    page.locator(".seat--kept h2 a").click()
    expect(page.get_by_text("Mary Example")).to_be_visible()
    check(page, "kept", javascript)
    at.press("They sit there and agree to the rules: check in")
    assert "They are checked in at computer" in at.told[0]
    check(page, "in-use", javascript)
    page.get_by_label("How much longer?").select_option("15")
    at.press("Give more time")
    assert "They have until" in at.told[0]

    at.open(f"/staff/branches/computers/{computer_of(day, day.session)}")
    at.press("End the session")
    assert "has ended" in at.told[0]

    broken = computer_of(day, day.booked)
    at.open(f"/staff/branches/computers/{broken}")
    at.press("Out of order")
    assert at.told == ["The computer is out of order. 1 booking was moved."]
    check(page, "broken", javascript)
    assert computer_of(day, day.booked) != broken
    assert "internet-moved" in db.scalars(select(OutboxMessage.template)).all()

    at.open(day.address).follow("Guest’s ticket")
    check(page, "ticket", javascript)
    at.press("Make a ticket")
    expect(page.locator(".hero")).to_have_text(re.compile(r"^[A-Z]{4} [A-Z]{4}$"))
    check(page, "ticket-made", javascript)

    at.open(day.address).follow("Block computers")
    check(page, "block", javascript)
    at.press("Block")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Select computers")
    page.get_by_label("4: With scanner").check()
    at.fill("What for?", "Class for beginners")
    at.press("Block")
    assert at.told == ["1 computer is blocked."]
    expect(page.locator(".seat").last).to_contain_text("Class for beginners")
    check(page, "blocked", javascript)

    at.follow("Day’s sheet")
    expect(page.locator(".sheet")).to_contain_text("M. E.")
    expect(page.locator("body")).not_to_contain_text("Mary")
    check(page, "sheet", javascript)
    page.emulate_media(media="print")
    expect(page.locator(".places")).to_be_hidden()
    expect(page.get_by_label("Day", exact=True)).to_be_hidden()
    expect(page.locator(".sheet")).to_be_visible()
    shoot(page, f"sheet-print-{javascript}")


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_at_the_desk(
    visit: Visit, day: Day, lena: Person, check: Callable[[Page, str, bool], None], javascript: bool
) -> None:
    page = visit(lena, level=Level.HIGH, javascript=javascript)
    at = AnyPage(page).open(day.address)
    at.follow("Book for somebody")
    check(page, "find", javascript)
    at.fill("Last or full name", "Third")
    at.fill("Post code", "ZZ1 1AA")
    at.press("Find")
    check(page, "found", javascript)
    page.get_by_role("button", name="Open Ann Third").click()
    check(page, "person", javascript)
    at.press("Give them")
    assert at.told == ["They have 30 minutes more today."]
    page.get_by_role("button", name="Book a computer for them").click()
    check(page, "book", javascript)
    page.get_by_label("They sit down now", exact=False).check()
    at.press("Book")
    assert "They have computer" in at.told[0]
    expect(page.locator(".seat--in-use")).to_have_count(2)
    page.go_back()
    at.press("Book")  # as somebody does who isn't sure that it went through
    expect(page.locator(".govuk-error-summary")).to_contain_text("They have a computer at that time already")
    at.open(day.address)
    expect(page.locator(".seat--in-use")).to_have_count(2)


def test_the_room_follows_what_happens_and_keeps_the_focus(visit: Visit, day: Day, lena: Person) -> None:
    page = visit(lena, level=Level.HIGH)
    AnyPage(page).open(day.address)
    here = page.get_by_role("link", name="Day’s sheet")
    here.focus()
    sitting.end(day.rooms.turn(day.joe.id), day.session)
    expect(page.locator(".seat--in-use")).to_have_count(0, timeout=25_000)
    expect(here).to_be_focused()


def test_the_room_asks_nothing_in_a_hidden_tab(visit: Visit, day: Day, lena: Person) -> None:
    page = visit(lena, level=Level.HIGH, moves_clock=True)
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.away ?? false })")
    AnyPage(page).open(day.address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if day.address in request.url else None)
    page.evaluate("window.away = true")
    page.clock.run_for(60_000)
    assert asked == []
    page.evaluate("window.away = false")
    with page.expect_request(lambda request: day.address in request.url):
        page.clock.run_for(60_000)


def test_keeping_somebody_from_the_computers(visit: Visit, day: Day, lena: Person, clock: SetClock) -> None:
    page = visit(lena, level=Level.HIGH)
    at = AnyPage(page).open(f"/staff/branches/computers/{computer_of(day, day.session)}")
    at.follow("Joe Other")
    at.press("Block them")
    assert len(at.errors) == 2
    at.fill("Until and including", f"{clock.now() + timedelta(days=3):%Y-%m-%d}")
    at.fill("Why? Only staff read it", "Shouting at others")
    at.press("Block them")
    assert "They may not use the computers until the end of" in at.told[0]
    assert axe.violations(page) == []
    shoot(page, "kept-away")
    at.press("Let them use the computers again")
    assert at.told == ["They may use the computers again."]
