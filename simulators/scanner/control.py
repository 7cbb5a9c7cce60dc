"""What the scanner has seen, and how it is made to fail, over HTTP to this machine: for processes, and for curl."""

import json
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from simulators.scanner.daemon import LOOK_UP_S, Behaviour, ScannerSimulator

LOCAL = "127.0.0.1"
MOST_BYTES = 4096
KINDS: dict[str, type | tuple[type, ...]] = {"away": bool, "slow_s": (int, float), "garbled": bool}


class Control:
    """Use as a context manager around a scanner. port: 0 takes a free one."""

    def __init__(self, scanner: ScannerSimulator, *, port: int = 0) -> None:
        self._server = _Server(scanner, port)
        self._thread = Thread(target=self._server.serve_forever, args=(LOOK_UP_S,), name="scanner-control", daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, scanner: ScannerSimulator, port: int) -> None:
        super().__init__((LOCAL, port), _Handler)
        self.scanner = scanner


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._send_state()

    def do_POST(self) -> None:
        """Behave from now on as the body says, as JSON; what it leaves out goes well."""
        length = int(self.headers.get("Content-Length", 0))
        try:
            self.server.scanner.behaviour = _behaviour(json.loads(self.rfile.read(min(length, MOST_BYTES)) or b"{}"))
        except ValueError as error:
            self.send_error(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self._send_state()

    def _send_state(self) -> None:
        scanner = self.server.scanner
        body = json.dumps({"behaviour": asdict(scanner.behaviour), "seen": asdict(scanner.seen)}).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _behaviour(body: Any) -> Behaviour:
    """Raises ValueError."""
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004 -- for whoever sent it, this is a wrong value
    for name, value in body.items():
        if name not in KINDS or not isinstance(value, KINDS[name]):
            raise ValueError("away, slow_s (a number) and garbled are known")
    return Behaviour(**body)
