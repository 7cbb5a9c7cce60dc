"""Single values of an extract, as housing systems write them: what makes a reader of each, from the mapping's formats.

A reader takes what stands in a column and returns what is copied into the database; days are ISO texts, which sort as
days do. It raises ValueError, saying what is wrong, not the value: it may be personal.
"""

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date
from typing import Final, TypeVar

Value = TypeVar("Value")
Texts = TypeVar("Texts")
"""What stands in one column, or in some."""
Read = Callable[[str], Value]

REMEMBERED: Final = 8192
"""How many different values of a column are remembered: dates, amounts and references come again and again."""
LONGEST_KEY: Final = 64
LONGEST_TEXT: Final = 500
MOST_PENCE: Final = 10**11
"""A thousand million pounds: more is no rent, and five million of these still fit a column."""
EARLIEST: Final = "1900-01-01"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "MON": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d{2})",
    "DD": r"(?P<day>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"\d{2}",
    "mm": r"\d{2}",
    "ss": r"\d{2}",
}
_TOKEN = re.compile("|".join(_TOKENS))

AMOUNTS: Final = {
    "1,234.50": (",", r"\.(?P<part>\d\d)"),
    "1234.50": ("", r"\.(?P<part>\d\d)"),
    "1,234.5": (",", r"(?:\.(?P<part>\d{1,2}))?"),
    "1234.5": ("", r"(?:\.(?P<part>\d{1,2}))?"),
    "1.234,50": (r"\.", r",(?P<part>\d\d)"),
    "1 234,50": ("[ \u00a0\u202f]", r",(?P<part>\d\d)"),
    "1234,50": ("", r",(?P<part>\d\d)"),
    "123450": ("", ""),
}
"""How 1234.50 may be written: what parts the thousands, where there are any, and what follows the whole pounds."""
_CURRENCY = "[£€¤]?"
_NATIONAL_NUMBER = re.compile(
    r"\b(?:[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]|\d{7}[A-W][A-IW]?)\b", re.ASCII | re.IGNORECASE
)
"""A National Insurance number (HMRC's NIM39110), or a PPS number (Revenue: seven digits and one or two letters)."""


class Remembered(dict[Texts, Value]):
    """A reader that works out each value once: ``read[text]``. It begins anew when there are too many.

    A look into a dictionary is the quickest of all calls, and a night has millions of them.
    """

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Texts], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: Texts) -> Value:
        value = self._read(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value

    def __call__(self, text: Texts) -> Value:
        return self[text]


def key(text: str) -> str:
    """Return a reference without the blanks that pad it to the width of its column. Zeros in front stay."""
    found = text.strip()
    if not found:
        raise ValueError("is empty")
    if len(found) > LONGEST_KEY:
        raise ValueError(f"is longer than {LONGEST_KEY} characters")
    if not found.isprintable():
        raise ValueError(_unprintable(found))
    return found


def words(blank: Collection[str]) -> Read[str]:
    """Make a reader of texts, empty where they aren't known. blank: what stands for that, besides nothing."""

    def read(text: str) -> str:
        found = " ".join(text.split())
        if found in blank:
            return ""
        if len(found) > LONGEST_TEXT:
            raise ValueError(f"is longer than {LONGEST_TEXT} characters")
        if not found.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in found):
            raise ValueError(_unprintable(found))
        return _NATIONAL_NUMBER.sub("…", found)

    return read


def _unprintable(text: str) -> str:
    if any(unicodedata.category(letter) == "Cs" for letter in text):
        return "holds bytes that are no letters in the file's encoding"
    return "holds a character that can't be shown"


def date_pattern(pattern: str) -> re.Pattern[str]:
    """Return what matches days as ``pattern`` writes them: ``DD/MM/YYYY``, ``D.M.YYYY``, ``DD-MON-YYYY``,
    ``YYYY-MM-DDThh:mm:ss`` (the time is not looked at). Raises ValueError.
    """
    parts, end = [], 0
    for token in _TOKEN.finditer(pattern):
        parts += [re.escape(pattern[end : token.start()]), _TOKENS[token[0]]]
        end = token.end()
    try:
        found = re.compile("".join([*parts, re.escape(pattern[end:])]), re.ASCII)
    except re.error:
        raise ValueError(f"{pattern} has a part twice") from None
    if found.groupindex.keys() not in ({"year", "month", "day"}, {"year", "name", "day"}):
        raise ValueError(f"{pattern} is no way to write a day; DD/MM/YYYY is one")
    return found


