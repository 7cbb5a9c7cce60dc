"""What somebody sees or sends behind a guard is on record: a page whose action left no record gets one here.

So no page can be forgotten. A page that can't be put on record isn't shown.
"""

from flask import Flask, Response, g, request
from flask_login import current_user

from portal.audit import has_recorded, record
from portal.db import at_once
from portal.identity.visits import PAGE_SEEN, PAGE_SENT
from portal.party import Party
from portal.web import current
from portal.web.pages import WITH_ERRORS
from portal.web.requests import SAFE

PUBLIC = frozenset({"home", "energy_check"})
"""Blueprints whose public pages show who is signed in something of theirs."""


def install(app: Flask) -> None:
    app.after_request(_note)


def _note(response: Response) -> Response:
    party = _whose_page()
    if party and not has_recorded() and (_shows(response) or _took(response)):
        act = PAGE_SEEN if request.method in SAFE else PAGE_SENT
        with at_once(current.db()) as connection:
            record(connection, party, act, at=current.now(), object=f"page:{request.endpoint}")
    return response


def _whose_page() -> Party | None:
    """Return who acts and for whom, where a page may show something of somebody."""
    found: Party | None = g.get("party")
    if found is None and request.blueprint in PUBLIC and current_user.is_authenticated:
        found = current_user.party()
    return found


def _shows(response: Response) -> bool:
    """Tell whether there is something to see: no redirection, no "nothing has changed", no failure."""
    return response.status_code == 200 or response.status_code in WITH_ERRORS


def _took(response: Response) -> bool:
    """Tell whether what was sent was taken."""
    return request.method not in SAFE and response.status_code < 400
