"""Finding a resident: what staff were told is in a form, never in an address; the same page tells whom it fits."""

from typing import Any

from flask import Blueprint, Response, make_response
from flask_login import current_user

from portal.blueprints.assist import queries
from portal.blueprints.assist.forms import AskForm
from portal.blueprints.assist.routes import found
from portal.identity import helping
from portal.identity.looking import MOST_FOUND, Found
from portal.web import current, finding
from portal.web.finding import FindForm, NotFound
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("", view_func=index)
    bp.add_url_rule("", view_func=find, methods=["POST"])


def index() -> Response:
    return _page(finding.form())


def find() -> Response:
    form = finding.form()
    try:
        who = finding.find(form)
    except NotFound as why:
        response = make_response(_page(form, status=why.status))
        response.headers.update(why.headers)
        return response
    found.remember(
        [one.person for one in who.shown if one.person],
        holders=[one.holder[1] for one in who.shown if one.holder and not one.person],
        hidden=[one.person for one in who.hidden if one.person],
        by=form.clues().kinds,
    )
    return _page(form, who=who)


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
