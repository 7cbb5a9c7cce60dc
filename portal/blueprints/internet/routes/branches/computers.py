"""The computers of a branch."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import keeping
from portal.blueprints.internet.actions.keeping import NameTaken
from portal.blueprints.internet.forms.branches import ChangedComputerForm, ComputerForm
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.queries.kept import ComputerRow
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes.branches.changing import agreed as agreed_to
from portal.blueprints.internet.routes.branches.changing import branch_or_404, change, keeper
from portal.blueprints.internet.routes.words import KINDS
from portal.blueprints.internet.rules.kinds import Kind
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/<uuid:branch>/edit/computers", view_func=new_computer)
    bp.add_url_rule("/<uuid:branch>/edit/computers", view_func=add_computer, methods=["POST"])
    bp.add_url_rule("/<uuid:branch>/edit/computers/<uuid:computer>", view_func=computer)
    bp.add_url_rule("/<uuid:branch>/edit/computers/<uuid:computer>", view_func=change_computer, methods=["POST"])


def new_computer(branch: UUID) -> Response:
    return _page(branch_or_404(branch), None, ComputerForm(KINDS, formdata=None))


def add_computer(branch: UUID) -> AnyResponse:
    found, form = branch_or_404(branch), ComputerForm(KINDS)
    if form.is_good():
        try:
            keeping.add_computer(keeper(), branch, form.name.data, Kind(form.kind.data))
        except NameTaken:
            _fail_name(form)
        else:
            flash(_("Computer %(name)s is there.", name=form.name.data), "success")
            return see_other(url_for(".edit", branch=branch))
    return _page(found, None, form, status=422)


def computer(branch: UUID, computer: UUID) -> Response:
    found = _computer_or_404(branch, computer)
    data = {"name": found.name, "kind": found.kind.value, "status": found.status}
    return _page(branch_or_404(branch), found, ChangedComputerForm(KINDS, formdata=None, **data))


def change_computer(branch: UUID, computer: UUID) -> AnyResponse:
    found, form, agreed = _computer_or_404(branch, computer), ChangedComputerForm(KINDS), agreed_to()
    of_branch = branch_or_404(branch)
    if form.is_good():
        name, kind, status = form.name.data, Kind(form.kind.data), form.status.data
        try:
            return change(
                of_branch,
                lambda: keeping.change_computer(keeper(), computer, name=name, kind=kind, status=status, agreed=agreed),
                done=_("Computer %(name)s is changed.", name=name),
                to=url_for(".edit", branch=branch),
            )
        except NameTaken:
            _fail_name(form)
    return _page(of_branch, found, form, status=422)


def _fail_name(form: ComputerForm) -> None:
    form.fail("name", _("What stands on it: another computer here has it"))


def _computer_or_404(branch: UUID, computer: UUID) -> ComputerRow:
    return kept.computer(current.db(), branch, computer) or abort(404)


def _page(branch: BranchView, computer: ComputerRow | None, form: ComputerForm, status: int = 200) -> Response:
    return page(
        "internet/staff/computer.html",
        branch=branch,
        name=branch.called(current_language()),
        computer=computer,
        form=form,
        status=status,
    )
