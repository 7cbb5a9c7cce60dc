"""Staff: which nights of rent were loaded or refused, and why."""

from uuid import UUID

from flask import Blueprint, Response, abort, request

from portal.blueprints.rent.actions import reporting
from portal.web import current
from portal.web.pages import page

bp = Blueprint("rent_staff", __name__, url_prefix="/staff/imports", template_folder="../templates")
MOST_PAGES = 100_000


@bp.get("", strict_slashes=False)
def imports() -> Response:
    number = request.args.get("page", default=1, type=int)
    if not 1 <= number <= MOST_PAGES:
        abort(404)
    found = reporting.runs(current.db(), page=number)
    if number > found.last:
        abort(404)
    return page("rent/staff_imports.html", fragments=("content",), runs=found.runs, number=number, last=found.last)


@bp.get("/<uuid:run_id>")
def report(run_id: UUID) -> Response:
    found = reporting.look_at_report(current.db(), current.party(), run_id, now=current.now())
    if found is None:
        abort(404)
    return page("rent/staff_import.html", run=found.run, complaints=found.complaints)
