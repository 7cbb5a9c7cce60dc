"""Staff accounts: who has one, who gets one, what they may do, and the end of it. Changes ask for a fresh sign-in."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.staff.forms import ROLE_HINTS, ROLE_NAMES, InviteForm, RolesForm
from portal.i18n import gettext as _
from portal.identity import staff
from portal.identity.staff import Member, Reason, StaffRefused
from portal.party import Role
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page

bp = Blueprint("staff_access", __name__, url_prefix="/staff/access", template_folder="../templates")


@bp.get("", strict_slashes=False)
def members() -> Response:
    return page("staff/members.html", members=staff.members(current.db()), role_names=ROLE_NAMES)


@bp.get("/invite")
@needs(fresh=True)
def invite() -> Response:
    return page("staff/invite.html", form=InviteForm(), hints=ROLE_HINTS)


@bp.post("/invite")
@needs(fresh=True)
def send_invitation() -> AnyResponse:
    form = InviteForm()
    if not form.is_good():
        return page("staff/invite.html", form=form, hints=ROLE_HINTS, status=422)
    try:
        staff.invite(
            current.db(),
            current.party(),
            name=form.name.data.strip(),
            email=form.email.data.strip(),
            roles=_chosen(form),
            sealer=current.sealer(),
            base_url=current.settings().base_url,
            at=current.now(),
        )
    except StaffRefused:
        form.fail("email", _("This address can't be used: an account has it already"))
        return page("staff/invite.html", form=form, hints=ROLE_HINTS, status=422)
    flash(_("We sent them a link. It works for 48 hours."), "success")
    return redirect(url_for(".members"), code=303)


@bp.get("/<uuid:person>")
@needs(fresh=True)
def member(person: UUID) -> Response:
    found = _member(person)
    form = RolesForm(roles=[role.value for role in found.roles])
    return page("staff/member.html", form=form, member=found, hints=ROLE_HINTS)


@bp.post("/<uuid:person>")
@needs(fresh=True)
def change_roles(person: UUID) -> AnyResponse:
    found, form = _member(person), RolesForm()
    if not form.is_good():
        return page("staff/member.html", form=form, member=found, hints=ROLE_HINTS, status=422)
    try:
        staff.set_roles(current.db(), current.party(), person, _chosen(form), at=current.now())
    except StaffRefused as refused:
        form.fail("roles", _in_words(refused.reason))
        return page("staff/member.html", form=form, member=found, hints=ROLE_HINTS, status=409)
    flash(_("We changed their roles and signed them out."), "success")
    return redirect(url_for(".members"), code=303)


@bp.post("/<uuid:person>/authenticator")
@needs(fresh=True)
def reset_authenticator(person: UUID) -> AnyResponse:
    found = _member(person)
    staff.reset_second_factor(
        current.db(),
        current.party(),
        found.id,
        sealer=current.sealer(),
        base_url=current.settings().base_url,
        at=current.now(),
    )
    flash(_("We signed them out and sent them a link to start again. It works for 48 hours."), "success")
    return redirect(url_for(".members"), code=303)


@bp.get("/<uuid:person>/end")
@needs(fresh=True)
def end(person: UUID) -> Response:
    return page("staff/end_access.html", member=_member(person))


@bp.post("/<uuid:person>/end")
@needs(fresh=True)
def end_now(person: UUID) -> AnyResponse:
    found = _member(person)
    try:
        staff.remove(current.db(), current.party(), found.id, at=current.now())
    except StaffRefused as refused:
        flash(_in_words(refused.reason), "problem")
    else:
        flash(_("Their access has ended and they are signed out everywhere."), "success")
    return redirect(url_for(".members"), code=303)


def _member(person: UUID) -> Member:
    return staff.member(current.db(), person) or abort(404)


def _chosen(form: InviteForm | RolesForm) -> frozenset[Role]:
    return frozenset(Role(role) for role in form.roles.data)


def _in_words(reason: Reason) -> str:
    if reason is Reason.LAST_ADMINISTRATOR:
        return _(
            "Nothing was changed: nobody else could look after staff accounts. Make somebody else an administrator."
        )
    return _("Nothing was changed: their access has ended already.")
