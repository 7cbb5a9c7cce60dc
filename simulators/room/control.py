"""The screens over HTTP to this machine, for people and for curl, and what the computers are told to do."""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from simulators.room.computer import Computer
from simulators.room.page import page
from simulators.room.room import Room

_LOCAL = "127.0.0.1"
_BIGGEST = 4096
_LOOK_UP_S = 0.1
_OWN = (None, "none", "same-origin")
"""What a browser says of where a form was, if it is this page's; curl says nothing."""


def _faults(computer: Computer, body: Any) -> None:
    for name, kind in (("silent", bool), ("slow_s", (int, float)), ("replays", bool)):
        if isinstance(value := body.get(name), kind):
            setattr(computer.faults, name, value)


_ACTIONS: dict[str, Callable[[Computer, Any], None]] = {
    "finish": lambda computer, _: computer.finish(),
    "close-message": lambda computer, _: computer.close_message(),
    "ask": lambda computer, _: computer.ask(),
    "faults": _faults,
}


class Control:
    """Use as a context manager around a room. port: 0 takes a free one."""

    def __init__(self, room: Room, *, port: int = 0) -> None:
        self._server = _Server(room, port)
        self._thread = Thread(target=self._server.serve_forever, args=(_LOOK_UP_S,), name="room-control", daemon=True)

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

    def __init__(self, room: Room, port: int) -> None:
        super().__init__((_LOCAL, port), _Handler)
        self.room = room


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        seen = [computer.seen() for computer in self.server.room.computers.values()]
        match self.path:
            case "/":
                self._send(HTTPStatus.OK, "text/html", page(seen))
            case "/state":
                self._send(HTTPStatus.OK, "application/json", json.dumps(seen, indent=1))
            case _:
                self._send(HTTPStatus.NOT_FOUND, "text/plain", "GET / or /state")

    def do_POST(self) -> None:
        _, name, action, *more = (*self.path.split("/"), "", "")
        computer, act = self.server.room.computers.get(name), _ACTIONS.get(action)
        if self.headers.get("Sec-Fetch-Site") not in _OWN or computer is None or act is None or any(more):
            actions = ", ".join(_ACTIONS)
            self._send(HTTPStatus.NOT_FOUND, "text/plain", f"POST /NAME/ACTION, where ACTION is one of {actions}")
            return
        act(computer, self._body())
        if "text/html" in self.headers.get("Accept", ""):
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.end_headers()
        else:
            self._send(HTTPStatus.OK, "application/json", json.dumps(computer.seen(), indent=1))

    def _body(self) -> Any:
        """Return a JSON object; an empty one if that isn't what was sent."""
        text = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _BIGGEST))
        try:
            body = json.loads(text or b"{}")
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: what matters is in ``/state``."""
