"""The program that locks a computer, as staff see it: whether there is one, a code to enrol one, and revoking it."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import programs
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.queries import kept
from portal.blueprints.internet.queries import programs as queries
from portal.blueprints.internet.routes.branches.changing import branch_or_404
from portal.blueprints.internet.routes.common import desk
from portal.blueprints.internet.rules.programs import CODE_GOOD_FOR
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    address = "/<uuid:branch>/edit/computers/<uuid:computer>/program"
    bp.add_url_rule(address, view_func=program)
    bp.add_url_rule(f"{address}/code", view_func=make_code, methods=["POST"])
    bp.add_url_rule(f"{address}/revoke", view_func=revoke, methods=["POST"])


def program(branch: UUID, computer: UUID) -> Response:
    return _page(branch, computer)


def make_code(branch: UUID, computer: UUID) -> Response:
    """Show a new code, which this page alone shows."""
    _expect(branch, computer)
    try:
        code = programs.make_code(current.db(), desk(), current.party(), computer, current.now())
    except NoSuch:
        abort(404)
    return _page(branch, computer, code)


def revoke(branch: UUID, computer: UUID) -> AnyResponse:
    _expect(branch, computer)
    programs.revoke(current.db(), current.party(), computer, current.now())
    flash(_("The program is revoked: the portal answers it no more."), "success")
    return see_other(url_for(".program", branch=branch, computer=computer))


def _expect(branch: UUID, computer: UUID) -> None:
    if kept.computer(current.db(), branch, computer) is None:
        abort(404)
    current.db().rollback()


def _page(branch: UUID, computer: UUID, code: str = "") -> Response:
    of_branch = branch_or_404(branch)
    found = kept.computer(current.db(), branch, computer) or abort(404)
    now = current.now()
    enrolled = queries.standing(current.db(), branch, now=now).get(computer)
    return page(
        "internet/staff/program.html",
        branch=of_branch,
        name=of_branch.called(current_language()),
        computer=found,
        program=enrolled,
        is_silent=enrolled.is_silent(now) if enrolled else False,
        code=code,
        code_minutes=int(CODE_GOOD_FOR.total_seconds() // 60),
    )
