"""The first page of staff: who I am, what I may do."""

from flask import Blueprint, Response, url_for
from flask_login import current_user

from portal.blueprints.staff.forms import ROLE_HINTS, ROLE_NAMES
from portal.identity import second_factors
from portal.web import current
from portal.web.navigation import navigation
from portal.web.pages import page

bp = Blueprint("staff", __name__, url_prefix="/staff", template_folder="../templates")


@bp.get("", strict_slashes=False)
def index() -> Response:
    here = url_for(".index")
    return page(
        "staff/landing.html",
        roles=[(ROLE_NAMES[role], ROLE_HINTS[role]) for role in sorted(current_user.roles)],
        places=[place for place in navigation() if place.address != here],
        recovery_codes_left=second_factors.recovery_codes_left(current.db(), current.party().actor),
    )
