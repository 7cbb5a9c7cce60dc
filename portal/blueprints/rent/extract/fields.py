"""Single values of an extract, as housing systems write them. Each raises ValueError, saying what is wrong, not the
value: it may be personal.
"""

import re
from datetime import date
from functools import lru_cache

_MONEY = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)\.(\d{2})", re.ASCII)
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
BLANK = "."
"""Written where a name or a title is not known (Hackney's extract to RentSense)."""


def key(text: str) -> str:
    """Return a reference without the blanks that pad it to the width of its column."""
    found = text.strip()
    if not found:
        raise ValueError("is empty")
    return found


def words(text: str) -> str:
    """Return a text; empty where it isn't known."""
    found = " ".join(text.split())
    return "" if found == BLANK else found


@lru_cache(20_000)
def pence(text: str) -> int:
    """Return an amount such as ``-1,441.09``, in pence."""
    found = _MONEY.fullmatch(text.strip())
    if not found:
        raise ValueError("is not an amount such as -1,234.50")
    sign, whole, part = found.groups()
    amount = int(whole.replace(",", "")) * 100 + int(part)
    return -amount if sign else amount


@lru_cache(20_000)
def day(text: str) -> date:
    """Return a day written as ``23/11/2026``."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError("is not a date such as 23/11/2026")
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise ValueError("is a date that the calendar doesn't have") from None


def day_or_none(text: str) -> date | None:
    """As ``day``; None where it is blank."""
    return day(text) if text.strip() else None


def yes_or_no(text: str) -> bool:
    """Return ``TRUE`` or ``FALSE``; a blank is no."""
    match text.strip().upper():
        case "TRUE":
            return True
        case "FALSE" | "":
            return False
        case _:
            raise ValueError("is neither TRUE nor FALSE")
