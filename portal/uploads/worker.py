"""The process in which one file is taken apart: it reads it, says what came of it, and ends.

What it says: a line of JSON, the fields of ``Cleaned`` without the data or ``{"refused": reason}``; then the data.
"""

import json
import resource
import sys
from dataclasses import asdict

from portal.uploads import limits
from portal.uploads.kinds import Kind, kind_of
from portal.uploads.outcomes import Cleaned, NotAccepted, Reason


def main() -> None:
    _limit()
    data = sys.stdin.buffer.read(limits.MOST_BYTES + 1)
    try:
        cleaned = _cleaned(data)
    except NotAccepted as refused:
        _say({"refused": refused.reason}, b"")
    else:
        said = asdict(cleaned)
        _say(said, said.pop("data"))


def _limit() -> None:
    """Give away what isn't needed, before any of the file is read: memory, time, writing files, and dumps of memory."""
    for what, most in (
        (resource.RLIMIT_AS, limits.MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _cleaned(data: bytes) -> Cleaned:
    """Raises NotAccepted. Libraries are loaded where they are needed: each takes its time and memory."""
    kind = kind_of(data)
    if kind is None:
        raise NotAccepted(Reason.TYPE)
    if kind is Kind.PDF:
        from portal.uploads.papers import clean_paper  # noqa: PLC0415

        return clean_paper(data)
    from portal.uploads.pictures import clean_picture  # noqa: PLC0415

    return clean_picture(data, kind)


def _say(said: dict[str, object], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + data)


if __name__ == "__main__":
    main()
