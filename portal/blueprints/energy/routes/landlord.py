"""The council as landlord: what its pages read of a request, and the ways to them."""

from flask import Response, url_for

from portal.blueprints.energy.queries.works import Answered
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.landlord import Offer, as_landlord
from portal.blueprints.energy.rules.tenancy import Tenancy
from portal.blueprints.energy.rules.tenancy import tenancy as tenancy_of
from portal.blueprints.energy.schemes.edition import Edition, LandlordDoes
from portal.i18n import gettext as _
from portal.i18n import words
from portal.web import current, helping
from portal.web.pages import page

RENT = "rent"


def tenancy() -> Tenancy | None:
    """Return the home that the council lets to whom this request is about."""
    return tenancy_of(common.facts(current.party()))


def there(does: LandlordDoes) -> dict[str, Offer]:
    """Return the schemes under which the council does this here today."""
    return as_landlord(does, common.schemes(), common.nation(), common.local_day())


def name_of(slug: str) -> str:
    """Return what a scheme is called, whether it is over or not; its slug where there is no file of it any more."""
    found = (scheme.editions[-1].edition.name for scheme in common.schemes() if scheme.slug == slug)
    return next(map(words, found), slug)


def way(edition: Edition) -> tuple[str, str] | None:
    """Return where somebody goes on from a scheme of the council's as landlord, and what the link says."""
    match edition.landlord_does:
        case "works":
            return url_for("energy.works", scheme=edition.scheme), _("Tell us what you would like")
        case "letter":
            return url_for("energy.landlord_letter"), _("Have the letter made now")
        case None:
            return None


def no_tenancy(title: str) -> Response:
    """Show that we know of no tenancy, and how to connect one. title: what the page is about."""
    helped = helping.now()
    return page(
        "energy/no_tenancy.html",
        title=title,
        has_rent=any(service.slug == RENT for service in current.services()),
        is_out_of_help=helped is not None and RENT not in helped.services,
    )


def is_of_another_home(answered: Answered, home: Tenancy | None) -> bool:
    """Tell whether somebody has moved since they told us of works."""
    return home is not None and answered.home is not None and answered.home != home.home
