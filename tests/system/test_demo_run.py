"""``portal demo run``, as ``make run`` starts it: a copy of the project in a folder with a space in its name."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg
import pytest
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions import sitting
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Where
from portal.blueprints.internet.rules.kinds import Holder
from portal.cli.supervisor import MARK
from portal.clock import SetClock, SystemClock
from portal.connectors.calling import System
from portal.connectors.scanner import Infected
from portal.connectors.scanner.clamd import Clamd
from portal.council import Council
from portal.db import make_engine
from portal.db.embedded import is_alive
from portal.identity.persons import themselves
from portal.sealed import Sealer
from portal.settings import PROJECT, Settings
from simulators.scanner.looking import EICAR
from tests.support.seats import Screens, keep
from tests.support.server import free_port

STARTED = "Ctrl-C stops it."


class Demo:
    """One start of the demo. Its output is kept in a file beside the copy: a new one, as what outlives a killed start
    still writes into the old one.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._output = folder / "output"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_DATABASE")}
        self._output.unlink(missing_ok=True)
        with self._output.open("wb") as output:
            self.process = psutil.Popen(
                [sys.executable, "-m", "portal.cli", "demo", "run", f"--port={port}"],
                cwd=folder,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: STARTED in self.said or self.has_ended)

    @property
    def said(self) -> str:
        return self._output.read_text()

    @property
    def has_ended(self) -> bool:
        return not is_alive(self.process)

    @property
    def address(self) -> str:
        found = re.search(r"http://localhost:\d+", self.said)
        assert found, self.said
        return found[0]

    def answers(self) -> bool:
        with closing(HTTPConnection(urlsplit(self.address).netloc, timeout=5)) as connection:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200

    def database(self) -> str:
        """Return the address that the web server was told."""
        return self.environ("granian")["PORTAL_DATABASE_URL"].replace("+psycopg", "")

    def environ(self, part: str) -> dict[str, str]:
        """Return the environment of the part of the run in whose command this word stands."""
        return next(one for one in marked(self._folder) if part in one.cmdline()).environ()

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return int(self.process.wait(timeout=60) or 0)


