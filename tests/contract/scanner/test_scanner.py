"""The port to a scanner: what each does, a real ClamAV among them; then what clamd's adapter makes of faults."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.clock import SetClock
from portal.connectors.calling import FAILS, System
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable
from portal.connectors.scanner import Clean, Infected, Scanner, Version
from portal.connectors.scanner.clamd import Clamd, verdict_in, version_in
from portal.uploads import clean
from simulators.scanner.daemon import Behaviour, ScannerSimulator
from simulators.scanner.looking import EICAR, NAME
from tests.support import sent_files as files
from tests.support.clamd import STREAM_MAX, Daemon, daemon
from tests.support.scanner import FakeScanner

AT_ONCE_S = 0.4
"""For a test in which nothing is to come."""
Serve = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def clamd() -> Iterator[Daemon]:
    with daemon() as running:
        yield running


@pytest.fixture
def simulator() -> Iterator[ScannerSimulator]:
    with ScannerSimulator() as running:
        yield running


def scanner_at(url: str, clock: SetClock) -> Clamd:
    return Clamd(url, System("scanner", clock=clock, sleep=lambda _: None))


class TestEveryScanner:
    @pytest.fixture(params=["clamd by TCP", "clamd by its socket", "simulator", "fake"])
    def scanner(self, request: pytest.FixtureRequest, clock: SetClock) -> Scanner:
        match request.param:
            case "clamd by TCP":
                return scanner_at(request.getfixturevalue("clamd").url, clock)
            case "clamd by its socket":
                return scanner_at(request.getfixturevalue("clamd").local_url, clock)
            case "simulator":
                return scanner_at(request.getfixturevalue("simulator").url, clock)
            case _:
                return FakeScanner()

    @pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 1_000_000, files.jpeg(), files.pdf()])
    def test_lets_pass_what_is_clean(self, scanner: Scanner, data: bytes) -> None:
        assert scanner.scan(data) == Clean()

    @pytest.mark.parametrize(
        "data",
        [
            EICAR,
            b"in the middle " * 10_000 + EICAR + b" of much else" * 10_000,
            files.jpeg(comment=EICAR),
            files.saved(files.paper(content=EICAR), compress_streams=False),
            files.saved(files.paper(content=EICAR)),
        ],
        ids=["alone", "in the middle", "in a picture", "in a PDF", "packed in a PDF"],
    )
    def test_finds_what_isnt(self, scanner: Scanner, data: bytes) -> None:
        verdict = scanner.scan(data)
        assert isinstance(verdict, Infected)
        assert verdict.signature.startswith(NAME)

    def test_looks_at_one_after_the_other(self, scanner: Scanner) -> None:
        assert [type(scanner.scan(data)) for data in (EICAR, b"x", EICAR, b"x")] == [Infected, Clean, Infected, Clean]

    def test_says_what_it_is(self, scanner: Scanner) -> None:
        assert scanner.version().name

    def test_is_well(self, scanner: Scanner) -> None:
        scanner.check()


class TestClamAv:
    """The real one, and what only it does."""

    def test_says_which_it_is(self, clamd: Daemon, clock: SetClock) -> None:
        assert scanner_at(clamd.url, clock).version().name.startswith("ClamAV ")

    def test_finds_what_is_in_a_pdf_that_was_written_anew(self, clamd: Daemon, clock: SetClock) -> None:
        made = clean(files.saved(files.paper(content=EICAR)))
        assert EICAR not in made.data, "it is packed"
        assert isinstance(scanner_at(clamd.url, clock).scan(made.data), Infected)

    @pytest.mark.parametrize("where", ["url", "local_url"])
    def test_a_file_that_is_too_long_for_it_was_not_looked_at(self, clamd: Daemon, clock: SetClock, where: str) -> None:
        scanner = scanner_at(getattr(clamd, where), clock)
        with pytest.raises((Unavailable, Refused)):
            scanner.scan(b"x" * (STREAM_MAX * 3) + EICAR)
        assert scanner.scan(b"x") == Clean()


class TestSimulator:
    def test_says_that_it_protects_from_nothing(self, simulator: ScannerSimulator, clock: SetClock) -> None:
        version = scanner_at(simulator.url, clock).version()
        assert "protects from nothing" in version.name and version.signatures_at

    def test_a_file_that_is_too_long_for_it_was_not_looked_at(self, clock: SetClock) -> None:
        with ScannerSimulator(stream_max=1000) as simulator, pytest.raises((Unavailable, Refused)) as error:
            scanner_at(simulator.url, clock).scan(b"x" * 2000)
        assert str(error.value) == "too-long" or error.value.code == Away.LOST

    def test_away(self, simulator: ScannerSimulator, clock: SetClock) -> None:
        simulator.behaviour = Behaviour(away=True)
        with pytest.raises(Unavailable):
            scanner_at(simulator.url, clock).scan(EICAR)

    def test_slow(self, simulator: ScannerSimulator, clock: SetClock) -> None:
        simulator.behaviour = Behaviour(slow_s=30)
        began = time.monotonic()
        with pytest.raises(Unavailable) as error:
            scanner_at(simulator.url, clock).scan(EICAR, within_s=AT_ONCE_S)
        assert error.value.reason is Away.TIMEOUT and time.monotonic() - began < 10

    @pytest.mark.parametrize("ask", [lambda scanner: scanner.scan(EICAR), lambda scanner: scanner.check()])
    def test_garbled(self, simulator: ScannerSimulator, clock: SetClock, ask: Callable[[Scanner], object]) -> None:
        simulator.behaviour = Behaviour(garbled=True)
        with pytest.raises(Garbled):
            ask(scanner_at(simulator.url, clock))

    def test_well_again(self, simulator: ScannerSimulator, clock: SetClock) -> None:
        scanner = scanner_at(simulator.url, clock)
        simulator.behaviour = Behaviour(away=True)
        with pytest.raises(Unavailable):
            scanner.check()
        simulator.behaviour = Behaviour()
        scanner.check()


# ---- Faults on the wire


@contextmanager
def serving(serve: Serve) -> Iterator[str]:
    """Yield the address of a server that does this to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=run, args=(line,), daemon=True).start()

        def run(line: socket.socket) -> None:
            with line:
                try:
                    serve(line)
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"clamd://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def answering(answer: bytes) -> Serve:
    """Take a whole file in, and answer so."""

    def serve(line: socket.socket) -> None:
        read = b""
        while not read.endswith(b"\x00\x00\x00\x00"):
            read += line.recv(65536)
        line.sendall(answer)

    return serve


