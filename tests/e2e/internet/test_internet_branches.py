"""What a manager of libraries sets up, in the browser: by keyboard and by everybody, wide and at 320 px."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.council import Council
from portal.models import Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage, in_words
from tests.factories import Factory
from tests.support import axe
from tests.support.rooms import Rooms

ALL_DAY = dict.fromkeys(range(7), ((0, 1440),))
SHOTS = os.environ.get("BRANCHES_SHOTS")
FILE = b"""what,branch,name,address,computer,kind
branch,EAST,East Library,2 High Street
computer,EAST,,,1,standard
"""


@pytest.fixture
def rooms(db: Session, clock: SetClock, sealer: Sealer, council: Council) -> Rooms:
    return Rooms(db, clock, sealer, council)


@pytest.fixture
def branch(rooms: Rooms, make: Factory) -> UUID:
    """A branch that never closes. Mary sits there; Joe has booked for tomorrow."""
    rooms.rule(stops_before=0)
    branch = rooms.branch(*[Kind.STANDARD] * 2, Kind.SCANNER, name="Central Library", hours=ALL_DAY)
    mary, joe = make.resident(), make.resident(email="joe@example.org")
    session = booking.book(rooms.turn(mary.id), Wanted(branch, None, None, 60), key=uuid4())
    sitting.check_in(rooms.turn(mary.id), session, code=None, policy_from=BEFORE_ALL)
    tomorrow = rooms.desk.where.moment(rooms.desk.where.day(rooms.clock.now()) + timedelta(days=1), 12 * 60)
    booking.book(rooms.turn(joe.id), Wanted(branch, None, tomorrow, 60), key=uuid4())
    return branch


@pytest.fixture
def vera(make: Factory) -> Person:
    return make.staff(roles=(Role.LIBRARY_MANAGER,), name="Vera Shelf")


def check(page: Page, name: str, *, javascript: bool) -> None:
    """See that the page as it stands can be used by everybody, also at 320 px; axe needs scripts to run."""
    if not javascript:
        return
    assert axe.violations(page) == []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        assert not axe.scrolls_sideways(page), name
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})


PAGES = ("new", "rules", "rules/adult", "policy", "import", "figures")
OF_BRANCH = ("edit", "edit/details", "edit/hours", "edit/days", "edit/computers", "edit/closing")


def test_every_page_can_be_used_by_everybody(visit: Visit, rooms: Rooms, vera: Person, branch: UUID) -> None:
    page = visit(vera, level=Level.HIGH)
    computer = kept.computers(rooms.db, branch)[0].id
    addresses = [*PAGES, *(f"{branch}/{part}" for part in OF_BRANCH), f"{branch}/edit/computers/{computer}"]
    for address in addresses:
        page.goto(f"/staff/branches/{address}")
        check(
            page,
            address.replace(str(branch), "branch").replace(str(computer), "one").replace("/", "-"),
            javascript=True,
        )


@pytest.mark.parametrize("javascript", [True, False])
def test_a_manager_closes_a_day_and_the_people_are_told(
    visit: Visit, rooms: Rooms, vera: Person, branch: UUID, javascript: bool
) -> None:
    page = AnyPage(visit(vera, level=Level.HIGH, javascript=javascript)).open(f"/staff/branches/{branch}/edit")
    page.follow("Close on a day, or set other hours")
    tomorrow = rooms.desk.where.day(rooms.clock.now()) + timedelta(days=1)
    page.fill("First day", tomorrow.isoformat())
    page.press("Save")
    assert page.errors == ["Why: fill it in, in English"]
    check(page.page, "days-wrong", javascript=javascript)
    page.fill("Why (English)", "A burst pipe")
    page.press("Save")
    page.is_headed("This touches what people booked")
    assert page.page.get_by_text("1 booking is cancelled.").is_visible()
    check(page.page, "ask", javascript=javascript)
    page.press("Make the change and tell them")
    assert page.told == ["Kept. Bookings changed: 0, cancelled: 1, people who sat there: 0. We told them."]
    assert page.page.get_by_role("heading", name=in_words(tomorrow)).is_visible()
    check(page.page, "days-set", javascript=javascript)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_manager_imports_a_file(visit: Visit, vera: Person, javascript: bool) -> None:
    page = AnyPage(visit(vera, level=Level.HIGH, javascript=javascript)).open("/staff/branches/import")
    page.page.get_by_label("File (CSV)").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE})
    page.press("See what would change")
    page.is_headed("What the file would change")
    check(page.page, "import-tried", javascript=javascript)
    page.press("Import it")
    assert page.told == ["The file is imported."]
    page.page.get_by_label("File (CSV)").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": FILE + b"shelf,EAST\n"}
    )
    page.press("See what would change")
    assert page.errors == ["Nothing was imported: the file has mistakes. They are listed below."]
    check(page.page, "import-wrong", javascript=javascript)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_manager_makes_a_rule(visit: Visit, vera: Person, javascript: bool) -> None:
    page = AnyPage(visit(vera, level=Level.HIGH, javascript=javascript)).open("/staff/branches/rules/adult")
    page.fill("Minutes a day", "1501")
    page.press("Save")
    assert page.errors == ["Minutes a day: a whole number from 5 to 1500"]
    page.fill("Minutes a day", "90")
    page.press("Save")
    assert page.told[0].startswith("Adults: 1 hour 30 minutes a day, 1 hour at a time")
    check(page.page, "rules-made", javascript=javascript)
