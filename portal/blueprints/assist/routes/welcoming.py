"""Sending the way to sign in again to somebody whom staff registered and who never got in."""

from uuid import UUID

from flask import Blueprint, abort, flash, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import welcoming
from portal.blueprints.assist.actions.welcoming import Corrected, NotSent, Reason
from portal.blueprints.assist.forms import WelcomeForm
from portal.blueprints.assist.routes.starting import ask_first, found_last, is_protected
from portal.blueprints.assist.rules import How
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.mailing import Mailing
from portal.identity.protected import Protected
from portal.models import Channel
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page, see_other

TEMPLATE = "assist/welcome.html"
OF_ALL = {
    Reason.ON_ITS_WAY: _l("A letter is on its way. Another one can be sent three days after it."),
    Reason.NO_ADDRESS: _l("The address that it went to isn’t there any more."),
}
OF_A_FIELD = {
    Reason.EMAIL_TAKEN: ("email", _l("Another account has this address. They have to give another one.")),
    Reason.TOO_WEAK: ("how", _l("They were registered by a document with their photo: ask to see one again")),
}


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:person>/welcome", view_func=welcome)
    bp.add_url_rule("/<uuid:person>/welcome", view_func=welcome_again, methods=["POST"])


@needs(fresh=True)
def welcome(person: UUID) -> AnyResponse:
    details = found_last(person)
    if is_protected(person):
        return ask_first(person)
    return page(TEMPLATE, form=_form(person), person=details)


@needs(fresh=True)
def welcome_again(person: UUID) -> AnyResponse:
    details = found_last(person)
    if is_protected(person):
        return ask_first(person)
    form = _form(person)
    if not form.is_good():
        return page(TEMPLATE, form=form, person=details, status=422)
    try:
        by = welcoming.send_again(
            current.db(),
            Mailing(current.sealer(), current.settings().base_url),
            current.finders(),
            current.party(),
            person,
            corrected=_corrected(form),
            now=current.now(),
        )
    except Protected:
        return ask_first(person)
    except NotSent as why:
        if why.reason in OF_A_FIELD:
            form.fail(*OF_A_FIELD[why.reason])
        else:
            form.form_errors.append(OF_ALL.get(why.reason) or abort(404))
        return page(TEMPLATE, form=form, person=details, status=409)
    if by is Channel.EMAIL:
        flash(_("We sent a link again. It works for 24 hours; the one before doesn’t any more."), "success")
    else:
        flash(_("We send another letter. Its code works for 21 days; the one before doesn’t any more."), "success")
    return see_other(url_for(".start", person=person))


def _form(person: UUID) -> WelcomeForm:
    """Return what can be said of where it goes. 404 for whoever waits for nothing."""
    by = welcoming.waits_by(current.db(), person) or abort(404)
    return WelcomeForm(by_letter=by is Channel.POST)


def _corrected(form: WelcomeForm) -> Corrected | None:
    email = form.other_address()
    return Corrected(email, How(form.how.data)) if email else None