def failure(url: str, clock: SetClock, data: bytes = EICAR) -> OutsideError:
    with pytest.raises(OutsideError) as error:
        scanner_at(url, clock).scan(data, within_s=AT_ONCE_S)
    return error.value


@pytest.mark.parametrize(
    "answer",
    [
        b"stream: OK",
        b"",
        b"\0",
        b"stream: \0",
        b"stream: FOUND\0",
        b"stream:  FOUND\0",
        b"stream: OK but\0",
        b"OK\0",
        b"stream: x ERROR\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"stream: OKstream: OK\0",
        b"\xff\xfe\0",
        b"x" * 10_000,
    ],
)
def test_no_other_answer_means_that_it_is_clean(clock: SetClock, answer: bytes) -> None:
    with serving(answering(answer)) as url:
        assert isinstance(failure(url, clock), Unavailable | Refused | Garbled)


def test_files_that_it_cant_look_at_dont_keep_it_from_others(clock: SetClock) -> None:
    def picky(line: socket.socket) -> None:
        read = b""
        while not read.endswith(b"\x00\x00\x00\x00"):
            read += line.recv(65536)
        line.sendall(b"stream: Can't open file or directory ERROR\0" if b"odd" in read else b"stream: OK\0")

    with serving(picky) as url:
        scanner = scanner_at(url, clock)
        for _ in range(FAILS + 1):
            with pytest.raises(Refused):
                scanner.scan(b"odd")
        assert scanner.scan(b"another") == Clean()


