"""Error pages, in plain words: what happened, why, what to do now. They need neither database nor session.

Programs get problem details instead.
"""

from typing import Any

from flask import Flask, Response, current_app, flash, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from portal.i18n import gettext as _
from portal.i18n import set_locale
from portal.web import current, helping, problems
from portal.web.htmx import htmx
from portal.web.languages import language

PAGES = frozenset({400, 403, 404, 405, 409, 413, 419, 429, 500, 503})
FORM_EXPIRED = 419
"""A name for the page only: its status is 400."""
HELPING = "helping"
"""Of the page that tells staff what a help doesn't reach: its status is 403."""


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)


def _form_expired(_error: CSRFError) -> AnyResponse:
    """Send who has been signed out meanwhile to sign in and back; tell others that the page is too old."""
    turned_away = None if current_user.is_authenticated else _answer_of_guard()
    if turned_away is None:
        return error_page(FORM_EXPIRED, status=400)
    flash(_("To keep your account safe, you were signed out. Nothing was sent. Sign in to go on."), "problem")
    return turned_away


def _answer_of_guard() -> AnyResponse | None:
    guards = current_app.before_request_funcs.get(request.blueprint, [])
    return next((answer for guard in guards if isinstance(answer := guard(), AnyResponse)), None)


def _database_away(error: Exception) -> Response:
    current_app.logger.error("the database is away", exc_info=error)
    return problems.answer(503) if problems.is_for_program() else error_page(503, status=503)


def _http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    response = _answer(error, status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _answer(error: HTTPException, status: int) -> Response:
    if problems.is_for_program():
        return problems.answer(status, error)
    if status == 403 and helping.why_refused():
        return _refused_in_help()
    return error_page(_name(status), status=status)


def _name(status: int) -> int:
    return status if status in PAGES else 500 if status >= 500 else 400


def _refused_in_help() -> Response:
    return error_page(HELPING, status=403, why=helping.why_refused())


def error_page(name: int | str, *, status: int, **context: Any) -> Response:
    """Return the page ``errors/<name>.html``. htmx is told to put the whole page in place of the present one."""
    set_locale(language(), current.council().zone)
    response = make_response(render_template(f"errors/{name}.html", title_prefix="", status=status, **context), status)
    if htmx():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
