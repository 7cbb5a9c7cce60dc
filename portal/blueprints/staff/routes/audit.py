"""What was done in the portal, by whom, to whose data: ids and times, nothing personal."""

import csv
import io
import json
from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.blueprints.staff import actions, queries
from portal.blueprints.staff.forms import AuditForm
from portal.web import current
from portal.web.pages import page

bp = Blueprint("staff_audit", __name__, url_prefix="/staff/audit", template_folder="../templates")

CHOICES = ("act", "outcome", "person", "actor", "object", "from", "to")
"""What an address may say of which records to show; nothing else of it is kept in links."""
HEADINGS = ("id", "at", "act", "outcome", "authority", "actor", "subject", "object", "request_id", "details")
HIDDEN = "restricted"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out (OWASP, CSV injection)."""


@bp.get("", strict_slashes=False)
def events() -> Response:
    form = AuditForm(request.args)
    if not form.validate():
        return page("staff/audit.html", fragments=("content",), form=form, found=None, chosen={}, status=422)
    found = actions.search_audit(
        current.db(),
        current.party(),
        _wanted(form),
        before=request.args.get("before", type=int),
        zone=current.council().zone,
        now=current.now(),
    )
    chosen = {name: request.args[name] for name in CHOICES if request.args.get(name)}
    return page("staff/audit.html", fragments=("content", "events"), form=form, found=found, chosen=chosen)


@bp.get("/records.csv")
def export() -> Response:
    """Hand out every record that is wanted, as it is read: nobody has memory for all of them."""
    form = AuditForm(request.args)
    if not form.validate():
        abort(404)  # the page says why, and has no link to here then
    wanted, zone = _wanted(form), current.council().zone
    extent = actions.begin_export(current.db(), current.party(), wanted, zone=zone, now=current.now())
    current.db().close()  # the export has a connection of its own
    lines = _lines(current.resources().engine, wanted, newest=extent.newest, zone=zone)
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _wanted(form: AuditForm) -> queries.Wanted:
    return queries.Wanted(
        act=form.act.data or "",
        outcome=form.outcome.data or "",
        person=UUID(form.person.data) if form.person.data else None,
        actor=UUID(form.actor.data) if form.actor.data else None,
        object=form.object.data or "",
        since=form.since.data,
        until=form.until.data,
    )


def _lines(engine: Engine, wanted: queries.Wanted, *, newest: int, zone: ZoneInfo) -> Iterator[str]:
    yield "\ufeff" + _line(HEADINGS)  # by the mark, spreadsheets know that this is UTF-8
    with Session(engine) as db:
        for event in queries.all_events(db, wanted, newest=newest, zone=zone):
            yield _line(_as_cells(event))


def _as_cells(event: queries.Event) -> tuple[str, ...]:
    cells = (
        str(event.id),
        event.at.isoformat(),
        event.act,
        event.outcome,
        event.authority,
        _who(event.actor),
        _who(event.subject),
        event.object,
        event.request_id,
        json.dumps(event.details, sort_keys=True) if event.details else "",
    )
    return tuple(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)


def _who(who: queries.Who) -> str:
    return HIDDEN if who.is_restricted else str(who.id or "")


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
