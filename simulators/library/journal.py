"""What was asked and what came of it, so that a test can prove that nothing was done twice or told wrongly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

NOT_DONE = "not done"
RENEWED = "renewed"


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of a request, for one item. outcome: ``renewed``, ``refused: reserved``, ``told``, ``not done`` …"""

    outcome: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """connection: counts from 1. message: of the request, empty if it couldn't be read. fault: what befell it."""

    number: int
    at: datetime
    connection: int
    message: str
    card: str
    item: str
    outcome: str
    fault: str


class Journal:
    """Entries are there before their answer leaves."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = Lock()

    def record(
        self, deeds: Sequence[Deed], *, at: datetime, connection: int, message: str, card: str, fault: str
    ) -> None:
        with self._lock:
            for deed in deeds:
                number = len(self._entries) + 1
                entry = Entry(number, at, connection, message, card, deed.item, deed.outcome, fault)
                self._entries.append(entry)

    def entries(self, *, message: str = "", card: str = "", item: str = "", after: int = 0) -> list[Entry]:
        """Return what was asked, in that order; only of one message, card or item if named. after: a number."""
        with self._lock:
            found = self._entries[after:]
        return [
            one
            for one in found
            if (not message or one.message == message)
            and (not card or one.card == card)
            and (not item or one.item == item)
        ]

    def asked(self, item: str, message: str = "29") -> int:
        """Return how often a message about an item arrived whole, whatever came of it."""
        return len(self.entries(message=message, item=item))

    def renewals(self, item: str) -> int:
        """Return how often an item was renewed."""
        return sum(one.outcome == RENEWED for one in self.entries(item=item))

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
