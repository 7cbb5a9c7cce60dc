"""The program that locks a computer, as whoever reads ``docs/computers.md`` would write it: of the portal's code it
knows nothing.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HEARTBEAT, END, ENROL = "/api/computers/heartbeat", "/api/computers/end", "/api/computers/enrol"
JSON = "application/json"


@dataclass
class Program:
    """key: in base64. counter: of the last request."""

    client: FlaskClient
    computer: str
    key: str
    counter: int = 0

    def header(self, path: str, body: bytes, *, counter: int | None = None, method: str = "POST") -> str:
        """Return what a request carries as ``Authorization``. counter: None for the next."""
        if counter is None:
            counter = self.counter = self.counter + 1
        text = f"{method}\n{path}\n{counter}\n{hashlib.sha256(body).hexdigest()}"
        signature = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).hexdigest()
        return f'Portal-HMAC-SHA256 computer="{self.computer}", counter="{counter}", signature="{signature}"'

    def send(self, path: str, body: bytes, *, counter: int | None = None, **more: Any) -> TestResponse:
        headers = {"Authorization": self.header(path, body, counter=counter)}
        return self.client.post(path, data=body, content_type=JSON, headers=headers, **more)

    def heartbeat(self, *, is_locked: bool = True, acknowledged: str | None = None) -> TestResponse:
        sent = {"is_locked": is_locked} | ({"acknowledged": acknowledged} if acknowledged else {})
        return self.send(HEARTBEAT, json.dumps(sent).encode())

    def told(self, **said: Any) -> Any:
        """Return the answer to a heartbeat that is well."""
        response = self.heartbeat(**said)
        assert response.status_code == 200, response.text
        return response.json

    def end(self, session: str) -> Any:
        response = self.send(END, json.dumps({"session": session}).encode())
        assert response.status_code == 200, response.text
        return response.json


def enrol(client: FlaskClient, code: str) -> TestResponse:
    return client.post(ENROL, json={"code": code})


def enrolled(client: FlaskClient, code: str) -> Program:
    response = enrol(client, code)
    assert response.status_code == 201, response.text
    got: dict[str, str] = response.get_json()
    return Program(client, got["computer"], got["key"])
