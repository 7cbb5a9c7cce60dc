"""Managers: what residents didn't agree to, the figures of a month, and its sample."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import reviewing
from portal.blueprints.assist.actions.reviewing import Month, NotOver, Opened
from portal.blueprints.assist.forms import REASONS, FindingForm
from portal.i18n import gettext as _
from portal.identity.figures import Figures, month_before, month_of
from portal.web import current
from portal.web.helping import team_name
from portal.web.pages import page, see_other
from portal.web.visits import in_words

bp = Blueprint("assist_review", __name__, url_prefix="/staff/assist", template_folder="../templates")
MOST_PAGES = 10_000

Table = tuple[str, list[tuple[str, int]]]
"""A caption, and rows with the number of helps."""


@bp.get("/review")
def month() -> Response:
    chosen = _chosen()
    found = _look_at(chosen)
    this_month = month_of(current.now(), current.council().zone)
    return page(
        "assist/review.html",
        month=chosen,
        before=month_before(chosen),
        after=_after(chosen) if chosen < this_month else None,
        figures=found.figures,
        tables=list(_tables(found.figures)),
        sample=found.sample,
        waiting=found.waiting,
        reasons=REASONS,
        team=_team,
    )


@bp.get("/review.csv")
def month_csv() -> Response:
    chosen = _chosen()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Month"), _("What"), _("Which"), _("Helps")])
    for caption, rows in _tables(_look_at(chosen).figures):
        writer.writerows([f"{chosen:%Y-%m}", caption, which, number] for which, number in rows)
    response = make_response("\ufeff" + text.getvalue())  # by the mark, spreadsheets know that this is UTF-8
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="helps-{chosen:%Y-%m}.csv"'
    return response


@bp.get("/objections")
def objections() -> Response:
    number = request.args.get("page", default=1, type=int)
    if not 1 <= number <= MOST_PAGES:
        abort(404)
    found, has_more = reviewing.look_at_objections(
        current.db(), current.finders(), current.party(), page=number, now=current.now()
    )
    if number > 1 and not found:
        abort(404)
    return page(
        "assist/objections.html", objections=found, number=number, has_more=has_more, reasons=REASONS, team=_team
    )


@bp.get("/visits/<uuid:visit>")
def visit(visit: UUID) -> Response:
    return _visit_page(_opened(visit), FindingForm())


@bp.post("/visits/<uuid:visit>/finding")
def settle(visit: UUID) -> AnyResponse:
    form = FindingForm()
    if not form.is_good():
        return _visit_page(_opened(visit), form, status=422)
    is_done = reviewing.settle(
        current.db(),
        current.sealer(),
        current.finders(),
        current.party(),
        visit,
        finding=form.words.data.strip(),
        now=current.now(),
    )
    if is_done:
        flash(_("Answered. They read it beside the visit."), "success")
    else:
        flash(_("Nothing was kept: it is answered already, or isn’t yours to answer."), "problem")
    return see_other(url_for(".objections"))


@bp.post("/visits/<uuid:visit>/seen")
def tick(visit: UUID) -> AnyResponse:
    if not reviewing.tick(current.db(), current.finders(), current.party(), visit, now=current.now()):
        flash(_("Nothing was kept: somebody has looked at it already, or it isn’t yours to look into."), "problem")
        return see_other(url_for(".month"))
    flash(_("Noted that you looked at it."), "success")
    return see_other(url_for(".month", month=request.form.get("month") or None))


def _visit_page(opened: Opened, form: FindingForm, status: int = 200) -> Response:
    return page(
        "assist/visit.html",
        visit=in_words(opened.visit),
        staff=opened.visit.staff_name,
        objection=opened.visit.objection,
        access=opened.access,
        name=opened.name,
        month=f"{month_of(opened.visit.started_at, current.council().zone):%Y-%m}",
        form=form,
        status=status,
    )


def _opened(visit: UUID) -> Opened:
    """Return a help that this manager may look into. 404 for any other."""
    found = reviewing.open_help(
        current.db(), current.sealer(), current.finders(), current.party(), visit, now=current.now()
    )
    return found or abort(404)


def _look_at(chosen: date) -> Month:
    try:
        return reviewing.look_at_month(
            current.db(),
            current.finders(),
            current.party(),
            chosen,
            zone=current.council().zone,
            now=current.now(),
        )
    except NotOver:
        abort(404)


def _chosen() -> date:
    """Return the month that the address names, its first day; the last one that is over where it names none."""
    if "month" not in request.args:
        return month_before(month_of(current.now(), current.council().zone))
    try:
        return date.fromisoformat(f"{request.args['month']}-01")
    except ValueError:
        abort(404)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _tables(figures: Figures) -> Iterator[Table]:
    """Yield the figures as tables, for the page and for the spreadsheet."""
    all_in_all = [
        (_("All helps"), figures.helps),
        (_("Looked only"), figures.looked),
        (_("Might do things"), figures.acted),
        (_("Made longer"), figures.extended),
        (_("Objected to"), figures.objected),
    ]
    yield _("All in all"), all_in_all
    yield _("By team"), [(_team(code), number) for code, number in figures.by_team.items()]
    yield _("By reason"), [(str(REASONS.get(code, code)), number) for code, number in figures.by_reason.items()]
    lengths = [(_("Up to %(minutes)s minutes", minutes=most), number) for most, number in figures.by_length.items()]
    yield _("By length"), lengths


def _team(code: str) -> str:
    return team_name(code) or code or _("No team")
