"""The beginning and end of each request: its id, its line in the log. Neither holds an address with ids, nor a name."""

import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.logs import request_id
from portal.settings import Settings

log = structlog.get_logger("portal.web")

MAX_BODY = 1024 * 1024
"""Bytes. No form of the portal is larger; whoever uploads documents says so for that page."""


def install(app: Flask, settings: Settings) -> None:
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY, MAX_FORM_PARTS=1000)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.monotonic()
    request_id.set(uuid4().hex)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id.get()
    milliseconds = round((time.monotonic() - g.began) * 1000, 1) if "began" in g else None
    log.info("request", endpoint=request.endpoint, method=request.method, status=response.status_code, ms=milliseconds)
    return response
