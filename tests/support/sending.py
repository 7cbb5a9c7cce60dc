"""Somebody who is signed in at a portal that is served, and sends files to their form: over the wire, by hand."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.schemes.household import Nation
from portal.clock import SystemClock
from portal.identity import sessions
from portal.models import Person
from portal.party import Level, Party
from portal.sealed import Sealer
from portal.settings import Settings
from portal.web.sessions import PLAIN_COOKIE

BOUNDARY = "----a-boundary-that-stands-in-no-file"
SCHEMES: Final = {"crisis-and-resilience-fund": "2026-29"}
KIND: Final = "bank_statements"
"""What the form is for, and one kind of evidence that it asks for."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str

    @property
    def errors(self) -> list[str]:
        """Return what the error summary says."""
        listed = re.search(r"error-summary__list\">(.*?)</ul>", self.text, re.DOTALL)
        return [one.strip() for one in re.findall(r"<a[^>]*>(.*?)</a>", listed[1])] if listed else []


@dataclass
class Sender:
    """address: of the portal. token: of the session. application: whose form it is."""

    address: str
    token: str
    application: UUID
    csrf: str = field(default="", repr=False)

    @property
    def evidence(self) -> str:
        return f"/energy/applications/{self.application}/evidence/{KIND}"

    def get(self, path: str) -> Answer:
        answer = self._ask("GET", path)
        if token := re.search(r'name="csrf_token" value="([^"]+)"', answer.text):
            self.csrf = token[1]
        return answer

    def send(self, path: str, **given: str) -> Answer:
        body = urlencode({"csrf_token": self.csrf, **given}).encode()
        return self._ask("POST", path, body, "application/x-www-form-urlencoded")

    def add(self, *files: tuple[str, bytes]) -> Answer:
        """Add files, with the token of the page that was seen last."""
        return self._ask("POST", self.evidence, self._parts(files), f"multipart/form-data; boundary={BOUNDARY}")

    def _parts(self, files: Iterable[tuple[str, bytes]]) -> bytes:
        fields = [(b'name="csrf_token"', self.csrf.encode())]
        fields += [(f'name="files"; filename="{name}"'.encode(), content) for name, content in files]
        parts = [
            b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (BOUNDARY.encode(), head, content)
            for head, content in fields
        ]
        return b"".join([*parts, b"--%s--\r\n" % BOUNDARY.encode()])

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        connection = HTTPConnection("127.0.0.1", urlsplit(self.address).port or 80, timeout=120)
        headers = {"Cookie": f"{PLAIN_COOKIE}={self.token}"} | ({"Content-Type": kind} if kind else {})
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()


def begin_form(
    db: Session, sealer: Sealer, person: Person, *, schemes: Mapping[str, str] = SCHEMES, nation: Nation = "england"
) -> UUID:
    """Begin a form of somebody's. schemes: the edition by the scheme."""
    party = Party(subject=person.id, actor=person.id, level=Level.MEDIUM)
    now = SystemClock().now()
    return drafting.begin(db, sealer, party, schemes, Answers.none(nation), now=now)


def sign_in(db: Session, settings: Settings, person: Person) -> str:
    """Return the token of a new session."""
    now = SystemClock().now()
    given: dict[str, Any] = {"data": {}, "device": "Firefox, Linux", "at": now, "proven_at": now}
    lifetimes = sessions.Lifetimes(settings.resident_absolute, settings.resident_absolute)
    token = sessions.begin(db, person_id=person.id, level=Level.MEDIUM, lifetimes=lifetimes, **given)
    db.commit()
    return token
