"""What is wrong with a value, in words: for those who write schemes' files and households as JSON."""

import re
from difflib import get_close_matches
from typing import Final

from pydantic_core import ErrorDetails

_REASONS: Final = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key",
    "tuple_type": "must be a list",
    "model_type": "must be an object of keys and values",
}
FEW: Final = 8
"""So many codes are listed; of more, the nearest."""
_CODE: Final = re.compile(r"'([^']*)'")


def why(fault: ErrorDetails) -> str:
    """Return why a value is refused."""
    if fault["type"] == "literal_error":
        codes = _CODE.findall(fault["ctx"]["expected"])
        if len(codes) > FEW:
            return _no_code(str(fault["input"]), codes)
    said = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return _REASONS.get(fault["type"]) or said


def _no_code(given: str, codes: list[str]) -> str:
    near = get_close_matches(given, codes, n=3, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else "; docs/schemes.md has them"
    return f"{given[:40]!r} is none of {len(codes)} codes{hint}"
