"""The library as it runs: web server, worker, and a library system on the wire that goes away, hangs and loses answers.

Journeys with and without JavaScript; each state that they come to is looked at narrow, with axe. What the pages show
that need no library system on the wire is in ``test_library``.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.db import committing, defer
from portal.models import Person
from simulators.library import catalogue
from simulators.library.clock import local
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.dialects import STANDARD
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.e2e.conftest import Served, Visit, council_file
from tests.e2e.pages import AnyPage, CardSignInPage, LoansPage, in_words
from tests.factories import Factory
from tests.support import axe
from tests.support.mail import MailSink
from tests.support.server import serving, working

CARD, PIN = "29999000004417", "2580"
FERRY, ALMANAC, HERON = "A Ferry for Tuesday", "The Lamplighter’s Almanac", "What the Heron Counted"
BREAD, WINTER = "Bread for Beginners, Slowly", "The Winter Allotment"
SETTLE = "library:settle"
IN_TIME_MS = 20_000
"""For what a worker does that has only just been started."""
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])

Work = Callable[[], None]


@pytest.fixture(scope="module")
def on_the_wire() -> Iterator[LibrarySimulator]:
    """One whose letters are all that titles need."""
    with LibrarySimulator(STANDARD.changed({"encoding": "utf-8"})) as library:
        yield library


@pytest.fixture(scope="module")
def given(on_the_wire: LibrarySimulator, mail_server: MailSink) -> dict[str, str]:
    """What server and worker are told."""
    return {
        "council": str(council_file("millbrook")),
        "messages_url": mail_server.url,
        "library_url": f"sip2://{LOGIN_USER}@{on_the_wire.host}:{on_the_wire.port}/?encoding=utf-8&change-pickup=yes",
        "library_password": LOGIN_PASSWORD,
    }


@pytest.fixture(scope="module")
def served(database_url: str, given: dict[str, str]) -> Iterator[Served]:
    with serving(database_url, **given) as address:
        yield lambda _council: address


@pytest.fixture
def system(on_the_wire: LibrarySimulator) -> Iterator[LibrarySimulator]:
    """The library system as it is at the start; whoever still waits for it afterwards waits no more."""
    on_the_wire.reset()
    yield on_the_wire
    on_the_wire.behave()
    on_the_wire.start()
    on_the_wire.close_connections()


@pytest.fixture
def work(database_url: str, given: dict[str, str], system: LibrarySimulator) -> Iterator[Work]:
    """Begin a worker. It ends before the library answers again and before the database is emptied."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(working(database_url, base_url="http://localhost", **given))
        system.close_connections()


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


def with_card(page: Page) -> Page:
    CardSignInPage(page).open().sign_in(CARD, PIN)
    return page


def go_away(system: LibrarySimulator) -> None:
    system.stop_listening()
    system.close_connections()


def an_hour_later(db: Session) -> None:
    """Let what is known be an hour old, and what failed have failed then."""
    with committing(db):
        db.execute(
            text(
                "update snapshot set taken_at = taken_at - interval '1 hour', failed_at = failed_at - interval '1 hour'"
            )
        )


def barcode(title: str) -> str:
    return catalogue.copies_of(catalogue.named(title))[0].barcode


def new_day(system: LibrarySimulator, title: str) -> str:
    """Return in words when a loan is due now, as the library itself has it."""
    return in_words(local(system.due(barcode(title))).date())


def check(page: Page, *, javascript: bool) -> None:
    """See that the page as it stands can be used by everybody, also at 320 px; axe needs scripts to run."""
    if not javascript:
        return
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert not axe.scrolls_sideways(page)


