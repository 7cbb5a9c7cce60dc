"""ClamAV's daemon, by its own protocol: over TCP or a local socket, one connection for each question.

A command is ``z``, its name and a zero byte; so ends the answer. A file goes as pieces, each after its length in four
bytes, with an empty one at the end. It has no encryption: files go to this machine, or where the address says aloud
that they may cross the network in plain text. Source: clamd(8), "COMMANDS", and clamd's ``session.c`` of 1.4.
"""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from portal.connectors.calling import PERSON_WAITS_S, Deadline, System
from portal.connectors.dialling import dial, is_this_machine
from portal.connectors.errors import Away, Garbled, Refused, Unavailable
from portal.connectors.scanner import JOB_WAITS_S, Clean, Infected, Verdict, Version

T = TypeVar("T")

PORT = 3310
PIECE_BYTES = 64 * 1024
LENGTH = struct.Struct("!I")
MOST_ANSWERED = 4096
END = b"\0"
BUILT = "%a %b %d %H:%M:%S %Y"
"""When the signatures were made, as ``VERSION`` says it: in the daemon's own zone, which it doesn't say."""

Reach = Callable[[Deadline], socket.socket]


class Clamd:
    """``Scanner``. system: calls are made through it. Nothing is asked before one."""

    def __init__(self, url: str, system: System) -> None:
        """url: ``clamd://host:3310``, ``clamd:///run/clamav/clamd.ctl``. Raises ValueError, which repeats nothing."""
        self._reach, self._system = reach_of(url), system

    def scan(self, data: bytes, *, within_s: float = JOB_WAITS_S) -> Verdict:
        """See the port."""
        return self._system.call("scan", lambda deadline: self._scanned(data, deadline), within_s=within_s)

    def version(self) -> Version:
        """See the port."""
        return self._asked("version", lambda deadline: version_in(self._answer(deadline, b"VERSION")))

    def check(self) -> None:
        """See the port."""
        self._asked("check", self._pinged)

    def _asked(self, operation: str, ask: Callable[[Deadline], T]) -> T:
        return self._system.call(operation, ask, within_s=PERSON_WAITS_S)

    def _pinged(self, deadline: Deadline) -> None:
        if self._answer(deadline, b"PING") != "PONG":
            raise Garbled("the answer to PING")

    def _scanned(self, data: bytes, deadline: Deadline) -> Verdict:
        return verdict_in(self._answer(deadline, b"INSTREAM", *pieces_of(data)))

    def _answer(self, deadline: Deadline, command: bytes, *pieces: bytes) -> str:
        """Return what it answers, without the end. Raises Unavailable, Garbled."""
        with self._reach(deadline) as line, _as_outcomes():
            is_sent = _send(line, (b"z" + command + END, *pieces), deadline)
            answer = _heard(line, deadline)
        if not is_sent and not answer.endswith(" ERROR"):
            raise Unavailable("it ended the connection before it had the whole file", reason=Away.LOST)
        return answer


def pieces_of(data: bytes) -> Iterator[bytes]:
    """Yield a file as it goes on the wire."""
    for at in range(0, len(data), PIECE_BYTES):
        piece = data[at : at + PIECE_BYTES]
        yield LENGTH.pack(len(piece)) + piece
    yield LENGTH.pack(0)


def verdict_in(answer: str) -> Verdict:
    """Return what was found. Raises Refused where it says that it couldn't look at this file, Garbled."""
    if answer == "stream: OK":
        return Clean()
    if answer.endswith(" ERROR"):
        raise Refused("too-long" if answer.startswith("INSTREAM size limit exceeded") else "not-looked-at")
    name, found, rest = answer.removeprefix("stream: ").rpartition(" FOUND")
    if not (answer.startswith("stream: ") and found and name and not rest):
        raise Garbled("the answer to a file")
    return Infected(name)


def version_in(answer: str) -> Version:
    """Read ``ClamAV 1.4.6/27500/Tue Nov 24 09:30:00 2026``, or only its first part. Raises Garbled."""
    name, *more = answer.split("/", 2)
    if not name or not answer.isprintable() or answer.endswith("ERROR"):
        raise Garbled("the answer to VERSION")
    if len(more) < 2:
        return Version(name)
    try:
        return Version(name, datetime.strptime(more[1], BUILT).replace(tzinfo=UTC))
    except ValueError:
        raise Garbled("the day of its signatures") from None


# ---- On the wire


def _send(line: socket.socket, parts: tuple[bytes, ...], deadline: Deadline) -> bool:
    """Send all parts, and tell whether they were taken: when it has heard enough, it answers and hangs up."""
    for part in parts:
        line.settimeout(deadline.needed())
        try:
            line.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            return False
    return True


def _heard(line: socket.socket, deadline: Deadline) -> str:
    answer = b""
    while not answer.endswith(END):
        if len(answer) > MOST_ANSWERED:
            raise Garbled("an answer without an end")
        line.settimeout(deadline.needed())
        received = line.recv(MOST_ANSWERED)
        if not received:
            raise Unavailable("it ended the connection without an answer", reason=Away.LOST)
        answer += received
    return answer.removesuffix(END).decode("utf-8", "replace").strip()


@contextmanager
def _as_outcomes() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unavailable("no answer in time", reason=Away.TIMEOUT) from None
    except OSError as error:
        raise Unavailable(f"the connection failed: {type(error).__name__}", reason=Away.LOST) from None


# ---- Where it is


def reach_of(url: str) -> Reach:
    """Return how a daemon is reached. Raises ValueError, which repeats no part of the address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        raise ValueError("is no address") from None
    is_plain_allowed = parse_qs(parts.query) == {"plain": ["yes"]}
    if parts.username is not None or parts.fragment or (parts.query and not is_plain_allowed):
        raise ValueError("takes nothing but host and port, or a socket's path, and plain=yes")
    path = unquote(parts.path)
    if host and path in {"", "/"}:
        if not (is_this_machine(host) or is_plain_allowed):
            raise ValueError("files would cross the network in plain text; add ?plain=yes if they may")
        return lambda deadline: dial(host, port, deadline)
    if not host and Path(path).is_absolute() and path != "/":
        return lambda deadline: _local(path, deadline)
    raise ValueError("names neither a host nor a socket's path")


def _local(path: str, deadline: Deadline) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(deadline.needed())
        line.connect(path)
    except TimeoutError:
        line.close()
        raise Unavailable("its socket: no connection in time", reason=Away.TIMEOUT) from None
    except OSError as error:
        line.close()
        raise Unavailable(f"its socket: {type(error).__name__}") from None
    except BaseException:
        line.close()
        raise
    return line
