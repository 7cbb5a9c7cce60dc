"""The portal in a real browser."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal.clock import SystemClock
from tests.support.mail import MailSink
from tests.support.server import serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(database_url: str, mail_server: MailSink) -> Iterator[str]:
    """Where the portal is served, for all tests of this worker."""
    with serving(database_url, messages_url=mail_server.url) as address:
        yield address


@pytest.fixture
def clock() -> SystemClock:
    """The server has the system's clock, so its data must have it too."""
    return SystemClock()


@pytest.fixture
def visit(browser: Browser, address: str, db: object) -> Iterator[Visit]:
    """Open a browser of one's own: ``visit(javascript=False, width=320)``. What breaks the policy fails the test."""
    contexts: list[BrowserContext] = []
    refused: list[str] = []

    def open_browser(*, javascript: bool = True, width: int = 1280, language: str = "en") -> Page:
        context = browser.new_context(
            base_url=address,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            locale=language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert refused == []
