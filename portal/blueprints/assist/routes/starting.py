"""A help begins: why, how it was agreed, with what, for how long."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import giving, welcoming
from portal.blueprints.assist.forms import AGREEMENT_HINTS, StartForm
from portal.blueprints.assist.routes import found
from portal.i18n import gettext as _
from portal.identity import persons, protected
from portal.identity.helping import Agreement, NotPossible, Reason, Wanted
from portal.identity.persons import Details
from portal.web import current, sessions
from portal.web.guards import needs
from portal.web.pages import page, see_other

TEMPLATE = "assist/start.html"


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:person>/start", view_func=start)
    bp.add_url_rule("/<uuid:person>/start", view_func=start_now, methods=["POST"])


@needs(fresh=True)
def start(person: UUID) -> AnyResponse:
    details = found_last(person)
    if is_protected(person):
        return ask_first(person)
    return _page(_form(), details)


@needs(fresh=True)
def start_now(person: UUID) -> AnyResponse:
    form, details = _form(), found_last(person)
    if is_protected(person):
        return ask_first(person)
    if not form.is_good():
        return _page(form, details, status=422)
    try:
        help_id = giving.start(
            current.db(),
            current.sealer(),
            current.finders(),
            current.party(),
            _wanted(form, person),
            now=current.now(),
        )
    except NotPossible as why:
        if why.reason is Reason.PROTECTED:
            return ask_first(person)
        form.fail("agreement", _not_begun(why.reason))
        return _page(form, details, status=409)
    sessions.turn_into_help(help_id)
    return see_other("/")


def _page(form: StartForm, details: Details, status: int = 200) -> AnyResponse:
    never_got_in = welcoming.waits_by(current.db(), details.id) is not None
    return page(TEMPLATE, form=form, person=details, hints=AGREEMENT_HINTS, never_got_in=never_got_in, status=status)


def is_protected(person: UUID) -> bool:
    """Tell whether the person is hidden by now: they may have been restricted since they were found."""
    db, staff = current.db(), current.party().actor
    return protected.why_hidden(db, current.finders(), staff, person, at=current.now()) is not None


def ask_first(person: UUID) -> AnyResponse:
    """Go to where a second member of staff is asked."""
    found.remember([], hidden=[person])
    return see_other(url_for(".ask"))


def _form() -> StartForm:
    today = current.now().astimezone(current.council().zone).date()
    offered = [
        (service.slug, service.name)
        for service in current.services()
        if any(face.audience == "resident" for face in service.faces)
    ]
    return StartForm(offered, today=today)


def found_last(person: UUID) -> Details:
    """Return whom the member of staff found. 404 for anybody else, whoever they are."""
    details = persons.details(current.db(), found.only(person))
    if details is None or details.closed_at:
        abort(404)
    return details


def _wanted(form: StartForm, person: UUID) -> Wanted:
    agreement = Agreement(form.agreement.data)
    has_end = agreement in (Agreement.STANDING, Agreement.LEGAL)
    return Wanted(
        subject=person,
        reason=form.reason.data,
        words=form.words.data.strip(),
        agreement=agreement,
        agreed=(form.agreed.data or "").strip(),
        agreed_until=form.agreed_until.data if has_end else None,
        services=form.services.data,
        acts=form.may.data == "act",
        lasts=timedelta(minutes=form.minutes.data),
    )


def _not_begun(reason: Reason) -> str:
    match reason:
        case Reason.ANOTHER:
            return _("You are helping somebody already, perhaps in another browser. Finish that first.")
        case Reason.ONESELF:
            return _("You can’t help yourself here. Ask a colleague.")
        case _:
            return _("Their account was closed meanwhile.")
