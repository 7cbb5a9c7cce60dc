"""What was done in the portal, by whom, to whose data: ids and times, nothing personal."""

from flask import Blueprint, Response, request

from portal.blueprints.staff import actions
from portal.blueprints.staff.forms import AuditForm
from portal.web import current
from portal.web.pages import page

bp = Blueprint("staff_audit", __name__, url_prefix="/staff/audit", template_folder="../templates")


@bp.get("", strict_slashes=False)
def events() -> Response:
    form = AuditForm(request.args)
    is_good = form.validate()
    found = actions.look_at_audit(
        current.db(),
        current.party(),
        act=form.act.data or "" if is_good else "",
        day=form.on.data if is_good else None,
        before=request.args.get("before", type=int),
        zone=current.council().zone,
        now=current.now(),
    )
    return page(
        "staff/audit.html", fragments=("content", "events"), form=form, found=found, status=200 if is_good else 422
    )
