"""The portal as it is served, while somebody with one bar of signal sends a form byte by byte."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from tests.support.server import serving

CLIENTS = 3
EVERY_S = 0.05
WITHIN_S = 1.5
"""A page takes some 10 ms; a machine that does other things as well takes longer, but not that long."""
BODY = b"name=" + b"x" * 20_000


class SlowClient:
    """Sends the head of a form, and then its body byte by byte until it is let finish."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=10)
        self._sent = 0
        head = (
            f"POST /sign-in HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
        )
        self._socket.sendall(head.encode())

    def send_a_byte(self) -> None:
        self._socket.sendall(BODY[self._sent : self._sent + 1])
        self._sent += 1

    def has_answer(self) -> bool:
        self._socket.setblocking(False)
        try:
            return bool(self._socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(10)

    def finish(self) -> bytes:
        """Send the rest at once; return the first line of the answer."""
        self._socket.sendall(BODY[self._sent :])
        return self._socket.recv(4096).partition(b"\r\n")[0]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def address(database_url: str) -> Iterator[tuple[str, int]]:
    with serving(database_url) as url:
        parts = urlsplit(url)
        yield "127.0.0.1", parts.port or 80


@pytest.fixture
def slow_clients(address: tuple[str, int]) -> Iterator[list[SlowClient]]:
    """Clients in the midst of sending; they go on until the test is over."""
    over = Event()
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(SlowClient(*address))) for _ in range(CLIENTS)]

        def trickle() -> None:
            while not over.wait(EVERY_S):
                for client in clients:
                    client.send_a_byte()

        thread = Thread(target=trickle)
        stack.callback(thread.join)
        stack.callback(over.set)
        thread.start()
        time.sleep(10 * EVERY_S)  # until the server has begun to read what they send
        yield clients


def seconds_for(address: tuple[str, int], path: str) -> float:
    begun = time.monotonic()
    connection = HTTPConnection(*address, timeout=WITHIN_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    return time.monotonic() - begun


@pytest.mark.parametrize("path", ["/", "/sign-in", "/health/ready"])
def test_others_get_their_pages_meanwhile(address: tuple[str, int], slow_clients: list[SlowClient], path: str) -> None:
    taken = [seconds_for(address, path) for _ in range(5)]
    assert max(taken) < WITHIN_S
    assert not any(client.has_answer() for client in slow_clients), "they were to be slow all the while"


def test_slow_clients_are_answered_when_they_have_sent_all(address: tuple[str, int]) -> None:
    client = SlowClient(*address)
    for _ in range(5):
        time.sleep(EVERY_S)
        client.send_a_byte()
    assert client.finish() == b"HTTP/1.1 400 Bad Request"  # a form without a token
    client.close()
