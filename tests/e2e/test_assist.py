"""Staff help a resident: at the desk with JavaScript, by phone without, from finding them to what they read of it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.council import Council
from portal.db import committing
from portal.models import Help, HelpChange, Person, StaffTeam
from portal.party import Level, Role
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.rents import REFERENCES, every_situation
from tests.factories import Factory
from tests.factories.rent import Tenancies
from tests.support import axe

OWED = REFERENCES["owed"]


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
    person = make.resident(name="Mary Example")
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(person, OWED)
    return person


@pytest.fixture
def tom(make: Factory, db: Session) -> Person:
    person = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")
    with committing(db):
        db.add(StaffTeam(person_id=person.id, team="customer-services"))
    return person


class StartPage(AnyPage):
    """The page on which a help begins."""

    def start(self, agreement: str, *services: str, reference: str = "", may: str) -> None:
        self.choose(agreement, "They have a question about it", may, *services)
        self.fill("Call reference or document", reference)
        self.fill("What is it about?", "Wants to know why the rent went up")
        self.press("Start helping")
        self.page.wait_for_url(re.compile(r"//[^/]+/$"))

    def choose(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label, exact=True).check()


def check(page: Page, *, javascript: bool) -> None:
    """See that the page as it stands can be used by everybody, also at 320 px; axe needs scripts to run."""
    if not javascript:
        return
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert not axe.scrolls_sideways(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def find(page: Page, *, javascript: bool) -> None:
    search = AnyPage(page).open("/staff/assist")
    check(page, javascript=javascript)
    search.fill("Last or full name", "Example")
    search.press("Find")
    assert len(search.errors if javascript else page.locator(".govuk-error-summary li").all()) == 1
    search.fill("Rent reference", OWED)
    search.press("Find")
    expect(page.get_by_role("heading", name="Mary Example")).to_be_visible()
    check(page, javascript=javascript)
    page.get_by_role("button", name="Help Mary Example").click()


@pytest.mark.parametrize(
    ("javascript", "agreement", "reference"),
    [(True, "They are here with me", ""), (False, "On the phone", "4471-20")],
    ids=["desk-javascript", "phone-no-javascript"],
)
def test_a_resident_is_helped_and_reads_what_was_done(
    visit: Visit, mary: Person, tom: Person, db: Session, javascript: bool, agreement: str, reference: str
) -> None:
    page = visit(tom, level=Level.HIGH, javascript=javascript)
    find(page, javascript=javascript)
    start = StartPage(page)
    start.press("Start helping")
    expect(page.locator(".govuk-error-summary li")).to_have_count(5)
    check(page, javascript=javascript)
    start.start(agreement, "Rent", "Account", reference=reference, may="Look, and do things for them")

    banner = page.locator("#helping")
    expect(banner).to_contain_text("You are helping Mary Example")
    assert page.title().startswith("Helping a resident: ")
    check(page, javascript=javascript)
    page.get_by_role("navigation", name="Services").get_by_role("link", name="Rent").click()
    expect(page.locator("h1")).to_have_text("Your rent")
    expect(banner).to_contain_text("You may look at and change: Rent, Account.")
    check(page, javascript=javascript)
    expect(page.locator(".closed", has_text="Energy help")).to_be_visible()
    start.open("/energy")
    start.is_headed("This is closed in this help")
    start.open("/account/password")
    start.is_headed("Only the resident can do this")
    check(page, javascript=javascript)

    start.open("/account/contacts/add")
    start.fill("E-mail address", "new@example.org")
    start.press("Continue")
    assert start.told == ["This waits for their word, or for some days. They get a message about it."]
    start.follow("More time")
    start.choose("30 minutes")
    start.fill("Why do you need more time?", "Reads slowly")
    start.press("Take more time")
    expect(banner).to_contain_text("30")
    start.press("Finish helping")
    page.wait_for_url("**/staff/assist")
    expect(page.locator("#helping")).to_have_count(0)
    behind = start.all_behind_the_back_button() if javascript else []
    assert not [seen for seen in behind if "You owe" in seen]

    resident = AnyPage(visit(mary, javascript=javascript)).open("/account/looks")
    main = resident.page.inner_text("main")
    for words in (
        "Customer Services",
        "Wants to know why the rent went up",
        "Your rent",
        "new@example.org",
        "Reads slowly",
    ):
        assert words in main
    check(resident.page, javascript=javascript)
    resident.page.get_by_role("link", name="I did not agree to this").first.click()
    resident.fill("What was not right?", "Nobody asked me")
    check(resident.page, javascript=javascript)
    resident.page.get_by_role("button").last.click()
    expect(resident.page.locator(".govuk-notification-banner__heading")).to_contain_text("Thank you.")
    assert db.execute(select(HelpChange.what)).scalars().all()


def test_the_minutes_are_counted_down_and_their_end_is_told_aloud(
    visit: Visit, mary: Person, tom: Person, db: Session, clock: Clock
) -> None:
    page = visit(tom, level=Level.HIGH)
    find(page, javascript=False)
    StartPage(page).start("They are here with me", "Rent", may="Look only")
    with committing(db):
        db.execute(update(Help).where(Help.subject_id == mary.id).values(ends_at=clock.now() + timedelta(seconds=4)))
    page.goto("/rent")
    expect(page.locator("[data-seconds-left]")).to_have_text("1")
    expect(page.locator("#told")).to_have_text("This help has ended")
    expect(page.locator("[data-seconds-left]")).to_have_text("0")
    page.goto("/rent")
    expect(page.locator("h1")).to_have_text("This help has ended")
    page.get_by_role("button", name="Back to your own pages").click()
    page.wait_for_url("**/staff/assist")


def test_two_tabs_are_never_in_two_persons(visit: Visit, mary: Person, tom: Person) -> None:
    page = visit(tom, level=Level.HIGH)
    find(page, javascript=False)
    other = page.context.new_page()
    other.goto(page.url)
    StartPage(page).start("They are here with me", "Rent", "Account", may="Look, and do things for them")
    AnyPage(other).press("Start helping")
    expect(other.locator("h1")).not_to_have_text("Your services")
    other.goto("/account/language")
    AnyPage(page).press("Finish helping")
    page.wait_for_url("**/staff/assist")
    other.get_by_label("Cymraeg").check()
    other.locator("main form [type=submit]").click()
    expect(other.locator("h1")).not_to_have_text("Language")
    assert mary.language == "en"
