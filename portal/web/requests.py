"""The beginning and end of each request: its id, its line in the log. Neither holds an address with ids, nor a name."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from flask import Flask, Response, abort, current_app, g, request
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.logs import get_logger, request_id
from portal.settings import Settings
from portal.web import metrics, problems

log = get_logger("portal.web")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of which no page reads a form."""

MAX_BODY = 1024 * 1024
"""Bytes. No form of the portal is larger; whoever uploads documents says so for that page."""


View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Room:
    """How much one page takes of somebody who is signed in. body: bytes. parts: fields and files."""

    body: int
    parts: int


def takes(*, body: int, parts: int) -> Callable[[View], View]:
    """Say that a page takes more than others do, of those who are signed in."""

    def mark(view: View) -> View:
        view.portal_takes = Room(body, parts)  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask, settings: Settings) -> None:
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY, MAX_FORM_PARTS=1000)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.log_exception = _log_exception  # type: ignore[method-assign]
    app.ensure_sync = _as_it_is  # type: ignore[method-assign]
    app.before_request(_begin)
    app.before_request(_refuse_nul)
    app.after_request(_end)
    app.teardown_request(_forget)


def _as_it_is(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view, or what runs around one: Flask asks of each whether it is asynchronous, and none of ours is."""
    return func


def _begin() -> None:
    g.began = time.monotonic()
    request_id.set(uuid4().hex)
    view = current_app.view_functions.get(request.endpoint or "")
    room: Room | None = getattr(view, "portal_takes", None)
    if room and current_user.is_authenticated:
        request.max_content_length, request.max_form_parts = room.body, room.parts


def _refuse_nul() -> None:
    """Refuse what nobody types and PostgreSQL keeps in no text."""
    for given in (request.args,) if request.method in SAFE else (request.args, request.form):
        if any("\0" in value for values in given.listvalues() for value in values):
            abort(400)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id.get()
    status = response.status_code
    seconds = time.monotonic() - g.began if "began" in g else 0.0  # nothing began if the session could not be opened
    metrics.count(request.endpoint, request.method, status, seconds)
    write = log.debug if problems.is_for_program() and status < 400 else log.info  # they ask every few seconds
    write("request", endpoint=request.endpoint, method=request.method, status=status, ms=round(seconds * 1000, 1))
    return response


def _forget(_: BaseException | None) -> None:
    """Let go of the id: what this thread logs between two requests belongs to neither."""
    request_id.set("")


def _log_exception(exc_info: Any) -> None:
    """Log what Flask would, without the address that it puts into its message: links hold codes."""
    log.error("request failed", endpoint=request.endpoint, method=request.method, exc_info=exc_info)
