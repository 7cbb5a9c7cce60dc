"""A letter of the council's as landlord, for whoever decides about a scheme: made at once, and not kept."""

from flask import Blueprint, Response, abort, make_response

from portal.blueprints.energy.actions import confirming
from portal.blueprints.energy.forms.landlord import LetterForm
from portal.blueprints.energy.routes import landlord
from portal.blueprints.energy.rules.landlord import Offer
from portal.blueprints.energy.rules.meters import Meter, meter
from portal.blueprints.energy.rules.tenancy import Tenancy
from portal.documents import Letter
from portal.documents import letter as as_pdf
from portal.i18n import current_language, format_date
from portal.i18n import gettext as _
from portal.i18n import words as in_words
from portal.web import current, helping
from portal.web.guards import needs
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/landlord-letter", view_func=landlord_letter)
    bp.add_url_rule("/landlord-letter", view_func=make_letter, methods=["POST"])


def landlord_letter() -> Response:
    offer, home = _offer_or_404(), landlord.tenancy()
    if home is None:
        return landlord.no_tenancy(_title())
    return _form_page(offer, home, LetterForm())


@needs(in_help=True)
def make_letter() -> Response:
    """Make the letter: it shows what we know, and changes nothing."""
    offer, home = _offer_or_404(), landlord.tenancy()
    if home is None:
        return landlord.no_tenancy(_title())
    form = LetterForm()
    found = meter(form.number.data or "")
    if not form.is_good() or found is None:
        return _form_page(offer, home, form, status=422)
    confirming.note_letter(
        current.db(), current.sealer(), current.party(), scheme=offer.edition.scheme, now=current.now()
    )
    response = make_response(as_pdf(document(offer, home, found), council=current.council()))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="landlord-letter.pdf"'
    return response


def _offer_or_404() -> Offer:
    """Return the scheme that a letter is for. A nation has one."""
    found = (offer for offer in landlord.there("letter").values() if offer.is_open)
    return next(found, None) or abort(404)


def _title() -> str:
    return _("A letter from us as your landlord")


def _form_page(offer: Offer, home: Tenancy, form: LetterForm, *, status: int = 200) -> Response:
    return page(
        "energy/letter.html",
        status=status,
        title=_title(),
        name=in_words(offer.edition.name),
        home=home,
        form=form,
        team=_team(),
    )


def document(offer: Offer, home: Tenancy, meter: Meter) -> Letter:
    """Return the letter in the reader's language."""
    council = current.council()
    return Letter(
        language=current_language(),
        address=(home.tenant, *home.home),
        title=_("We are the landlord of this home"),
        paragraphs=(
            _("To whom it may concern. This letter is for: %(scheme)s.", scheme=in_words(offer.edition.name)),
            _(
                "%(tenant)s is a tenant of %(council)s. The home is: %(home)s.",
                tenant=home.tenant,
                council=in_words(council.name),
                home=", ".join(home.home),
            ),
            _("The rent account of this tenancy began on %(day)s.", day=format_date(home.since, "long")),
            _of_meter(home, meter),
            *_of_heating(home),
            _("This is what our records say as of %(day)s.", day=format_date(home.as_of, "long")),
            _(
                "If you have a question about this letter, call %(phone)s or write to %(email)s.",
                phone=council.contacts.rent.phone,
                email=council.contacts.rent.email,
            ),
        ),
        signature=(_team(), in_words(council.name)),
        written_at=current.now(),
    )


def _of_meter(home: Tenancy, meter: Meter) -> str:
    given = {"tenant": home.tenant, "number": meter.number}
    if meter.fuel == "electricity":
        return _(
            "%(tenant)s has told us that they pay the electricity bill of this home, and that the number of its meter"
            " (MPRN) is %(number)s.",
            **given,
        )
    return _(
        "%(tenant)s has told us that they pay the gas bill of this home, and that the number of its meter (GPRN) is"
        " %(number)s.",
        **given,
    )


def _of_heating(home: Tenancy) -> tuple[str, ...]:
    if home.has_heating is None:
        return ()
    if home.has_heating:
        return (_("We charge for heating or hot water with the rent."),)
    return (_("We make no separate charge for heating or hot water with the rent."),)


def _team() -> str:
    return helping.team_name("housing") or _("Housing team")
