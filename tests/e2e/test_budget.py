"""What a visit costs on a thin line, in bytes as they come over the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page

from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from portal.party import Level
from portal.web.sessions import PLAIN_COOKIE
from tests.e2e.conftest import Served, Visit
from tests.e2e.rents import REFERENCES, every_situation
from tests.factories import Factory
from tests.factories.rent import Tenancies

FIRST_VISIT = 45_000
"""Everything together, headers included."""
PAGE = 4096
"""HTML of one page, compressed by brotli."""

PUBLIC = (
    "/",
    "/sign-in",
    "/register",
    "/reset",
    "/reset/letter",
    "/help",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/energy/check",
)
RESIDENTS = (
    *("/", "/account", "/account/contacts", "/account/contacts/add", "/account/password", "/account/devices"),
    *("/account/links", "/account/language", "/sign-in/again", "/rent", "/rent/connect", "/energy"),
)
STAFF = ("/staff", "/staff/account", "/staff/access", "/staff/access/invite", "/staff/audit")


@dataclass
class Traffic:
    """What a browser fetched. sizes: bytes over the wire by address, nothing for what came from its cache."""

    page: Page
    sizes: dict[str, int] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.on("Network.requestWillBeSent", self._began)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")

    def _began(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _ended(self, event: dict[str, Any]) -> None:
        if event["encodedDataLength"]:
            self.sizes[self._addresses[event["requestId"]]] = event["encodedDataLength"]


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
    mary = make.resident()
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(mary, REFERENCES["owed"])
    return mary


@pytest.mark.parametrize("path", ["/", "/rent"])
def test_a_visit(visit: Visit, mary: Person, path: str) -> None:
    page = visit(mary if path == "/rent" else None)
    first = Traffic(page)
    page.goto(path, wait_until="networkidle")
    assert sum(first.sizes.values()) <= FIRST_VISIT, first.sizes
    assert len(first.sizes) >= 4, f"page, two style sheets and a script at least: {first.sizes}"

    second = Traffic(page)
    page.goto(path, wait_until="networkidle")
    assert list(second.sizes) == [page.url]


@pytest.mark.parametrize("council_name", ["millbrook", "dunmarra"])
def test_each_page(served: Served, make: Factory, mary: Person, token: Callable[..., str], council_name: str) -> None:
    tokens = {PUBLIC: "", RESIDENTS: token(mary), STAFF: token(make.staff(), level=Level.HIGH)}
    too_large = {}
    for paths, cookie in tokens.items():
        for path in paths:
            for language in ("en", "cy" if council_name == "millbrook" else "ga"):
                size = compressed(f"{served(council_name)}{path}?lang={language}", cookie)
                if size >= PAGE:
                    too_large[path, language] = size
    assert too_large == {}


def compressed(address: str, token: str) -> int:
    """Return how many bytes of HTML come from an address."""
    request = Request(address, headers={"Accept-Encoding": "br", "Cookie": f"{PLAIN_COOKIE}={token}"})  # noqa: S310 -- our own
    with urlopen(request) as response:  # noqa: S310
        assert response.headers["Content-Encoding"] == "br", address
        return len(response.read())
