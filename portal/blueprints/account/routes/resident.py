"""A resident's own account: details, ways to be reached, linked services, language."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.account.actions import changing
from portal.blueprints.account.actions import waiting as asking
from portal.blueprints.account.actions.waiting import Removal
from portal.blueprints.account.forms import EmailForm, LanguageForm
from portal.blueprints.account.routes import looks, security
from portal.blueprints.account.routes.common import address, again, link_is_no_good, mailing, too_often
from portal.i18n import LANGUAGES, current_language, format_time
from portal.i18n import gettext as _
from portal.identity import contacts, links, persons, waiting
from portal.identity.codes import CodeWrong
from portal.identity.throttle import Throttled
from portal.identity.waiting import Kind
from portal.party import Party
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page

bp = Blueprint("own_account", __name__, url_prefix="/account", template_folder="../templates")
security.add_to(bp)
looks.add_to(bp)


@bp.get("")
def overview() -> Response:
    db, party = current.db(), current.party()
    details = persons.details(db, party.subject)
    ways = contacts.of_person(db, party.subject)
    return page("account/overview.html", details=details, ways=ways, language_name=LANGUAGES[_language()])


@bp.get("/contacts")
def contact_list() -> Response:
    db, party = current.db(), current.party()
    ways, changes = contacts.of_person(db, party.subject), waiting.of_person(db, party.subject)
    taken_back = {contact for contact, change in changes.items() if change.can_be_taken_back(party.help)}
    return page("account/contacts.html", ways=ways, waiting=changes, taken_back=taken_back)


@bp.post("/contacts")
@needs(fresh=True)
def remove_contact() -> AnyResponse:
    contact, party = _id(request.form.get("contact")), current.party()
    removed: bool | Removal | None
    try:
        if party.help:
            removed = asking.ask_to_remove(
                current.db(), mailing(), party, contact, zone=current.council().zone, now=current.now()
            )
        else:
            removed = changing.remove_contact(current.db(), mailing(), party, contact, now=current.now())
    except contacts.LastOne:
        flash(_("Nothing was removed: it's the only way to reach you or to sign in. Add another one first."), "problem")
        return redirect(url_for(".contact_list"), code=303)
    if not removed:
        abort(404)
    if removed is Removal.WAITS:
        flash(_("This waits for their word, or for some days. They get a message about it."), "success")
    elif removed is Removal.TAKEN_BACK:
        flash(_("Taken back: everything is as it was before."), "success")
    else:
        flash(_("Removed. We have told you so there as well."), "success")
    return redirect(url_for(".contact_list"), code=303)


@bp.get("/contacts/add")
@needs(fresh=True)
def new_email() -> Response:
    return page("account/add_email.html", form=EmailForm())


@bp.post("/contacts/add")
@needs(fresh=True)
def add_email() -> AnyResponse:
    template, form = "account/add_email.html", EmailForm()
    if not form.is_good():
        return again(template, form)
    party = current.party()
    try:
        _add(party, form.address())
    except Throttled as throttled:
        return too_often(template, form, "email", throttled)
    except contacts.Known:
        form.fail("email", _("You have this address already. Enter another one."))
        return again(template, form)
    if party.help:
        flash(_("This waits for their word, or for some days. They get a message about it."), "success")
    else:
        flash(_("We have sent a link to that address. Open it within 24 hours to confirm the address."), "success")
    return redirect(url_for(".contact_list"), code=303)


def _add(party: Party, email: str) -> None:
    """Add an address; what staff add in a help waits. Raises Throttled, contacts.Known."""
    db, now = current.db(), current.now()
    if party.help:
        zone = current.council().zone
        asking.ask_to_add(db, current.throttle(), mailing(), party, email=email, address=address(), zone=zone, now=now)
    else:
        changing.add_email(db, current.throttle(), mailing(), party, email=email, address=address(), now=now)


@bp.get("/contacts/confirm/<token>")
@needs(alone="sign-in")
def look_at_link(token: str) -> Response:
    """Show a button: mail filters open links, and only a person presses it."""
    if not changing.is_own_link(current.db(), current.party(), token=token, now=current.now()):
        return link_is_no_good(url_for(".new_email"))
    return page("account/confirm_email.html")


@bp.post("/contacts/confirm/<token>")
@needs(alone="sign-in")
def confirm_email(token: str) -> AnyResponse:
    try:
        changing.confirm_email(current.db(), mailing(), current.party(), token=token, now=current.now())
    except (CodeWrong, contacts.Taken):
        return link_is_no_good(url_for(".new_email"))
    flash(_("The address is confirmed. You can sign in with it from now on."), "success")
    return redirect(url_for(".contact_list"), code=303)


@bp.get("/contacts/waiting")
@needs(alone="sign-in")
def waiting_contacts() -> AnyResponse:
    """Lead back to what waits, from where the password was asked for again."""
    return redirect(url_for(".contact_list"), code=303)


@bp.post("/contacts/waiting")
@needs(fresh=True, alone="sign-in")
def answer_waiting() -> AnyResponse:
    """Take the resident's yes or no to a change that staff made for them."""
    contact, said = _id(request.form.get("contact")), request.form.get("answer")
    if said not in ("yes", "no"):
        abort(400)
    flash(*(_say_yes(contact) if said == "yes" else _say_no(contact)))
    return redirect(url_for(".contact_list"), code=303)


