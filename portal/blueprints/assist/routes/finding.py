"""Finding a resident: what staff were told is in a form, never in an address; the same page tells whom it fits."""

from typing import Any

from flask import Blueprint, Response, make_response
from flask_login import current_user

from portal.blueprints.assist import queries
from portal.blueprints.assist.actions import finding
from portal.blueprints.assist.actions.finding import Found, TooFewFacts
from portal.blueprints.assist.forms import AskForm, FindForm
from portal.blueprints.assist.routes import found
from portal.blueprints.assist.rules import MOST_FOUND
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.identity import helping
from portal.identity.throttle import Throttled
from portal.web import current
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("", view_func=index)
    bp.add_url_rule("", view_func=find, methods=["POST"])


def index() -> Response:
    return _page(_form())


def find() -> Response:
    form = _form()
    if not form.is_good():
        return _page(form, status=422)
    clues = form.clues()
    try:
        who = finding.find(
            current.db(), current.throttle(), current.finders(), current.party(), clues, now=current.now()
        )
    except TooFewFacts:
        form.fail("name", _("Give at least two facts, such as a name and a date of birth"))
        return _page(form, status=422)
    except Throttled as throttled:
        form.fail(
            "name", _("That was a lot of searches. You can go on at %(time)s.", time=format_time(throttled.until))
        )
        response = make_response(_page(form, status=429))
        response.headers["Retry-After"] = str(round((throttled.until - current.now()).total_seconds()))
        return response
    found.remember(
        [one.person for one in who.shown if one.person],
        holders=[one.holder[1] for one in who.shown if one.holder and not one.person],
        hidden=[one.person for one in who.hidden if one.person],
        by=clues.kinds,
    )
    return _page(form, who=who)


def _form() -> FindForm:
    return FindForm([service.slug for service in current.services()])


def _page(form: FindForm, *, who: Found | None = None, status: int = 200) -> Response:
    db, now = current.db(), current.now()
    context: dict[str, Any] = {
        "open_help": helping.open_of(db, current_user.person_id, at=now),
        "asked": queries.asked_by(db, current.sealer(), current_user.person_id, at=now),
        "names": {service.slug: service.name for service in current.services()},
    }
    return page(
        "assist/find.html", form=form, found=who, ask=AskForm(), most=MOST_FOUND, now=now, status=status, **context
    )
