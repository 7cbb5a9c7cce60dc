"""Energy help for staff. Until casework has its pages: the files of applications that were sent, one by one."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, abort
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.queries import evidence as queries
from portal.blueprints.energy.routes import opening
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH
from portal.party import Permission
from portal.web import current, refusals

bp = Blueprint("energy_staff", __name__, url_prefix="/staff/energy", template_folder="../templates")


@bp.get("/evidence/<uuid:evidence>")
def file(evidence: UUID) -> AnyResponse:
    """Send a file to staff; what shows something of health only to those who may see that.

    Of whoever is protected from them, and if no colleague has said yes, they get nothing.
    """
    found, party = queries.stored_for_staff(current.db(), evidence), current.party()
    if found is None:
        abort(404)
    if found.kind in SHOWS_HEALTH and not party.may(Permission.ENERGY_HEALTH):
        refusals.because("permission")
        abort(403)
    return opening.opened(replace(party, subject=found.person), found, finders=current.finders())
