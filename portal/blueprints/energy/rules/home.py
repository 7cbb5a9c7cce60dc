"""A mark of a home, by which another application from it is found without anybody being able to read where it is."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from portal.identity.names import compact, plain

_EIRCODE: Final = re.compile(r"[ac-fhknprtv-y]\d[0-9w][0-9ac-fhknprtv-y]{4}")
"""Routing key and unique identifier. Source: Eircode Address Database, product guide, edition 2."""
_NUMBER: Final = re.compile(r"\d+[a-z]?\b")


def mark(secret: bytes, lines: Sequence[str]) -> bytes:
    """Return the HMAC of a home's address, whose last line is the post code.

    An Eircode is one home's alone. A British post code is about fifteen homes', which their numbers tell apart, in
    whatever order "Flat 2, 14 Mill Street" has them; a home without a number has a name, on the first line. Two homes
    may come to the same mark, and one home to two: it is a hint for a person, and decides nothing.
    """
    *before, last = lines or ("",)
    postcode = compact(last)
    if _EIRCODE.fullmatch(postcode):
        which: list[str] = []
    else:
        which = sorted(_NUMBER.findall(" ".join(before).lower())) or [plain(line) for line in before[:1]]
    return hmac.digest(secret, "\x00".join(("energy home", postcode, *which)).encode(), hashlib.sha256)
