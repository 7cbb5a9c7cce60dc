"""Names, post codes and numbers as people write them, made so that two can be compared."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "’": "'", "‘": "'"}
)
"""Letters that Unicode doesn't take apart, and apostrophes."""
_BETWEEN = re.compile(r"[\s\-‐‑–.,]+")


def plain_words(name: str) -> tuple[str, ...]:
    """Return a name's words without case, accents and apostrophes: ``Gráinne Wyn-O'Dowd`` has three."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    words = (
        "".join(letter for letter in word if letter.isalnum()) for word in _BETWEEN.split(apart.casefold().strip())
    )
    return tuple(filter(None, words))


def plain(name: str) -> str:
    """Return a whole name so that two can be compared: no blanks, hyphens, case, accents, apostrophes."""
    return "".join(plain_words(name))


def is_name_of(typed: str, name: str) -> bool:
    """Tell whether somebody of this name may be meant: by their last name, all of it or how it ends, or by their first
    and last name, in either order.

    Blanks and hyphens don't count: ``Mac Gabhann`` is ``MacGabhann``.
    """
    meant, words = plain(typed), plain_words(name)
    if not meant or not words:
        return False
    first = words[0]
    endings = ["".join(words[start:]) for start in range(1, len(words))]
    return meant in (
        *(endings or [first]),
        "".join(words),
        *(first + ending for ending in endings),
        *(ending + first for ending in endings),
    )


def compact(typed: str) -> str:
    """Return a post code or a reference so that two can be compared: letters and digits alone, in lower case.

    As the database has them: columns ``postcode`` and ``reference_key``.
    """
    return re.sub(r"[^0-9a-z]", "", typed.lower())