def _say_yes(contact: UUID) -> tuple[str, str]:
    """Return what is told, and how it went."""
    try:
        kind = asking.say_yes(
            current.db(),
            current.throttle(),
            mailing(),
            current.party(),
            contact,
            address=address(),
            now=current.now(),
        )
    except asking.NotWaiting:
        return _("This doesn’t wait any more. See below what holds now."), "problem"
    except contacts.LastOne:
        return _("Nothing was removed: it's the only way to reach you or to sign in. Add another one first."), "problem"
    except Throttled as throttled:
        return _(
            "There were too many tries. You can try again at %(time)s.", time=format_time(throttled.until)
        ), "problem"
    if kind is Kind.REMOVE:
        return _("Removed. We have told you so there as well."), "success"
    return _("We have sent a link to that address. Open it within 24 hours to confirm the address."), "success"


def _say_no(contact: UUID) -> tuple[str, str]:
    try:
        asking.say_no(current.db(), current.party(), contact, now=current.now())
    except asking.NotWaiting:
        return _("This doesn’t wait any more. See below what holds now."), "problem"
    return _("Everything stays as it was."), "success"


@bp.get("/links")
def linked() -> Response:
    names = {service.slug: service.name for service in current.services()}
    found = links.of_subject(current.db(), current.party(), at=current.now())
    return page("account/links.html", links=found, names=names, what=_what_is_linked())


def _what_is_linked() -> dict[UUID, str]:
    """Return what each link leads to, by its id, as far as its service says."""
    db, party, now = current.db(), current.party(), current.now()
    return {
        link: what
        for service in current.services()
        if service.linked and service.is_open_to(party)
        for link, what in service.linked(db, party, now).items()
    }


@bp.post("/links")
@needs(alone="links")
def disconnect() -> AnyResponse:
    if not changing.disconnect(current.db(), current.party(), _id(request.form.get("link")), now=current.now()):
        abort(404)
    flash(_("Disconnected. You don't see it here any more."), "success")
    return redirect(url_for(".linked"), code=303)


@bp.get("/language")
def language() -> Response:
    return page("account/language.html", form=LanguageForm(data={"language": _language()}))


@bp.post("/language")
def set_language() -> AnyResponse:
    form = LanguageForm()
    if not form.is_good():
        return again("account/language.html", form)
    changing.set_language(current.db(), current.sealer(), current.party(), form.language.data, now=current.now())
    return redirect(url_for(".overview"), code=303)


def _language() -> str:
    """Return the resident's language, who isn't who is signed in where staff help them."""
    details = persons.details(current.db(), current.party().subject)
    return details.language if details else current_language()


def _id(text: str | None) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        abort(404)
