"""What is kept of a resident, and what other services know of them, in words."""

from datetime import datetime

from portal.blueprints.energy.queries.checks import Kept
from portal.blueprints.energy.routes.common import local_day
from portal.blueprints.energy.rules.known import Known
from portal.i18n import format_date, format_money
from portal.i18n import gettext as _
from portal.web import current


def is_due(kept: Kept) -> bool:
    """Tell whether something has changed since answers were kept."""
    return kept.look_again_on is not None and kept.look_again_on <= local_day()


def again(kept: Kept) -> str:
    """Return when to look again and why; empty if nothing is known that would change."""
    if kept.look_again_on is None:
        return ""
    day = format_date(kept.look_again_on, "long")
    if kept.look_again_for == "birthday":
        if is_due(kept):
            return _("Look again: somebody’s birthday on %(day)s changes what you could get.", day=day)
        return _("Look again on %(day)s: a birthday then changes what you could get.", day=day)
    if is_due(kept):
        return _("Look again: something new began on %(day)s.", day=day)
    return _("Look again on %(day)s: something new begins then.", day=day)


def told(known: Known) -> str:
    """Return what a page says of what another service knows: where it is from, and as of when."""
    given = {"service": account_named(known.source), "day": format_date(known.as_of, "long")}
    if known.benefit_pence:
        amount = format_money(known.benefit_pence, current.council().currency)
        return _(
            "From %(service)s, as of %(day)s: %(amount)s of benefit was last paid straight to us. It was Housing"
            " Benefit or Universal Credit.",
            amount=amount,
            **given,
        )
    return _("From %(service)s, as of %(day)s. Change it if it isn’t right.", **given)


def confirmed(source: str) -> str:
    """Return where an answer came from that another service knew."""
    return _("From %(service)s, and you said that it is right", service=account_named(source))


def filled_in(source: str) -> str:
    """Return that another service has filled something in."""
    return _("We have filled this in from %(service)s", service=account_named(source))


def said_by(source: str, as_of: datetime) -> str:
    """Return who says what the person says otherwise, and as of when."""
    return _("What %(service)s says, as of %(day)s:", service=account_named(source), day=format_date(as_of, "long"))


def account_named(slug: str) -> str:
    """Return what a person calls where a fact is from. slug: of a service."""
    if slug == "rent":
        return _("your rent account")
    return next((str(service.name) for service in current.services() if service.slug == slug), slug)
