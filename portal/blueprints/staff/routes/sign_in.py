"""For who isn't signed in yet: the second factor after the password, and joining by the link of an invitation."""

from uuid import UUID

import segno
from flask import Blueprint, Response, redirect, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.staff import actions
from portal.blueprints.staff.forms import CodeForm, PasswordForm
from portal.i18n import gettext as _
from portal.i18n import words
from portal.identity import second_factors, staff
from portal.identity.passwords import LONGEST, SHORTEST, Weakness, WeakPassword
from portal.identity.throttle import Throttled
from portal.party import Level
from portal.web import current, second_step
from portal.web.pages import page
from portal.web.sessions import rotate, sign_in

bp = Blueprint("staff_sign_in", __name__, template_folder="../templates")

INVITATION = "invitation"
"""Key in the session: id of the invitation that this browser is following. The link itself isn't kept."""


@bp.get("/sign-in/code")
def code() -> AnyResponse:
    if second_step.expected() is None:
        return redirect(url_for("account.sign_in"), code=303)
    return page("staff/code.html", form=CodeForm())


@bp.post("/sign-in/code")
def check_code() -> AnyResponse:
    expected = second_step.expected()
    if expected is None:
        return redirect(url_for("account.sign_in"), code=303)
    form = CodeForm()
    if not form.is_good():
        return page("staff/code.html", form=form, status=422)
    try:
        holder = actions.prove_second_factor(
            current.db(),
            current.sealer(),
            current.throttle(),
            person_id=expected.person_id,
            code=form.code.data,
            now=current.now(),
        )
    except Throttled:
        form.fail("code", _("There were too many tries. Wait an hour, then sign in again."))
        return page("staff/code.html", form=form, status=429)
    if holder is None:
        form.fail("code", _("That code isn't right, or it was used already. Wait for the next one and enter that."))
        return page("staff/code.html", form=form, status=422)
    sign_in(holder, level=Level.HIGH)
    return redirect(expected.next or url_for("staff.index"), code=303)


@bp.get("/staff/join/<token>")
def join(token: str) -> Response:
    """Look at the link without using it up: mail filters open links, too."""
    invitee = staff.invitee(current.db(), token, at=current.now())
    if invitee is None:
        return _link_is_no_good()
    return page("staff/join.html", form=PasswordForm(), invitee=invitee)


@bp.post("/staff/join/<token>")
def choose_password(token: str) -> AnyResponse:
    invitee = staff.invitee(current.db(), token, at=current.now())
    if invitee is None:
        return _link_is_no_good()
    form = PasswordForm()
    if not form.is_good():
        return page("staff/join.html", form=form, invitee=invitee, status=422)
    try:
        invitation = actions.choose_password(
            current.db(),
            current.sealer(),
            token=token,
            password=form.password.data,
            council=current.council_names(),
            now=current.now(),
        )
    except WeakPassword as weak:
        form.fail("password", _weakness_in_words(weak.reason))
        return page("staff/join.html", form=form, invitee=invitee, status=422)
    except actions.NotGood:
        return _link_is_no_good()
    session[INVITATION] = str(invitation)
    rotate()
    return redirect(url_for(".authenticator"), code=303)


@bp.get("/staff/join")
def authenticator() -> Response:
    return _authenticator_page(CodeForm())


@bp.post("/staff/join")
def confirm_authenticator() -> Response:
    form = CodeForm()
    if INVITATION not in session or not form.is_good():
        return _authenticator_page(form, status=422)
    invitation = UUID(session[INVITATION])
    try:
        joined = actions.join(
            current.db(), current.sealer(), invitation=invitation, code=form.code.data, now=current.now()
        )
    except actions.NotGood:
        return _link_is_no_good()
    if joined is None:
        form.fail("code", _("That code isn't right. Wait for the next one and enter that."))
        return _authenticator_page(form, status=422)
    sign_in(joined.holder, level=Level.HIGH)
    return page("staff/recovery_codes.html", codes=joined.recovery_codes)


def _authenticator_page(form: CodeForm, *, status: int = 200) -> Response:
    db = current.db()
    invitation = session.get(INVITATION)
    invitee = staff.invitee_again(db, UUID(invitation), at=current.now()) if invitation else None
    secret = second_factors.secret_to_set_up(db, current.sealer(), invitee.person_id) if invitee else None
    if invitee is None or secret is None:
        return _link_is_no_good()
    address = second_factors.provisioning_address(secret, issuer=words(current.council().name), account=invitee.email)
    return page(
        "staff/authenticator.html", form=form, secret=_in_groups(secret), drawing=_drawing(address), status=status
    )


def _drawing(address: str) -> Markup:
    """Return a QR code as an SVG element that a strict policy lets through: no style, no image of its own."""
    svg = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, light="#fff", svgclass="qr", lineclass=None, title=_("QR code")
    )
    return Markup(svg)  # noqa: S704 -- drawn by the library, nothing of the address stands in it


def _in_groups(secret: str) -> str:
    """Return the secret as people type it: four letters at a time."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _link_is_no_good() -> Response:
    return page("staff/link_no_good.html", status=404)


def _weakness_in_words(reason: Weakness) -> str:
    match reason:
        case Weakness.SHORT:
            return _("Your password must be %(shortest)s characters or more", shortest=SHORTEST)
        case Weakness.LONG:
            return _("Your password must be %(longest)s characters or fewer", longest=LONGEST)
        case Weakness.COMMON | Weakness.GUESSABLE:
            return _("That password is easy to guess. Choose another, such as three words that don't belong together.")
