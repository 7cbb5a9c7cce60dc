"""For everybody: signing in and out, making an account, choosing a new password."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.account.actions import registering, resetting, signing_in
from portal.blueprints.account.actions.signing_in import WrongCredentials, WrongPassword
from portal.blueprints.account.forms import (
    EmailForm,
    LetterForm,
    NameForm,
    NewPasswordForm,
    ProveAgainForm,
    RegisterForm,
    SignInForm,
)
from portal.blueprints.account.routes.common import (
    address,
    again,
    link_is_no_good,
    mailing,
    too_often,
    too_weak,
)
from portal.council_service import CouncilService, WayIn
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.identity.codes import CodeWrong
from portal.identity.passwords import WeakPassword
from portal.identity.persons import Account, NameTaken
from portal.identity.throttle import Throttled
from portal.models import Kind
from portal.party import Level
from portal.web import current, second_step, sessions
from portal.web.addresses import local_path
from portal.web.guards import needs
from portal.web.pages import page

bp = Blueprint("account", __name__, template_folder="../templates")

SIGN_IN = "account/sign_in.html"
CLEARED = '"cache", "storage"'
"""What a browser forgets at sign-out. Not its cookies: that would reach the council's other sites as well."""


@bp.get("/sign-in")
def sign_in() -> AnyResponse:
    if current_user.is_authenticated and current_user.level > Level.LOW:
        return redirect(_onward(), code=303)
    return _sign_in_page(SignInForm())


