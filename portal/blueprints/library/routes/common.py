"""What the library's routes read of a request, and work with."""

from typing import Any, cast
from uuid import UUID

from flask import Response, abort, g, make_response, request

from portal.blueprints.library.actions import looking
from portal.blueprints.library.actions.asking import Asks
from portal.blueprints.library.queries import View
from portal.blueprints.library.rules.desk import Desk
from portal.connectors.errors import OutsideError, Refused
from portal.connectors.library import Reason
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.identity.throttle import Throttled
from portal.party import Party
from portal.web import current, sessions
from portal.web.forms import Form
from portal.web.pages import page


def desk() -> Desk:
    """Return what the library's actions work with; the service isn't offered where no library system is set."""
    library = current.connectors().library
    if library is None:
        raise RuntimeError("the library is offered, and there is no library system")
    resources = current.resources()
    secret = resources.settings.secret_key.get_secret_value().encode()
    return Desk(library, resources.sealer, secret, resources.council, resources.clock)


def session_id() -> UUID:
    """Return the id of this browser's session."""
    row = sessions.current_session().row
    if row is None:
        raise RuntimeError("the guard lets only those in who are signed in")
    return row.id


def address() -> str:
    """Return where the request comes from on the network, as trusted proxies tell it."""
    return request.remote_addr or "0.0.0.0"  # noqa: S104 -- nothing listens here: a socket without addresses


def views(party: Party) -> list[View]:
    """Return the person's cards, looked at once in a request however many parts of the page want them."""
    if "library_views" not in g:
        g.library_views = looking.look(current.db(), desk(), party, session=session_id(), now=current.now())
    return cast(list[View], g.library_views)


def chosen() -> UUID | None:
    """Return the card that the address names; None for the first there is."""
    return card_id(request.args["card"]) if "card" in request.args else None


def card_id(text: str | None) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        abort(404)


def look_at() -> tuple[View | None, list[View]]:
    """Return the card that the page is about, and all of the person's. None: they have connected none. 404 if the
    address names one that isn't theirs.
    """
    card = chosen()
    found, all_views = looking.look_at(
        current.db(), desk(), current.party(), card, session=session_id(), now=current.now()
    )
    if found is None and card:
        abort(404)
    return found, all_views


def asks(card: UUID) -> Asks:
    """Return who asks the library system about a card in this request."""
    return Asks(current.db(), desk(), current.party(), card, session_id(), current.deadline(), current.now())


def too_often(template: str, form: Form, throttled: Throttled, **context: Any) -> Response:
    """Return a page that says until when to wait."""
    form.fail("pin", _("There were too many tries. You can try again at %(time)s.", time=format_time(throttled.until)))
    response = make_response(page(template, form=form, status=429, **context))
    response.headers["Retry-After"] = str(round((throttled.until - current.now()).total_seconds()))
    return response


def not_checked(template: str, form: Form, error: OutsideError, **context: Any) -> Response:
    """Return a page that says why a card and its PIN were not taken."""
    field, message = _why_not_checked(error)
    form.fail(field, message)
    return page(template, form=form, status=422, **context)


def _why_not_checked(error: OutsideError) -> tuple[str, str]:
    match error.reason if isinstance(error, Refused) else None:
        case None:
            return "pin", _(
                "The library’s system is not answering, so we can’t check the card. Try again in a few minutes."
            )
        case Reason.WRONG_CARD_OR_PIN:
            return "pin", _("That card number or that PIN is wrong. Check both and try again.")
        case Reason.CARD_EXPIRED:
            return "pin", _("This card has expired. The library can make it good again.")
        case Reason.CARD_LOST:
            return "pin", _("This card is reported lost. Ask the library for a new one.")
        case _:
            return "pin", _("The library doesn’t take this card. Ask the library why.")
