"""Messages that came to harm: read, or refused by our own error, and nobody named in either."""

import os
from collections import Counter
from dataclasses import replace
from random import Random

from portal.connectors.library.sip2.dialect import DELIMITERS, ENCODINGS, Dialect
from portal.connectors.library.sip2.errors import Sip2Error
from portal.connectors.library.sip2.framing import parse, split
from portal.connectors.library.sip2.layout import read
from portal.connectors.library.sip2.messages import MESSAGES
from portal.connectors.library.sip2.tracing import traced
from tests.support.mutations import cut_off, cut_out, flip, insert, repeat, scramble
from tests.support.sip2 import SAMPLES, SECRETS

HARMED = 100_000 if os.environ.get("SOAK") else 5_000
PIECES = (
    b"|",
    b"^",
    b"~",
    b"\r",
    b"\n",
    b"AY1AZ",
    b"AZFFFF",
    b"AA",
    b"CQY|",
    b"    ",
    b"64",
    b"BV",
    b"&#124;",
    b"9" * 60,
)


def swap_in(line: bytes, chance: Random) -> bytes:
    """Put a piece of the protocol where something else was."""
    at = chance.randrange(len(line) + 1)
    piece = chance.choice(PIECES)
    return line[:at] + piece + line[at + chance.choice((0, len(piece))) :]


MUTATIONS = (flip, insert, cut_out, cut_off, repeat, swap_in, swap_in, scramble)


def harmed(chance: Random) -> tuple[bytes, Dialect]:
    """Return a message that isn't any more as its server wrote it, and a dialect: its own, or nearly, or another."""
    line, dialect = chance.choice([*SAMPLES.values()])
    for _ in range(chance.choice((1, 1, 2, 4))):
        line = chance.choice(MUTATIONS)(line, chance)
    if chance.random() < 0.8:  # else nearly all would be refused for their checksum
        dialect = replace(dialect, error_detection=False)
    if chance.random() < 0.2:
        dialect = replace(dialect, encoding=chance.choice(ENCODINGS), delimiter=chance.choice(DELIMITERS))
    return line + chance.choice((b"\r", b"\r\n", b"\n", b"")), dialect


def told(line: bytes, dialect: Dialect) -> tuple[str, str]:
    """Return what came of reading a line, and all that would be written down of it."""
    try:
        frame = parse(line, dialect=dialect)
        message = read(frame, MESSAGES.get(frame.id, MESSAGES["64"]), dialect=dialect)
    except Sip2Error as error:
        return type(error).__name__, f"{error} {error!r}"
    return "read", f"{frame!r} {message!r}"


def test_harmed_messages_raise_nothing_but_our_own_error() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(HARMED):
        stream, dialect = harmed(Random(seed))  # noqa: S311 -- harm, not secrets
        try:
            lines, rest = split(stream, dialect=dialect)
            for line in [*lines, rest]:
                outcome, words = told(line, dialect)
                words += traced(line, dialect=dialect)
                outcomes[outcome] += 1
                assert not any(secret in words for secret in SECRETS), f"seed {seed}: {words}"
        except Sip2Error:
            outcomes["endless"] += 1
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
    assert outcomes["read"] > HARMED / 10
    assert outcomes["GarbledMessage"] > HARMED / 10
    assert outcomes["BadChecksum"] > HARMED / 100
