"""Numbers of meters in Ireland, as bills have them.

No source was found for check digits in them, so only their length is looked at. Source: gov.ie, guidelines of the
Household Benefits Package, 5 September 2025, which ask for the MPRN or the GPRN.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

LENGTHS: Final[dict[int, Literal["electricity", "gas"]]] = {11: "electricity", 7: "gas"}
"""Digits of an MPRN (Meter Point Reference Number) and of a GPRN (Gas Point Registration Number)."""
_BETWEEN: Final = re.compile(r"[\s.\-]+")


@dataclass(frozen=True, slots=True)
class Meter:
    """number: its digits, nothing between them."""

    fuel: Literal["electricity", "gas"]
    number: str


def meter(written: str) -> Meter | None:
    """Return the meter whose number somebody wrote, with or without "MPRN" before it and blanks in it."""
    number = _BETWEEN.sub("", re.sub(r"^\s*(MPRN|GPRN)\b:?", "", written, flags=re.IGNORECASE))
    if not (number.isascii() and number.isdigit() and len(number) in LENGTHS):
        return None
    return Meter(LENGTHS[len(number)], number)
