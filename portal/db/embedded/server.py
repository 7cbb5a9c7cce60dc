"""Starting, finding again and stopping the server."""

import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from portal.db.embedded.account import Account, name_of
from portal.db.embedded.binaries import Binaries, find_binaries
from portal.db.embedded.errors import EmbeddedError
from portal.db.embedded.places import made_passable, private_folder, reachable_place, temporary_home
from portal.db.embedded.processes import ends_with_us, is_alive

PORT = 5432
"""Part of the socket's name; nothing listens on the network."""

START_S = 60
STOP_S = 30

LASTING = {"listen_addresses": "", "port": str(PORT), "unix_socket_permissions": "0700", "timezone": "UTC"}
THROWAWAY = LASTING | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "update_process_title": "off",
}
"""Nothing of it has to last, and no query runs long enough for what makes long ones shorter."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server that accepts connections. Only the account that started it may connect, and is its superuser.

    sockets: the folder of its socket. throwaway: what is removed when it stops; None: the data last.
    was_running: others may be using it, so whoever only looks in leaves it running.
    """

    process: psutil.Process
    sockets: Path
    throwaway: Path | None = None
    was_running: bool = False

    @property
    def url(self) -> str:
        """Address of the maintenance database, as SQLAlchemy writes it."""
        return self._url("postgres")

    def database(self, name: str) -> str:
        """Return the address of one database, which is made if there is none of this name."""
        with psycopg.connect(_conninfo(self.sockets), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self._url(name)

    def _url(self, database: str) -> str:
        owner = quote(Account.caller().name, safe="")
        return f"postgresql+psycopg://{owner}@/{quote(database)}?host={quote(str(self.sockets))}&port={PORT}"

    def stop(self) -> None:
        """Stop the server and wait until it has. What was committed is kept, except by a throwaway server."""
        for request in (signal.SIGINT, signal.SIGQUIT):  # fast; then at once, which costs a recovery at the next start
            if self._ends_on(request):
                break
        shutil.rmtree(self.sockets, ignore_errors=True)
        if self.throwaway:
            shutil.rmtree(self.throwaway, ignore_errors=True)

    def _ends_on(self, request: signal.Signals) -> bool:
        deadline = time.monotonic() + STOP_S
        with suppress(psutil.NoSuchProcess):
            self.process.send_signal(request)
        while is_alive(self.process) and time.monotonic() < deadline:
            time.sleep(0.03)
        with suppress(psutil.TimeoutExpired):
            self.process.wait(0)  # takes note of a child of ours
        return not is_alive(self.process)


def ensure_server(folder: Path, *, purpose: Literal["demo", "test"] = "demo") -> EmbeddedServer:
    """Return a running server for the project in ``folder``.

    demo: the data last, in ``.portal/postgres``; a server that runs on them already is taken over.
    test: a new throwaway server that doesn't wait for the disk.
    It stops by ``stop``, or when the calling thread ends, however that comes about. Raises EmbeddedError.
    """
    account = Account.of_server()
    place = reachable_place(folder, account)
    if purpose == "test":
        binaries = find_binaries(account, place=place, major=None)
        home = temporary_home()
        return _start(_made(home, binaries, account), binaries, account, throwaway=home)
    home = made_passable(place / "postgres")
    data = home / "data"
    _expect_owner(account, data)
    if running := _running(data):
        return running
    binaries = find_binaries(account, place=place, major=_major_of(data))
    if not data.exists():
        _made(home, binaries, account)
    _clear_up(data)
    return _start(data, binaries, account)


def _expect_owner(account: Account, data: Path) -> None:
    if data.exists() and (uid := data.stat().st_uid) != account.uid:
        raise EmbeddedError(
            f"The data were made by another account, {name_of(uid)}, and can't be used by {account.name}. "
            f"Start as the account that made them, or, if they may go: rm -r '{data.parent}'"
        )


def _major_of(data: Path) -> int | None:
    version = data / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _made(home: Path, binaries: Binaries, account: Account) -> Path:
    """Make an empty cluster, ``data`` in ``home``, and return it; one that was interrupted is begun anew."""
    unfinished = home / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    # Both ways give the same: bytes decide the order, and upper and lower case follow Unicode.
    letters = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if binaries.major >= 17 else ["--lc-ctype=C.UTF-8"]
    )
    made = account.run(
        binaries.folder / "initdb",
        f"--pgdata={account.own(unfinished)}",
        f"--username={Account.caller().name}",
        "--auth-local=peer",  # the kernel says who is at the other end of the socket
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        *letters,
        "--data-checksums",
        "--no-instructions",
    )
    if made.returncode:
        raise EmbeddedError(f"The database can't be made: {made.stderr.strip()}")
    return unfinished.rename(home / "data")


def _start(data: Path, binaries: Binaries, account: Account, *, throwaway: Path | None = None) -> EmbeddedServer:
    sockets = private_folder(account)
    _link(data).symlink_to(sockets)
    settings = (THROWAWAY if throwaway else LASTING) | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = data.with_name("log")
    with log.open("wb") as output:
        process = account.start([*ends_with_us("INT"), binaries.folder / "postgres", "-D", data, *options], log=output)
    server = EmbeddedServer(process=process, sockets=sockets, throwaway=throwaway)
    try:
        accepts = _accepts(server)
        last_words = "" if accepts else log.read_text(errors="replace").strip()[-2000:]
    except BaseException:
        server.stop()
        raise
    if not accepts:
        server.stop()
        raise EmbeddedError(f"PostgreSQL doesn't start:\n{last_words}")
    return server


def _link(data: Path) -> Path:
    """Return where the folder of the socket is noted: it has a short path of its own, and another one at each start."""
    return data.with_name("sockets")


def _accepts(server: EmbeddedServer) -> bool:
    """Wait until the server accepts connections. False if it ends instead, or takes too long."""
    deadline = time.monotonic() + START_S
    while is_alive(server.process) and time.monotonic() < deadline:
        try:
            psycopg.connect(_conninfo(server.sockets)).close()
        except psycopg.OperationalError:
            time.sleep(0.03)
        else:
            return True
    return False


def _conninfo(sockets: Path) -> str:
    return make_conninfo(host=str(sockets), port=PORT, user=Account.caller().name, dbname="postgres", sslmode="disable")


def _running(data: Path) -> EmbeddedServer | None:
    """Return the server that runs on ``data``, once it accepts connections; None if there is none, or it is ending."""
    try:
        note = (data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(note[0]))
        server = EmbeddedServer(process=process, sockets=_link(data).readlink(), was_running=True)
        return server if _works_on(data, process) and _accepts(server) else None
    except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
        return None


def _clear_up(data: Path) -> None:
    """Wait for what a killed server left running, and remove its socket and its note of who it was.

    With the note there, the next server refuses to start if the number in it has gone to another program since.
    """
    _, left = psutil.wait_procs(_processes_of(data), timeout=STOP_S)
    if left:
        raise EmbeddedError(f"An earlier server still works on {data}, in process {left[0].pid}.")
    (data / "postmaster.pid").unlink(missing_ok=True)
    if _link(data).is_symlink():
        shutil.rmtree(_link(data).readlink(), ignore_errors=True)
        _link(data).unlink()


def _processes_of(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_on(data, process)]


def _works_on(data: Path, process: psutil.Process) -> bool:
    """Tell whether this is a process of a server on ``data``: they work in that folder."""
    try:
        return process.name().startswith("postgres") and process.cwd() == str(data.resolve())
    except psutil.Error:
        return False
