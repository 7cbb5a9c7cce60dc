"""The language of a page: ``?lang=``, else the person's, else a visitor's cookie, else what the browser asks for."""

from urllib.parse import urlencode

from flask import Flask, Response, g, request
from flask_login import current_user
from sqlalchemy import update

from portal.db import committing
from portal.i18n import LANGUAGES, set_locale
from portal.models import Person
from portal.web import current, sessions

COOKIE = "lang"
A_YEAR = 365 * 24 * 3600


def cookie_name() -> str:
    """Return the name of the cookie that keeps a visitor's language, as this browser gets it."""
    return sessions.cookie_name(COOKIE)


def language() -> str:
    """Return the language of this response, one of those that the council offers."""
    found = g.get("language")
    if found is None:
        found = g.language = _asked_for() or _of_person() or _of_visitor()
    return str(found)


def choices() -> list[tuple[str, str, str, bool]]:
    """Return the languages offered: code, own name, address of this page in it, whether it's the present one."""
    others, shown = request.args.to_dict(), language()
    return [
        (code, LANGUAGES[code], "?" + urlencode(others | {"lang": code}), code == shown)
        for code in current.council().languages
    ]


def install(app: Flask) -> None:
    app.jinja_env.globals["languages"] = choices
    app.jinja_env.globals["language"] = language
    app.before_request(_begin)
    app.after_request(_remember)


def _asked_for() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in current.council().languages else None


def _of_person() -> str | None:
    language = getattr(current_user, "language", None)  # a visitor has none
    return language if language in current.council().languages else None


def _of_visitor() -> str:
    offered = current.council().languages
    kept = request.cookies.get(cookie_name())
    return kept if kept in offered else request.accept_languages.best_match(offered) or offered[0]


def _begin() -> None:
    set_locale(language(), current.council().zone)
    asked = _asked_for()
    if asked and current_user.is_authenticated and current_user.language != asked:
        with committing(current.db()):
            current.db().execute(update(Person).where(Person.id == current_user.person_id).values(language=asked))


def _remember(response: Response) -> Response:
    response.headers.setdefault("Content-Language", language())
    if _asked_for():
        sessions.set_cookie(response, cookie_name(), language(), max_age=A_YEAR)
    return response
