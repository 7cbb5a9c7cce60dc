"""The port to where files lie: what every store does; then what a folder does besides."""

import errno
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.clock import SetClock
from portal.connectors.errors import Unavailable
from portal.connectors.storage import FileStore, Missing
from portal.connectors.storage.folder import FolderStore
from tests.support.storage import FakeFileStore

KEY = UUID("0f9d5c6e-1111-4222-8333-000000000001")
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


@pytest.fixture
def store(folder: Path, clock: SetClock) -> FolderStore:
    return FolderStore(folder, clock)


class TestEveryStore:
    @pytest.fixture(params=["folder", "fake"])
    def store(self, request: pytest.FixtureRequest, folder: Path, clock: SetClock) -> FileStore:
        return FolderStore(folder, clock) if request.param == "folder" else FakeFileStore(clock)

    def test_gives_back_what_was_put(self, store: FileStore) -> None:
        store.put(KEY, b"a payslip\x00\xff")
        assert store.get(KEY) == b"a payslip\x00\xff"

    def test_keeps_files_apart(self, store: FileStore) -> None:
        keys = [uuid4() for _ in range(20)]
        for key in keys:
            store.put(key, key.bytes)
        assert [store.get(key) for key in keys] == [key.bytes for key in keys]

    def test_keeps_empty_ones(self, store: FileStore) -> None:
        store.put(KEY, b"")
        assert store.get(KEY) == b""

    def test_overwrites(self, store: FileStore) -> None:
        store.put(KEY, b"longer than the other")
        store.put(KEY, b"the other")
        assert store.get(KEY) == b"the other"

    def test_says_so_if_there_is_none(self, store: FileStore) -> None:
        with pytest.raises(Missing):
            store.get(KEY)

    def test_deletes_for_good(self, store: FileStore, clock: SetClock) -> None:
        store.put(KEY, b"a payslip")
        store.delete(KEY)
        with pytest.raises(Missing):
            store.get(KEY)
        assert not list(store.older_than(clock.now() + HOUR))

    def test_deletes_what_isnt_there(self, store: FileStore) -> None:
        store.delete(KEY)

    def test_finds_what_is_older(self, store: FileStore, clock: SetClock) -> None:
        old, new = uuid4(), uuid4()
        store.put(old, b"old")
        clock.advance(HOUR)
        border = clock.now()
        store.put(new, b"new")
        assert set(store.older_than(border)) == {old}
        assert set(store.older_than(border + HOUR)) == {old, new}
        assert set(store.older_than(border - HOUR)) == set()

    def test_sweeps_nothing_that_was_put(self, store: FileStore, clock: SetClock) -> None:
        store.put(KEY, b"a payslip")
        assert store.sweep(clock.now() + HOUR) == 0
        assert store.get(KEY)

    def test_is_well(self, store: FileStore, clock: SetClock) -> None:
        store.check()
        assert not list(store.older_than(clock.now() + HOUR)), "it leaves nothing behind"