def wait_until(condition: Callable[[], object], *, timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def marked(folder: Path) -> list[psutil.Process]:
    """Return the processes that a run in ``folder`` started, the database's apart."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / ".portal/postgres/data/postmaster.pid").read_text().split()[0]))


def left(folder: Path) -> list[psutil.Process]:
    """Return every process that works in ``folder``, or was started by a run there."""
    working = [one for one in psutil.process_iter(["cwd"]) if (one.info["cwd"] or "").startswith(str(folder))]
    return [one for one in working + marked(folder) if is_alive(one)]


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="a portal "))
    folder.chmod(0o755)
    for part in ("portal", "migrations", "councils", "simulators"):
        shutil.copytree(PROJECT / part, folder / part)
    shutil.copy(PROJECT / "wsgi.py", folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def starting(folder: Path, port: int) -> Iterator[Callable[[], Demo]]:
    """Yield what starts the demo; whatever is left of it afterwards is killed."""
    demos: list[Demo] = []

    def started() -> Demo:
        demos.append(Demo(folder, port))
        return demos[-1]

    yield started
    for demo in demos:
        if not demo.has_ended:
            demo.stop()
    for process in left(folder):
        process.kill()


@pytest.fixture
def start(copy: Path, port: int) -> Iterator[Callable[[], Demo]]:
    with starting(copy, port) as start:
        yield start


@pytest.fixture(scope="class")
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture(scope="class")
def demo(copy: Path, taken_port: int) -> Iterator[Demo]:
    with starting(copy, taken_port) as start:
        yield start()


class TestOneStart:
    """In the order that stands here: one start serves them all."""

    def test_tells_who_to_sign_in_as(self, demo: Demo) -> None:
        assert re.search(r"Sign in as\n  \S+@example\.org  \S+\n      \w+ \w+: owes a little more", demo.said)
        assert re.search(r"has library card \d{14}, and a child", demo.said)
        assert demo.query("select count(*), count(sealed) from snapshot") == [(1, 1)]

    def test_serves_at_the_next_port_since_the_one_it_was_told_is_taken(self, demo: Demo, taken_port: int) -> None:
        found = re.search(rf"Port {taken_port} is taken, so this is (\d+)\.", demo.said)
        assert found and int(found[1]) > taken_port, demo.said
        assert demo.address == f"http://localhost:{found[1]}"

    def test_somebody_checks_in_with_the_code_that_a_screen_of_the_library_shows(
        self, demo: Demo, council: Council, settings: Settings, sealer: Sealer
    ) -> None:
        found = re.search(r"codes to check in, at\nhttp://localhost:(\d+)\.", demo.said)
        assert found, demo.said
        screens = Screens(int(found[1]))
        assert len(screens.all()) == 16
        wait_until(lambda: any(one["code"] for one in screens.all()))
        free = next(one["name"] for one in screens.all() if one["code"])
        desk = Desk(
            Where(council.zone, council.nation), sealer, settings.secret_key.get_secret_value().encode(), demo.address
        )
        now, [(halima,)] = SystemClock().now(), demo.query("select id from person where name = 'Halima Draper'")
        assert isinstance(halima, UUID)
        engine = make_engine(demo.database())
        with Session(engine) as db:
            seen = screens.of(free)
            booking = keep(db, desk, halima, UUID(seen["computer"]), now=now, for_=timedelta(minutes=10))
            turn = Turn(db, desk, Holder(halima), themselves(halima), now)
            sitting.check_in(turn, booking, code=seen["code"], policy_from=BEFORE_ALL)
        engine.dispose()
        assert not screens.wait(free, lambda seen: not seen["locked"])["code"]

    def test_keeps_files_somewhere_and_has_somebody_look_into_them(
        self, demo: Demo, copy: Path, clock: SetClock
    ) -> None:
        for told in (demo.environ("granian"), demo.environ("worker")):
            scanner = Clamd(told["PORTAL_SCANNER_URL"], System("scanner", clock=clock))
            assert isinstance(scanner.scan(EICAR), Infected)
            assert Path(told["PORTAL_FILES_FOLDER"]) == copy / ".portal" / "files" / "portal_millbrook"

    def test_is_all_there_is_and_a_second_one_says_where_it_serves(self, demo: Demo, copy: Path) -> None:
        second = subprocess.run(
            [sys.executable, "-m", "portal.cli", "demo", "run"],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 1
        assert f"The portal runs already, at {demo.address}. Stop that one first." in second.stderr

    def test_is_stopped_whole_by_ctrl_c(self, demo: Demo, copy: Path) -> None:
        assert demo.answers()
        assert demo.stop() == 0
        assert left(copy) == []
        assert demo.said.rstrip().endswith("Stopped.")


def test_kills_lose_nothing_the_next_start_clears_up_and_a_part_that_ends_takes_the_others_with_it(
    start: Callable[[], Demo], copy: Path
) -> None:
    killed = start()
    killed.query("create table kept as select 42 as answer")

    killed.process.kill()
    killed.process.wait()
    wait_until(lambda: not left(copy), timeout_s=30)

    killed = start()
    assert killed.query("select answer from kept") == [(42,)]
    killed.query("update kept set answer = 43")
    orphans = [one for one in marked(copy) if one.parent() in marked(copy)]
    assert orphans

    for process in [killed.process, *(one for one in marked(copy) if one not in orphans), postmaster(copy)]:
        process.kill()
    killed.process.wait()

    again = start()
    assert again.address == killed.address
    assert again.query("select answer from kept") == [(43,)]
    assert not any(is_alive(one) for one in orphans)
    assert again.answers()

    next(one for one in marked(copy) if one.cmdline()[-1] == "worker").kill()

    assert again.process.wait(timeout=60) == 1
    assert "The worker has ended." in again.said
    assert left(copy) == []


def test_production_is_not_served_by_the_demo(copy: Path) -> None:
    environ = os.environ | {
        "PORTAL_PROFILE": "production",
        "PORTAL_DATABASE_URL": "postgresql://db.example.org/portal",
        "PORTAL_SECRET_KEY": "x" * 32,
        "PORTAL_SEALING_KEYS": "one:" + "B" * 43 + "=",
        "PORTAL_AUDIT_KEY": "one:" + "B" * 43 + "=",
        "PORTAL_BASE_URL": "https://portal.example.org",
        "PORTAL_MESSAGES_URL": "smtps://mail.example.org",
    }
    refused = subprocess.run(
        [sys.executable, "-m", "portal.cli", "demo", "run"],
        cwd=copy,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "production runs 'portal serve' and 'portal worker'" in refused.stderr
