"""What came of a question, for a notification: without titles, since it lies in the session for a moment."""

from portal.blueprints.library.actions.asking import Changed
from portal.blueprints.library.queries import View
from portal.blueprints.library.routes.words.card import local_day
from portal.blueprints.library.routes.words.refusal import nothing_sent, what_instead, why_not
from portal.blueprints.library.rules.settling import Deed
from portal.connectors.errors import OutsideError, Refused, Unavailable
from portal.connectors.library import Renewed
from portal.i18n import format_date
from portal.i18n import gettext as _


def renewal(came: Renewed | Exception) -> tuple[str, str]:
    """Return what is told of one renewal, and its category. came: the answer, or what was raised."""
    match came:
        case Renewed(due_on=None):
            return _("Renewed. The new day stands beside it."), "success"
        case Renewed():
            return _("Renewed until %(day)s.", day=format_date(came.due_on or local_day(), "day")), "success"
        case Changed(loan=None):
            return _("It isn’t on this card any more. Nothing was asked."), "problem"
        case Changed():
            return _("Its day has changed in the meantime, so we didn’t ask again. The list shows it."), "success"
        case _:
            return not_done(_("Not renewed."), came)


def not_done(what: str, error: Exception) -> tuple[str, str]:
    """Return what is told where something was not done, or nobody knows. what: "Not renewed."."""
    match error:
        case Refused(reason=reason):
            return f"{what} {why_not(reason)} {what_instead(reason)}", "problem"
        case Unavailable():
            return f"{what} {nothing_sent()}", "problem"
        case OutsideError() | _:
            return _(
                "We asked, but didn’t hear the library’s answer. You don’t need to ask again: we will tell you here."
            ), "problem"


def found_out(view: View) -> list[str]:
    """Return what was found out of loans and holds that aren't there any more, and so have no row that tells it."""
    if view.borrower is None:
        return []
    there = {loan.item for loan in view.borrower.loans} | {hold.id for hold in view.borrower.holds}
    gone = [told for told in view.told if told.later and told.thing not in there]
    return [
        _("We found out: what you asked to cancel is cancelled.")
        if told.deed is Deed.CANCEL
        else _("We found out: something that we asked the library about for you isn’t on the card any more.")
        for told in gone
    ]
