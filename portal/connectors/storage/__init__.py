"""The port to where files lie. A store knows of a file its key and its bytes; what is in them it can't read
(``portal.uploads.envelope``).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal.connectors.errors import OutsideError


class Missing(OutsideError):
    """There is no file of this key: it was deleted, or put into another store."""

    code = "missing"


class FileStore(Protocol):
    """Any thread may use it. Each method raises Unavailable where the store can't be reached, or has no room."""

    def put(self, key: UUID, data: bytes) -> None:
        """Keep a file. It is there, whole, for good, once this returns; before, there is none of it to be seen.

        A key that is there already is overwritten: what is put again after a doubtful end is the same file.
        """
        ...

    def get(self, key: UUID) -> bytes:
        """Return a file. Raises Missing."""
        ...

    def delete(self, key: UUID) -> None:
        """Delete a file, for good; nothing happens if there is none."""
        ...

    def older_than(self, moment: datetime) -> Iterator[UUID]:
        """Yield the keys of files that were put before a moment, in no order: to find those that nobody knows of.

        moment: aware, UTC.
        """
        ...

    def sweep(self, before: datetime) -> int:
        """Delete what was left, before a moment, of files that were never put to the end. Return how many."""
        ...

    def check(self) -> None:
        """Put, get and delete a file of no one's."""
        ...
