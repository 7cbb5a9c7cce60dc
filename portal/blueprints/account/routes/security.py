"""Password and devices: the same pages for residents and for staff, below the address of each one's account."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.account.actions import changing
from portal.blueprints.account.actions.signing_in import WrongPassword
from portal.blueprints.account.forms import ChangePasswordForm
from portal.blueprints.account.routes.common import address, again, mailing, too_often, too_weak
from portal.i18n import gettext as _
from portal.identity import sessions as rows
from portal.identity.passwords import WeakPassword
from portal.identity.throttle import Throttled
from portal.web import current, sessions
from portal.web.guards import needs
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    """Give a face these pages."""
    bp.add_url_rule("/password", view_func=password)
    bp.add_url_rule("/password", view_func=change_password, methods=["POST"])
    bp.add_url_rule("/devices", view_func=devices)
    bp.add_url_rule("/devices", view_func=end_sessions, methods=["POST"])


@needs(alone="sign-in")
def password() -> Response:
    return page("account/password.html", form=ChangePasswordForm())


@needs(alone="sign-in")
def change_password() -> AnyResponse:
    template, form = "account/password.html", ChangePasswordForm()
    if not form.is_good():
        return again(template, form)
    try:
        changing.change_password(
            current.db(),
            current.throttle(),
            mailing(),
            current.party(),
            present=form.present.data,
            password=form.password.data,
            keep=_own_session(),
            council=current.council_names(),
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, "present", throttled)
    except WrongPassword:
        form.fail("present", _("That is not your present password. Try again."))
        return again(template, form)
    except WeakPassword as weak:
        return too_weak(template, form, weak)
    sessions.renew()  # not fresh: of staff this was one of two factors
    flash(_("Your password is changed. On all other devices you are signed out."), "success")
    return redirect(url_for(".overview"), code=303)


@needs(alone="sign-in")
def devices() -> Response:
    found = rows.devices(current.db(), current_user.person_id, at=current.now())
    return page("account/devices.html", devices=found, own=_own_session())


@needs(fresh=True, alone="sign-in")
def end_sessions() -> AnyResponse:
    """End the session that the form names, or all others."""
    chosen, own = request.form.get("session"), _own_session()
    if chosen is None:
        changing.end_other_sessions(current.db(), current.party(), keep=own, now=current.now())
        flash(_("On all other devices you are signed out."), "success")
    elif chosen == str(own) or not changing.end_session(current.db(), current.party(), _id(chosen), now=current.now()):
        abort(404)
    else:
        flash(_("You are signed out on that device."), "success")
    return redirect(url_for(".devices"), code=303)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _own_session() -> UUID:
    row = sessions.current_session().row
    if row is None:
        raise RuntimeError("the guard lets only those in who are signed in")
    return row.id
