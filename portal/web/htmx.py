"""The one door to htmx-flask, which has no types."""

from typing import cast

from flask import Flask, request
from htmx_flask import Htmx
from htmx_flask.requests import HtmxHeaders


def install(app: Flask) -> None:
    Htmx(app)


def htmx() -> HtmxHeaders | None:
    """Return what htmx says of this request, or None if it isn't one of htmx's."""
    headers = cast(HtmxHeaders, request.htmx)  # type: ignore[attr-defined]  # set by the extension's request class
    return headers if headers else None


def wanted_target() -> str | None:
    """Return the id of the element that htmx is about to swap; None if a whole page is wanted."""
    headers = htmx()
    return headers.target if headers and not headers.history_restore_request else None
