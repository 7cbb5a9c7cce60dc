"""Requests to the portal, over HTTP, each signed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import urlsplit

ENROL, HEARTBEAT, END = (f"/api/computers/{last}" for last in ("enrol", "heartbeat", "end"))


class NoAnswer(Exception):
    """No network, no portal, or nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """body: JSON, of an error its problem details. retry_after_s: 0 if it wasn't said."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    retry_after_s: int = 0


@dataclass(slots=True)
class Credential:
    """What a program was given. counter: of the last request."""

    computer: str
    key: bytes
    counter: int = 0

    def header(self, path: str, body: bytes, counter: int) -> str:
        text = f"POST\n{path}\n{counter}\n{hashlib.sha256(body).hexdigest()}"
        signature = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return f'Portal-HMAC-SHA256 computer="{self.computer}", counter="{counter}", signature="{signature}"'


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent, and could be sent again. authorization: empty where there is nothing to sign with."""

    path: str
    body: bytes
    authorization: str = ""


class Line(Protocol):
    def send(self, request: Request, *, pause_s: float = 0) -> Answer:
        """Send a request. pause_s: between its head and its body. Raises NoAnswer."""
        ...


def request(path: str, values: Mapping[str, Any], credential: Credential | None = None) -> Request:
    """Return a request, signed with the next counter if there is something to sign with."""
    body = json.dumps(values).encode()
    if credential is None:
        return Request(path, body)
    credential.counter += 1
    return Request(path, body, credential.header(path, body, credential.counter))


def credential_from(answer: Answer) -> Credential:
    return Credential(str(answer.body["computer"]), base64.b64decode(answer.body["key"]))


class Portal:
    """The portal at an address. One connection for each request: they are seconds apart."""

    def __init__(self, address: str, *, timeout_s: float = 10) -> None:
        self._address, self._timeout_s = urlsplit(address), timeout_s

    def send(self, request: Request, *, pause_s: float = 0) -> Answer:
        connection = self._connection()
        try:
            connection.putrequest("POST", request.path)
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(request.body)))
            if request.authorization:
                connection.putheader("Authorization", request.authorization)
            connection.endheaders()
            if pause_s:
                time.sleep(pause_s)
            connection.send(request.body)
            response = connection.getresponse()
            body = json.loads(response.read() or b"{}")
            return Answer(response.status, body, int(response.headers.get("Retry-After") or 0))
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswer(str(error)) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        return kind(self._address.hostname or "", self._address.port, timeout=self._timeout_s)
