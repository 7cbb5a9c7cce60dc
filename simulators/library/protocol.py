"""SIP2 as the simulator reads and writes it, from the standard alone: the portal's codec is another reading of it.

Source: 3M Standard Interchange Protocol version 2.00.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulators.library.clock import local
from simulators.library.dialect import Dialect

FIXED = {
    "09": (1, 18, 18),
    "11": (1, 1, 18, 18),
    "15": (1, 18),
    "17": (18,),
    "23": (3, 18),
    "29": (1, 1, 18, 18),
    "35": (18,),
    "37": (18, 2, 2, 3),
    "63": (3, 18, 10),
    "65": (18,),
    "93": (1, 1),
    "97": (),
    "99": (1, 3, 4),
}
"""Widths of the fixed fields of each request."""

ASK_AGAIN = "96"
_PLAIN = str.maketrans("‘’“”–—", "''\"\"--")
_ERROR_DETECTION = re.compile(rb"(?:AY(?P<sequence>[0-9]))?AZ(?P<checksum>[0-9A-Fa-f]{4})\Z")


class BadFrame(ValueError):
    """These bytes are no message of the standard."""


class WrongChecksum(ValueError):
    """These bytes aren't those that were sent."""


@dataclass(frozen=True, slots=True)
class Request:
    """fields: the first value of each id. sequence: the digit of AY. checked: whether it had AZ."""

    message: str
    fixed: tuple[str, ...]
    fields: dict[str, str]
    sequence: str | None = None
    checked: bool = False

    def get(self, name: str) -> str:
        """Return a variable field, empty if it wasn't sent."""
        return self.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class Answer:
    """fields: with repeats, in the order in which the standard lists them."""

    message: str
    fixed: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Add a field that the standard requires."""
        self.fields.append((name, value))

    def offer(self, name: str, value: str) -> None:
        """Add an optional field, if there is something to say."""
        if name and value:
            self.fields.append((name, value))

    def extend(self, name: str, values: Iterable[str]) -> None:
        self.fields.extend((name, value) for value in values)


def checksum(content: bytes) -> str:
    """Return the four digits that make the sum of all bytes zero, for ``content`` up to and with ``AZ``."""
    return f"{-sum(content) & 0xFFFF:04X}"


def parse(frame: bytes, dialect: Dialect) -> Request:
    """Read a request without its terminator.

    Raises WrongChecksum, BadFrame (also for a message that the standard doesn't have).
    """
    found = _ERROR_DETECTION.search(frame)
    sequence, checked = None, found is not None
    if found:
        if int(found["checksum"], 16) != int(checksum(frame[:-4]), 16):
            raise WrongChecksum
        sequence = found["sequence"].decode() if found["sequence"] else None
        frame = frame[: found.start()]
    text = frame.decode(dialect.encoding, "replace")
    message, rest = text[:2], text[2:]
    if message not in FIXED:
        raise BadFrame(f"no message {message!r}")
    fixed = []
    for width in FIXED[message]:
        if len(rest) < width:
            raise BadFrame(f"{message} is too short")
        fixed.append(rest[:width])
        rest = rest[width:]
    return Request(message, tuple(fixed), _variable(rest, dialect.delimiter), sequence, checked)


def _variable(text: str, delimiter: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(delimiter):
        if len(part) >= 2:
            found.setdefault(part[:2], part[2:])
    return found


def content(answer: Answer, dialect: Dialect) -> bytes:
    """Return an answer without error detection and terminator."""
    ordered = answer.fields
    if dialect.card_first:
        ordered = sorted(ordered, key=lambda one: {"AA": 0, "AO": 2}.get(one[0], 1))
    fields = "".join(f"{name}{_value(value, dialect)}{dialect.delimiter}" for name, value in ordered)
    return _encoded(f"{answer.message}{answer.fixed}{fields}", dialect.encoding)


def with_error_detection(body: bytes, dialect: Dialect, *, sequence: str | None, checked: bool) -> bytes:
    """Return ``body`` with AY and AZ, as far as the dialect gives them to a request that had these."""
    match dialect.error_detection:
        case "never":
            return body
        case "mirrored" if not checked:
            return body
        case "checksum":
            sequence = None
    if sequence:
        body += b"AY" + sequence.encode()
    body += b"AZ"
    return body + checksum(body).encode()


def timestamp(moment: datetime, dialect: Dialect) -> str:
    """Return a date of 18 characters: the library's own time, or UTC where the dialect says Z."""
    there = moment.astimezone(UTC) if dialect.zone == "   Z" else local(moment)
    return f"{there:%Y%m%d}{dialect.zone}{there:%H%M%S}"


def count(number: int, dialect: Dialect) -> str:
    """Return a count of four characters."""
    match dialect.numbers:
        case "zeros":
            return f"{number:04}"
        case "blanks":
            return f"{number:4}"
        case "unknown":
            return "    "


def yes(value: bool) -> str:
    return "Y" if value else "N"


def _value(value: str, dialect: Dialect) -> str:
    """Return a value as Evergreen writes it: the delimiter as an entity, line ends as blanks, cut."""
    safe = re.sub(r"[\r\n]+", " ", value).replace(dialect.delimiter, f"&#{ord(dialect.delimiter)};")
    return safe[: dialect.longest]


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(_letter(letter, encoding) for letter in text)


def _letter(letter: str, encoding: str) -> bytes:
    try:
        return letter.encode(encoding)
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter.translate(_PLAIN))
        return "".join(part for part in parts if not unicodedata.combining(part)).encode(encoding, "replace")
