"""What pages ask by themselves, each minute, of everybody who has one open: is it still true?

Answered before Flask begins, after the portal's own session check, by the service's one read: so many pages may ask.
Who is signed out, is being helped, or asks for what isn't theirs is sent on to the page's route, behind its guard; so
are all while the database is away. Such a question keeps no session alive, and shows nothing that wasn't shown: it
leaves no audit record and no line in the log. ``/metrics`` counts it.
"""

import time
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portal.council_service import CouncilService, Glance
from portal.identity import sessions
from portal.web import current, metrics
from portal.web.headers import of_files
from portal.web.sessions import COOKIE, LOADED, PLAIN_COOKIE


def install(app: Flask, services: tuple[CouncilService, ...]) -> None:
    """Answer the services' glances before anything else runs."""
    glances = [service.glance for service in services if service.glance]
    resources = current.resources_of(app)
    names = (COOKIE,) if resources.settings.profile == "production" else (COOKIE, PLAIN_COOKIE)
    reads = resources.engine.execution_options(isolation_level="AUTOCOMMIT")
    headers = of_files(resources.settings) | {"Cache-Control": "no-store", "Vary": "Cookie"}
    serve_page = app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = time.monotonic()
        asked = next((found for glance in glances if (found := _asked(glance, environ))), None)
        token = _token(environ, names) if asked else None
        response = answer(*asked, token=token, environ=environ) if asked and token else None
        if asked is None or response is None:
            return serve_page(environ, start_response)
        response.headers.extend(headers)
        metrics.count(asked[0].endpoint, "GET", response.status_code, time.monotonic() - began)
        return response(environ, start_response)

    def answer(glance: Glance, id_: UUID, seen: str, *, token: str, environ: dict[str, Any]) -> Response | None:
        now = current.resources_of(app).clock.now()
        try:
            with reads.connect() as connection:
                session = environ[LOADED] = sessions.load(connection, token, at=now)
                if session is None or session.holder is None or session.helping:
                    return None
                return glance.answer(connection, session.holder.id, id_, seen, now)
        except SQLAlchemyError:
            return None

    app.wsgi_app = serve  # type: ignore[method-assign]


def _asked(glance: Glance, environ: dict[str, Any]) -> tuple[Glance, UUID, str] | None:
    """Return what a page asks: of which row of the service's, and what it shows. None if it is another request."""
    path: str = environ["PATH_INFO"]
    if not (path.startswith(glance.before) and path.endswith(glance.after)):
        return None
    if environ["REQUEST_METHOD"] != "GET":
        return None
    try:
        id_ = UUID(path.removeprefix(glance.before).removesuffix(glance.after))
    except ValueError:
        return None
    [seen, *_] = parse_qs(environ.get("QUERY_STRING", "")).get("seen", [""])
    return glance, id_, seen


def _token(environ: dict[str, Any], names: tuple[str, ...]) -> str | None:
    try:
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return None
    return next((cookies[name].value for name in names if name in cookies), None)
