"""A day of a branch on paper, for when the network is down."""

from uuid import UUID

from flask import Blueprint, Response, request

from portal.blueprints.internet.forms.rooms import SheetForm
from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.queries import running
from portal.blueprints.internet.queries.running import Use
from portal.blueprints.internet.routes import common, words
from portal.blueprints.internet.routes.rooms import desk, glance
from portal.blueprints.internet.rules.standing import OPEN
from portal.web import current
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:branch_id>/sheet", view_func=sheet)


def sheet(branch_id: UUID) -> Response:
    branch, where, now = desk.branch(branch_id), common.where(), current.now()
    form = SheetForm(request.args, day=desk.today())
    if not form.validate():
        name = words.branch_name(branch)
        return page("internet/staff/sheet.html", branch=branch, name=name, form=form, day=None, status=422)
    day = form.day.data or desk.today()
    seats = running.seats(current.db(), where.whole_day(day), Computer.branch_id == branch_id, now=now)
    return page(
        "internet/staff/sheet.html",
        branch=branch,
        name=words.branch_name(branch),
        form=form,
        day=day,
        hours=glance.hours(branch.opening.spells(day, where)),
        rows=[(seat, words.kind_name(seat.kind), [_line(use) for use in seat.uses if _counts(use)]) for seat in seats],
        now=now,
    )


def _counts(use: Use) -> bool:
    """Tell whether a booking is of use on paper: what is over isn't."""
    return use.held.state(current.now()) in OPEN


def _line(use: Use) -> tuple[str, str]:
    """Return when, and for whom or what."""
    if use.held.how == "block":
        return glance.times(use.held), glance.why(use, current.sealer())
    return glance.times(use.held), glance.whose(use)
