"""What the council learns: use, no-shows, waiting and turned away by hour of the week, without who."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, make_response, request

from portal.blueprints.internet.forms.branches import MOST_DAYS, WEEKDAYS, PeriodForm
from portal.blueprints.internet.queries import figures as queries
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.queries.figures import Cell, Hour, OfBranch
from portal.blueprints.internet.routes import common
from portal.blueprints.internet.routes.branches.changing import keeper
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.pages import page

USUAL = timedelta(days=27)
"""Four weeks: so long a period is that nobody chose."""
FEW = 5
"""What leaves the house, the CSV, says no smaller number: with a date and a face in mind, one no-show is somebody."""

HEADINGS = (
    _l("Open minutes"),
    _l("Minutes in use"),
    _l("In use, percent"),
    _l("Sessions"),
    _l("No-shows"),
    _l("Waited"),
    _l("Turned away"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period, and a branch or all (empty)."""

    since: date
    until: date
    branch: str


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/figures", view_func=figures)
    bp.add_url_rule("/figures.csv", view_func=figures_csv)


def figures() -> Response:
    form, chosen, every = _look()
    named = [one for one in every if not chosen.branch or str(one.branch.id) == chosen.branch]
    cells = queries.together(named)
    return page(
        "internet/staff/figures.html",
        form=form,
        chosen=chosen,
        cells=cells,
        weekdays=[(number, name, _hours(cells, number)) for number, name in enumerate(WEEKDAYS)],
        hours=sorted({hour for _weekday, hour in cells}),
        csv={"from": chosen.since.isoformat(), "to": chosen.until.isoformat()},
        status=422 if form.errors else 200,
    )


def figures_csv() -> Response:
    _form, chosen, every = _look()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Branch"), _("Name"), _("Day"), _("Hour"), *map(str, HEADINGS)])
    for one in every:
        writer.writerows(_rows(one))
    response = make_response("\ufeff" + text.getvalue())  # by the mark, spreadsheets know that this is UTF-8
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"computers-{chosen.since}-{chosen.until}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(of: OfBranch) -> Iterator[list[object]]:
    name = safe(of.branch.called(current_language()))
    for (weekday, hour), cell in sorted(of.cells.items()):
        is_few = 0 < cell.sessions < FEW
        yield [
            safe(of.branch.code),
            name,
            str(WEEKDAYS[weekday]),
            f"{hour:02}:00",
            cell.open_minutes,
            _few() if is_few else cell.used_minutes,
            _few() if is_few else ("" if cell.share is None else cell.share),
            *(_few() if 0 < number < FEW else number for number in _counts(cell)),
        ]


def _counts(cell: Cell) -> tuple[int, ...]:
    return cell.sessions, cell.no_shows, cell.waited, cell.turned_away


def _few() -> str:
    return _("under %(few)s", few=FEW)


def safe(text: str) -> str:
    """Return a cell that no spreadsheet works out (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _hours(cells: dict[Hour, Cell], weekday: int) -> list[tuple[int, Cell]]:
    return sorted((hour, cell) for (of_day, hour), cell in cells.items() if of_day == weekday)


def _look() -> tuple[PeriodForm, Chosen, list[OfBranch]]:
    """Return the form, what it chooses (of a wrong one what is usual), and the figures."""
    today, names = keeper().today, _names()
    form = PeriodForm(names, formdata=request.args, meta={"csrf": False})
    form.validate()
    until = min(form.until.data or today, today)
    since = form.since.data or until - USUAL
    if form.errors or not timedelta() <= until - since < timedelta(days=MOST_DAYS):
        if not form.errors:
            form.since.errors = [*form.since.errors, _("From: a year before the last day at most, and not after today")]
        since, until = today - USUAL, today
    if not form.errors:
        form.since.data, form.until.data = since, until
    chosen = Chosen(since, until, form.branch.data if form.branch.data in names else "")
    found = queries.by_hour(current.db(), common.where(), since=since, until=until, now=current.now())
    return form, chosen, found


def _names() -> dict[str, str]:
    language = current_language()
    return {str(one.id): one.called(language) for one in rooms.branches(current.db(), since=keeper().today)}
