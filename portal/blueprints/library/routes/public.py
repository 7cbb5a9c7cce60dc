"""Signing in with a library card and its PIN."""

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.library.actions import signing_in
from portal.blueprints.library.forms import CardForm
from portal.blueprints.library.routes.common import address, desk, not_checked, too_often
from portal.blueprints.library.rules.cards import as_number
from portal.connectors.errors import OutsideError
from portal.connectors.library import Card
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.identity.throttle import Throttled
from portal.party import Level
from portal.web import current, sessions
from portal.web.addresses import local_path
from portal.web.pages import page

bp = Blueprint("library_sign_in", __name__, url_prefix="/library/sign-in", template_folder="../templates")


@bp.get("")
def sign_in() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(_onward(), code=303)
    return page("library/sign_in.html", form=CardForm(), next=_next())


@bp.post("")
def check_sign_in() -> AnyResponse:
    template, form = "library/sign_in.html", CardForm()
    if not form.is_good():
        return page(template, form=form, status=422, next=_next())
    try:
        signed_in = signing_in.sign_in(
            current.db(),
            desk(),
            current.throttle(),
            Card(as_number(form.number.data), form.pin.data),
            address=address(),
            language=current_language(),
            nameless=_("Holder of a library card"),
            deadline=current.deadline(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, throttled, next=_next())
    except OutsideError as error:
        return not_checked(template, form, error, next=_next())
    session = sessions.sign_in_now(signed_in.holder, level=Level.LOW)
    signing_in.keep_pin(current.db(), desk(), signed_in, form.pin.data, session=session)
    return redirect(_onward(), code=303)


def _next() -> str | None:
    """Return the page of ours that the person was on their way to."""
    return local_path(request.args.get("next"))


def _onward() -> str:
    return _next() or url_for("home.index")
