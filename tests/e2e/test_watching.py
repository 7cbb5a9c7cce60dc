"""A page that follows another system, in a real browser: each state, with and without JavaScript, narrow, with axe.

The dummy service has a system behind it that is a function; the portal is served in this process, so that it has both.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal import snapshots
from portal.app import create_app
from portal.clock import SystemClock
from portal.connectors.errors import Away, Unavailable
from portal.db import committing
from portal.facts import PanelState
from portal.jobs.refresher import refresh
from portal.jobs.resources import JobResources
from portal.models import Person
from portal.registry import SERVICES
from portal.sealed import Sealer
from portal.settings import Settings
from portal.web.watching import EVERY_S, RELOADS_AFTER_S, TIMES
from tests.e2e.conftest import Served, Visit, council_file
from tests.factories import Factory
from tests.support import axe
from tests.web.dummy.outside import FRESH_FOR, ParkingSystem

SOON_MS = 1000 * (RELOADS_AFTER_S + 10)
AWAY = Unavailable(reason=Away.TIMEOUT)


@pytest.fixture
def parking(clock: SystemClock) -> ParkingSystem:
    return ParkingSystem(clock)


@pytest.fixture
def served(engine: Engine, settings: Settings, clock: SystemClock, parking: ParkingSystem) -> Iterator[Served]:
    """Where the portal with the dummy service is served."""
    given = settings.model_copy(update={"council": council_file("millbrook")})
    services = (*SERVICES, parking.service)
    app = create_app(given, clock=clock, engine=engine, services=services, connectors=parking.connectors)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield lambda _: f"http://localhost:{server.port}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def link(make: Factory, mary: Person) -> UUID:
    return make.link(mary, "parking", uuid4()).id


@pytest.fixture
def old(db: Session, sealer: Sealer, link: UUID, clock: SystemClock) -> None:
    with committing(db):
        snapshots.put(db, sealer, link, '{"permits": 7}', taken_at=clock.now() - FRESH_FOR)


@pytest.fixture
def answer(job_resources: JobResources, parking: ParkingSystem) -> Callable[[], None]:
    """Does what the refresher does, once."""

    def once() -> None:
        assert refresh(replace(job_resources, connectors=parking.connectors), "parking", parking.read)

    return once


def panel(page: Page) -> str:
    return " ".join(page.locator("section[aria-labelledby=panel-parking]").inner_text().split())


@pytest.mark.usefixtures("old")
def test_the_new_answer_comes_into_the_page_and_is_told(visit: Visit, mary: Person, answer: Callable[[], None]) -> None:
    page = visit(mary)
    page.goto("/")
    assert "7 permits" in panel(page)
    assert "We’re asking for newer facts." in panel(page)
    page.locator("#panel-parking-link").focus()
    answer()
    expect(page.locator("section[aria-labelledby=panel-parking]")).to_contain_text("2 permits", timeout=SOON_MS)
    expect(page.locator("#told")).to_have_text("This page has been brought up to date.")
    expect(page.locator("#panel-parking-link")).to_be_focused()
    assert page.title() == "Your services – Millbrook Council"
    assert page.url.endswith("/")
    assert page.locator("[hx-get]").count() == 0


@pytest.mark.usefixtures("old")
def test_it_asks_a_few_times_and_no_more(visit: Visit, mary: Person) -> None:
    page = visit(mary)
    asked: list[int] = []
    page.on("response", lambda response: asked.append(response.status) if "seen=" in response.url else None)
    page.goto("/")
    page.wait_for_timeout(1000 * EVERY_S * (TIMES + 2))
    assert len(asked) in (TIMES, TIMES + 1)
    assert asked == [204] * (len(asked) - 1) + [286]
    assert "7 permits" in panel(page)


@pytest.mark.usefixtures("link")
def test_without_javascript_the_first_answer_comes_by_itself(
    visit: Visit, mary: Person, answer: Callable[[], None]
) -> None:
    page = visit(mary, javascript=False)
    page.goto("/")
    assert "We’re asking for your permits." in panel(page)
    answer()
    expect(page.locator("section[aria-labelledby=panel-parking]")).to_contain_text("2 permits", timeout=SOON_MS)
    assert page.url.endswith("/?again=1")


@pytest.mark.usefixtures("link")
def test_without_javascript_one_can_look_again(visit: Visit, mary: Person, answer: Callable[[], None]) -> None:
    page = visit(mary, javascript=False)
    page.goto("/")
    answer()
    page.get_by_role("link", name="Look again").click()
    assert "2 permits" in panel(page)


STATES: dict[PanelState, tuple[bool, int | Exception | None]] = {
    PanelState.ASKING: (False, None),
    PanelState.NEVER: (False, AWAY),
    PanelState.OLDER: (True, None),
    PanelState.AWAY: (True, AWAY),
    PanelState.FRESH: (True, 2),
}
"""Each with whether there is an old answer, and what comes of asking for a new one; None: nothing yet."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("language", "javascript"), [("en", True), ("cy", True), ("en", False)])
def test_each_state_is_seen_narrow_and_is_accessible(
    request: pytest.FixtureRequest,
    visit: Visit,
    mary: Person,
    parking: ParkingSystem,
    state: PanelState,
    language: str,
    javascript: bool,
) -> None:
    had_one, outcome = STATES[state]
    request.getfixturevalue("old" if had_one else "link")
    page = visit(mary, javascript=javascript, width=320)
    page.goto(f"/?lang={language}")
    if outcome is not None:
        parking.outcome = outcome
        request.getfixturevalue("answer")()
        page.goto("/")
    expect(page.locator(f"section[aria-labelledby=panel-parking] .state--{state}")).to_be_visible()
    assert not axe.scrolls_sideways(page)
    if javascript:
        assert axe.violations(page) == []
