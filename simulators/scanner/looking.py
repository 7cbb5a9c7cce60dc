"""What it looks for: the harmless file by which scanners are tried, as it stands or packed in a PDF."""

import re
import zlib
from collections.abc import Iterator

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
"""In pieces: as one, each scanner would find it in this file too. Source: eicar.org."""
NAME = "Eicar-Test-Signature"
STREAM = re.compile(rb"stream\r?\n")
MOST_UNPACKED = 1_000_000


def found(data: bytes) -> str | None:
    """Return the name of what is in a file, None if it is nothing known."""
    return NAME if any(EICAR in part for part in (data, *_unpacked(data))) else None


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what is packed in a PDF's streams."""
    for start in STREAM.finditer(data):
        try:
            yield zlib.decompressobj().decompress(data[start.end() :], MOST_UNPACKED)
        except zlib.error:
            continue
