"""Thousands of exchanges, with faults at random bytes: what a resident is told of a renewal is true, each time."""

import gc
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import enumerate as all_threads
from time import monotonic, sleep

import pytest

from portal.clock import SetClock
from portal.connectors.calling import System
from portal.connectors.errors import Garbled, Refused, Unavailable, Unknown
from portal.connectors.library import Card
from portal.connectors.library.sip2.adapter import Sip2Library
from simulators.library import catalogue
from simulators.library.clock import end_of
from simulators.library.dialects import dialect_named
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.sip2_library import SETTINGS, asking

EXCHANGES = 10_000 if os.environ.get("SOAK") else 250
"""With each kind of server."""
WITHIN_S = 0.3
FAULTY = 0.12
"""Part of the requests that something befalls."""
AT_ONCE = 3
LOANS = 15
"""For each card."""
CARDS = (Card("29999000000019", "1357"), Card("29999000000027", "2468"), Card("29999000000126", "4826"))
KINDS = (
    *(FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.CUT, FaultKind.GARBLE, FaultKind.WRONG_CHECKSUM),
    *(FaultKind.EARLIER, FaultKind.SPLIT, FaultKind.TOGETHER, FaultKind.ASK_AGAIN, FaultKind.SILENT),
    *(FaultKind.SILENT_AFTER, FaultKind.REFUSE, FaultKind.SLOW, FaultKind.TRICKLE),
)
SECONDS = {FaultKind.SLOW: 0.05, FaultKind.TRICKLE: 0.001}
FAULTS = [Fault(kind, times=None, probability=FAULTY / len(KINDS), seconds=SECONDS.get(kind, 1.0)) for kind in KINDS]


def is_free(library: LibrarySimulator, item: catalogue.Item) -> bool:
    return library.desk.loan(item.barcode) is None and not library.desk.queue(item)


class Renewing:
    """One card's loans, renewed one after the other, and each outcome compared with what the library has written."""

    def __init__(self, library: LibrarySimulator, system: Sip2Library, clock: SetClock, card: Card) -> None:
        self.library, self.system, self.card = library, system, card
        self.due = end_of(clock.now().date() + timedelta(days=2))
        free = [item for item in catalogue.items().values() if item.title.kind == "book" and is_free(library, item)]
        self.items = [item.barcode for item in free[:LOANS]]
        for item in self.items:
            library.lend(card.number, item, due=self.due)
        self.outcomes: Counter[str] = Counter()

    def run(self) -> None:
        turn = 0
        while len(self.library.journal.entries()) < EXCHANGES:
            self.renew(self.items[turn % len(self.items)])
            turn += 1

    def renew(self, item: str) -> None:
        before = len(self.library.journal.entries())
        self.library.set_loan(item, due=self.due)
        outcome, told = self.outcome_of(item)
        entries = self.library.journal.entries(message="29", item=item, after=before)
        done = sum(entry.outcome == "renewed" for entry in entries)
        sent = sum(entry.fault != FaultKind.ASK_AGAIN for entry in entries)
        assert sent <= 1, f"sent {sent} times"
        assert done in {"renewed": {1}, "unknown": {0, 1}}.get(outcome, {0}), f"{outcome}, and done {done} times"
        if outcome == "renewed":
            assert told == self.library.due(item).date().isoformat()
        self.outcomes[outcome] += 1

    def outcome_of(self, item: str) -> tuple[str, str]:
        try:
            return "renewed", str(self.system.renew(self.card, item, within_s=WITHIN_S).due_on)
        except (Refused, Unavailable, Garbled, Unknown) as error:
            return error.code, ""


@pytest.mark.parametrize("dialect", ["standard", "koha", "sierra", "folio"])
def test_what_is_told_of_a_renewal_is_true(clock: SetClock, dialect: str) -> None:
    """Of FOLIO's answers, which have no checksums, nobody could tell a garbled one."""
    threads = set(all_threads())
    patient = System("library", clock=clock, fails=10**9, at_once=AT_ONCE, jitter=lambda _: 0.01)
    with (
        LibrarySimulator(dialect_named(dialect), clock=clock.now, seed=5) as library,
        asking(library, clock, SETTINGS[dialect], system=patient) as system,
    ):
        renewing = [Renewing(library, system, clock, card) for card in CARDS]
        library.misbehave(*(fault for fault in FAULTS if dialect != "folio" or fault.kind is not FaultKind.GARBLE))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(one.run) for one in renewing]:
                done.result()
        library.behave()
        outcomes = sum((one.outcomes for one in renewing), Counter[str]())
        assert outcomes["renewed"] > sum(outcomes.values()) / 2, outcomes
        befallen = sum(bool(entry.fault) for entry in library.journal.entries())
        assert befallen > EXCHANGES * FAULTY / 2, "or else this shows nothing"
        system.close()
        assert _all_ended(library)
    gc.collect()  # a socket that was forgotten complains here
    assert set(all_threads()) <= threads


def _all_ended(library: LibrarySimulator) -> bool:
    until = monotonic() + 5
    while library.connections and monotonic() < until:
        sleep(0.01)
    return library.connections == 0
