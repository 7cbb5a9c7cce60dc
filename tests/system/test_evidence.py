"""Evidence as it is served: a real clamd, hostile files over the wire, and others who want their pages meanwhile."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil
import pytest
from pikepdf import Name, Stream
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import files as minding
from portal.blueprints.energy.rules.desk import Desk
from portal.clock import SystemClock
from portal.connectors.calling import System
from portal.connectors.scanner.clamd import Clamd
from portal.connectors.storage.folder import FolderStore
from portal.models import Person
from portal.sealed import Sealer
from portal.settings import Settings
from portal.uploads.envelope import decrypt
from simulators.scanner.looking import EICAR
from tests.factories import Factory
from tests.support import sent_files as files
from tests.support.clamd import daemon
from tests.support.sending import Sender, begin_form, sign_in
from tests.support.server import Served, free_port, served

MEGABYTE = 1_000_000
OTHERS_WAIT_S = 10
"""For a page, on a machine that does much else. A file's own time is far longer."""
GROWS_BY = 250 * MEGABYTE
"""What the server may hold more than before, at the most: a few files of 10 MB, as they came and as they are kept."""


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def scanner_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def portal(database_url: str, folder: Path, scanner_port: int) -> Iterator[Served]:
    """A portal whose scanner is where nobody listens until a test starts one."""
    given = {"files_folder": str(folder), "scanner_url": f"clamd://127.0.0.1:{scanner_port}"}
    with served(database_url, **given) as running:
        yield running


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def sender(portal: Served, mary: Person, db: Session, sealer: Sealer, settings: Settings) -> Sender:
    sender = Sender(portal.address, sign_in(db, settings, mary), begin_form(db, sealer, mary))
    assert sender.get(sender.evidence).status == 200
    return sender


def report(measured: str) -> None:
    """Say what was measured, for whoever runs this with ``-s``."""
    sys.stderr.write(f"\n{measured}\n")


def infected() -> bytes:
    return files.saved(files.paper(content=b"% " + EICAR), compress_streams=False)


def states(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(text("select state from energy_evidence order by added_at, name")).all())


def test_a_file_is_held_back_while_the_scanner_is_away_and_then_let_go(
    sender: Sender, db: Session, folder: Path, clock: SystemClock, sealer: Sealer, settings: Settings
) -> None:
    assert sender.add(("one.jpg", files.jpeg())).status == 303
    assert sender.add(("bill.pdf", infected())).status == 303
    assert states(db) == ["waiting", "waiting"]
    ids = db.scalars(text("select id from energy_evidence order by added_at")).all()
    file = sender.evidence.replace("bank_statements", f"{ids[0]}/file")
    assert sender.get(file).status == 404
    with daemon() as clamd:
        scanner = Clamd(clamd.url, System("scanner", clock=clock))
        desk = Desk(FolderStore(folder, clock), scanner, sealer, settings.secret_key.get_secret_value().encode())
        minding.scan_waiting(db, desk, base_url="http://localhost", now=clock.now())
    assert states(db) == ["clean", "infected"]
    assert sender.get(file).status == 200
    assert "We can’t take this file: it has a virus" in sender.get(sender.evidence).text
    assert [one.name for one in folder.glob("??/??/*")] == [str(ids[0])]


def test_a_virus_is_refused_where_the_scanner_answers(
    database_url: str, tmp_path: Path, mary: Person, db: Session, sealer: Sealer, settings: Settings
) -> None:
    with daemon() as clamd, served(database_url, files_folder=str(tmp_path), scanner_url=clamd.url) as portal:
        sender = Sender(portal.address, sign_in(db, settings, mary), begin_form(db, sealer, mary))
        sender.get(sender.evidence)
        answer = sender.add(("bill.pdf", infected()), ("good.jpg", files.jpeg()))
    assert (answer.status, answer.errors) == (422, ["We can’t take bill.pdf: it has a virus."])
    assert states(db) == ["clean"]
    assert len(list(tmp_path.glob("??/??/*"))) == 1


@pytest.fixture
def others(portal: Served) -> Iterator[list[float]]:
    """Somebody else asks for a page again and again until the test is over; how long each took, in seconds."""
    over, taken = Event(), list[float]()

    def ask() -> None:
        while not over.wait(0.2):
            began = time.monotonic()
            with closing(HTTPConnection("127.0.0.1", urlsplit(portal.address).port or 80, timeout=60)) as connection:
                connection.request("GET", "/sign-in")
                assert connection.getresponse().status == 200
            taken.append(time.monotonic() - began)

    thread = Thread(target=ask)
    thread.start()
    yield taken
    over.set()
    thread.join()


