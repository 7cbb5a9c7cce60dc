"""Rooms, bookings and refusals in words: each refusal says which rule, and what is possible instead."""

from datetime import timedelta

from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.blueprints.internet.rules.standing import EARLY
from portal.i18n import Lazy, current_language, format_date, format_time, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

KINDS: dict[Kind, Lazy] = {
    Kind.STANDARD: _l("Standard"),
    Kind.ADJUSTABLE: _l("Adjustable desk"),
    Kind.LARGE_SCREEN: _l("Large screen, with magnifier"),
    Kind.SCANNER: _l("With scanner"),
    Kind.QUICK: _l("Quick, 15 minutes"),
    Kind.CHILDREN: _l("For children"),
}


def kind_name(kind: Kind | None) -> str:
    """Return what a kind of computer is called; None is any."""
    return str(KINDS[kind]) if kind else _("Any")


def short_name(kind: Kind) -> str:
    """Return what a kind is called where many stand side by side."""
    return _("Large screen") if kind is Kind.LARGE_SCREEN else kind_name(kind)


def branch_name(branch: BranchView) -> str:
    """Return what a branch is called in the reader's language."""
    return branch.called(current_language())


def length(minutes: int) -> str:
    """Return how long something takes: "45 minutes", "1 hour", "1 hour 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    said = [ngettext("%(num)d hour", "%(num)d hours", hours)] if hours else []
    if rest or not hours:
        said.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return " ".join(said)


def refusal(no: NotAllowed) -> str:
    """Return which rule says no, and what is possible instead."""
    if no.why in _PLAIN and not (no.until if no.why is Why.BRANCH_CLOSED else no.minutes):
        return str(_PLAIN[no.why])
    if no.why in (Why.TOO_FAR_AHEAD, Why.TOO_MANY):
        return _number(no.why, no.minutes)
    text = (_WAIT if no.until else _WAIT_NO_TIME) if no.why is Why.TAKEN and no.may_wait else _TEXTS[no.why]
    return str(text) % {
        "day": format_date(no.until) if no.until else "",
        "time": format_time(no.until) if no.until else "",
        "length": length(EARLY // timedelta(minutes=1) if no.why is Why.NOT_YET else no.minutes),
        "name": no.name,
    }


def _number(why: Why, number: int) -> str:
    if why is Why.TOO_FAR_AHEAD:
        return ngettext(
            "You can book %(num)d day ahead, no more. Choose an earlier day.",
            "You can book %(num)d days ahead, no more. Choose an earlier day.",
            number,
        )
    return ngettext(
        "You have %(num)d booking, and can’t have more at once. Change it or cancel it, or use a computer now.",
        "You have %(num)d bookings, and can’t have more at once. Change or cancel one, or use a computer now.",
        number,
    )


_WAIT = _l("No computer is free now. At %(time)s one may be free again. You can wait for it.")
_WAIT_NO_TIME = _l("No computer is free now. You can wait for one.")

_PLAIN: dict[Why, Lazy] = {
    Why.BRANCH_CLOSED: _l("The library’s computers are off at that time. Choose another time or another day."),
    Why.TOO_FAR_AHEAD: _l("You can only book for today. Choose a time today."),
    Why.TOO_MANY: _l("You can’t book for later. You can use a computer now, if one is free."),
    Why.NO_MINUTES: _l(
        "You have no minutes left for that day. Choose another day, or ask the library’s staff: they can give you more."
    ),
}
"""Where neither a moment nor a number can be said."""

_TEXTS: dict[Why, Lazy] = {
    Why.BRANCH_CLOSED: _l("The library’s computers are off at that time. They are on again from %(time)s on."),
    Why.CLOSING: _l("The library’s computers stop at %(time)s, so you can’t have one for longer than that."),
    Why.PAST: _l("That time is over. Choose a later one."),
    Why.TOO_LONG: _l("You can have a computer of this kind for %(length)s at a time. Choose a shorter time."),
    Why.NO_MINUTES: _l("You have %(length)s left for that day. Choose a shorter time, or another day."),
    Why.BLOCKED: _l(
        "You can’t use the computers until %(day)s at %(time)s: the library’s staff decided that. Ask them if you think"
        " that it’s wrong."
    ),
    Why.THROUGH_STAFF: _l("You can’t book here yourself. The library’s staff can do it for you: ask them."),
    Why.NOT_FOR_YOU: _l("You can’t have a computer of this kind. Choose another kind."),
    Why.TAKEN: _l("No computer is free at that time any more. Choose another time."),
    Why.AT_ANOTHER: _l("You have a computer at that time already. Choose another time, or change that booking."),
    Why.SOMEBODY_WAITS: _l(
        "Somebody is waiting for a computer, so you can’t have more time. You can stay until your time is over."
    ),
    Why.BOOKED_NEXT: _l(
        "Somebody else has booked this computer next. You can stay until your time is over, and then use another one."
    ),
    Why.NOT_YET: _l("Your time begins at %(time)s. You can sit down %(length)s before that."),
    Why.OVER: _l("This booking is over. You can book a computer again."),
    Why.IN_USE: _l("You’re at this computer now, so you can’t cancel it. You can end your time instead."),
    Why.WRONG_CODE: _l("That isn’t the code that the computer shows. Look at its screen, and enter the code again."),
    Why.OTHER_COMPUTER: _l("That is the code of another computer. Yours is computer %(name)s."),
    Why.SOMEBODY_THERE: _l("Somebody is at your computer until %(time)s. Wait until then, or ask the staff."),
    Why.ALREADY_WAITS: _l("You’re waiting at another library. To wait here, stop waiting there first."),
    Why.NOTHING_TO_WAIT_FOR: _l("A computer is free now, so you don’t have to wait. You can use it now."),
}
