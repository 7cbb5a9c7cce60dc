"""Why something was not done, and what to do instead."""

from portal.blueprints.library.routes.words.card import local_day
from portal.blueprints.library.rules.due import When, due
from portal.connectors.library import Loan, Reason
from portal.i18n import Lazy, format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

_WHY: dict[str, Lazy] = {
    Reason.WRONG_CARD_OR_PIN: _l("The library doesn’t take this card with the PIN that we have."),
    Reason.PIN_NEEDED: _l("The library wants the PIN for that."),
    Reason.CARD_BLOCKED: _l("The library does nothing on this card just now."),
    Reason.CARD_EXPIRED: _l("The card has expired."),
    Reason.CARD_LOST: _l("The card is reported lost."),
    Reason.RESERVED_BY_ANOTHER: _l("Somebody else has reserved it."),
    Reason.TOO_MANY_RENEWALS: _l("It has been renewed as often as it can be."),
    Reason.TOO_SOON: _l("It is too soon to renew it."),
    Reason.TOO_LATE: _l("It is too late to renew it here."),
    Reason.OWES_TOO_MUCH: _l("Too much is owed on this card."),
    Reason.RECALLED: _l("The library needs it back."),
    Reason.NOT_ON_THIS_CARD: _l("The library doesn’t find it on this card any more."),
    Reason.NOT_RENEWABLE: _l("The library doesn’t renew things of this kind."),
    Reason.FEE: _l("It would cost something, and we agree to nothing for you."),
    Reason.UNCHANGED: _l("The library said yes, but the day is still the same."),
    Reason.NOT_CANCELLABLE: _l("The library doesn’t let it be cancelled here."),
    Reason.NOT_CHANGEABLE: _l("It is on its way already, or the library doesn’t let this be changed here."),
    Reason.NO_SUCH_BRANCH: _l("Nothing can be collected there."),
    Reason.OTHER: _l("The library said no, and not why."),
}

_INSTEAD: dict[str, Lazy] = {
    Reason.WRONG_CARD_OR_PIN: _l("Enter the PIN, then try again."),
    Reason.PIN_NEEDED: _l("Enter the PIN, then try again."),
    Reason.CARD_EXPIRED: _l("The library can make it good again."),
    Reason.CARD_LOST: _l("Ask the library for a new one."),
    Reason.TOO_SOON: _l("Try again nearer to the day."),
    Reason.TOO_LATE: _l("Take it back, or ask the library."),
    Reason.OWES_TOO_MUCH: _l("See what you owe."),
    Reason.RECALLED: _l("Take it back as soon as you can."),
    Reason.NOT_ON_THIS_CARD: _l("It may have been taken back."),
    Reason.FEE: _l("Ask the library to renew it."),
    Reason.UNCHANGED: _l("Try again later, or ask the library."),
}
"""Where nothing else is to be done but to take it back in time, or to ask the library."""

TAKE_BACK = (Reason.RESERVED_BY_ANOTHER, Reason.TOO_MANY_RENEWALS, Reason.NOT_RENEWABLE)


def why_not(reason: str) -> str:
    """Return why the library said no."""
    return str(_WHY.get(reason, _WHY[Reason.OTHER]))


def what_instead(reason: str) -> str:
    """Return what to do instead, of whatever was asked."""
    return str(_INSTEAD.get(reason) or _("Ask the library."))


def instead(reason: str, loan: Loan) -> str:
    """As ``what_instead``, of renewing a loan."""
    if reason not in TAKE_BACK:
        return what_instead(reason)
    if loan.due_on is None:
        return _("Take it back in time.")
    if due(loan, local_day()).when is When.LATE:
        return _("Take it back as soon as you can.")
    return _("Take it back by %(day)s.", day=format_date(loan.due_on, "day"))


def nothing_sent(*, is_away: bool = False) -> str:
    """Return what is said where the library was away. is_away: it still is."""
    return then_again(_("The library did not answer in time, so nothing was sent."), is_away=is_away)


def then_again(said: str, *, is_away: bool) -> str:
    """Return what is said, and that it can be tried again where it can: there is a button for it."""
    return said if is_away else said + " " + _("You can try again.")


def unclear() -> str:
    """Return what is said where an answer was lost, and looking again told nothing."""
    return _("We asked the library, and could not find out what came of it. Please ask the library.")
