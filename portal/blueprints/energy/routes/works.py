"""Works on homes that the council lets: a tenant says whether they would like them, and agrees to them."""

from hashlib import sha256

from flask import Blueprint, Response, abort, flash, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from portal.blueprints.energy.actions import agreeing
from portal.blueprints.energy.actions.agreeing import Told
from portal.blueprints.energy.forms.landlord import AGREES, ANSWERS, NO, HelpedWorksForm, WorksForm
from portal.blueprints.energy.queries import works as answers
from portal.blueprints.energy.queries.works import Answered
from portal.blueprints.energy.routes import common, landlord, words
from portal.blueprints.energy.rules.landlord import Offer
from portal.blueprints.energy.rules.tenancy import Tenancy
from portal.i18n import current_language, use_locale
from portal.i18n import gettext as _
from portal.i18n import words as in_words
from portal.web import current, helping
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/works/<scheme>", view_func=works)
    bp.add_url_rule("/works/<scheme>", view_func=tell_works, methods=["POST"])
    bp.add_url_rule("/works/<scheme>/take-back", view_func=take_back_works, methods=["POST"])


def works(scheme: str) -> Response:
    offer, told = landlord.there("works").get(scheme), _told(scheme)
    home = landlord.tenancy()
    may_change = offer is not None and offer.is_open and home is not None
    if told and not ("change" in request.args and may_change):
        return _told_page(told, home, may_change=may_change)
    if offer is None:
        abort(404)
    if home is None:
        return landlord.no_tenancy(in_words(offer.edition.name))
    return _form_page(offer, home, _form_class()(), told)


def tell_works(scheme: str) -> AnyResponse:
    offer, home = _offer_or_404(scheme), landlord.tenancy()
    if home is None:
        return landlord.no_tenancy(in_words(offer.edition.name))
    if not offer.is_open:
        abort(404)
    form = _form_class()()
    if not form.is_good():
        return _form_page(offer, home, form, _told(scheme), status=422)
    read = agreement(offer)
    if request.form.get("read") != _mark(read, home):
        form.fail("answer", _("This page has changed since you opened it. Please read it again"))
        return _form_page(offer, home, form, _told(scheme), status=409)
    agreeing.tell(
        current.db(),
        current.sealer(),
        current.party(),
        Told(
            scheme=scheme,
            edition=offer.edition.edition,
            interested=form.answer.data != NO,
            agrees=form.answer.data == AGREES,
            home=home.home,
            signed_as=form.signed_as.data,
            words=read,
            said=_said(form.answer.data),
            language=common.binding_language(),
        ),
        link=_address(scheme),
        now=current.now(),
    )
    flash(_("Thank you. We have what you told us."), "success")
    return see_other(url_for(".works", scheme=scheme))


def take_back_works(scheme: str) -> AnyResponse:
    if agreeing.take_back(
        current.db(), current.sealer(), current.party(), scheme, link=_address(scheme), now=current.now()
    ):
        flash(_("You have taken it back. It doesn’t count any more."), "success")
    elif scheme not in {one.slug for one in common.schemes()}:
        abort(404)
    return see_other(url_for(".index"))


def told() -> list[tuple[str, Answered]]:
    """Return what the subject told of works, each with the name of its scheme, the newest first."""
    found = answers.mine(current.db(), current.sealer(), current.party())
    return [(landlord.name_of(slug), answered) for slug, answered in found.items()]


def agreement(offer: Offer) -> tuple[str, ...]:
    """Return what somebody reads before they agree, a paragraph each, in the language that they may be held to."""
    with use_locale(common.binding_language(), current.council().zone):
        return _paragraphs(offer)


def _said(answer: str) -> str:
    """Return an answer as it is kept, in the same language."""
    with use_locale(common.binding_language(), current.council().zone):
        return str(ANSWERS[answer])


def _labelled(answer: str) -> str | Markup:
    """Return an answer as the form shows it, with its language where that isn't the page's."""
    language, said = common.binding_language(), _said(answer)
    return said if language == current_language() else Markup('<span lang="{}">{}</span>').format(language, said)


def _paragraphs(offer: Offer) -> tuple[str, ...]:
    edition = offer.edition
    return (
        f"{in_words(edition.name)}: {words.sentence(in_words(edition.gives))}",
        words.sentence(in_words(edition.run_by)),
        _(
            "Works can mean that people come into your home to look at it and to measure, and later put insulation into"
            " walls, roof or floor, change windows and doors, or put in another heating system."
        ),
        _("We choose which homes come first. That you agree doesn’t mean that your home is chosen."),
        _("Before anything begins, we tell you what is planned for your home, and agree with you when."),
        _("You can take it back at any time until work on your home begins."),
        _("If you agree to the works, we may do them in your home, and those whom we send may come in to do them."),
    )


def _offer_or_404(scheme: str) -> Offer:
    return landlord.there("works").get(scheme) or abort(404)


def _told(scheme: str) -> Answered | None:
    return answers.mine(current.db(), current.sealer(), current.party()).get(scheme)


def _form_class() -> type[WorksForm]:
    """Return the form to be filled in. It is empty, whatever is known: to write one's name is to sign."""
    return HelpedWorksForm if helping.now() else WorksForm


def _form_page(offer: Offer, home: Tenancy, form: WorksForm, told: Answered | None, *, status: int = 200) -> Response:
    read = agreement(offer)
    form.answer.choices = [SelectChoice(answer, _labelled(answer)) for answer in ANSWERS]
    return page(
        "energy/works.html",
        status=status,
        name=in_words(offer.edition.name),
        scheme=offer.edition.scheme,
        home=home,
        form=form,
        told=told,
        read=read,
        read_in=common.binding_language(),
        mark=_mark(read, home),
        closed=words.AVAILABLE.get(offer.availability),
    )


def _told_page(told: Answered, home: Tenancy | None, *, may_change: bool) -> Response:
    return page(
        "energy/works_told.html",
        name=landlord.name_of(told.scheme),
        scheme=told.scheme,
        told=told,
        may_change=may_change,
        is_of_another_home=landlord.is_of_another_home(told, home),
    )


def _mark(read: tuple[str, ...], home: Tenancy) -> str:
    """Return what tells that a page showed these words, about this home."""
    return sha256("\n".join((*read, *home.home)).encode()).hexdigest()[:16]


def _address(scheme: str) -> str:
    return url_for(".works", scheme=scheme, _external=True)
