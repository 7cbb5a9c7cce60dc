"""A scanner made by hand: it passes the port's contract suite, and misbehaves when told to."""

from datetime import datetime

from portal.connectors.errors import OutsideError
from portal.connectors.scanner import JOB_WAITS_S, Clean, Infected, Verdict, Version
from simulators.scanner.looking import found


class FakeScanner:
    """``Scanner`` in memory; finds what the demo's simulator finds. looked: how many files it has looked at.

    fails: raised by the next calls, one each.
    """

    def __init__(self) -> None:
        self.signatures_at: datetime | None = None
        self.fails: list[OutsideError] = []
        self.looked = 0

    def scan(self, data: bytes, *, within_s: float = JOB_WAITS_S) -> Verdict:  # noqa: ARG002 -- the port's
        self._ask()
        self.looked += 1
        name = found(data)
        return Infected(name) if name else Clean()

    def version(self) -> Version:
        self._ask()
        return Version("Fake scanner", self.signatures_at)

    def check(self) -> None:
        self._ask()

    def _ask(self) -> None:
        if self.fails:
            raise self.fails.pop(0)
