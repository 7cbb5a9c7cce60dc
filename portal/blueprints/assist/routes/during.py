"""What there is for staff while they help: more time, and the end."""

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import giving
from portal.blueprints.assist.forms import MoreTimeForm
from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.identity.helping import NotPossible, Reason
from portal.web import current, helping, sessions
from portal.web.guards import needs
from portal.web.pages import page, see_other

TEMPLATE = "assist/more.html"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/more", view_func=more)
    bp.add_url_rule("/more", view_func=take_more, methods=["POST"])
    bp.add_url_rule("/finish", view_func=finish, methods=["POST"])


@needs(in_help=True)
def more() -> AnyResponse:
    if helping.now() is None:
        return redirect(url_for(".index"), code=303)
    helping.refuse_if_over()
    return page(TEMPLATE, form=MoreTimeForm())


@needs(in_help=True)
def take_more() -> AnyResponse:
    if helping.now() is None:
        return redirect(url_for(".index"), code=303)
    form, party = MoreTimeForm(), helping.party()
    if not form.is_good():
        return page(TEMPLATE, form=form, status=422)
    try:
        until = giving.extend(
            current.db(),
            current.sealer(),
            party,
            minutes=form.minutes.data,
            words=form.words.data.strip(),
            now=current.now(),
        )
    except NotPossible as why:
        form.fail("minutes", _not_longer(why.reason))
        return page(TEMPLATE, form=form, status=409)
    flash(_("You have time until %(time)s.", time=format_time(until)), "success")
    return see_other("/")


def _not_longer(reason: Reason) -> str:
    if reason is Reason.TOO_LONG:
        return _("A help lasts an hour at most. Choose less time, or finish and agree again.")
    return _("This help has ended meanwhile.")


@needs(ends_help=True)
def finish() -> AnyResponse:
    """End the help, if it isn't over, and be oneself again; from another browser as well."""
    giving.finish(current.db(), current_user.person_id, now=current.now())
    if helping.now():
        sessions.turn_back()
    response = see_other(url_for(".index"))
    response.headers["Clear-Site-Data"] = '"cache"'  # nothing of theirs behind the back button
    flash(_("You are not helping anybody now. They get a message that you did."), "success")
    return response
