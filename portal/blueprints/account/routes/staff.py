"""What members of staff change about their own account."""

from flask import Blueprint, Response

from portal.blueprints.account.routes import security
from portal.web.pages import page

bp = Blueprint("staff_account", __name__, url_prefix="/staff/account", template_folder="../templates")
security.add_to(bp)


@bp.get("")
def overview() -> Response:
    return page("account/staff_overview.html")
