"""Moments, due dates and amounts, in the forms in which servers write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from portal.connectors.library.sip2.dialect import DateOrder, Dialect, ZoneForm
from portal.connectors.library.sip2.errors import GarbledMessage

MOMENT = re.compile(r"([0-9]{8})(.{4})([0-9]{6})\Z")
"""``YYYYMMDDZZZZHHMMSS``."""
LOCAL_ZONES = ("", "0000")
NAMED_OFFSETS = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2}
"""Hours ahead of UTC. Besides these, the letters that ANSI X3.43 gives to whole hours."""
EASTERN, WESTERN = "ABCDEFGHIKLM", "NOPQRSTUVWXY"

DAY = r"(?P<{0}>[0-9]{{1,2}})"
TIME = (
    r"(?:[ T]+(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2}))?(?:\.[0-9]+)?"
    r" ?(?P<half>[AaPp][Mm])?)?"
)
OFFSET = r" ?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})([-/.]?)(?P<month>[0-9]{2})\2(?P<day>[0-9]{2})" + TIME + OFFSET)
YEAR_LAST = {
    order: re.compile(DAY.format(first) + r"([-/.])" + DAY.format(second) + r"\2(?P<year>[0-9]{4})" + TIME + OFFSET)
    for order, first, second in (
        (DateOrder.DAY_FIRST, "day", "month"),
        (DateOrder.MONTH_FIRST, "month", "day"),
    )
}

SIGN = r"(?:[$ ]|[^\x00-\x7F]){0,4}"
"""A currency's, or what became of it in another encoding."""
AMOUNT = re.compile(rf"(?:[A-Z]{{3}})?{SIGN}(-?){SIGN}([0-9][0-9,]{{0,12}}(?:\.[0-9]{{0,20}})?){SIGN}(?:[A-Z]{{3}})?\Z")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?\Z")
DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class Due:
    """A due date. The standard leaves its form to the server: ``text`` is what it wrote.

    on, at: the library's local date and time, None where the text says none that we can read. Midnight counts as no
    time: it is what systems that only know days fill in.
    """

    text: str
    on: date | None = field(default=None)
    at: time | None = field(default=None)


def moment_text(at: datetime, dialect: Dialect) -> str:
    """Write a moment as 18 characters. at: aware."""
    if dialect.zone_form is ZoneForm.UTC:
        return f"{at.astimezone(UTC):%Y%m%d   Z%H%M%S}"
    zone = "0000" if dialect.zone_form is ZoneForm.ZEROS else "    "
    local = at.astimezone(dialect.zone)
    return f"{local:%Y%m%d}{zone}{local:%H%M%S}"


def read_moment(text: str, dialect: Dialect) -> datetime | None:
    """Read 18 characters: aware, UTC; None for blanks and for what is no moment. An unknown zone counts as local."""
    parts = MOMENT.match(text)
    if parts is None:
        return None
    try:
        naive = datetime.strptime(parts[1] + parts[3], "%Y%m%d%H%M%S")  # noqa: DTZ007 -- its zone comes next
        return naive.replace(tzinfo=_zone(parts[2].strip(), dialect)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(name: str, dialect: Dialect) -> tzinfo:
    if name in LOCAL_ZONES:
        return dialect.zone
    if name in NAMED_OFFSETS:
        hours = NAMED_OFFSETS[name]
    elif len(name) == 1 and name in EASTERN:
        hours = EASTERN.index(name) + 1
    elif len(name) == 1 and name in WESTERN:
        hours = -WESTERN.index(name) - 1
    else:
        return dialect.zone
    return timezone(timedelta(hours=hours))


def read_due(text: str, dialect: Dialect) -> Due:
    """Read a due date in whatever form; one that isn't understood keeps its text."""
    text = text.strip()
    moment = read_moment(text, dialect)
    if moment is not None:
        return _due(text, moment, dialect)
    parts = YEAR_FIRST.match(text) or YEAR_LAST[dialect.date_order].match(text)
    return Due(text) if parts is None else _due_of(text, parts, dialect)


def _due_of(text: str, parts: re.Match[str], dialect: Dialect) -> Due:
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    try:
        naive = datetime(int(parts["year"]), int(parts["month"]), int(parts["day"]), hour, minute, second)  # noqa: DTZ001 -- its zone comes next
        return _due(text, naive.replace(tzinfo=_offset(parts["offset"], dialect)), dialect)
    except (ValueError, OverflowError):
        return Due(text)


def _offset(text: str | None, dialect: Dialect) -> tzinfo:
    if text is None:
        return dialect.zone
    if text == "Z":
        return UTC
    span = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-span if text[0] == "-" else span)


def _due(text: str, moment: datetime, dialect: Dialect) -> Due:
    local = moment.astimezone(dialect.zone)
    at = local.time()
    return Due(text, local.date(), None if at == time() else at)


def read_pence(text: str, *, field_id: str) -> int | None:
    """Read an amount of money in hundredths: ``12.50``, `` 12``, ``1,234.50``, ``£12.50``, ``12.50 GBP``, ``-3.00``.

    None where no amount stands. Raises GarbledMessage for digits that don't make one: nothing owed is another thing.
    """
    text = text.strip()
    if not re.search("[0-9]", text):
        return None
    parts = AMOUNT.match(text)
    number = None if parts is None else _plain(parts[2])
    if parts is None or number is None:
        raise GarbledMessage(f"{field_id}: not an amount")
    pence = int((Decimal(number) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return -pence if parts[1] else pence


def _plain(number: str) -> str | None:
    """Return a number without its thousands' commas and with a decimal point; None if its commas make no sense."""
    if "," not in number:
        return number
    if THOUSANDS.match(number):
        return number.replace(",", "")
    return number.replace(",", ".") if DECIMAL_COMMA.match(number) else None


def day_of(texts: Iterable[str], dialect: Dialect) -> date | None:
    """Return the first of the texts that is a date."""
    return next((due.on for due in (read_due(text, dialect) for text in texts) if due.on), None)
