"""The library in a real browser, over the fake: loans renewed one by one and all, with and without JavaScript."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.app import create_app
from portal.blueprints.library import jobs
from portal.blueprints.library.actions import connecting
from portal.blueprints.library.actions.connecting import Child
from portal.blueprints.library.rules.desk import Desk
from portal.clock import SystemClock
from portal.connectors.calling import PERSON_WAITS_S, Deadline
from portal.connectors.library import Card, Charge, HoldState
from portal.connectors.systems import Connectors
from portal.council import Council
from portal.identity.throttle import Throttle
from portal.jobs.refresher import Refresher
from portal.jobs.resources import JobResources
from portal.models import Person
from portal.sealed import Sealer
from portal.settings import Settings
from tests.e2e.conftest import Served, Visit, council_file
from tests.e2e.pages import AnyPage, in_words
from tests.e2e.test_pages import EVERY_PLACE
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.support import axe
from tests.support.library import CARD, CHILDS, LOAN_SPAN, FakeLibrary


@pytest.fixture
def served(engine: Engine, settings: Settings, clock: SystemClock, connectors: Connectors) -> Iterator[Served]:
    """Where a council's portal is served, by this process, so that it has this test's library system."""
    with ExitStack() as stack:

        def address(council: str) -> str:
            own = settings.model_copy(update={"council": council_file(council)})
            app = create_app(own, clock=clock, engine=engine, connectors=connectors)
            server = make_server("127.0.0.1", 0, app, threaded=True)
            thread = Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://localhost:{server.port}"

        yield address


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def connect(
    db: Session,
    library: FakeLibrary,
    sealer: Sealer,
    settings: Settings,
    council: Council,
    clock: SystemClock,
    throttle: Throttle,
    make: Factory,
) -> Any:
    secret = settings.secret_key.get_secret_value().encode()

    def connect(person: Person, card: Card = CARD, child: Child | None = None) -> UUID:
        return connecting.connect(
            db,
            Desk(library, sealer, secret, council, clock),
            throttle,
            make.party(person),
            card,
            child=child,
            address="127.0.0.1",
            session=uuid4(),
            deadline=Deadline.after(PERSON_WAITS_S),
            now=clock.now(),
        )

    return connect


def lend_three(library: FakeLibrary) -> list[str]:
    """Lend what may be renewed, what somebody else has reserved, and what may be renewed."""
    items = [library.lend(CARD, title, due_in=2 + n) for n, title in enumerate(("A Ferry", "The Heron", "Winter"))]
    library.reserved.add(items[1])
    return items


def row(page: Page, title: str) -> Any:
    return page.locator("li.row", has=page.get_by_role("heading", name=title, exact=True))


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_who_renews_one_is_told_in_its_row(
    visit: Visit, mary: Person, connect: Any, library: FakeLibrary, javascript: bool
) -> None:
    lend_three(library)
    connect(mary)
    page = visit(mary, javascript=javascript, width=320)
    AnyPage(page).open("/library/loans")
    if javascript:
        row(page, "Winter").evaluate("row => { row.dataset.same = 'yes' }")
    row(page, "A Ferry").get_by_role("button").click()
    expect(row(page, "A Ferry")).to_contain_text(f"Now it is due on {in_words(library.today + LOAN_SPAN)}.")
    row(page, "The Heron").get_by_role("button").click()
    expect(row(page, "The Heron")).to_contain_text("Somebody else has reserved it.")
    expect(row(page, "The Heron").get_by_role("button")).to_have_count(0)
    if javascript:  # nothing else changed, and whoever listens or uses the keyboard is where they were
        expect(row(page, "Winter")).to_have_attribute("data-same", "yes")
        expect(page.locator("#told")).to_contain_text("Not renewed. Somebody else has reserved it.")
        assert axe.violations(page) == []
        assert not axe.scrolls_sideways(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_who_renews_all_hears_of_each(
    visit: Visit, mary: Person, connect: Any, library: FakeLibrary, javascript: bool
) -> None:
    items = lend_three(library)
    connect(mary)
    page = visit(mary, javascript=javascript)
    AnyPage(page).open("/library/loans").press("Renew all")
    expect(page.get_by_text(f"Now it is due on {in_words(library.today + LOAN_SPAN)}.")).to_have_count(2)
    expect(row(page, "The Heron")).to_contain_text("Somebody else has reserved it.")
    if javascript:
        expect(page.get_by_text("All are asked for.")).to_be_focused()
        assert axe.violations(page) == []
    assert library.asked_for("renew") == items


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_who_has_a_card_gets_in_with_it(visit: Visit, library: FakeLibrary, javascript: bool) -> None:
    library.lend(CARD, "A Ferry", due_in=1)
    page = visit(javascript=javascript, width=320)
    site = AnyPage(page).open("/sign-in")
    site.follow("Library card and PIN")
    site.fill("Number of your library card", CARD.number)
    site.fill("PIN", "wrong-one")
    site.press("Sign in")
    assert page.locator(".govuk-error-summary li").inner_text().startswith("That card number or that PIN is wrong.")
    site.fill("PIN", CARD.pin or "")
    site.press("Sign in")
    page.get_by_role("link", name="See your loans").click()
    expect(page.get_by_role("heading", name="Your card ending 9001")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in another way")


def test_the_page_follows_what_the_library_says(
    visit: Visit, mary: Person, connect: Any, library: FakeLibrary, job_resources: JobResources, db: Session
) -> None:
    connect(mary)
    db.execute(text("update snapshot set taken_at = taken_at - interval '1 hour'"))
    db.commit()
    library.lend(CARD, "A Ferry", due_in=1)
    page = visit(mary)
    AnyPage(page).open("/library/loans")
    expect(page.get_by_text("We’re asking for newer facts.")).to_be_visible()
    with Refresher(job_resources, {"library": jobs.read}):
        expect(row(page, "A Ferry")).to_contain_text("Due tomorrow")
    expect(page.locator("#told")).to_contain_text("up to date")


@pytest.mark.parametrize(("served_by", "language", "widths"), EVERY_PLACE)
def test_each_page_in_each_language(
    visit: Visit,
    make: Factory,
    connect: Any,
    library: FakeLibrary,
    served_by: str,
    language: str,
    widths: tuple[int, ...],
) -> None:
    mary = make.resident(language=language)
    lend_three(library)
    library.lend(CARD, "A Map", due_in=-3)
    library.hold(CARD, "Nobody’s Tide", place=3)
    library.hold(CARD, "Salt", state=HoldState.READY, last_day=library.today)
    library.readers[CARD.number].charges.append(Charge("Overdue: a book", 120))
    card, childs = connect(mary), connect(mary, CHILDS, Child("Pip"))
    tour = Tour(visit(mary, council=served_by, language=language, width=widths[0]), language, widths)
    pages = [
        f"{name}?card={one}" for one in (card, childs) for name in ("loans", "holds", "charges", "disconnect", "pin")
    ]
    tour.to("/", "/library", *(f"/library/{one}" for one in pages), "/library/connect", "/library/connect/child")
    tour.refused("/library/connect", number="1", pin="wrong-one")
    tour.check()
    stranger = Tour(visit(council=served_by, language=language, width=widths[0]), language, widths)
    stranger.to("/sign-in", "/library/sign-in")
    stranger.check()
