"""What the program that locks a computer is told, and how it proves that it is the one that was enrolled.

It learns nobody's name: a session has an id of its own, another one for each.
Source of the signature: HMAC-SHA256, RFC 2104; ``docs/computers.md`` has a test vector.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.blueprints.internet.rules.desk import CODE_LETTERS, as_typed
from portal.blueprints.internet.rules.standing import OPEN, WARNED_AT, Held, State

CODE_GOOD_FOR = timedelta(minutes=15)
"""So long a code enrols a program."""
MESSAGE_LASTS = timedelta(minutes=10)
SILENT_AFTER = timedelta(minutes=2)
"""A program that has not asked for so long may have stopped."""
LAST_COUNTER = 2**63 - 1
_CODE_LENGTH = 8
_KEY_BYTES = 32
_LAST_MINUTES = timedelta(minutes=2)


class Standing(StrEnum):
    """How a computer stands."""

    FREE = "free"
    KEPT = "kept"
    """For somebody who booked, or waited, and has not sat down yet."""
    IN_USE = "in-use"
    OUT_OF_ORDER = "out-of-order"
    """Or blocked by staff."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it was signed. signature: hexadecimal."""

    computer_id: UUID
    counter: int
    signature: str
    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a program is told. until: the end of the standing, as far as it is known. session: only while in use.

    code: to show on the locked screen, None while somebody sits there or nobody may.
    """

    standing: Standing
    until: datetime | None
    session: str | None
    code: str | None

    @property
    def locks(self) -> bool:
        return self.standing is not Standing.IN_USE

    def seconds_left(self, now: datetime) -> int | None:
        """Return whole seconds until ``until``: a computer's own clock may be wrong."""
        return None if self.until is None else max(0, int((self.until - now).total_seconds()))

    def warnings(self, now: datetime) -> list[tuple[int, datetime]]:
        """Return which warnings are still to come, minutes before the end and when; only while in use."""
        if self.locks or self.until is None:
            return []
        moments = [(minutes, self.until - timedelta(minutes=minutes)) for minutes in WARNED_AT]
        return [(minutes, moment) for minutes, moment in moments if moment > now]

    def ask_again_s(self, now: datetime) -> int:
        """Return in how many seconds the program asks next: soon where somebody may be about to sit down."""
        match self.standing:
            case Standing.IN_USE:
                ends_soon = self.until is not None and self.until - now <= _LAST_MINUTES
                return 10 if ends_soon else 30
            case Standing.KEPT:
                return 5
            case Standing.FREE:
                return 10
            case Standing.OUT_OF_ORDER:
                return 60


def new_code() -> str:
    """Return a code that enrols a program, in two pieces as it is read out."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(_CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def code_hash(secret: bytes, code: str) -> bytes:
    """Return the HMAC by which an enrolment is found, however its code was typed."""
    return hmac.digest(secret, b"internet program " + as_typed(code).encode(), hashlib.sha256)


def new_key() -> str:
    """Return a key to sign with, in base64."""
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def signature(key: str, method: str, path: str, counter: int, body: bytes) -> str:
    """Return what a request is signed with, in hexadecimal. key: in base64."""
    text = "\n".join((method, path, str(counter), hashlib.sha256(body).hexdigest()))
    return hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).hexdigest()


def is_signed(asked: Signed, key: str) -> bool:
    """Tell whether a request was signed with a key."""
    expected = signature(key, asked.method, asked.path, asked.counter, asked.body)
    return hmac.compare_digest(expected.encode(), asked.signature.encode())


def session_of(secret: bytes, held: Held) -> str:
    """Return the id of a session that its program knows. From it nobody finds the booking; moved, it is another one."""
    text = b"internet session " + held.id.bytes + held.computer_id.bytes
    return hmac.digest(secret, text, hashlib.sha256).hex()[:32]


def present(held: Sequence[Held], now: datetime) -> Held | None:
    """Return the session at a computer now. held: its bookings, earliest first."""
    return next((one for one in held if one.state(now) is State.IN_USE), None)


def told(held: Sequence[Held], *, in_service: bool, secret: bytes, code: str, now: datetime) -> Told:
    """Return what the program of a computer is told. held: its bookings, earliest first. code: that it shows."""
    still = [one for one in held if one.state(now) in OPEN]
    kept = next((one for one in still if one.starts_at <= now), None)
    if not in_service:
        return Told(Standing.OUT_OF_ORDER, None, None, None)
    if sits := present(still, now):
        return Told(Standing.IN_USE, sits.ends_at, session_of(secret, sits), None)
    if kept and kept.how == "block":
        return Told(Standing.OUT_OF_ORDER, kept.ends_at, None, None)
    if kept:
        return Told(Standing.KEPT, min(kept.held_until or kept.ends_at, kept.ends_at), None, code)
    return Told(Standing.FREE, min((one.starts_at for one in still), default=None), None, code)
