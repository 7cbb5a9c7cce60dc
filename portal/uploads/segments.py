"""The segments of a JPEG file, for those that stay as they are in a PDF: drawing them again would make them worse."""

import re

START, END, FILL = b"\xff\xd8", b"\xff\xd9", 0xFF
SCAN, COMMENT = 0xDA, 0xFE
TOLD = frozenset({*range(0xE1, 0xEE), 0xEF, COMMENT})
"""Markers of what is told about a picture: APP1 to APP13 (EXIF, XMP, thumbnails), APP15, comments. Not APP0 (JFIF) and
APP14 (Adobe), which say how its colours are to be read. Source: ITU-T T.81, B.1.1.3 and B.2.
"""
WITHOUT_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
"""Markers that no segment begins with."""
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker that ends a scan: not a byte of it that was stuffed, nor a restart. Source: ITU-T T.81, B.1.1.5."""


def without_metadata(data: bytes) -> bytes:
    """Return a JPEG without what it tells besides the picture, and without what follows it.

    One that is cut off in a scan gets an end: it is shown as far as it goes. Raises ValueError if it can't be read on.
    """
    if not data.startswith(START):
        raise ValueError("no JPEG")
    kept, at, has_scan = [START], len(START), False
    while (marker_at := _marker(data, at, may_end=has_scan)) is not None:
        marker, end = data[marker_at], _end(data, marker_at)
        if marker == SCAN:
            found, has_scan = AFTER_SCAN.search(data, end), True
            end = found.start() if found else len(data)
        if marker not in TOLD:
            kept.append(data[marker_at - 1 : end])
        at = end
    return b"".join((*kept, END))


def _marker(data: bytes, at: int, *, may_end: bool) -> int | None:
    """Return where a segment's marker is, after any bytes that fill; None at the picture's end. Raises ValueError."""
    if data[at : at + 1] != bytes((FILL,)):
        if at >= len(data) and may_end:
            return None
        raise ValueError("no segment where one begins")
    while data[at : at + 1] == bytes((FILL,)):
        at += 1
    if data[at : at + 1] == END[1:]:
        return None
    return at


def _end(data: bytes, marker_at: int) -> int:
    """Return where a segment ends. Raises ValueError if it has none, or none within the file."""
    length = int.from_bytes(data[marker_at + 1 : marker_at + 3])
    end = marker_at + 1 + length
    if data[marker_at : marker_at + 1] == b"" or data[marker_at] in WITHOUT_LENGTH or length < 2 or end > len(data):
        raise ValueError("a segment that can't be read")
    return end
