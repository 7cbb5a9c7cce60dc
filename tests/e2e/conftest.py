"""The portal in a real browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright
from procrastinate import App
from sqlalchemy.orm import Session

from portal.clock import SystemClock
from portal.council import load_council
from portal.identity import sessions
from portal.jobs.resources import JobResources
from portal.models import Person
from portal.party import Level
from portal.settings import PROJECT, Settings
from portal.web.sessions import PLAIN_COOKIE
from tests.support.jobs import run_waiting
from tests.support.mail import MailSink
from tests.support.server import serving

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""As the system's packages call it. The shell is the same engine without a desktop browser's windows, and what
Playwright itself takes: a page costs three quarters of what it costs in the whole browser.
"""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
WHOLE = next(filter(None, map(shutil.which, BROWSERS[1:])), None)
"""With its windows: the shell doesn't bring a page up to date whose clock a test moves."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt,--no-maglev",
]
"""The last: no page lives long enough for code to be worth compiling well, which takes a fifth of what a page costs."""

Visit = Callable[..., Page]
Served = Callable[[str], str]
Launched = Callable[[str | None], Browser]
Link = Callable[..., str]


def council_file(name: str) -> Path:
    return PROJECT / "councils" / name / "council.toml"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def launched(playwright: Playwright) -> Iterator[Launched]:
    """Start a browser once, by its path: the system's Chromium where there is one, else Playwright's own."""
    with ExitStack() as stack:

        @cache
        def launch(path: str | None) -> Browser:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            stack.callback(browser.close)
            return browser

        yield launch


@pytest.fixture(scope="session")
def served(database_url: str, mail_server: MailSink) -> Iterator[Served]:
    """Where a council's portal is served: begun when a test first asks, for all tests of this worker."""
    with ExitStack() as stack:

        @cache
        def address(council: str) -> str:
            path = str(council_file(council))
            return stack.enter_context(serving(database_url, messages_url=mail_server.url, council=path))

        yield address


@pytest.fixture
def clock() -> SystemClock:
    """The server has the system's clock, so its data must have it too."""
    return SystemClock()


@pytest.fixture
def link(jobs_app: App, job_resources: JobResources, mail: MailSink) -> Link:
    """Let a council's e-mails go out, and return the link in the newest."""

    def read(council: str = "millbrook") -> str:
        resources = replace(job_resources, council=load_council(council_file(council)))
        run_waiting(jobs_app, resources)
        return str(re.findall(r"http://\S+", mail.received[-1].get_content())[0])

    return read


@pytest.fixture
def token(db: Session, clock: SystemClock, settings: Settings) -> Callable[..., str]:
    """Sign a person in as if they had given their password, and return the token of their session."""

    def begin(person: Person, *, level: Level = Level.MEDIUM, fresh: bool = True) -> str:
        now = clock.now()
        token = sessions.begin(
            db,
            person_id=person.id,
            level=level,
            lifetimes=sessions.Lifetimes(settings.resident_idle, settings.resident_absolute),
            data={},
            device="Firefox, Linux",
            at=now,
            proven_at=now if fresh else now - settings.fresh_for * 2,
        )
        db.commit()
        return token

    return begin


@pytest.fixture
def visit(launched: Launched, served: Served, token: Callable[..., str]) -> Iterator[Visit]:
    """Open a browser of one's own: ``visit(mary, javascript=False, width=320)``.

    What scripts, the policy or files complain about fails the test. moves_clock: whether the page's clock can be moved.
    Further settings are Playwright's.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_browser(
        person: Person | None = None,
        *,
        level: Level = Level.MEDIUM,
        fresh: bool = True,
        council: str = "millbrook",
        language: str = "en",
        javascript: bool = True,
        width: int = 1280,
        moves_clock: bool = False,
        **settings: Any,
    ) -> Page:
        given = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce", **settings}
        address = served(council)
        context = launched(WHOLE if moves_clock else CHROMIUM).new_context(
            base_url=address, java_script_enabled=javascript, locale=language, **given
        )
        context.set_default_timeout(10_000)
        context.on("console", lambda message: complaints.extend(_complaint(message)))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        if person:
            value = token(person, level=level, fresh=fresh)
            context.add_cookies([{"name": PLAIN_COOKIE, "value": value, "url": address}])
        if moves_clock:
            context.clock.install()
        return context.new_page()

    yield open_browser
    for context in contexts:
        context.close()
    assert complaints == []


def _complaint(message: ConsoleMessage) -> list[str]:
    """Return what the console says is wrong. That a page's status is an error is no complaint; that a file's is, is.

    Nor is ``ERR_FAILED``, which is what comes of a request that the test itself cuts off.
    """
    where = message.location["url"]
    is_status = message.text.startswith(
        ("Failed to load resource: the server responded with a status of", "Failed to load resource: net::ERR_FAILED")
    )
    if message.type not in ("error", "warning") or (is_status and "/static/" not in where):
        return []
    return [f"{where}: {message.text}"]
