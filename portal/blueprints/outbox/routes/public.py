"""``/demo/outbox``: everybody may look, since only invented people live in a demo."""

from uuid import UUID

from flask import Blueprint, Response, abort, make_response

from portal.blueprints.outbox import queries
from portal.web import current
from portal.web.pages import page

bp = Blueprint("outbox", __name__, url_prefix="/demo/outbox", template_folder="../templates")


@bp.get("")
def messages() -> Response:
    return page("outbox/messages.html", messages=queries.messages(current.db()))


@bp.get("/<uuid:message_id>")
def message(message_id: UUID) -> Response:
    found = queries.message(current.db(), current.council(), current.sealer(), message_id)
    return page("outbox/message.html", message=found) if found else abort(404)


@bp.get("/<uuid:message_id>.pdf")
def letter(message_id: UUID) -> Response:
    pdf = queries.letter(current.db(), current.council(), current.sealer(), message_id)
    if pdf is None:
        abort(404)
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    return response
