"""Numbers that people copy from bills and cards: what they look like without blanks, and whether they can be right."""

from typing import Final

_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_BLANKS: Final = str.maketrans("", "", " -.\u00a0\u2011\u2013")
_IBAN_LENGTHS: Final = range(15, 35)
_IRISH_IBAN: Final = 22


def without_blanks(typed: str | None) -> str:
    """Return a number without what people put between its digits, letters large."""
    return (typed or "").translate(_BLANKS).strip().upper()


def has_digits(number: str, least: int, most: int | None = None) -> bool:
    """Tell whether a number is so many digits and nothing else."""
    return number.isascii() and number.isdecimal() and least <= len(number) <= (most or least)


def is_mpan(number: str) -> bool:
    """Tell whether this can be an MPAN, the number of an electricity supply in Great Britain.

    Source: 13 digits, of which the last is the sum of the others, times the primes from 3 to 43 but 11, modulo 11,
    modulo 10 (bitbucket.org/tlocke/mpan, read 28 November 2026).
    """
    if not has_digits(number, 13):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return total % 11 % 10 == int(number[-1])


def is_iban(number: str) -> bool:
    """Tell whether this can be an IBAN: its country's letters, two check digits, and a remainder of one.

    Source: ISO 13616-1:2020 (form; 22 characters in Ireland), ISO/IEC 7064, MOD 97-10.
    """
    if not (number.isascii() and number.isalnum() and len(number) in _IBAN_LENGTHS):
        return False
    if not (number[:2].isalpha() and number[2:4].isdecimal()) or (number[:2] == "IE" and len(number) != _IRISH_IBAN):
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1
