"""The port to whoever looks for malware in files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

JOB_WAITS_S = 90.0
"""For one file that nobody waits for: a scanner that has just learned new signatures takes a minute to begin."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Nothing was found, in a file that was looked through to its end."""


@dataclass(frozen=True, slots=True)
class Infected:
    """signature: what was found, by the scanner's own name for it: for staff and the audit, not for whoever sent it.

    What couldn't be looked through, since it is packed too deep or locked, counts as this too where the scanner is told
    to say so; its name then tells (ClamAV: ``Heuristics.Limits.Exceeded…``, ``Heuristics.Encrypted…``).
    """

    signature: str


Verdict = Clean | Infected


@dataclass(frozen=True, slots=True)
class Version:
    """name: the scanner's, and its number. signatures_at: how new they are; None where it doesn't say."""

    name: str
    signatures_at: datetime | None = None


class Scanner(Protocol):
    """Any thread may use it. A file that wasn't looked at is never ``Clean``: then one of these errors is raised."""

    def scan(self, data: bytes, *, within_s: float = JOB_WAITS_S) -> Verdict:
        """Have one file looked at. Raises Unavailable (not looked at: ask again), Refused, Garbled.

        Refused speaks of this file alone: ``too-long`` where the scanner takes only shorter ones, or ``not-looked-at``.
        """
        ...

    def version(self) -> Version:
        """Ask what it is. Raises Unavailable, Garbled."""
        ...

    def check(self) -> None:
        """Reach it and hear that it works. Raises Unavailable, Garbled."""
        ...
