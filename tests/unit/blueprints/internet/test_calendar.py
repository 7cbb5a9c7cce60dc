"""The file for calendars, by RFC 5545."""

from datetime import UTC, datetime

from portal.blueprints.internet.rules.calendar import LONGEST_LINE, event
from portal.blueprints.internet.rules.hours import Span

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def made(place: str) -> bytes:
    span = Span(NOON, NOON.replace(hour=13))
    return event(uid="1", span=span, title="Computer 7", place=place, about="Kept", now=NOON.replace(hour=10))


def test_an_event_has_what_a_calendar_needs() -> None:
    assert made("Central").decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//resident portal//internet//EN",
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTAMP:20261124T100000Z",
        "DTSTART:20261124T120000Z",
        "DTEND:20261124T130000Z",
        "SUMMARY:Computer 7",
        "LOCATION:Central",
        "DESCRIPTION:Kept",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_what_means_something_to_calendars_is_escaped() -> None:
    assert rb"LOCATION:A\\B\, C\; D\nE" + b"\r\n" in made("A\\B, C; D\r\nE")


def test_long_lines_are_folded_and_no_letter_is_cut_in_two() -> None:
    place = "Leabharlann na hÉireann ó Thuaidh " * 8
    file = made(place)
    assert max(len(line) for line in file.split(b"\r\n")) <= LONGEST_LINE
    for line in file.split(b"\r\n"):
        line.decode()
    assert f"LOCATION:{place}".encode() in file.replace(b"\r\n ", b"")
