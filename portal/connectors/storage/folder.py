"""Files in a folder of this machine, or of one that it has mounted.

``ab/cd/abcd….`` by the first digits of the key, so that no folder gets long. A file is written under another name in
``new/``, and gets its own when all of it is on the disk: nobody finds half a file, and none is lost with the power.
Nobody but the portal's user may look: 0600, in folders of 0700.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from portal.clock import Clock
from portal.connectors.errors import Away, Unavailable
from portal.connectors.storage import Missing
from portal.logs import get_logger

log = get_logger("portal.connectors.storage")

UNFINISHED = "new"
PRIVATE = 0o700
PROBE = b"portal"
TWO_DIGITS = "[0-9a-f][0-9a-f]"


class FolderStore:
    """``FileStore``. folder: made when it is needed. flush: puts on the disk what is open, by its number; for tests."""

    def __init__(self, folder: Path, clock: Clock, *, flush: Callable[[int], None] = os.fsync) -> None:
        self._folder, self._clock, self._flush = folder, clock, flush

    def put(self, key: UUID, data: bytes) -> None:
        """See the port."""
        place = self._place(key)
        with _as_outcomes():
            self._make(self._folder / UNFINISHED)
            self._make(place.parent)
            handle, name = tempfile.mkstemp(dir=self._folder / UNFINISHED)  # 0600
            unfinished = Path(name)
            try:
                self._write(handle, data)
                unfinished.replace(place)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            self._flush_folder(place.parent)

    def get(self, key: UUID) -> bytes:
        """See the port."""
        with _as_outcomes():
            return self._place(key).read_bytes()

    def delete(self, key: UUID) -> None:
        """See the port."""
        place = self._place(key)
        with suppress(Missing), _as_outcomes():
            place.unlink()
            self._flush_folder(place.parent)

    def older_than(self, moment: datetime) -> Iterator[UUID]:
        """See the port."""
        for place in self._all(f"{TWO_DIGITS}/{TWO_DIGITS}/*"):
            if (key := _key(place)) and _is_before(place, moment):
                yield key

    def sweep(self, before: datetime) -> int:
        """See the port."""
        left = [place for place in self._all(f"{UNFINISHED}/*") if _is_before(place, before)]
        with _as_outcomes():
            for place in left:
                place.unlink(missing_ok=True)
        return len(left)

    def check(self) -> None:
        """See the port."""
        key = uuid4()
        self.put(key, PROBE)
        try:
            if self.get(key) != PROBE:
                raise Unavailable("what was put there is another thing now", reason=Away.UNWILLING)
        finally:
            self.delete(key)

    def _place(self, key: UUID) -> Path:
        """Return where a file lies. Its name is made from the key's number, whatever a caller takes for a key."""
        name = str(UUID(int=key.int))
        return self._folder / name[:2] / name[2:4] / name

    def _all(self, pattern: str) -> list[Path]:
        with _as_outcomes():
            return list(self._folder.glob(pattern))

    def _make(self, folder: Path) -> None:
        """Make a folder, and those above it that are missing, so that they are there after a power cut too."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(PRIVATE, exist_ok=True)
        self._flush_folder(folder.parent)

    def _write(self, handle: int, data: bytes) -> None:
        """Write a file and bring it to the disk. Its time is the portal's clock's, by which it is told to be old."""
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            now_s = self._clock.now().timestamp()
            os.utime(file.fileno(), (now_s, now_s))
            self._flush(file.fileno())

    def _flush_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            self._flush(handle)
        finally:
            os.close(handle)


def _key(place: Path) -> UUID | None:
    """Return the key of a file; None for one that isn't ours, such as what NFS or a file manager leaves."""
    with suppress(ValueError):
        key = UUID(place.name)
        if str(key) == place.name:
            return key
    log.warning("storage.stray", name=place.name)
    return None


def _is_before(place: Path, moment: datetime) -> bool:
    """Tell whether a file is older; one that is gone by now isn't."""
    try:
        return datetime.fromtimestamp(place.stat().st_mtime, UTC) < moment
    except FileNotFoundError:
        return False


@contextmanager
def _as_outcomes() -> Iterator[None]:
    """Turn what a file system says into what a store says. No path: its name is the key."""
    try:
        yield
    except FileNotFoundError:
        raise Missing("there is no such file") from None
    except OSError as error:
        raise Unavailable(f"the folder of files: {os.strerror(error.errno or 0)}", reason=Away.UNWILLING) from None