def day(pattern: str) -> Read[str]:
    """Make a reader of days."""
    matches = date_pattern(pattern).fullmatch

    def read(text: str) -> str:
        found = matches(text.strip())
        if not found:
            raise ValueError(f"is not a date such as {pattern}")
        return day_of(found)

    return read


def day_of(found: re.Match[str]) -> str:
    """Return the day that ``date_pattern`` matched. Raises ValueError."""
    parts = found.groupdict()
    try:
        month = int(parts["month"]) if "month" in parts else _MONTHS.index(parts["name"].upper()) + 1
        read = date(int(parts["year"]), month, int(parts["day"])).isoformat()
    except ValueError:
        raise ValueError("is a date that the calendar doesn't have") from None
    if read < EARLIEST:
        raise ValueError(f"is before {EARLIEST}")
    return read


def written(day: date, pattern: str) -> str:
    """Return a day as ``pattern`` writes it."""
    parts = {"YYYY": f"{day:%Y}", "MON": _MONTHS[day.month - 1], "MM": f"{day:%m}", "DD": f"{day:%d}"}
    parts |= {"M": str(day.month), "D": str(day.day)}
    return _TOKEN.sub(lambda token: parts.get(token[0], "00"), pattern)


def or_none(read: Read[Value], blank: Collection[str]) -> Read[Value | None]:
    """Make a reader that returns None where nothing is known."""
    return lambda text: None if not (found := text.strip()) or found in blank else read(text)


def amount(written: str, *, positive_is_owed: bool = True) -> Read[int]:
    """Make a reader of amounts, in pence, positive where owed. written: one of ``AMOUNTS``.

    Whatever is written, a minus may stand before or after, or brackets around, and CR or DR behind: a credit, a debit.
    """
    thousands, part = AMOUNTS[written]
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|\d+" if thousands else r"\d+"
    sign = "[-−]?"
    matches = re.compile(
        rf"(?P<open>\(?)(?P<before>{sign}) ?{_CURRENCY} ?(?P<inside>{sign})(?P<whole>{whole}){part}"
        rf"(?P<behind>{sign}) ?{_CURRENCY} ?(?P<side>(?:CR|DR)?)(?P<close>\)?)",
        re.ASCII | re.IGNORECASE,
    ).fullmatch
    has_part, plain = "part" in part, 1 if positive_is_owed else -1

    def read(text: str) -> int:
        found = matches(text.strip())
        if not found or (found["open"] == "") != (found["close"] == ""):
            raise ValueError(f"is not an amount such as {written}")
        signs = [mark for mark in found.group("open", "before", "inside", "behind", "side") if mark]
        if len(signs) > 1:
            raise ValueError("has more than one sign")
        whole = re.sub(r"\D", "", found["whole"])
        pence = int(whole + ((found["part"] or "").ljust(2, "0") if has_part else ""))
        if pence > MOST_PENCE:
            raise ValueError("is too large")
        if found["side"]:
            return pence if found["side"].upper() == "DR" else -pence
        return -plain * pence if signs else plain * pence

    return read


def debit_or_credit(read: Read[int], *, zero_is_unused: bool) -> Callable[[tuple[str, ...]], int]:
    """Make a reader of a debit and a credit, of which a line has one. read: of amounts whose positive is owed.

    zero_is_unused: the other one may hold 0.00 instead of nothing.
    """

    def read_both(texts: tuple[str, ...]) -> int:
        debit, credit = (read(text) if text.strip() else None for text in texts)
        if zero_is_unused and debit is not None and credit is not None and 0 in (debit, credit):
            debit, credit = (debit, None) if credit == 0 else (None, credit)
        if debit is not None and credit is not None:
            raise ValueError("stands beside a credit, and a line has only one of the two")
        if debit is None and credit is None:
            raise ValueError("is empty, and so is the credit")
        found = debit if debit is not None else credit
        if found is None or found < 0:
            raise ValueError("is negative, though debits and credits have columns of their own")
        return found if debit is not None else -found

    return read_both


def flag(*, yes: Collection[str], no: Collection[str], blank: Collection[str]) -> Read[bool]:
    """Make a reader of yes and no, in upper or lower case; a blank is no."""
    trues, falses = ({word.casefold() for word in words} for words in (yes, [*no, *blank, ""]))

    def read(text: str) -> bool:
        found = text.strip().casefold()
        if found not in trues | falses:
            raise ValueError(f"is neither {' nor '.join([*yes, *no])}")
        return found in trues

    return read
