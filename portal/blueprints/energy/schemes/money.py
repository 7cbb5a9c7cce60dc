"""Sums of money as scheme files write them, and what they come to in a year."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Period = Literal["year", "month", "four_weeks", "fortnight", "week"]
PER_YEAR: Final[dict[Period, int]] = {"year": 1, "month": 12, "four_weeks": 13, "fortnight": 26, "week": 52}
"""How many of each make a year, so that nothing is rounded before it is compared. A scheme's file may say otherwise."""

_SUM = re.compile(
    r"(?P<sign>[£€])(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d\d))?"
    r"(?: (?:a|each|every) (?P<period>year|month|four weeks|fortnight|week))?"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """So much, once or in each period. minor: pence or cents. sign: of the currency."""

    minor: int
    sign: str = "£"
    period: Period | None = None

    def __str__(self) -> str:
        whole, part = divmod(self.minor, 100)
        every = f" a {self.period.replace('_', ' ')}" if self.period else ""
        return f"{self.sign}{whole:,}.{part:02}{every}"

    def a_year(self, per_year: dict[Period, int]) -> int:
        """Return what it comes to in a year, in minor units; what comes once, as it is."""
        return self.minor * (per_year[self.period] if self.period else 1)


def as_sum(text: str) -> Sum:
    """Read ``£31,000``, ``€524.50 a week``. Raises ValueError."""
    found = _SUM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text} is no sum of money: write £31,000 or €524.50 a week")
    minor = int(found["whole"].replace(",", "")) * 100 + int(found["part"] or 0)
    period = found["period"]
    return Sum(minor, found["sign"], period.replace(" ", "_") if period else None)  # type: ignore[arg-type]  # as matched
