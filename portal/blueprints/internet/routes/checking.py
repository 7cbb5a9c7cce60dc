"""The form at a computer: its code, the rules, and for guests their ticket; what is wrong with them in words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import request
from sqlalchemy.orm import Session

from portal.blueprints.internet.actions.guests import TicketRefused, TicketWhy
from portal.blueprints.internet.actions.sitting import PolicyChanged
from portal.blueprints.internet.forms.sitting import CheckInForm
from portal.blueprints.internet.queries import rooms
from portal.blueprints.internet.routes import policy
from portal.blueprints.internet.routes.words import branch_name, refusal
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.trying import of_codes
from portal.db import committing
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.identity.throttle import Throttled
from portal.web import current

Begun = TypeVar("Begun")

WRONG_CODES = frozenset({Why.WRONG_CODE, Why.OTHER_COMPUTER})
NO_POLICY = datetime(1970, 1, 1, tzinfo=UTC)


def shown(db: Session, form: CheckInForm, *, now: datetime) -> dict[str, Any]:
    """Return what the form's template needs: the form, and the policy in its present text."""
    rules = policy.in_words(rooms.policy(db, now=now))
    form.policy.data = rules.since
    return {"form": form, "policy": rules}


def tried(
    form: CheckInForm, begin: Callable[[datetime], Begun], *, person: str | None = None
) -> tuple[Begun | None, int]:
    """Try to begin with what was entered; return what was begun, or None and the status of the page with the errors.

    begin: is given which policy was agreed to. person: id of whoever tries; None for a guest. Wrong codes are counted.
    """
    if not form.is_good():
        return None, 422
    db, throttle = current.db(), current.throttle()
    limits = of_codes(throttle, person=person, address=request.remote_addr or "0.0.0.0")  # noqa: S104 -- nothing listens here
    try:
        throttle.ask(db, limits, at=current.now())
    except Throttled as throttled:
        text = _("There were too many tries. You can try again at %(time)s.", time=format_time(throttled.until))
        form.fail("code", text)
        return None, 429
    begun, status, is_wrong = None, 422, False
    try:
        begun = begin(_agreed(form))
    except PolicyChanged:
        form.agree.data = False
        form.fail("agree", _("The rules have changed. Read them again, and tick the box if you agree"))
        status = 409
    except TicketRefused as refused:
        form.fail("ticket", _ticket(refused))
        is_wrong = refused.why is TicketWhy.UNKNOWN
    except NotAllowed as no:
        form.fail("code", _computer(no))
        is_wrong = no.why in WRONG_CODES
    if not is_wrong:
        with committing(db):
            throttle.give_back(db, limits)
    return begun, status


def _agreed(form: CheckInForm) -> datetime:
    """Return the begin of the policy that was shown; what isn't one is none that there is."""
    try:
        return datetime.fromisoformat(form.policy.data or "")
    except ValueError:
        return NO_POLICY


def _computer(no: NotAllowed) -> str:
    """Return why somebody can't begin at the computer in front of them."""
    if no.why is not Why.TAKEN:
        return refusal(no)
    if no.until is None:
        return _("Somebody else has this computer. Use another one, or ask the staff.")
    return _("Somebody else has this computer until %(time)s. Use another one, or wait.", time=format_time(no.until))


def _ticket(refused: TicketRefused) -> str:
    if refused.why is TicketWhy.OTHER_DAY and refused.day:
        return _("This ticket is good on %(day)s only. Ask at the desk for a new one.", day=format_date(refused.day))
    if refused.why is TicketWhy.OTHER_BRANCH and refused.branch:
        return _(
            "This ticket is good at %(branch)s only. Ask at the desk for a new one.", branch=branch_name(refused.branch)
        )
    return _("We don’t know this ticket, or it was used. Check the code, or ask at the desk for a new ticket.")
