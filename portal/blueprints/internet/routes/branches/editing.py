"""A branch: what it is called, where it is, whether it is open at all."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import keeping
from portal.blueprints.internet.actions.keeping import Details, NameTaken
from portal.blueprints.internet.forms.branches import (
    NAME_LENGTH,
    STATUSES,
    WEEKDAYS,
    DetailsForm,
    as_fields,
    by_language,
    texts,
)
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.routes.branches.changing import agreed as agreed_to
from portal.blueprints.internet.routes.branches.changing import branch_or_404, change, keeper, languages
from portal.blueprints.internet.routes.words import KINDS
from portal.blueprints.internet.rules.written import write_hours
from portal.i18n import LANGUAGES, current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.forms import Form
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/new", view_func=new)
    bp.add_url_rule("/new", view_func=add, methods=["POST"])
    bp.add_url_rule("/<uuid:branch>/edit", view_func=edit)
    bp.add_url_rule("/<uuid:branch>/edit/details", view_func=details)
    bp.add_url_rule("/<uuid:branch>/edit/details", view_func=describe, methods=["POST"])
    bp.add_url_rule("/<uuid:branch>/edit/closing", view_func=closing)
    bp.add_url_rule("/<uuid:branch>/edit/closing", view_func=close, methods=["POST"])


def edit(branch: UUID) -> Response:
    found = branch_or_404(branch)
    return page(
        "internet/staff/edit.html",
        branch=found,
        name=found.called(current_language()),
        names=[(LANGUAGES[code], found.name[code]) for code in languages() if code in found.name],
        week=[(day, write_hours(found.opening.weekly.get(number, ()))) for number, day in enumerate(WEEKDAYS)],
        days=kept.days(current.db(), branch, since=keeper().today),
        computers=kept.computers(current.db(), branch),
        kinds=KINDS,
        statuses=STATUSES,
        written=write_hours,
    )


def new() -> Response:
    return page("internet/staff/details.html", branch=None, form=_form()(formdata=None), spoken=languages())


def add() -> AnyResponse:
    form = _form()()
    if form.is_good():
        try:
            branch = keeping.add_branch(keeper(), _details(form))
        except NameTaken:
            form.fail("code", _("Code: another branch has it"))
        else:
            flash(_("The branch is there. Nothing can be booked before it has hours and computers."), "success")
            return see_other(url_for(".edit", branch=branch))
    return page("internet/staff/details.html", branch=None, form=form, spoken=languages(), status=422)


def details(branch: UUID) -> Response:
    found = branch_or_404(branch)
    form = _form()(
        formdata=None,
        code=found.code,
        address=found.address,
        phone=found.phone,
        on_bank_holidays="yes" if found.opening.on_bank_holidays else "no",
        **as_fields("name", found.name),
    )
    return page("internet/staff/details.html", branch=found, form=form, spoken=languages())


def describe(branch: UUID) -> AnyResponse:
    found, form, agreed = branch_or_404(branch), _form()(), agreed_to()
    if form.is_good():
        try:
            return change(
                found,
                lambda: keeping.describe(keeper(), branch, _details(form), agreed=agreed),
                done=_("Changed."),
                to=url_for(".edit", branch=branch),
            )
        except NameTaken:
            form.fail("code", _("Code: another branch has it"))
    return page("internet/staff/details.html", branch=found, form=form, spoken=languages(), status=422)


def closing(branch: UUID) -> Response:
    found = branch_or_404(branch)
    return page("internet/staff/closing.html", branch=found, name=found.called(current_language()))


def close(branch: UUID) -> AnyResponse:
    found, agreed = branch_or_404(branch), agreed_to()
    is_open = request.form.get("is_open") == "yes"
    return change(
        found,
        lambda: keeping.set_open(keeper(), branch, is_open=is_open, agreed=agreed),
        done=_("The branch is open again.") if is_open else _("The branch is closed: nothing can be booked there."),
        to=url_for(".edit", branch=branch),
    )


def _form() -> type[Form]:
    return by_language(DetailsForm, "name", languages(), _l("Name"), most=NAME_LENGTH)


def _details(form: Form) -> Details:
    return Details(
        code=form.code.data,
        name=texts(form, "name"),
        address=form.address.data,
        phone=form.phone.data or None,
        on_bank_holidays=form.on_bank_holidays.data == "yes",
    )
