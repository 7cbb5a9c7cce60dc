"""What the library's queries and actions work with."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.clock import Clock
from portal.connectors.library import LibrarySystem
from portal.council import Council, Library
from portal.sealed import Sealer

SERVICE = "library"


@dataclass(frozen=True, slots=True)
class Desk:
    """The library system, and what is needed to keep what it says. secret: keys the HMACs that cards are found by.

    council: one that has a library. clock: tells when the system answered; what an action does is at the ``now`` that
    it is given.
    """

    system: LibrarySystem
    sealer: Sealer
    secret: bytes = field(repr=False)
    council: Council
    clock: Clock

    @property
    def rules(self) -> Library:
        """Return what the council has settled about its library."""
        if self.council.library is None:
            raise RuntimeError("the council's file is refused without it")
        return self.council.library

    def today(self, now: datetime) -> date:
        """Return the council's day. now: aware."""
        return now.astimezone(self.council.zone).date()

    def key(self, *what: str) -> bytes:
        """Return the HMAC by which something is found again that nobody can read out of it."""
        return keyed(self.secret, *what)


def keyed(secret: bytes, *what: str) -> bytes:
    """As ``Desk.key``."""
    return hmac.digest(secret, "\x00".join((SERVICE, *what)).encode(), hashlib.sha256)


def of_number(secret: bytes, number: str) -> bytes:
    """Return what a card is found by; capital and small letters are the same."""
    return keyed(secret, "number", number.casefold())
