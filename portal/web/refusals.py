"""Who was kept from what: of somebody signed in the audit keeps it, of a stranger the request's line in the log.

So a stranger costs the database nothing, however much they ask for.
Source: OWASP ASVS 5.0, V16.3.
"""

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from portal.audit import record
from portal.db import committing
from portal.web import current

ACT = "access.refused"

WHY = {403: "forbidden", 404: "not-found", 429: "tries"}
"""Where no guard said why: a page's own refusals, such as what isn't there or belongs to somebody else."""


def install(app: Flask) -> None:
    app.after_request(_note)


def because(why: str) -> None:
    """Say why this request is refused or put off. why: a code."""
    g.refused = why


def _note(response: Response) -> Response:
    why = g.get("refused") or WHY.get(response.status_code)
    if why and request.endpoint and current_user.is_authenticated:
        _record(why)
    return response


def _record(why: str) -> None:
    """Add the record. Without it the refusal stands all the same."""
    db, page = current.db(), f"page:{request.endpoint}"
    db.rollback()
    try:
        with committing(db):
            record(db, current_user.party(), ACT, at=current.now(), object=page, outcome="refused", why=why)
    except SQLAlchemyError:
        current_app.logger.exception("a refusal could not be recorded")
