"""What the simulator does and holds, and how to change it, over HTTP to this machine: for processes, and for curl."""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from simulators.library.commands import Commands
from simulators.library.fitting import DoesNotFit
from simulators.library.simulator import LibrarySimulator
from simulators.library.wording import Refusal

_LOCAL = "127.0.0.1"
_BIGGEST = 65536
_LOOK_UP_S = 0.1
"""How long the end may go unnoticed."""


class Control:
    """Use as a context manager around a simulator. port: 0 takes a free one."""

    def __init__(self, library: LibrarySimulator, *, port: int = 0) -> None:
        self._server = _Server(Commands(library), port)
        self._thread = Thread(
            target=self._server.serve_forever, args=(_LOOK_UP_S,), name="library-control", daemon=True
        )

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{_LOCAL}:{self.port}"

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

    def __init__(self, commands: Commands, port: int) -> None:
        super().__init__((_LOCAL, port), _Handler)
        self.commands = commands


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        read = self.server.commands.reading.get(address.path)
        if read is None:
            self._not_found()
        else:
            self._run(lambda: read(dict(parse_qsl(address.query))))

    def do_POST(self) -> None:
        change = self.server.commands.changing.get(self.path)
        if change is None:
            self._not_found()
        else:
            self._run(lambda: change(self._body()))

    def do_DELETE(self) -> None:
        if self.path == "/faults":
            self._run(self.server.commands.behave)
        else:
            self._not_found()

    def _run(self, answer: Callable[[], Any]) -> None:
        try:
            self._send(HTTPStatus.OK, answer())
        except (DoesNotFit, Refusal) as error:
            self._send(HTTPStatus.BAD_REQUEST, {"error": str(error)})

    def _not_found(self) -> None:
        commands = self.server.commands
        self._send(HTTPStatus.NOT_FOUND, {"GET": sorted(commands.reading), "POST": sorted(commands.changing)})

    def _body(self) -> Any:
        text = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _BIGGEST))
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise DoesNotFit("this is no JSON") from None

    def _send(self, status: HTTPStatus, body: Any) -> None:
        content = json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: what matters is in the journal."""