@bp.post("/sign-in")
def check_sign_in() -> AnyResponse:
    form = SignInForm()
    if not form.is_good():
        return _sign_in_page(form, status=422)
    try:
        account = signing_in.sign_in(
            current.db(),
            current.throttle(),
            name=form.name.data,
            password=form.password.data,
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(SIGN_IN, form, "password", throttled, **_around_sign_in())
    except WrongCredentials:
        form.fail("name", _("That name or that password is wrong. Check both and try again."))
        return _sign_in_page(form, status=422)
    return _let_in(account)


@bp.get("/sign-in/again")
def prove_again() -> AnyResponse:
    if not current_user.is_authenticated:
        return redirect(url_for(".sign_in", next=_next()), code=303)
    if not signing_in.has_password(current.db(), current_user.person_id):
        return page("account/stronger.html", next=_next())
    return page("account/prove_again.html", form=ProveAgainForm(), next=_next())


@bp.post("/sign-in/again")
def check_again() -> AnyResponse:
    if not current_user.is_authenticated:
        return redirect(url_for(".sign_in", next=_next()), code=303)
    template, form = "account/prove_again.html", ProveAgainForm()
    if not form.is_good():
        return again(template, form, next=_next())
    try:
        signing_in.prove_again(
            current.db(),
            current.throttle(),
            current_user.person_id,
            password=form.password.data,
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, "password", throttled, next=_next())
    except WrongPassword:
        form.fail("password", _("That password is wrong. Try again."))
        return again(template, form, next=_next())
    if current_user.is_staff:
        return _ask_for_second_factor(current_user.person_id)
    sessions.prove_again(level=max(current_user.level, Level.MEDIUM))
    return redirect(_onward(), code=303)


@bp.get("/sign-out")
def signed_out() -> Response:
    return page("account/sign_out.html" if current_user.is_authenticated else "account/signed_out.html")


@bp.post("/sign-out")
@needs(ends_help=True)
def sign_out() -> AnyResponse:
    if current_user.is_authenticated:
        signing_in.sign_out(current.db(), current_user.person_id, now=current.now())
        sessions.sign_out()
    response = redirect(url_for(".signed_out"), code=303)
    response.headers["Clear-Site-Data"] = CLEARED
    return response


@bp.get("/register")
def register() -> Response:
    return page("account/register.html", form=EmailForm())


@bp.post("/register")
def ask_to_register() -> AnyResponse:
    template, form = "account/register.html", EmailForm()
    if not form.is_good():
        return again(template, form)
    try:
        registering.ask_to_register(
            current.db(),
            current.throttle(),
            mailing(),
            email=form.address(),
            language=current_language(),
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, "email", throttled)
    return redirect(url_for(".register_sent"), code=303)


@bp.get("/register/sent")
def register_sent() -> Response:
    return page("account/register_sent.html")


@bp.get("/register/<token>")
def finish_registering(token: str) -> Response:
    try:
        email = registering.address_to_register(current.db(), current.sealer(), token=token, now=current.now())
    except CodeWrong:
        return link_is_no_good(url_for(".register"))
    return page("account/finish_registering.html", form=RegisterForm(), email=email)


@bp.post("/register/<token>")
def make_account(token: str) -> AnyResponse:
    template, form = "account/finish_registering.html", RegisterForm()
    try:
        email = registering.address_to_register(current.db(), current.sealer(), token=token, now=current.now())
    except CodeWrong:
        return link_is_no_good(url_for(".register"))
    if not form.is_good():
        return again(template, form, email=email)
    try:
        account = registering.register(
            current.db(),
            current.sealer(),
            token=token,
            name=form.name.data.strip(),
            password=form.password.data,
            language=current_language(),
            council=current.council_names(),
            now=current.now(),
        )
    except (CodeWrong, NameTaken):
        return link_is_no_good(url_for(".register"))
    except WeakPassword as weak:
        return too_weak(template, form, weak, email=email)
    response = _let_in(account)
    flash(_("Your account is made, and you are signed in."), "success")
    return response


@bp.get("/reset")
def forgotten() -> Response:
    return page("account/forgotten.html", form=NameForm())


@bp.post("/reset")
def ask_to_reset() -> AnyResponse:
    template, form = "account/forgotten.html", NameForm()
    if not form.is_good():
        return again(template, form)
    try:
        resetting.ask_to_reset(
            current.db(),
            current.throttle(),
            mailing(),
            name=form.name.data,
            language=current_language(),
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, "name", throttled)
    return redirect(url_for(".reset_sent"), code=303)


@bp.get("/reset/sent")
def reset_sent() -> Response:
    return page("account/reset_sent.html")


@bp.get("/reset/letter")
def reset_by_letter() -> Response:
    return page("account/reset_by_letter.html", form=LetterForm())


@bp.post("/reset/letter")
def choose_password_by_letter() -> AnyResponse:
    template, form = "account/reset_by_letter.html", LetterForm()
    if not form.is_good():
        return again(template, form)
    try:
        account = resetting.reset_by_letter(
            current.db(),
            current.throttle(),
            mailing(),
            code=form.code.data,
            password=form.password.data,
            council=current.council_names(),
            address=address(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, "code", throttled)
    except CodeWrong:
        form.fail("code", _("That code doesn't work. Check it, or ask for another letter."))
        return again(template, form)
    except WeakPassword as weak:
        return too_weak(template, form, weak)
    return _password_is_new(account)


@bp.get("/reset/<token>")
def reset(token: str) -> Response:
    try:
        resetting.account_to_reset(current.db(), token=token, now=current.now())
    except CodeWrong:
        return link_is_no_good(url_for(".forgotten"))
    return page("account/reset.html", form=NewPasswordForm())


@bp.post("/reset/<token>")
def choose_password(token: str) -> AnyResponse:
    template, form = "account/reset.html", NewPasswordForm()
    db, now = current.db(), current.now()
    try:
        resetting.account_to_reset(db, token=token, now=now)
        if not form.is_good():
            return again(template, form)
        account = resetting.reset(
            db, mailing(), token=token, password=form.password.data, council=current.council_names(), now=now
        )
    except CodeWrong:
        return link_is_no_good(url_for(".forgotten"))
    except WeakPassword as weak:
        return too_weak(template, form, weak)
    return _password_is_new(account)


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return page(SIGN_IN, form=form, **_around_sign_in(), status=status)


def _around_sign_in() -> dict[str, Any]:
    """Return what the page shows beside its form."""
    return {"next": _next(), "ways": _ways(), "without": _without_signing_in()}


def _ways() -> list[WayIn]:
    """Return the other ways to sign in."""
    return [service.way_in for service in current.services() if service.way_in]


def _without_signing_in() -> CouncilService | None:
    """Return the service that somebody was on the way to, if they can begin there without signing in."""
    onward = _next() or ""
    return next((one for one in current.services() if one.start and onward.startswith(f"/{one.slug}")), None)


def _next() -> str | None:
    """Return the page of ours that the person was on their way to."""
    return local_path(request.args.get("next"))


def _onward() -> str:
    return _next() or url_for("home.index")


def _let_in(account: Account) -> AnyResponse:
    """Sign a resident in; of staff, ask for the second factor first."""
    if account.kind is Kind.STAFF:
        return _ask_for_second_factor(account.id)
    onward = _onward()
    sessions.sign_in(account.holder(), level=Level.MEDIUM, to=onward)
    return redirect(onward, code=303)


def _ask_for_second_factor(person_id: UUID) -> AnyResponse:
    second_step.expect(person_id, next=_next())
    return redirect(url_for(second_step.ENDPOINT), code=303)


def _password_is_new(account: Account) -> AnyResponse:
    """Whoever has the person's e-mail or letter gets in, as with the password that they chose."""
    response = _let_in(account)
    flash(_("Your password is changed. On all other devices you are signed out."), "success")
    return response
