"""A load generator: a few connections that are kept open, each asking again as soon as it has its answer."""

import socket
import threading
import time
from dataclasses import dataclass, field
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
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    request = (
        f"GET {parts.path}{query} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    ).encode()
    result = Result(seconds)
    ends_at = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_ask, args=(parts.hostname, parts.port, request, ends_at, result))
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return result


def _ask(host: str, port: int, request: bytes, ends_at: float, result: Result) -> None:
    spans, statuses = [], set()
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (begun := time.perf_counter()) and time.monotonic() < ends_at:
            connection.sendall(request)
            statuses.add(_read_answer(connection))
            spans.append(time.perf_counter() - begun)
    result.spans.extend(spans)
    result.statuses.update(statuses)


def _read_answer(connection: socket.socket) -> int:
    """Read one whole answer and return its status."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
    return int(head[9:12])
