"""When a branch is open: each weekday, and the days that are other than their weekday."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import keeping
from portal.blueprints.internet.forms.branches import DaysForm, WeekForm, as_fields, by_language, texts
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes import common
from portal.blueprints.internet.routes.branches.changing import agreed as agreed_to
from portal.blueprints.internet.routes.branches.changing import branch_or_404, change, keeper, languages
from portal.blueprints.internet.rules.written import write_hours
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.forms import Form
from portal.web.pages import page

AHEAD = timedelta(days=366)
"""So far ahead bank holidays are listed."""
WHY_LENGTH = 120


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/<uuid:branch>/edit/hours", view_func=hours)
    bp.add_url_rule("/<uuid:branch>/edit/hours", view_func=set_hours, methods=["POST"])
    bp.add_url_rule("/<uuid:branch>/edit/days", view_func=days)
    bp.add_url_rule("/<uuid:branch>/edit/days", view_func=set_days, methods=["POST"])
    bp.add_url_rule("/<uuid:branch>/edit/days/as-usual", view_func=forget_day, methods=["POST"])


def hours(branch: UUID) -> Response:
    found = branch_or_404(branch)
    week = {f"day_{number}": spells for number, spells in found.opening.weekly.items()}
    return _hours_page(found, WeekForm(formdata=None, **week))


def set_hours(branch: UUID) -> AnyResponse:
    found, form, agreed = branch_or_404(branch), WeekForm(), agreed_to()
    if not form.is_good():
        return _hours_page(found, form, status=422)
    return change(
        found,
        lambda: keeping.set_week(keeper(), branch, form.week, agreed=agreed),
        done=_("These are the hours from now on."),
        to=url_for(".edit", branch=branch),
    )


def days(branch: UUID) -> Response:
    found, day = branch_or_404(branch), request.args.get("day", type=date.fromisoformat)
    name = common.where().bank_holiday(day) if day else None
    form = _form()(formdata=None, first=day, **as_fields("why", {languages()[0]: name} if name else {}))
    return _days_page(found, form)


def set_days(branch: UUID) -> AnyResponse:
    found, form, agreed = branch_or_404(branch), _form()(), agreed_to()
    if form.is_good() and form.first.data < keeper().today:
        form.fail("first", _("First day: today or later"))
    if form.errors:
        return _days_page(found, form, status=422)
    first, last = form.first.data, form.last.data or form.first.data
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    spell = next(iter(form.hours.data or ()), None)
    return change(
        found,
        lambda: keeping.set_days(keeper(), branch, every, spell, texts(form, "why"), agreed=agreed),
        done=_("Kept."),
        to=url_for(".days", branch=branch),
    )


def forget_day(branch: UUID) -> AnyResponse:
    found, agreed = branch_or_404(branch), agreed_to()
    day = request.form.get("day", type=date.fromisoformat) or abort(404)
    return change(
        found,
        lambda: keeping.forget_day(keeper(), branch, day, agreed=agreed),
        done=_("That day is as any such weekday again."),
        to=url_for(".days", branch=branch),
    )


def _form() -> type[Form]:
    return by_language(DaysForm, "why", languages(), _l("Why"), most=WHY_LENGTH)


def _hours_page(branch: BranchView, form: Form, status: int = 200) -> Response:
    name = branch.called(current_language())
    return page("internet/staff/hours.html", branch=branch, name=name, form=form, status=status)


def _days_page(branch: BranchView, form: Form, status: int = 200) -> Response:
    found = kept.days(current.db(), branch.id, since=keeper().today)
    return page(
        "internet/staff/days.html",
        branch=branch,
        name=branch.called(current_language()),
        form=form,
        spoken=languages(),
        days=found,
        holidays=list(_holidays({one.day for one in found})),
        written=write_hours,
        status=status,
    )


def _holidays(said: set[date]) -> Iterator[tuple[date, str]]:
    """Yield the bank holidays of the next year of which nothing is said yet."""
    where, today = common.where(), keeper().today
    for number in range(AHEAD.days):
        day = today + timedelta(days=number)
        if day not in said and (name := where.bank_holiday(day)):
            yield day, name
