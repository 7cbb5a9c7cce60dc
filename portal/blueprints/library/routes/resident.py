"""What a resident sees and does with their library cards."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.library.actions import connecting
from portal.blueprints.library.actions.connecting import BirthDateNeeded, Child, HasOwnCard, OfAnother, TooOld
from portal.blueprints.library.forms import CardForm, ChildForm, PinForm
from portal.blueprints.library.routes import doing
from portal.blueprints.library.routes.common import (
    address,
    card_id,
    chosen,
    desk,
    look_at,
    not_checked,
    session_id,
    too_often,
    views,
)
from portal.blueprints.library.routes.words.card import in_short, name, state
from portal.blueprints.library.rules.cards import as_number
from portal.connectors.errors import OutsideError
from portal.connectors.library import Card
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.identity import contacts
from portal.identity.links import AlreadyLinked
from portal.identity.throttle import Throttled
from portal.models import Channel
from portal.party import Level
from portal.web import current, sessions, watching
from portal.web.guards import needs
from portal.web.pages import page, see_other

bp = Blueprint("library", __name__, url_prefix="/library", template_folder="../templates")
doing.add_to(bp)


@bp.get("")
def cards() -> Response:
    watched = watching.look(current.party())
    if watched.is_unchanged:
        return watched.unchanged()
    found = views(current.party())
    return page(
        "library/cards.html",
        cards=[(view, state(view), in_short(view.borrower) if view.borrower else None) for view in found],
        name=name,
        can_be_reminded=_has_email(),
        watched=watched,
    )


@bp.get("/loans")
def loans() -> AnyResponse:
    return _of_card("library/loans.html", fragments=("content", "loans"))


@bp.get("/holds")
def holds() -> AnyResponse:
    return _of_card("library/holds.html")


@bp.get("/charges")
def charges() -> AnyResponse:
    return _of_card("library/charges.html")


def _of_card(template: str, *, fragments: tuple[str, ...] = ("content",)) -> AnyResponse:
    watched = watching.look(current.party())
    if watched.is_unchanged:
        return watched.unchanged()
    view, all_views = look_at()
    if view is None:
        return redirect(url_for(".cards"), code=303)
    context = doing.context(view)
    return page(template, fragments=fragments, **context, cards=all_views, name=name, watched=watched)


@bp.get("/connect")
@needs(level=Level.MEDIUM, alone="links")
def connect() -> Response:
    return _connecting("library/connect.html", CardForm())


@bp.post("/connect")
@needs(level=Level.MEDIUM, alone="links")
def connect_card() -> AnyResponse:
    return _connect("library/connect.html", CardForm())


@bp.get("/connect/child")
@needs(level=Level.MEDIUM, alone="links")
def connect_child() -> Response:
    return _connecting("library/connect_child.html", ChildForm())


@bp.post("/connect/child")
@needs(level=Level.MEDIUM, alone="links")
def connect_childs_card() -> AnyResponse:
    return _connect("library/connect_child.html", ChildForm())


def _connecting(template: str, form: CardForm) -> Response:
    return page(template, form=form, **_about_pins())


def _connect(template: str, form: CardForm) -> AnyResponse:
    context = _about_pins()
    if not form.is_good():
        return page(template, form=form, status=422, **context)
    child = Child(form.name.data.strip(), form.born_on.data) if isinstance(form, ChildForm) else None
    try:
        connecting.connect(
            current.db(),
            desk(),
            current.throttle(),
            current.party(),
            Card(as_number(form.number.data), form.pin.data),
            child=child,
            address=address(),
            session=session_id(),
            keeps_pin=form.keep.data,
            deadline=current.deadline(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, throttled, **context)
    except OutsideError as error:
        return not_checked(template, form, error, **context)
    except (HasOwnCard, OfAnother, BirthDateNeeded, TooOld) as refused:
        form.fail("born_on" if isinstance(refused, BirthDateNeeded) else "number", _why_not_connected(refused))
        return page(template, form=form, status=422, **context)
    except AlreadyLinked:
        flash(_("This card is connected already."), "success")
    else:
        flash(_("The library card is connected."), "success")
    return see_other(url_for(".cards"))


def _why_not_connected(refused: Exception) -> str:
    match refused:
        case HasOwnCard():
            return _("You have connected another card as your own. Disconnect that one first.")
        case BirthDateNeeded():
            return _("Enter the child’s date of birth: the library doesn’t say it.")
        case TooOld(on=day):
            return _(
                "This card can’t be connected: since %(day)s its owner is too old for others to see it.",
                day=format_date(day, "long"),
            )
        case _:
            return _(
                "This card is connected to another account. Sign in with the card and its PIN, and disconnect it there."
            )


@bp.get("/pin")
@needs(alone="sign-in")
def pin() -> AnyResponse:
    return _pin_page(PinForm())


@bp.post("/pin")
@needs(alone="sign-in")
def give_pin() -> AnyResponse:
    form, template = PinForm(), "library/pin.html"
    context = _pin_context()
    if not form.is_good():
        return page(template, form=form, status=422, **context)
    try:
        connecting.give_pin(
            current.db(),
            desk(),
            current.throttle(),
            current.party(),
            context["view"].card.id,
            pin=form.pin.data,
            address=address(),
            session=session_id(),
            keeps_pin=form.keep.data,
            deadline=current.deadline(),
            now=current.now(),
        )
    except Throttled as throttled:
        return too_often(template, form, throttled, **context)
    except OutsideError as error:
        return not_checked(template, form, error, **context)
    flash(_("Thank you. We asked the library."), "success")
    return see_other(url_for(".loans", card=context["view"].card.id))


def _pin_page(form: PinForm) -> AnyResponse:
    return page("library/pin.html", form=form, **_pin_context())


def _pin_context() -> dict[str, Any]:
    view, _all = look_at()
    if view is None or chosen() is None:
        abort(404)
    return {"view": view, "name": name, **_about_pins()}


def _about_pins() -> dict[str, Any]:
    """Return whether the library system can't do without a PIN, and whether people may have it kept for longer."""
    needs_pin = desk().system.abilities.needs_pin
    return {"needs_pin": needs_pin, "may_keep": needs_pin and desk().rules.keep_pin}


@bp.get("/disconnect")
@needs(alone="links")
def ask_to_disconnect() -> AnyResponse:
    view, _all = look_at()
    if view is None or chosen() is None:
        abort(404)
    return page("library/disconnect.html", view=view, name=name)


@bp.post("/disconnect")
@needs(alone="links")
def disconnect() -> AnyResponse:
    is_closed = connecting.disconnect(
        current.db(), current.party(), card_id(request.form.get("card")), now=current.now()
    )
    if is_closed is None:
        abort(404)
    if is_closed:
        sessions.sign_out()
        return see_other(url_for("account.signed_out"))
    flash(_("The card is disconnected, and what we knew of it is deleted."), "success")
    return see_other(url_for(".cards"))


@bp.post("/reminders")
def reminders() -> AnyResponse:
    wanted = request.form.get("wanted") == "yes"
    card = card_id(request.form.get("card"))
    if not connecting.set_reminders(
        current.db(), current.sealer(), current.party(), card, wanted=wanted, now=current.now()
    ):
        abort(404)
    flash(
        _("We will remind you by e-mail.") if wanted else _("We will not remind you any more."),
        "success",
    )
    return see_other(url_for(".cards"))


def _has_email() -> bool:
    ways = contacts.of_person(current.db(), current.party().subject)
    return any(way.channel is Channel.EMAIL and way.confirmed for way in ways)
