"""The portal's SIP2 adapter over a library system that others wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from portal.clock import Clock
from portal.connectors.calling import System
from portal.connectors.library import Card
from portal.connectors.library.sip2.adapter import Sip2Library
from tests.counterparts import shelves
from tests.support.counterparts import Counterpart


@contextmanager
def counterpart_under_test(counterpart: Counterpart, clock: Clock) -> Iterator["CounterpartUnderTest"]:
    """Open the adapter on a counterpart, and end its connections."""
    adapter = Sip2Library(counterpart.site, System("library", clock=clock), clock)
    try:
        yield CounterpartUnderTest(counterpart, adapter)
    finally:
        adapter.close()


class CounterpartUnderTest:
    """As the port's contract suite arranges it. The day is the counterpart's, at which the suite's clock stands."""

    card = Card(shelves.VALE, shelves.VALE_PIN)
    today = shelves.NOW.date()
    branches = ("MILL", "HARBOUR")
    tells_days = tells_reasons = True
    tells_branches = False

    def __init__(self, counterpart: Counterpart, system: Sip2Library) -> None:
        self.counterpart, self.system = counterpart, system

    def lend(self, *, due_in: int) -> str:
        due = self.today + timedelta(days=due_in)
        return str(self.counterpart.tell("lend", card=self.card.number, due=due.isoformat()))

    def reserve_for_another(self, item: str) -> None:
        self.counterpart.tell("reserve_for_another", item=item)

    def hold(self) -> str:
        return str(self.counterpart.tell("hold", card=self.card.number, branch=self.branches[0]))

    def make_ready(self, hold: str, *, last_day: date) -> None:
        self.counterpart.tell("make_ready", item=hold, last_day=last_day.isoformat())

    def charge(self, pence: int, text: str) -> None:
        self.counterpart.tell("charge", card=self.card.number, pence=pence, text=text)

    def block(self) -> None:
        self.counterpart.tell("bar", card=self.card.number)
