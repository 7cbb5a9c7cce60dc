"""Energy help as somebody sees it who is signed in."""

from flask import Blueprint, Response

from portal.web.pages import page

bp = Blueprint("energy", __name__, url_prefix="/energy", template_folder="../templates")


@bp.get("")
def index() -> Response:
    return page("energy/index.html")
