"""What colleagues ask: whether they may see a protected record. Whoever answers is another than whoever asks."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import asking
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.protected import Why
from portal.web import current
from portal.web.pages import page, see_other

bp = Blueprint("assist_requests", __name__, url_prefix="/staff/assist/requests", template_folder="../templates")

WHY = {
    Why.RESTRICTED: _l("They are at risk: their record is hidden from all staff."),
    Why.OWN: _l("It may be your colleague’s own record."),
    Why.HOUSEHOLD: _l("It may be somebody of your colleague’s household."),
}


@bp.get("")
def requests() -> Response:
    found = asking.look(current.db(), current.sealer(), current.finders(), current.party(), now=current.now())
    return page("assist/requests.html", requests=found, why=WHY)


@bp.post("/<uuid:request_id>")
def answer(request_id: UUID) -> AnyResponse:
    said = request.form.get("answer")
    if said not in ("yes", "no"):
        abort(400)
    answered = asking.answer(
        current.db(),
        current.sealer(),
        current.finders(),
        current.party(),
        request_id,
        is_yes=said == "yes",
        now=current.now(),
    )
    if not answered:
        abort(404)
    told = _("You said yes. They can see it for half an hour.") if said == "yes" else _("You said no.")
    flash(told, "success")
    return see_other(url_for(".requests"))
