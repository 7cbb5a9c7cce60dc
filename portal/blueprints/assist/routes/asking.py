"""Asking a second member of staff whether a protected record may be opened, and opening it when they said yes."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import asking
from portal.blueprints.assist.forms import AskForm
from portal.blueprints.assist.routes import found
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/ask", view_func=ask)
    bp.add_url_rule("/ask", view_func=ask_now, methods=["POST"])
    bp.add_url_rule("/asked/<uuid:request_id>", view_func=open_record, methods=["POST"])


def ask() -> AnyResponse:
    if not found.hidden():
        return redirect(url_for(".index"), code=303)
    return page("assist/ask.html", form=AskForm(), count=len(found.hidden()))


def ask_now() -> AnyResponse:
    form, hidden = AskForm(), found.hidden()
    if not hidden:
        return redirect(url_for(".index"), code=303)
    if not form.is_good():
        return page("assist/ask.html", form=form, count=len(hidden), status=422)
    asking.ask(
        current.db(),
        current.sealer(),
        current.finders(),
        current.party(),
        hidden,
        words=form.why.data.strip(),
        now=current.now(),
    )
    found.remember([])
    flash(_("We asked your colleagues. You see here what they say."), "success")
    return see_other(url_for(".index"))


def open_record(request_id: UUID) -> AnyResponse:
    """Go on to whom a colleague said yes to."""
    subject = asking.use(current.db(), current.finders(), current.party(), request_id, now=current.now())
    if subject is None:
        abort(404)
    found.remember([subject])
    return see_other(url_for(".start", person=subject))
