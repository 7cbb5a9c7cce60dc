"""What people name an application by: short, to be read out on the telephone, with a check against slips.

Eight signs of 32 and a ninth that follows from them: 10^12 numbers. Source: Douglas Crockford, Base 32
(crockford.com/base32.html): no I, L and O, which are read as 1 and 0, and no U, which makes words; the check sign is
the number modulo 37, which finds each wrong sign and each two neighbours that changed places. Of its 37 signs five are
none that anybody can say, so numbers that would need one of them aren't given.
"""

import secrets
from collections.abc import Callable
from typing import Final

SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8
GROUP: Final = 3
_CHECK: Final = 37
_AS_READ: Final = str.maketrans("ILO", "110")


def drawn(below: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a new reference, such as ``7KQ-4M2-NXC``; whether it is anybody's yet is for the database to say.

    below: returns any number below another.
    """
    while True:
        number = below(len(SIGNS) ** LENGTH)
        if number % _CHECK < len(SIGNS):
            return _written(_signs(number) + SIGNS[number % _CHECK])


def as_typed(typed: str) -> str | None:
    """Return the reference that somebody typed or wrote, however they did; None if there can be no such one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_AS_READ)
    if len(signs) != LENGTH + 1 or not set(signs) <= set(SIGNS):
        return None
    number = 0
    for sign in signs[:LENGTH]:
        number = number * len(SIGNS) + SIGNS.index(sign)
    return _written(signs) if number % _CHECK == SIGNS.index(signs[-1]) else None


def _signs(number: int) -> str:
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(reversed(signs))


def _written(signs: str) -> str:
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))
