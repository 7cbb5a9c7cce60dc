"""What programs are told instead of an error page: problem details, at every address below ``/api/``.

Source: RFC 9457.
"""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

BELOW = "/api/"


class Problem(HTTPException):
    """why: a code that programs decide by. detail: for whoever reads a program's log. more: members besides."""

    def __init__(
        self, status: HTTPStatus, why: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(description=detail)
        self.code = status
        self.members = {"code": why, "detail": detail, **more}
        self.headers = headers or {}

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), *self.headers.items()]


def is_for_program() -> bool:
    """Tell whether a program asked, which reads no pages."""
    return request.path.startswith(BELOW)


def answer(status: int, error: HTTPException | None = None) -> Response:
    """Return what went wrong as a program reads it; of what isn't a ``Problem``, no more than its status says."""
    members = error.members if isinstance(error, Problem) else {}
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **members}
    return Response(json.dumps(body), status, mimetype="application/problem+json")
