"""Holds: how far each is, and what came of cancelling or changing it."""

from dataclasses import dataclass, field

from portal.blueprints.library.queries import View
from portal.blueprints.library.routes.words.branch import branch_name
from portal.blueprints.library.routes.words.card import state
from portal.blueprints.library.routes.words.refusal import nothing_sent, then_again, unclear, what_instead, why_not
from portal.blueprints.library.routes.words.tag import Tag
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.due import holds_in_order
from portal.blueprints.library.rules.settling import Deed, Outcome, Told
from portal.connectors.library import Hold, HoldState
from portal.i18n import format_date
from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold. strong, text: as in ``LoanRow``. branch: where it is picked up, a code."""

    id: str
    hold: str = field(repr=False)
    title: str = field(repr=False)
    tag: Tag | None
    text: str
    strong: str
    branch: str | None
    has_cancel: bool
    has_pickup: bool


def hold_rows(view: View, desk: Desk) -> list[HoldRow]:
    """Return a card's holds, ready ones first."""
    holds = holds_in_order(view.borrower.holds) if view.borrower else []
    is_away = state(view).is_away
    return [_hold_row(view, desk, hold, number, is_away=is_away) for number, hold in enumerate(holds, start=1)]


def _hold_row(view: View, desk: Desk, hold: Hold, number: int, *, is_away: bool) -> HoldRow:
    is_asked, told = view.is_asked(hold.id), view.told_of(hold.id)
    may = desk.system.abilities
    tag, text = _of_hold(hold)
    strong = ""
    if is_asked:
        tag = Tag(_("We’re finding out"), "blue")
        text = (
            _("We asked the library, but didn’t hear its answer. You don’t need to ask again: we will tell you here.")
            + f" {text}"
        )
    elif told and told.outcome is Outcome.UNCLEAR:
        text = f"{unclear()} {text}"
    elif told and told.outcome is not Outcome.DONE:
        strong = _("Not cancelled.") if told.deed is Deed.CANCEL else _("Not changed.")
        text = f"{_why_hold(told, is_away=is_away)} {text}"
    elif told and told.deed is Deed.CHANGE_PICKUP:
        strong = _("Changed.")
    return HoldRow(
        id=f"hold-{desk.key('row', str(view.card.id), hold.id).hex()[:12]}",
        hold=hold.id,
        title=hold.title or _("Reservation %(number)s", number=number),
        tag=tag,
        text=text,
        strong=strong,
        branch=hold.branch,
        has_cancel=may.cancel_hold and not is_asked and not is_away,
        has_pickup=may.change_pickup and hold.state is HoldState.WAITING and not is_asked and not is_away,
    )


def _of_hold(hold: Hold) -> tuple[Tag | None, str]:
    place = branch_name(hold.branch)
    match hold.state:
        case HoldState.READY if hold.last_day:
            day = format_date(hold.last_day)
            return Tag(_("Ready to collect"), "green"), _("At %(place)s, until %(day)s.", place=place, day=day)
        case HoldState.READY:
            return Tag(_("Ready to collect"), "green"), _("At %(place)s.", place=place)
        case HoldState.ON_ITS_WAY:
            return Tag(_("On its way"), "blue"), _("It is being brought to %(place)s.", place=place)
        case _ if hold.place == 1:
            return None, _("You are next. You collect it at %(place)s.", place=place)
        case _ if hold.place:
            return None, _(
                "You are number %(number)s in the queue. You collect it at %(place)s.", number=hold.place, place=place
            )
        case _:
            return None, _("You are in the queue. You collect it at %(place)s.", place=place)


def _why_hold(told: Told, *, is_away: bool) -> str:
    match told.outcome:
        case Outcome.REFUSED:
            return f"{why_not(told.reason)} {what_instead(told.reason)}"
        case Outcome.UNAVAILABLE:
            return nothing_sent(is_away=is_away)
        case _:
            return then_again(_("We found out: the library did not do it."), is_away=is_away)
