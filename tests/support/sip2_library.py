"""The portal's SIP2 adapter over the simulated library, in each of its dialects."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from portal.clock import Clock
from portal.connectors.calling import System
from portal.connectors.library import Card
from portal.connectors.library.sip2.adapter import Sip2Library
from portal.connectors.library.sip2.dialect import Listed
from portal.connectors.library.sip2.site import Site, site_of
from simulators.library import catalogue
from simulators.library.clock import end_of
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.dialects import dialect_named
from simulators.library.simulator import LibrarySimulator

ANOTHER = "29999000000910"

SETTINGS = {
    "standard": "change-pickup=yes&expiry=PA&birth=PB",
    "evergreen": "encoding=ascii&expiry=PA&birth=PB",
    "koha": "encoding=utf-8&hold-count=ready&change-pickup=yes&expiry=PA&birth=PB",
    "folio": "encoding=utf-8&error-detection=no&pin-needed=yes&cancel-holds=no",
    "polaris": "encoding=latin-1&hold-count=ready&loans=titles&holds=titles&change-pickup=yes&expiry=PX&birth=BC",
    "sierra": "encoding=latin-1&zone-form=0000&end-session=no&connections=1&keep-alive=0&expiry=PA",
    "strict": "institution=MILLBROOK&encoding=ascii&pin-needed=yes&hold-count=ready&loans=titles&holds=titles"
    "&item-information=no&connections=1&keep-alive=0&expiry=PA&birth=PB",
}
"""How the portal is told of each dialect of the simulator."""


def site(library: LibrarySimulator, settings: str = "", *, password: str = LOGIN_PASSWORD, trace: bool = False) -> Site:
    """Return the simulator as a site."""
    address = f"sip2://{LOGIN_USER}@{library.host}:{library.port}/?{settings}"
    return site_of(address, password=password, trace=trace)


@contextmanager
def asking(
    library: LibrarySimulator, clock: Clock, settings: str = "", *, system: System | None = None, **given: Any
) -> Iterator[Sip2Library]:
    """Open the adapter on a simulator, and end its connections. given: for ``site``."""
    adapter = Sip2Library(site(library, settings, **given), system or System("library", clock=clock), clock)
    try:
        yield adapter
    finally:
        adapter.close()


@contextmanager
def sip2_under_test(dialect: str, clock: Clock) -> Iterator["Sip2UnderTest"]:
    """Open a simulator in a dialect, and the adapter on it."""
    with (
        LibrarySimulator(dialect_named(dialect), clock=clock.now) as library,
        asking(library, clock, SETTINGS[dialect]) as system,
    ):
        yield Sip2UnderTest(library, system, clock)


class Sip2UnderTest:
    """As the port's contract suite arranges it. says: what this kind of server tells."""

    card = Card("29999000000019", "1357")
    branches = ("CEN", "WEA")

    def __init__(self, library: LibrarySimulator, system: Sip2Library, clock: Clock) -> None:
        self.library, self.system, self.today = library, system, clock.now().date()
        self._unused = iter(title for title in catalogue.titles()[110:] if title.name.isascii())
        dialect = SETTINGS[library.dialect.name]
        self._by_title = f"loans={Listed.TITLES}" in dialect
        self.tells_days = not self._by_title
        self.tells_branches = False
        self.tells_reasons = library.dialect.wording != "none"

    def lend(self, *, due_in: int) -> str:
        item = self._another_item()
        self.library.lend(self.card.number, item.barcode, due=end_of(self.today + timedelta(days=due_in)))
        return self._listed(item)

    def reserve_for_another(self, item: str) -> None:
        self.library.reserve(ANOTHER, self._barcode(item))

    def hold(self) -> str:
        item = self._another_item()
        self.library.reserve(self.card.number, item.barcode, pickup=self.branches[0])
        return self._listed(item)

    def make_ready(self, hold: str, *, last_day: date) -> None:
        self.library.make_ready(self.card.number, self._barcode(hold), pick_up_by=last_day)

    def charge(self, pence: int, text: str) -> None:
        self.library.charge(self.card.number, pence, text)

    def block(self) -> None:
        self.charge(1460, "Lost: a book")

    def _another_item(self) -> catalogue.Item:
        return catalogue.copies_of(next(self._unused))[0]

    def _listed(self, item: catalogue.Item) -> str:
        return item.title.name if self._by_title else item.barcode

    def _barcode(self, listed: str) -> str:
        return catalogue.copies_of(catalogue.named(listed))[0].barcode if self._by_title else listed
