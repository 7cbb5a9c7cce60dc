"""A client that behaves as a browser does (it sends the token of the form that it was shown) and checks each page."""

from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.identity import sessions
from portal.models import Person
from portal.party import Level
from portal.web import current
from portal.web.sessions import COOKIE, PLAIN_COOKIE
from tests.support import pages

ENDS_HELP = ("/staff/assist/finish", "/sign-out")


class CheckingClient(FlaskClient):
    """Flask's test client with a page checker on every response, and a form's token sent along."""

    token: str | None = None
    helping: bool = False
    """Staff help a resident in this browser."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.request.method == "POST" and response.request.path in ENDS_HELP and response.location:
            self.helping = False
        pages.check(response, helping=self.helping)
        if response.mimetype == "text/html" and not response.content_encoding and response.text.strip():
            for token in pages.find(response.text, "//input[@name='csrf_token']/@value")[:1]:
                self.token = token
        return response

    def submit(self, address: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Open the page at ``address`` as a person would, fill its form in and send it to the same address."""
        self.get(address)
        return self.send(address, data, **kwargs)

    def send(self, address: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with the token of the page that was seen last."""
        return self.post(address, data={"csrf_token": self.token, **(data or {})}, **kwargs)

    def sign_in(
        self,
        person: Person | UUID,
        *,
        level: Level = Level.MEDIUM,
        fresh: bool = True,
        data: dict[str, Any] | None = None,
    ) -> "CheckingClient":
        """Give this browser a session of ``person``, as if they had signed in. data: what lies in the session."""
        app: Flask = self.application
        with app.app_context(), Session(current.resources().engine) as db:
            now = current.now()
            token = sessions.begin(
                db,
                person_id=person if isinstance(person, UUID) else person.id,
                level=level,
                lifetimes=sessions.Lifetimes(current.settings().resident_idle, current.settings().resident_absolute),
                data=data or {},
                device="Firefox, Linux",
                at=now,
                proven_at=now if fresh else now - current.settings().fresh_for * 2,
            )
            db.commit()
        self.set_cookie(PLAIN_COOKIE, token)
        self.helping = False
        return self

    @property
    def session_token(self) -> str | None:
        """Return the token of this browser's session cookie."""
        cookie = self.get_cookie(PLAIN_COOKIE) or self.get_cookie(COOKIE)
        return cookie.value if cookie else None
