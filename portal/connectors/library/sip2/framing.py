"""How a message lies on the wire: ``<id><fields>[AY<n>][AZ<checksum>]`` and an end.

Bytes of a stream become lines (``split``), a line becomes a ``Frame``; back it goes by ``build``.
Source: 3M SIP 2.00, "Error detection".
"""

import re
from dataclasses import dataclass

from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.errors import BadChecksum, GarbledMessage

LIMIT_BYTES = 256 * 1024
"""Longer than any message with all that a person could have on loan; a server that never ends one is hung up on."""

SAY_AGAIN = "97"
"""The id of our request to repeat the last answer. It carries no sequence number, and nor does the repetition."""
ASKED_AGAIN = "96"
"""The id of the server's request to repeat our last message: the same, without a sequence number."""

NOISE = b"\r\n\0 "
WHOLE_TAIL = re.compile(rb"AY([0-9])AZ([0-9A-Fa-f]{1,4})\Z")
"""Invenio writes checksums without leading zeros."""
HALF_TAIL = re.compile(rb"(?:AY([0-9])|AZ([0-9A-Fa-f]{1,4}))\Z")
NO_FIELDS = re.compile(rb"(?:94[01]|96)\Z")


@dataclass(frozen=True, slots=True, repr=False)
class Frame:
    """A message before anybody asks what its fields mean.

    id: two digits. text: what follows it, up to the sequence number. sequence: None if there was none.
    is_checked: a checksum stood there, and it fits.
    """

    id: str
    text: str
    sequence: int | None
    is_checked: bool = False

    def __repr__(self) -> str:
        return f"<Frame {self.id} sequence={self.sequence}>"


def checksum(data: bytes) -> str:
    """Return the checksum of a message from its first byte to the ``AZ`` inclusive, as four upper-case hex digits."""
    return f"{-sum(data) & 0xFFFF:04X}"


def build(message: bytes, *, sequence: int | None, dialect: Dialect) -> bytes:
    """Return what is sent. message: id and fields, encoded. sequence: 0 to 9; None to repeat a message, and for 97."""
    if dialect.error_detection:
        if sequence is not None:
            message += b"AY%d" % sequence
        message += b"AZ"
        message += checksum(message).encode("ascii")
    return message + (b"\r\n" if dialect.crlf else b"\r")


def say_again(dialect: Dialect) -> bytes:
    """Return the request for the last answer once more: ``97``."""
    return build(SAY_AGAIN.encode("ascii"), sequence=None, dialect=dialect)


def split(received: bytes, *, dialect: Dialect) -> tuple[list[bytes], bytes]:
    """Cut what came into lines, without their ends; and what isn't a whole line yet, to be handed in with what follows.

    A message ends with CR, CR LF or LF. A LF within a value (Koha takes out only CR) ends nothing: it counts as an end
    only where a message can end. Raises GarbledMessage for a line beyond LIMIT_BYTES.
    """
    lines: list[bytes] = []
    start = 0
    for end in re.finditer(rb"[\r\n]", received):
        line = received[start : end.start()].strip(NOISE)
        if end.group() == b"\n" and line and not _may_end_here(line, dialect):
            continue
        if line:
            lines.append(line)
        start = end.end()
    rest = received[start:]
    if len(rest) > LIMIT_BYTES or any(len(line) > LIMIT_BYTES for line in lines):
        raise GarbledMessage("a message without an end")
    return lines, rest


def _may_end_here(line: bytes, dialect: Dialect) -> bool:
    ends = line.endswith(dialect.delimiter.encode("ascii"))
    return ends or bool(WHOLE_TAIL.search(line) or HALF_TAIL.search(line) or NO_FIELDS.match(line))


def parse(line: bytes, *, dialect: Dialect) -> Frame:
    """Read one line. The sequence number and the checksum may be there or not, whatever was sent.

    Raises BadChecksum (not where the dialect has error detection off), GarbledMessage.
    """
    line = line.strip(NOISE)
    message, sequence, declared = _without_tail(line, dialect)
    if declared is not None and dialect.error_detection:
        summed = line[: -len(declared)]
        if int(declared, 16) != int(checksum(summed), 16):
            raise BadChecksum("checksum doesn't match")
    if not re.match(rb"[0-9]{2}", message):
        raise GarbledMessage("doesn't begin with the id of a message")
    text = message.decode(dialect.encoding, errors="replace")
    is_checked = declared is not None and dialect.error_detection
    return Frame(text[:2], text[2:], None if sequence is None else int(sequence), is_checked)


def _without_tail(line: bytes, dialect: Dialect) -> tuple[bytes, bytes | None, bytes | None]:
    """Return the message, its sequence number and its checksum.

    One of the two alone counts only after a delimiter, or where there is none: else it is how a text ends.
    """
    tail = WHOLE_TAIL.search(line) or HALF_TAIL.search(line)
    if tail is None:
        return line, None, None
    message = line[: tail.start()]
    delimiter = dialect.delimiter.encode("ascii")
    if tail.re is HALF_TAIL and delimiter in message and not message.endswith(delimiter):
        return line, None, None
    return message, tail[1], tail[2]
