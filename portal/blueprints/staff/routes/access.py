"""Staff accounts: who has one, who gets one, what they may do, and the end of it. Changes ask for a fresh sign-in."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.staff.forms import ROLE_HINTS, ROLE_NAMES, InviteForm, NearForm, RolesForm, TeamForm
from portal.i18n import gettext as _
from portal.i18n import words
from portal.identity import near, staff
from portal.identity.near import NothingThere, Oneself
from portal.identity.staff import Member, Reason, StaffRefused
from portal.party import Role
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page

bp = Blueprint("staff_access", __name__, url_prefix="/staff/access", template_folder="../templates")


@bp.get("", strict_slashes=False)
def members() -> Response:
    return page("staff/members.html", members=staff.members(current.db()), role_names=ROLE_NAMES, teams=_teams())


@bp.get("/invite")
@needs(fresh=True)
def invite() -> Response:
    return page("staff/invite.html", form=InviteForm(_teams()), hints=ROLE_HINTS)


@bp.post("/invite")
@needs(fresh=True)
def send_invitation() -> AnyResponse:
    form = InviteForm(_teams())
    if not form.is_good():
        return page("staff/invite.html", form=form, hints=ROLE_HINTS, status=422)
    try:
        staff.invite(
            current.db(),
            current.party(),
            name=form.name.data.strip(),
            email=form.email.data.strip(),
            roles=_chosen(form),
            team=form.team.data or "",
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
    return _page(_member(person))


@bp.post("/<uuid:person>")
@needs(fresh=True)
def change_roles(person: UUID) -> AnyResponse:
    found, form = _member(person), RolesForm()
    if not form.is_good():
        return _page(found, roles=form, status=422)
    try:
        staff.set_roles(current.db(), current.party(), person, _chosen(form), at=current.now())
    except StaffRefused as refused:
        form.fail("roles", _in_words(refused.reason))
        return _page(found, roles=form, status=409)
    flash(_("We changed their roles and signed them out."), "success")
    return redirect(url_for(".members"), code=303)


@bp.post("/<uuid:person>/team")
@needs(fresh=True)
def change_team(person: UUID) -> AnyResponse:
    found, form = _member(person), TeamForm(_teams())
    if not form.is_good():
        return _page(found, team=form, status=422)
    staff.set_team(current.db(), current.party(), person, form.team.data or "", at=current.now())
    flash(_("We changed their team."), "success")
    return redirect(url_for(".member", person=person), code=303)


@bp.post("/<uuid:person>/near")
@needs(fresh=True)
def note_near(person: UUID) -> AnyResponse:
    """Note a record as the member of staff's own, or their household's: it is protected from them."""
    found, form = _member(person), NearForm()
    if not form.is_good():
        return _page(found, own=form, status=422)
    db, party = current.db(), current.party()
    try:
        near.note(db, current.finders(), party, person, typed=form.record.data.strip(), now=current.now())
    except NothingThere:
        form.fail("record", _("We know no rent account with this reference, and no resident who signs in with this"))
        return _page(found, own=form, status=422)
    flash(_("Noted. It is protected from them now."), "success")
    return redirect(url_for(".member", person=person), code=303)


@bp.post("/<uuid:person>/near/end")
@needs(fresh=True)
def forget_near(person: UUID) -> AnyResponse:
    found, about = _member(person), request.form.get("person")
    try:
        forgotten = near.forget(
            current.db(),
            current.party(),
            found.id,
            reference=request.form.get("reference"),
            person=_id(about) if about else None,
            now=current.now(),
        )
    except Oneself:
        flash(_("Nothing was changed: somebody else has to take away what is noted of you."), "problem")
    else:
        if not forgotten:
            abort(404)
        flash(_("It isn’t noted as theirs any more."), "success")
    return redirect(url_for(".member", person=person), code=303)


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


def _page(
    member: Member,
    *,
    roles: RolesForm | None = None,
    team: TeamForm | None = None,
    own: NearForm | None = None,
    status: int = 200,
) -> Response:
    """Return a member's page. roles, team, own: the form that was sent, if it is wrong."""
    return page(
        "staff/member.html",
        sent=roles or team or own,
        roles=roles or RolesForm(formdata=None, roles=[role.value for role in member.roles]),
        team=team or TeamForm(_teams(), formdata=None, team=member.team),
        own=own or NearForm(formdata=None),
        noted=near.of_staff(current.db(), member.id),
        member=member,
        hints=ROLE_HINTS,
        status=status,
    )


def _teams() -> dict[str, str]:
    """Return the names of the council's teams by their codes."""
    return {code: words(name) for code, name in current.council().staff.teams.items()}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


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
