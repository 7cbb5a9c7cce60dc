"""What the rooms' actions work with, whoever calls them."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.blueprints.internet.rules.hours import Where
from portal.sealed import Sealer

SERVICE = "internet"
CODE_LASTS = timedelta(minutes=5)
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ"
"""No vowels, so that no code is a word; none that looks like a digit."""
CODE_LENGTH = 6
TICKET_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Desk:
    """secret: keys codes. base_url: of the portal, for links in messages."""

    where: Where
    sealer: Sealer
    secret: bytes
    base_url: str


def code_of(secret: bytes, computer: UUID, now: datetime) -> str:
    """Return the code that a computer shows, by which somebody proves that they sit at it.

    It follows from the time, so that nothing has to be kept; 21^6 are 85 million, and tries are counted.
    """
    return _code(secret, computer, _window(now))


def is_code(secret: bytes, computer: UUID, code: str, now: datetime) -> bool:
    """Tell whether a computer shows this code, or did until a short while ago."""
    window, typed = _window(now), as_typed(code)
    return any(hmac.compare_digest(_code(secret, computer, one), typed) for one in (window, window - 1))


def as_typed(code: str) -> str:
    """Return the letters of a code, however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum() and letter.isascii())


def ticket_hash(secret: bytes, code: str) -> bytes:
    """Return the HMAC by which a guest's ticket is found."""
    return hmac.digest(secret, b"internet ticket " + as_typed(code).encode(), hashlib.sha256)


def _window(now: datetime) -> int:
    return int(now.timestamp() // CODE_LASTS.total_seconds())


def _code(secret: bytes, computer: UUID, window: int) -> str:
    number = int.from_bytes(hmac.digest(secret, b"internet code %d %b" % (window, computer.bytes), hashlib.sha256))
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return "".join(letters)