class TestFolder:
    def test_only_our_user_may_look(self, store: FolderStore, folder: Path) -> None:
        before = os.umask(0)
        try:
            store.put(KEY, b"a payslip")
        finally:
            os.umask(before)
        modes = {place: stat.S_IMODE(place.stat().st_mode) for place in [folder, *folder.rglob("*")]}
        assert {mode for place, mode in modes.items() if place.is_dir()} == {0o700}
        assert {mode for place, mode in modes.items() if place.is_file()} == {0o600}

    def test_names_are_keys_in_two_levels(self, store: FolderStore, folder: Path) -> None:
        store.put(KEY, b"a payslip")
        assert (folder / "0f" / "9d" / str(KEY)).read_bytes() == b"a payslip"

    @pytest.mark.parametrize("name", ["../../etc/passwd", "0f9d5c6e", "", None, 7])
    def test_nothing_but_a_uuid_is_a_key(self, store: FolderStore, folder: Path, name: object) -> None:
        with pytest.raises((AttributeError, TypeError)):
            store.put(name, b"a payslip")  # type: ignore[arg-type]
        assert not folder.exists() or not any(folder.rglob("*"))

    @pytest.mark.parametrize("name", [".nfs000000000012", "Thumbs.db", KEY.hex])
    def test_what_isnt_ours_is_passed_over(self, store: FolderStore, folder: Path, clock: SetClock, name: str) -> None:
        store.put(KEY, b"a payslip")
        stray = folder / "0f" / "9d" / name
        stray.write_bytes(b"left")
        os.utime(stray, (0, 0))
        assert list(store.older_than(clock.now() + HOUR)) == [KEY]
        assert stray.exists()

    def test_a_key_that_prints_as_something_else_leads_nowhere_else(self, store: FolderStore, folder: Path) -> None:
        class Sly(UUID):
            def __str__(self) -> str:
                return "../../../escaped"

        store.put(Sly(int=KEY.int), b"a payslip")
        assert store.get(KEY) == b"a payslip"
        assert [place.name for place in folder.parent.parent.rglob("*") if place.is_file()] == [str(KEY)]

    def test_a_file_and_its_folders_are_on_the_disk_before_it_is_said_to_be(
        self, folder: Path, clock: SetClock
    ) -> None:
        flushed: list[Path] = []

        def flush(handle: int) -> None:
            flushed.append(Path(f"/proc/self/fd/{handle}").readlink())

        FolderStore(folder, clock, flush=flush).put(KEY, b"a payslip")
        content = [place for place in flushed if place.parent == folder / "new"]
        assert len(content) == 1, "the file, under its first name"
        assert flushed[-1] == folder / "0f" / "9d", "at last, that it has its own"
        assert {folder.parent, folder, folder / "0f"} <= set(flushed[: flushed.index(content[0])])

    def test_none_is_seen_that_was_not_written_to_the_end(self, folder: Path, clock: SetClock) -> None:
        def power_fails(handle: int) -> None:
            if Path(f"/proc/self/fd/{handle}").readlink().parent.name == "new":
                raise OSError(errno.EIO, "the disk is gone")

        store = FolderStore(folder, clock, flush=power_fails)
        with pytest.raises(Unavailable):
            store.put(KEY, b"a payslip")
        with pytest.raises(Missing):
            store.get(KEY)
        assert not list(store.older_than(clock.now() + HOUR))
        assert not [place for place in folder.rglob("*") if place.is_file()], "and none is left"

    def test_what_a_killed_process_left_is_swept_when_it_is_old(
        self, store: FolderStore, folder: Path, clock: SetClock
    ) -> None:
        store.put(KEY, b"a payslip")
        left = folder / "new" / "half"
        left.write_bytes(b"half a pay")
        written_s = (clock.now() - HOUR).timestamp()
        os.utime(left, (written_s, written_s))
        assert list(store.older_than(clock.now() + HOUR)) == [KEY]
        assert store.sweep(clock.now() - 2 * HOUR) == 0
        assert left.exists()
        assert store.sweep(clock.now()) == 1
        assert not left.exists() and store.get(KEY)

    def test_a_reader_sees_the_one_or_the_other(self, store: FolderStore) -> None:
        one, other = b"1" * 200_000, b"2" * 200_000
        store.put(KEY, one)

        def read() -> set[bytes]:
            until = time.monotonic() + 0.5
            seen = set()
            while time.monotonic() < until:
                seen.add(store.get(KEY))
            return seen

        with ThreadPoolExecutor(2) as pool:
            seen = pool.submit(read)
            while not seen.done():
                store.put(KEY, other)
                store.put(KEY, one)
        assert seen.result() <= {one, other}

    @pytest.mark.parametrize(
        "ask",
        [
            lambda store: store.put(KEY, b"a payslip"),
            lambda store: store.check(),
        ],
    )
    def test_a_folder_that_cant_be_one_is_away(
        self, tmp_path: Path, clock: SetClock, ask: Callable[[FileStore], object]
    ) -> None:
        (tmp_path / "taken").write_text("by a file")
        with pytest.raises(Unavailable) as error:
            ask(FolderStore(tmp_path / "taken", clock))
        assert str(tmp_path) not in str(error.value) and str(KEY) not in str(error.value)

    def test_a_full_disk_is_away(self, folder: Path, clock: SetClock) -> None:
        def is_full(_: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        with pytest.raises(Unavailable) as error:
            FolderStore(folder, clock, flush=is_full).put(KEY, b"a payslip")
        assert "space" in str(error.value).lower()
