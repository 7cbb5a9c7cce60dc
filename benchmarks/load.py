"""A load generator: a few connections that are kept open, each asking again as soon as it has its answer."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit


@dataclass
class Result:
    """Spans of all requests in seconds, and how many there were in a second."""

    seconds: float
    spans: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    @property
    def per_second(self) -> float:
        return len(self.spans) / self.seconds

    def percentile_ms(self, part: float) -> float:
        return sorted(self.spans)[int(len(self.spans) * part)] * 1000


def load(address: str, *, cookie: str, seconds: float, connections: int = 4) -> Result:
    """Ask for ``address`` during ``seconds`` over ``connections``, and return what came of it."""
    result = Result(seconds)
    _ask_all(address, [[(_request(address, cookie), result)]] * connections, seconds)
    return result


def crowd(server: str, paths: Sequence[str], *, cookies: Sequence[str], seconds: float) -> dict[str, Result]:
    """Let many people ask for all paths in turn, each over a connection of their own, and return what came of each
    path. Not all begin with the same one.
    """
    results = {path: Result(seconds) for path in paths}
    people = []
    for number, cookie in enumerate(cookies):
        first = number % len(paths)
        turns = [*paths[first:], *paths[:first]]
        people.append([(_request(f"{server}{path}", cookie), results[path]) for path in turns])
    _ask_all(server, people, seconds)
    return results


def _request(address: str, cookie: str) -> bytes:
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    head = f"GET {parts.path}{query} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    return head.encode()


def _ask_all(server: str, people: Sequence[Sequence[tuple[bytes, Result]]], seconds: float) -> None:
    """Let each ask in turn for what they ask, until ``seconds`` are over."""
    ends_at = time.monotonic() + seconds
    threads = [threading.Thread(target=_ask, args=(server, asked, ends_at)) for asked in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask(server: str, asked: Sequence[tuple[bytes, Result]], ends_at: float) -> None:
    parts = urlsplit(server)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request, result in cycle(asked):
            if time.monotonic() >= ends_at:
                return
            begun = time.perf_counter()
            connection.sendall(request)
            result.statuses.add(_read_answer(connection))
            result.spans.append(time.perf_counter() - begun)


def _read_answer(connection: socket.socket) -> int:
    """Read one whole answer and return its status."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    length = next(lengths, 0)  # an answer without a body has none
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
    return int(head[9:12])
