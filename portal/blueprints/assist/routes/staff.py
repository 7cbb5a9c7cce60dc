"""Staff help residents: every page of it."""

from flask import Blueprint, Response
from flask_login import current_user

from portal.blueprints.assist.routes import during, starting
from portal.identity import helping
from portal.web import current
from portal.web.pages import page

bp = Blueprint("assist", __name__, url_prefix="/staff/assist", template_folder="../templates")
starting.add_to(bp)
during.add_to(bp)


@bp.get("")
def index() -> Response:
    return page("assist/find.html", open_help=helping.open_of(current.db(), current_user.person_id, at=current.now()))