class Peak:
    """The most memory that the server's own processes held, in bytes; those that take files apart left out."""

    def __init__(self, pid: int) -> None:
        self._processes = [psutil.Process(pid), *psutil.Process(pid).children()]

    def now(self) -> int:
        return sum(self._of(process) for process in self._processes if process.is_running())

    def _of(self, process: psutil.Process) -> int:
        status = Path(f"/proc/{process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024


def wide_open_png() -> bytes:
    return files.png(30_000, 30_000, bits=1)


def deep_paper() -> bytes:
    """A PDF with a page that unpacks to two gigabytes."""
    made = files.paper()
    content = Stream(made, b"")
    content.write(files.bomb(2000), filter=Name.FlateDecode)
    made.pages[0].Contents = content
    return files.saved(made, compress_streams=False)


def polyglot() -> bytes:
    """A PDF behind a page of scripts."""
    return b"<html><script>alert(1)</script>" + files.pdf()


Make = Callable[[], bytes]
HOSTILE: list[tuple[str, Make, str]] = [
    ("wide.png", wide_open_png, "wide.png has more pixels than we can take"),
    ("deep.pdf", deep_paper, "We couldn’t read deep.pdf"),
    ("page.jpg", lambda: b"<html><script>alert(1)</script>", "page.jpg is neither a photo"),
    ("program.pdf", lambda: b"MZ" + bytes(5000), "program.pdf is neither a photo"),
    ("archive.jpg", lambda: b"PK\x03\x04" + bytes(5000), "archive.jpg is neither a photo"),
    ("picture.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture.svg is neither a photo"),
    ("cut.jpg", lambda: files.jpeg((2000, 1500))[:20_000], "We couldn’t read cut.jpg"),
    ("huge.jpg", lambda: b"\xff\xd8\xff" + bytes(10 * MEGABYTE), "huge.jpg is larger than 10 MB"),
    ("empty.pdf", lambda: b"", "There is nothing in empty.pdf"),
    ("../../../../etc/cron.d/x", lambda: b"* * * * *", "x is neither a photo"),
    ("&lt;b&gt;.jpg", lambda: b"GIF89a", "&amp;lt;b&amp;gt;.jpg is neither a photo"),
]


def test_hostile_files_are_each_answered_with_memory_bounded_and_others_served(
    portal: Served, sender: Sender, db: Session, folder: Path, others: list[float]
) -> None:
    sender.add(("before.jpg", files.jpeg()))
    kept = len(list(folder.glob("??/??/*")))
    peak = Peak(portal.pid)
    before = peak.now()
    for name, made, says in HOSTILE:
        answer = sender.add((name, made()))
        assert answer.status == 422, name
        (error,) = answer.errors
        assert error.startswith(says)
    assert sender.add(*((f"{number}.jpg", b"x") for number in range(10_000))).status == 413
    answer = sender.add(*((f"{number}.jpg", b"\xff\xd8\xff" + b"x" * 9 * MEGABYTE) for number in range(10)))
    assert (answer.status, len(answer.errors)) == (422, 10)
    grown = peak.now() - before
    report(f"memory grew by {grown / MEGABYTE:.0f} MB to {peak.now() / MEGABYTE:.0f} MB")
    report(f"others waited {max(others):.2f} s at the most")
    assert grown < GROWS_BY
    assert max(others) < OTHERS_WAIT_S
    assert len(states(db)) == 1
    assert len(list(folder.glob("??/??/*"))) == kept


def test_many_who_send_at_once_leave_room_for_others(sender: Sender, db: Session, others: list[float]) -> None:
    slow = files.png(8000, 8000)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda number: sender.add((f"{number}.png", slow + bytes(number))), range(10)))
    statuses = {answer.status for answer in answers}
    report(f"{[answer.status for answer in answers]}; others waited {max(others):.2f} s at the most")
    assert 303 in statuses
    assert statuses <= {303, 422, 429}, "added, or asked to come again"
    assert all("add it again" in error.lower() for answer in answers for error in answer.errors)
    assert max(others) < OTHERS_WAIT_S
    assert len(states(db)) == sum(answer.status == 303 for answer in answers)


def test_a_polyglot_is_kept_as_what_it_is_and_nothing_else(
    sender: Sender, db: Session, folder: Path, clock: SystemClock, sealer: Sealer
) -> None:
    both = files.jpeg() + b"<script>alert(1)</script>"
    assert sender.add(("two.html", both)).status == 303
    (row,) = db.execute(text("select id, key, media from energy_evidence")).all()
    kept = FolderStore(folder, clock).get(row.id)
    data = decrypt(kept, key=sealer.unseal(row.key, context="energy_evidence.key"), file_id=row.id)
    assert row.media == "image/jpeg"
    assert b"<script>" not in data
    assert sender.add(("one.jpg", polyglot())).errors[0].startswith("one.jpg is neither a photo")


def test_too_much_at_once_is_refused_with_a_clear_answer(sender: Sender, db: Session) -> None:
    try:
        answer = sender.add(("huge.jpg", bytes(110 * MEGABYTE)))
    except (BrokenPipeError, ConnectionResetError):
        answer = None  # it was told before it had sent all
    assert answer is None or (answer.status == 413 and "larger than this page takes" in answer.text)
    assert states(db) == []


def test_a_photo_of_a_telephone_is_there_in_seconds(sender: Sender, db: Session) -> None:
    photo = files.encoded(files.photograph((4032, 3024)), "JPEG", quality=92)
    began = time.monotonic()
    assert sender.add(("IMG_0001.jpg", photo)).status == 303
    taken = time.monotonic() - began
    (size,) = db.scalars(text("select size from energy_evidence")).all()
    report(f"{len(photo) / MEGABYTE:.1f} MB became {size / MEGABYTE:.1f} MB in {taken:.2f} s")
    assert taken < 30
