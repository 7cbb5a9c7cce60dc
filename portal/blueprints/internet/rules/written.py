"""Opening hours as people write them: ``9am-12:30pm, 13:30-17:00``."""

import re
from collections.abc import Iterable
from itertools import pairwise

from portal.blueprints.internet.rules.hours import MIDNIGHT, Hours

_TIME = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap]m)?"
_SPELL = re.compile(rf"\s*{_TIME}\s*(?:-|–|to)\s*{_TIME}\s*", re.IGNORECASE)
NOON = 12


class NoHours(ValueError):
    """This isn't how hours are written."""


class Overlap(ValueError):
    """It is open twice at once."""


def read_hours(text: str) -> tuple[Hours, ...]:
    """Return the spells that a text names, earliest first; none for an empty one. Raises NoHours, Overlap."""
    found = sorted((_spell(part) for part in text.split(",") if part.strip()), key=lambda hours: hours.opens)
    for before, after in pairwise(found):
        if after.opens < before.closes:
            raise Overlap(text)
    return tuple(found)


def read_time(text: str) -> int:
    """Return a time of day as minutes after midnight; 24:00 is the end of the day. Raises NoHours."""
    match = re.fullmatch(rf"\s*{_TIME}\s*", text, re.IGNORECASE)
    if match is None:
        raise NoHours(text)
    return _minutes(*match.groups())


def write_hours(spells: Iterable[Hours]) -> str:
    """Return hours as ``read_hours`` reads them."""
    return ", ".join(f"{write_time(one.opens)}-{write_time(one.closes)}" for one in spells)


def write_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _spell(text: str) -> Hours:
    match = _SPELL.fullmatch(text)
    if match is None:
        raise NoHours(text)
    opens, closes = _minutes(*match.groups()[:3]), _minutes(*match.groups()[3:])
    if opens >= closes:
        raise NoHours(text)
    return Hours(opens, closes)


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour)
    if half:
        if not 1 <= hours <= NOON:
            raise NoHours(hour + half)
        hours = hours % NOON + (NOON if half.lower() == "pm" else 0)
    minutes = hours * 60 + int(minute or 0)
    if int(minute or 0) >= 60 or minutes > MIDNIGHT:
        raise NoHours(hour)
    return minutes
