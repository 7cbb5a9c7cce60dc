"""A library that speaks Shelf, with one card, and misbehaves when told to."""

import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from itertools import count
from threading import Event, Thread

from pydantic import SecretStr

from portal.clock import Clock
from portal.connectors.library import Card, LibrarySystem
from portal.connectors.systems import Connectors
from portal.settings import Settings
from tests.support.shelf import wiring

PASSWORD = "rack-and-pinion"
RENEWED_FOR = timedelta(days=21)


class Fault(Enum):
    """What befalls a request. DONE_AND_DROPPED: it is carried out, then the connection ends without an answer.
    NONSENSE: a record that can't be read, with card and PIN in it.
    """

    NONE = auto()
    DROPPED = auto()
    DONE_AND_DROPPED = auto()
    SILENT = auto()
    TRICKLES = auto()
    BUSY = auto()
    NONSENSE = auto()
    ENDLESS = auto()


@dataclass
class OnLoan:
    title: str
    due: date
    is_reserved: bool = False


@dataclass
class Shelf:
    """What the library knows. faults: one for each of the next requests of a verb. heard: the verbs that came."""

    today: date
    card: Card = field(default_factory=lambda: Card("29999000007013", "sorrel-7714"))
    loans: dict[str, OnLoan] = field(default_factory=dict)
    holds: dict[str, list[str]] = field(default_factory=dict)
    charges: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def answer(self, verb: str, password: str, *words: str) -> list[list[str]]:
        """Return the lines of an answer, having done what was asked."""
        if password != PASSWORD:
            return [["LOGIN"]]
        if verb == "HELLO":
            return [["OK"]]
        if words[:2] != (self.card.number, self.card.pin):
            return [["NO", "who"]]
        return self._renewed(words[2]) if verb == "RENEW" else [["OK"], *self._records()]

    def _renewed(self, item: str) -> list[list[str]]:
        loan = self.loans[item]
        if self.blocks or loan.is_reserved:
            return [["NO", "blocked" if self.blocks else "reserved"]]
        loan.due = self.today + RENEWED_FOR
        return [["OK"]]

    def _records(self) -> Iterator[list[str]]:
        yield ["NAME", "Mary Example"]
        yield from (["BLOCK", block] for block in self.blocks)
        for item, loan in self.loans.items():
            yield ["LOAN", item, loan.title, loan.due.isoformat(), "late" if loan.due < self.today else ""]
        yield from (["HOLD", hold, *rest] for hold, rest in self.holds.items())
        yield from (["CHARGE", str(pence), text] for pence, text in self.charges)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.shelf = shelf


class _Exchange(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        shelf, words = self.server.shelf, self.rfile.readline().decode().rstrip("\n").split("\t")
        shelf.heard.append(words[0])
        faults = shelf.faults.get(words[0], [])
        self._answer(shelf, words, faults.pop(0) if faults else None)

    def _answer(self, shelf: Shelf, words: list[str], fault: Fault | None) -> None:
        match fault:
            case Fault.DROPPED:
                return
            case Fault.DONE_AND_DROPPED:
                shelf.answer(*words)
            case Fault.SILENT:
                shelf.over.wait()
            case Fault.BUSY:
                self._say(b"BUSY\n.\n")
            case Fault.NONSENSE:
                self._say("OK\nLOAN\t{}\t{}\tnever\t\n.\n".format(*words[2:4]).encode())
            case Fault.ENDLESS:
                self._say(b"OK\n" * 100_000)
            case _:
                text = "".join("\t".join(line) + "\n" for line in shelf.answer(*words)) + ".\n"
                self._say(text.encode(), slowly=fault is Fault.TRICKLES)

    def _say(self, answer: bytes, *, slowly: bool = False) -> None:
        try:
            for at in range(len(answer)) if slowly else ():
                self.wfile.write(answer[at : at + 1])
                time.sleep(0.1)
            self.wfile.write(b"" if slowly else answer)
        except OSError:
            pass  # whoever asked has gone


class ShelfUnderTest:
    """As the port's contract suite arranges it."""

    branches = ("CEN", "WEA")
    tells_days = tells_branches = tells_reasons = True

    def __init__(self, shelf: Shelf, system: LibrarySystem, connectors: Connectors) -> None:
        self.shelf, self.system, self.connectors = shelf, system, connectors
        self.card, self.today = shelf.card, shelf.today

    def lend(self, *, due_in: int) -> str:
        item = f"S{next(self.shelf.numbers):04}"
        self.shelf.loans[item] = OnLoan("A Ferry for Tuesday", self.today + timedelta(days=due_in))
        return item

    def reserve_for_another(self, item: str) -> None:
        self.shelf.loans[item].is_reserved = True

    def hold(self) -> str:
        hold = f"R{next(self.shelf.numbers):04}"
        self.shelf.holds[hold] = ["Nobody’s Tide", "waiting", self.branches[0], ""]
        return hold

    def make_ready(self, hold: str, *, last_day: date) -> None:
        self.shelf.holds[hold] = ["Nobody’s Tide", "ready", self.branches[0], last_day.isoformat()]

    def charge(self, pence: int, text: str) -> None:
        self.shelf.charges.append((pence, text))

    def block(self) -> None:
        self.shelf.blocks.append("owes-too-much")

    def fault(self, verb: str, *faults: Fault) -> None:
        """Have these befall the next requests of a verb."""
        self.shelf.faults[verb] = list(faults)


@contextmanager
def shelf_under_test(clock: Clock, *, password: str = PASSWORD) -> Iterator[ShelfUnderTest]:
    """Open a library, and the adapter on it as wiring makes it of the settings."""
    shelf = Shelf(clock.now().date())
    with _Server(shelf) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"shelf://127.0.0.1:{server.server_address[1]}"
        settings = Settings(profile="test", library_url=url, library_password=SecretStr(password))
        connectors = wiring.connect(settings, clock)
        assert connectors.library
        try:
            yield ShelfUnderTest(shelf, connectors.library, connectors)
        finally:
            shelf.over.set()
            server.shutdown()
