"""Library systems by others, as processes in environments of their own, and a bare connection to one.

``scripts/counterparts`` makes the environments; ``tests/counterparts`` says what each serves.
"""

import json
import selectors
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from portal.connectors.library.sip2 import framing, layout
from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.layout import Answer, Request
from portal.connectors.library.sip2.requests import Requests
from portal.connectors.library.sip2.site import Site, site_of
from portal.settings import PROJECT
from tests.counterparts.shelves import INSTITUTION, PASSWORD, USER

STARTS_WITHIN_S = 60
PATIENCE_S = 5.0

SETTINGS = {
    "invenio": "encoding=utf-8&cancel-holds=no&itemised-charges=no",
    "pysip2": "change-pickup=yes",
}
"""How the portal is told of each, by its folder in ``tests/counterparts``."""

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Counterpart:
    """A library system that runs, on ``port`` of this machine."""

    name: str
    port: int
    process: subprocess.Popen[str]

    @property
    def site(self) -> Site:
        address = f"sip2://{USER}@127.0.0.1:{self.port}/?institution={INSTITUTION}&{SETTINGS[self.name]}"
        return site_of(address, password=PASSWORD)

    @property
    def dialect(self) -> Dialect:
        return self.site.dialect

    def tell(self, method: str, **given: object) -> Any:
        """Have its library do something (see ``shelves.Library``), and return what comes of it."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([method, given]) + "\n")
        self.process.stdin.flush()
        return json.loads(_said(self.process))


Serve = Callable[[str], Counterpart]
"""Returns a running one by its name, as new."""


@contextmanager
def serving(name: str) -> Iterator[Counterpart]:
    """Run one for as long as this lasts. Raises RuntimeError if it doesn't start, or ends badly."""
    python = PROJECT / ".venv" / "counterparts" / name / "bin" / "python"
    if not python.exists():
        raise RuntimeError(f"there is no environment for the counterpart {name}: run make counterparts")
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            [python, "-m", f"tests.counterparts.{name}.server"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        with process:
            try:
                yield Counterpart(name, _started(process, complaints), process)
            finally:
                _stop(process)
        if process.returncode:
            raise RuntimeError(f"the counterpart {name} ended badly: {_tail(complaints)}")


def _started(process: subprocess.Popen[str], complaints: IO[str]) -> int:
    said = _said(process)
    if not said:
        raise RuntimeError(f"a counterpart didn't start: {_tail(complaints)}")
    return int(said)


def _said(process: subprocess.Popen[str]) -> str:
    """Return a line of its output; an empty text if there comes none."""
    assert process.stdout
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        return process.stdout.readline() if waiting.select(STARTS_WITHIN_S) else ""


def _stop(process: subprocess.Popen[str]) -> None:
    """Each ends with its standard input, also if this process is killed; one that doesn't is killed."""
    assert process.stdin
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def _tail(complaints: IO[str]) -> str:
    complaints.seek(0)
    return complaints.read()[-2000:]


class Line:
    """One connection, by the portal's codec and nothing else of it. Use as a context manager."""

    def __init__(self, counterpart: Counterpart) -> None:
        self.dialect = counterpart.dialect
        self.requests = Requests(self.dialect)
        self.sequence = 0
        self._socket = socket.create_connection(("127.0.0.1", counterpart.port), timeout=PATIENCE_S)
        self._received = b""
        self._lines: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, request: Request[A]) -> A:
        """Send the next request and return its answer. Raises EOFError, TimeoutError, Sip2Error."""
        frame = framing.parse(self.exchange(self.bytes_of(request)), dialect=self.dialect)
        asked, self.sequence = self.sequence, (self.sequence + 1) % 10
        assert frame.sequence == (asked if self.dialect.error_detection else None)
        return layout.read_answer(frame, request, dialect=self.dialect)

    def bytes_of(self, request: Request[A], *, numbered: bool = True) -> bytes:
        message = layout.write(request, dialect=self.dialect)
        return framing.build(message, sequence=self.sequence if numbered else None, dialect=self.dialect)

    def exchange(self, sent: bytes) -> bytes:
        """Send this and return the line that comes. Raises EOFError, TimeoutError."""
        self._socket.sendall(sent)
        while not self._lines:
            self._received += self._more()
            self._lines, self._received = framing.split(self._received, dialect=self.dialect)
        return self._lines.pop(0)

    def hear(self, sent: bytes) -> bytes:
        """Send this and return what comes in one piece; empty when the connection ended instead."""
        self._socket.sendall(sent)
        try:
            return self._socket.recv(4096)
        except ConnectionResetError:
            return b""

    def _more(self) -> bytes:
        received = self._socket.recv(4096)
        if not received:
            raise EOFError("the connection ended")
        return received