def test_a_clean_answer_is_believed_only_if_it_has_the_whole_file(clock: SetClock) -> None:
    """It says yes before it has heard all, and hangs up."""

    def hasty(line: socket.socket) -> None:
        line.recv(100)
        line.sendall(b"stream: OK\0")

    with serving(hasty) as url:
        assert isinstance(failure(url, clock, b"x" * 10_000_000), Unavailable)


def test_a_byte_now_and_then_is_not_waited_for(clock: SetClock) -> None:
    def dripping(line: socket.socket) -> None:
        while True:
            line.sendall(b"s")
            time.sleep(0.05)

    began = time.monotonic()
    with serving(dripping) as url:
        error = failure(url, clock)
    assert isinstance(error, Unavailable | Garbled) and time.monotonic() - began < 5


def test_one_that_takes_nothing_in_is_not_waited_for(clock: SetClock) -> None:
    began = time.monotonic()
    with serving(lambda _: time.sleep(5)) as url:
        error = failure(url, clock, b"x" * 10_000_000)
    assert isinstance(error, Unavailable) and error.reason is Away.TIMEOUT and time.monotonic() - began < 4


def test_nobody_there(clock: SetClock, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for url in (f"clamd://127.0.0.1:{port}", f"clamd://{tmp_path}/none.ctl"):
        error = failure(url, clock)
        assert isinstance(error, Unavailable) and error.reason is Away.UNREACHABLE
        assert str(tmp_path) not in str(error)


def test_what_it_found_is_read_whole() -> None:
    assert verdict_in("stream: Win.Test FOUND in name FOUND") == Infected("Win.Test FOUND in name")
    assert verdict_in("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND") == Infected(
        "Heuristics.Limits.Exceeded.MaxFileSize"
    )


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("ClamAV 1.4.6", Version("ClamAV 1.4.6")),
        (
            "ClamAV 1.4.6/27500/Tue Nov 24 09:30:00 2026",
            Version("ClamAV 1.4.6", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ),
        (
            "ClamAV 0.103.8/26800/Fri Jan  6 09:30:00 2023",
            Version("ClamAV 0.103.8", datetime(2023, 1, 6, 9, 30, tzinfo=UTC)),
        ),
    ],
)
def test_what_it_says_that_it_is(answer: str, version: Version) -> None:
    assert version_in(answer) == version


@pytest.mark.parametrize("answer", ["", "ClamAV 1.4.6/27500/yesterday", "ENGINE VERSION MISMATCH. ERROR", "a\nb"])
def test_what_it_doesnt_say(answer: str) -> None:
    with pytest.raises(Garbled):
        version_in(answer)


# ---- Its address


@pytest.mark.parametrize(
    "url",
    [
        *("clamd://127.0.0.1", "clamd://localhost:3311", "clamd://[::1]:3310", "clamd:///run/clamav/clamd.ctl"),
        *("clamd://scanner.example.org?plain=yes", "clamd://192.0.2.7:3310/?plain=yes"),
    ],
)
def test_addresses(url: str, clock: SetClock) -> None:
    scanner_at(url, clock)


@pytest.mark.parametrize(
    "url",
    [
        *("clamd://scanner.example.org", "clamd://192.0.2.7:3310", "clamd://scanner.example.org?plain=no"),
        *(
            "clamd://",
            "clamd:///",
            "clamd:",
            "clamd:relative/path",
            "clamd://127.0.0.1:none",
            "clamd://127.0.0.1:99999",
        ),
        *(
            "clamd://127.0.0.1/path",
            "clamd://secret@127.0.0.1",
            "clamd://127.0.0.1?plain=yes&x=1",
            "clamd://127.0.0.1#x",
        ),
    ],
)
def test_wrong_addresses_are_refused_and_not_repeated(url: str, clock: SetClock) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 -- what its text may not hold comes next
        scanner_at(url, clock)
    assert "secret" not in str(error.value) and "192.0.2.7" not in str(error.value)
