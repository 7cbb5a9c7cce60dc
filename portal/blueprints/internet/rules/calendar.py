"""A booking as a file for calendars. Source: RFC 5545, sections 3.1 (folding), 3.3.11 (text), 3.6.1 (events)."""

from datetime import UTC, datetime

from portal.blueprints.internet.rules.hours import Span

LONGEST_LINE = 75
"""Octets, without the line's end."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def event(*, uid: str, span: Span, title: str, place: str, about: str, now: datetime) -> bytes:
    """Return one event. uid: stays the same however often the booking is changed, so that a calendar replaces it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//resident portal//internet//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_moment(now)}",
        f"DTSTART:{_moment(span.start)}",
        f"DTEND:{_moment(span.end)}",
        f"SUMMARY:{_text(title)}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(about)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """Return a line cut into several, each after the first begun with a blank, and no letter cut in two."""
    pieces, piece = [], b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece])
