"""The scanner on the wire: PING, VERSION and INSTREAM of clamd's protocol, one for each connection.

Source: clamd(8), "COMMANDS"; of its answers, ClamAV 1.4 itself.
"""

import time
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self

from simulators.scanner.looking import found

END = b"\0"
LENGTH_BYTES = 4
MOST_COMMAND_BYTES = 100
MOST_PIECE_BYTES = 1 << 24
STREAM_MAX_LENGTH = 25_000_000
LOOK_UP_S = 0.1
BUILT = "%a %b %d %H:%M:%S %Y"


@dataclass
class Behaviour:
    """How it fails. away: it hangs up. slow_s: so long it thinks before each answer. garbled: it answers nonsense."""

    away: bool = False
    slow_s: float = 0.0
    garbled: bool = False


@dataclass
class Seen:
    """What it has done since it began. found: how many files were infected."""

    looked: int = 0
    found: int = 0


class ScannerSimulator:
    """Use as a context manager. port: 0 takes a free one."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, stream_max: int = STREAM_MAX_LENGTH) -> None:
        self.behaviour, self.seen, self.stream_max = Behaviour(), Seen(), stream_max
        self.version = f"Simulated scanner (protects from nothing)/1/{time.strftime(BUILT, time.gmtime())}"
        self.stopping = Event()
        self._server = _Server((host, port), self)
        self._thread = Thread(target=self._server.serve_forever, args=(LOOK_UP_S,), name="scanner", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"clamd://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def verdict(self, data: bytes) -> str:
        """Return the answer to a file."""
        self.seen.looked += 1
        name = found(data)
        if name is None:
            return "stream: OK"
        self.seen.found += 1
        return f"stream: {name} FOUND"


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], scanner: ScannerSimulator) -> None:
        super().__init__(address, _Conversation)
        self.scanner = scanner


class TooMuch(Exception):
    """More was sent than is taken."""


class _Conversation(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        scanner = self.server.scanner
        if scanner.behaviour.away:
            return
        try:
            answer = self._answer(scanner, self._command())
        except TooMuch:
            answer = "INSTREAM size limit exceeded. ERROR"
        except OSError:
            return
        scanner.stopping.wait(scanner.behaviour.slow_s)
        self._say("what?" if scanner.behaviour.garbled else answer)

    def _answer(self, scanner: ScannerSimulator, command: str) -> str:
        match command:
            case "PING":
                return "PONG"
            case "VERSION":
                return scanner.version
            case "INSTREAM":
                return scanner.verdict(self._file(scanner.stream_max))
        return "UNKNOWN COMMAND"

    def _command(self) -> str:
        """Return a command: ``z``, its name, a zero byte."""
        read = b""
        while not read.endswith(END) and len(read) < MOST_COMMAND_BYTES:
            byte = self.rfile.read(1)
            if not byte:
                break
            read += byte
        return read.removeprefix(b"z").removesuffix(END).decode("latin-1")

    def _file(self, most: int) -> bytes:
        """Return a file: pieces, each after its length, until one of none. Raises TooMuch."""
        pieces, left = [], most
        while length := int.from_bytes(self._read(LENGTH_BYTES)):
            left -= length
            if left < 0 or length > MOST_PIECE_BYTES:
                raise TooMuch
            pieces.append(self._read(length))
        return b"".join(pieces)

    def _read(self, length: int) -> bytes:
        read = self.rfile.read(length)
        if len(read) < length:
            raise ConnectionError("it ended before it was through")
        return read

    def _say(self, answer: str) -> None:
        try:
            self.wfile.write(answer.encode() + END)
        except OSError:  # nobody waits any more
            return
