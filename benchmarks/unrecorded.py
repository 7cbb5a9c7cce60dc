"""The page of ``/rent`` that leaves no audit record, beside the one that does: what the record costs.

It is for the benchmark alone: a service of its own, at another address, in the portal as it is.
"""

from flask import Blueprint, Flask, Response

from benchmarks import production
from portal.blueprints.rent import queries
from portal.blueprints.rent.routes.words import in_words
from portal.council_service import CouncilService, Face
from portal.db import at_once
from portal.i18n import lazy_gettext as _l
from portal.party import Level
from portal.registry import SERVICES
from portal.web import current
from portal.web.pages import page

PATH = "/unrecorded/rent"
bp = Blueprint("unrecorded", __name__, url_prefix="/unrecorded")
SERVICE = CouncilService(
    slug="unrecorded",
    name=_l("Rent"),
    faces=(Face("resident", bp, least=Level.MEDIUM),),
    presence="always",
)


@bp.get("/rent")
def rent() -> Response:
    with at_once(current.db()) as connection:
        found = queries.accounts(connection, current.party(), at=current.now())
    return page("rent/accounts.html", accounts=[(account, in_words(account)) for account in found])


def create_app() -> Flask:
    """Return the portal with this page in it."""
    return production.create_app((*SERVICES, SERVICE))