def comes(page: Page, what: Locator, *, javascript: bool) -> None:
    """Wait until the page shows something: by itself, or by loading it again."""
    if javascript:
        expect(what).to_be_visible(timeout=IN_TIME_MS)
        return
    for _ in range(IN_TIME_MS // 250):
        if what.count():
            return
        page.wait_for_timeout(250)
        page.reload()
    expect(what).to_be_visible()


@both_ways
def test_a_card_and_its_pin_lead_to_all_that_is_on_it(visit: Visit, system: LibrarySimulator, javascript: bool) -> None:
    page = with_card(visit(javascript=javascript))
    expect(page.get_by_text("5 loans, 1 late")).to_be_visible()
    expect(page.get_by_text("Something that you reserved is ready")).to_be_visible()
    loans = LoansPage(page).open()
    loans.button("Renew", FERRY).click()
    expect(loans.row(FERRY)).to_contain_text("Renewed")
    expect(loans.row(FERRY)).to_contain_text(f"Now it is due on {new_day(system, FERRY)}.")
    loans.button("Renew", HERON).click()
    expect(loans.row(HERON)).to_contain_text("Not renewed. Somebody else has reserved it. Take it back by")
    loans.press("Renew all")
    expect(loans.row(BREAD)).to_contain_text("It has been renewed as often as it can be.")
    expect(page.get_by_text("Now it is due on")).to_have_count(3)
    check(page, javascript=javascript)
    assert {title: system.journal.renewals(barcode(title)) for title in (FERRY, ALMANAC, HERON, BREAD, WINTER)} == {
        FERRY: 1,
        ALMANAC: 1,
        HERON: 0,
        BREAD: 0,
        WINTER: 1,
    }
    holds = LoansPage(page).open("/library/holds")
    expect(page.locator("li.row").first).to_contain_text("Ready to collect At Millbrook Central Library, until")
    holds.button("Cancel", "Nobody’s Tide").click()
    expect(holds.row("Nobody’s Tide")).to_have_count(0)
    assert holds.told == ["Cancelled."]
    assert len(system.holds(CARD)) == 3
    holds.open("/library/charges")
    expect(page.get_by_role("heading", name="£2.00 is owed")).to_be_visible()
    expect(page.get_by_role("row", name="Overdue: Rooks ^ Rafters ~ Rain £1.20")).to_be_visible()


@both_ways
def test_a_library_that_is_gone_leaves_its_last_facts_and_comes_back_by_itself(
    visit: Visit, db: Session, system: LibrarySimulator, work: Work, javascript: bool
) -> None:
    page = with_card(visit(javascript=javascript))
    loans = LoansPage(page).open()
    go_away(system)
    loans.button("Renew", ALMANAC).click()
    expect(loans.row(ALMANAC)).to_contain_text("Not renewed. The library did not answer in time, so nothing was sent.")
    expect(loans.button("Renew", ALMANAC)).to_be_visible()

    an_hour_later(db)
    work()
    loans.open("/")
    expect(page.get_by_text("5 loans, 1 late")).to_be_visible()
    expect(page.get_by_text("We’re asking for newer facts.")).to_be_visible()
    check(page, javascript=javascript)
    comes(page, loans.away, javascript=javascript)
    expect(page.get_by_text("5 loans, 1 late")).to_be_visible()
    expect(loans.state.filter(has_text="As of")).to_contain_text("We try again every few minutes.")
    check(page, javascript=javascript)
    loans.open("/library")
    expect(loans.away).to_be_visible()
    check(page, javascript=javascript)
    loans.open()
    expect(loans.away).to_contain_text("You see what it said last. You can’t renew or change anything just now.")
    expect(loans.row(FERRY)).to_be_visible()
    expect(page.get_by_role("button", name="Renew")).to_have_count(0)
    check(page, javascript=javascript)

    system.take_back(barcode(WINTER))
    system.start()
    an_hour_later(db)
    loans.open()
    if javascript:
        page.evaluate("window.same = 'yes'")
    comes(page, page.get_by_text("4 loans, 1 late"), javascript=javascript)
    expect(loans.away).to_have_count(0)
    expect(loans.button("Renew", ALMANAC)).to_be_visible()
    expect(loans.row(WINTER)).to_have_count(0)
    if javascript:
        assert page.evaluate("window.same") == "yes"
        expect(page.locator("#told")).to_contain_text("up to date")
    assert system.journal.renewals(barcode(ALMANAC)) == 0


@both_ways
def test_a_library_that_never_answered_is_told_as_such(
    visit: Visit, db: Session, system: LibrarySimulator, work: Work, javascript: bool
) -> None:
    page = with_card(visit(javascript=javascript))
    go_away(system)
    with committing(db):
        db.execute(text("delete from snapshot"))
    asked = LoansPage(page)
    for address in ("/", "/library", "/library/loans"):
        asked.open(address)
        expect(page.get_by_text("It can take a minute.")).to_be_visible()
        check(page, javascript=javascript)
    work()
    comes(page, asked.away, javascript=javascript)
    expect(asked.away).to_contain_text("We haven’t heard from it yet, so we can’t show what is on the card.")
    for address in ("/library/loans", "/library", "/"):
        asked.open(address)
        expect(asked.away).to_be_visible()
        expect(asked.state.filter(has_text="We try again every few minutes.")).to_be_visible()
        check(page, javascript=javascript)
    system.start()
    an_hour_later(db)
    asked.open("/")
    comes(page, page.get_by_text("5 loans, 1 late"), javascript=javascript)
    expect(asked.away).to_have_count(0)


def test_a_library_that_hangs_holds_up_nobody_but_who_asks_it(
    visit: Visit, db: Session, system: LibrarySimulator, work: Work
) -> None:
    page = with_card(visit())
    loans = LoansPage(page).open()
    system.misbehave(Fault(FaultKind.SILENT, times=None))
    an_hour_later(db)
    work()
    loans.button("Renew", ALMANAC).click()
    expect(loans.row(ALMANAC)).to_contain_text("The library did not answer in time, so nothing was sent.")
    expect(page.locator("#told")).to_contain_text("Not renewed.")
    check(page, javascript=True)
    page.set_default_navigation_timeout(2_000)
    for address in ("/", "/library", "/library/loans", "/library/holds"):
        loans.open(address)
        expect(loans.state.filter(has_text="As of").first).to_contain_text("We’re asking for newer facts.")
    system.behave()
    system.close_connections()
    expect(loans.state).not_to_contain_text("newer", timeout=IN_TIME_MS)
    assert system.journal.renewals(barcode(ALMANAC)) == 0


DROPPED = (Fault(FaultKind.DROP_AFTER, messages=frozenset({"29"})), Fault(FaultKind.REFUSE, times=None))
UNHEARD = (
    Fault(FaultKind.SILENT_AFTER, messages=frozenset({"29"})),
    Fault(FaultKind.SPLIT, messages=frozenset({"17"})),  # how it stood before is heard
    Fault(FaultKind.SILENT, times=None, messages=frozenset({"17"})),
)


@pytest.mark.parametrize(
    ("javascript", "faults"), [(True, UNHEARD), (False, DROPPED)], ids=["javascript-unheard", "no-javascript-dropped"]
)
def test_a_lost_answer_is_found_out_and_told(
    visit: Visit,
    mary: Person,
    db: Session,
    mail: MailSink,
    system: LibrarySimulator,
    work: Work,
    javascript: bool,
    faults: tuple[Fault, ...],
) -> None:
    page = visit(mary, javascript=javascript)
    connect = AnyPage(page).open("/library/connect")
    connect.fill("Number of your library card", CARD)
    connect.fill("PIN", PIN)
    connect.press("Connect")
    page.wait_for_url("**/library")
    loans, elsewhere = LoansPage(page).open(), LoansPage(page.context.new_page()).open()
    system.misbehave(*faults)
    loans.button("Renew", FERRY).click()
    expect(loans.row(FERRY)).to_contain_text("We’re finding out", timeout=IN_TIME_MS)
    expect(loans.button("Renew", FERRY)).to_have_count(0)
    check(page, javascript=javascript)
    system.behave()  # it would renew it once more, if it was asked
    elsewhere.button("Renew", FERRY).click()
    expect(elsewhere.row(FERRY)).to_contain_text("We’re finding out")
    loans.open("/library/loans")
    expect(loans.row(FERRY)).to_contain_text("You don’t need to ask again: we will tell you here.")
    expect(loans.button("Renew", FERRY)).to_have_count(0)

    with committing(db):
        db.execute(text("update asked set asked_at = asked_at - interval '2 minutes'"))
        defer(db, SETTLE, timestamp=0)
    work()
    for _ in range(IN_TIME_MS // 250):
        loans.open()
        if loans.row(FERRY).get_by_text("Renewed", exact=True).count():
            break
        page.wait_for_timeout(250)
    expect(loans.row(FERRY)).to_contain_text(f"Renewed Now it is due on {new_day(system, FERRY)}.")
    check(page, javascript=javascript)
    assert (system.journal.asked(barcode(FERRY)), system.journal.renewals(barcode(FERRY))) == (1, 1)
    mail.wait(IN_TIME_MS / 1000)  # a job of its own sends it, after the page knows
    assert len(mail.received) == 1
