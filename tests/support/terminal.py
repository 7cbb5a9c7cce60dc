"""A bare SIP2 terminal: sends what it is told to, byte for byte, and returns what comes."""

import socket
import ssl
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
THEN = "20261124    100000"
"""``NOW`` as a date of 18 characters."""
NEVER = " " * 18
ROWAN = "29999000004417"
WHO = f"AOMILLBROOK|AA{ROWAN}|AD2580|"
FERRY, HERON, BREAD = "39999000000301", "39999000000401", "39999000000701"
"""Loans of Rowan's: three days late; reserved by somebody else; at the limit of renewals."""
SALT, TIDE = "39999000000201", "39999000002601"
"""Holds of Rowan's: ready; first in the queue."""
LOGIN = "9300CNmillbrook-portal|COweir-lamp-31|"
PATIENCE_S = 5.0


class Terminal:
    """Use as a context manager. tls: with it, the connection is secured; host: whom the certificate must be for."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, encoding: str = "cp850") -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._socket = tls.wrap_socket(plain, server_hostname="localhost") if tls else plain
        self._encoding = encoding

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, text: str, *, ending: str = "\r") -> str:
        """Return the answer without its terminator. Raises EOFError when the connection ended instead."""
        self.send(text, ending=ending)
        return self.hear()

    def send(self, text: str, *, ending: str = "\r") -> None:
        self._socket.sendall((text + ending).encode(self._encoding))

    def hear(self, end: bytes = b"\r") -> str:
        """Return one answer, without line ends. Raises EOFError, TimeoutError."""
        heard = b""
        while not heard.endswith(end):
            heard += self._byte()
        return heard.decode(self._encoding).strip("\r\n")

    def hear_packet(self) -> bytes:
        """Return what has come in one piece; empty when the connection ended."""
        try:
            return self._socket.recv(4096)
        except ConnectionResetError:
            return b""

    def ends(self) -> bool:
        """Tell whether the other side closes without another byte."""
        return self.hear_packet() == b""

    def silent(self, seconds: float = 0.15) -> bool:
        """Tell whether nothing comes, and the connection stays, for so long."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(PATIENCE_S)
        return False

    def _byte(self) -> bytes:
        try:
            byte = self._socket.recv(1)
        except ConnectionResetError:
            byte = b""
        if not byte:
            raise EOFError
        return byte


def checked(text: str, sequence: int | None = None) -> str:
    """Return a message of ASCII with its error detection."""
    text += f"AY{sequence}AZ" if sequence is not None else "AZ"
    return f"{text}{-sum(text.encode('ascii')) & 0xFFFF:04X}"


def values(answer: str, name: str, delimiter: str = "|") -> list[str]:
    """Return the variable fields of one name, for answers whose fixed fields hold none of the same letters."""
    return [part[2:] for part in answer.split(delimiter)[1:] if part.startswith(name)]


def summary(place: int) -> str:
    """Return the summary field of 63 that asks for one list."""
    return " " * place + "Y" + " " * (9 - place)
