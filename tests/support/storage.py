"""A store made by hand: it passes the port's contract suite, and is away when told to be."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from portal.clock import Clock
from portal.connectors.errors import OutsideError
from portal.connectors.storage import Missing


class FakeFileStore:
    """``FileStore`` in memory. fails: raised by the next calls, one each."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.files: dict[UUID, tuple[bytes, datetime]] = {}
        self.unfinished: list[datetime] = []
        self.fails: list[OutsideError] = []

    def put(self, key: UUID, data: bytes) -> None:
        self._ask()
        self.files[key] = (data, self.clock.now())

    def get(self, key: UUID) -> bytes:
        self._ask()
        if key not in self.files:
            raise Missing("there is no such file")
        return self.files[key][0]

    def delete(self, key: UUID) -> None:
        self._ask()
        self.files.pop(key, None)

    def older_than(self, moment: datetime) -> Iterator[UUID]:
        self._ask()
        yield from [key for key, (_, put_at) in self.files.items() if put_at < moment]

    def sweep(self, before: datetime) -> int:
        self._ask()
        left = [at for at in self.unfinished if at >= before]
        swept, self.unfinished = len(self.unfinished) - len(left), left
        return swept

    def check(self) -> None:
        self._ask()

    def _ask(self) -> None:
        if self.fails:
            raise self.fails.pop(0)
