"""When a library is open, and why it isn't, in words."""

from collections.abc import Iterable
from datetime import date, datetime

from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes.words import branch_name
from portal.blueprints.internet.rules.hours import Span, Where
from portal.i18n import Lazy, current_language, format_date, format_time
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

HOLIDAYS: dict[str, Lazy] = {
    "New Year's Day": _l("New Year’s Day"),
    "New Year Holiday": _l("New Year holiday"),
    "Saint Brigid's Day": _l("Saint Brigid’s Day"),
    "Saint Patrick's Day": _l("Saint Patrick’s Day"),
    "Good Friday": _l("Good Friday"),
    "Easter Monday": _l("Easter Monday"),
    "May Day": _l("Early May bank holiday"),
    "May Bank Holiday": _l("May bank holiday"),
    "Spring Bank Holiday": _l("Spring bank holiday"),
    "June Bank Holiday": _l("June bank holiday"),
    "Battle of the Boyne": _l("Battle of the Boyne"),
    "Summer Bank Holiday": _l("Summer bank holiday"),
    "August Bank Holiday": _l("August bank holiday"),
    "Late Summer Bank Holiday": _l("Late summer bank holiday"),
    "October Bank Holiday": _l("October bank holiday"),
    "Saint Andrew's Day": _l("Saint Andrew’s Day"),
    "Christmas Day": _l("Christmas Day"),
    "Saint Stephen's Day": _l("Saint Stephen’s Day"),
    "Boxing Day": _l("Boxing Day"),
}
"""Bank holidays by the names that the package ``holidays`` gives them; one without a line here is shown without a
name."""


def hours(branch: BranchView, day: date, where: Where, spells: Iterable[Span]) -> str:
    """Return when a library is open on a day that it is open, and when its computers stop."""
    opening = [
        _("%(begin)s to %(end)s", begin=_time(where, day, one.opens), end=_time(where, day, one.closes))
        for one in branch.opening.hours(day, where)
    ]
    return _(
        "%(branch)s is open from %(hours)s. Its computers stop at %(time)s that day.",
        branch=branch_name(branch),
        hours=_(" and ").join(opening),
        time=format_time(list(spells)[-1].end),
    )


def why_closed(branch: BranchView, day: date, where: Where) -> str:
    """Return why a library isn't open on a day."""
    named = {"branch": branch_name(branch), "day": format_date(day, "day")}
    if not branch.opening.is_open:
        return _("%(branch)s is closed until further notice.", branch=named["branch"])
    if day in branch.opening.exceptions:
        words = branch.why.get(day, {})
        reason = words.get(current_language()) or next(iter(words.values()), "")
        closed = _("%(branch)s is closed on %(day)s.", **named)
        return f"{closed} {reason}".strip()
    if holiday := where.bank_holiday(day):
        return _bank_holiday(holiday, **named)
    return _("%(branch)s is closed on %(day)s.", **named)


def _bank_holiday(holiday: str, **named: str) -> str:
    name = HOLIDAYS.get(holiday.partition(";")[0].removesuffix(" (observed)"))
    if name is None:
        return _("%(branch)s is closed on %(day)s: it’s a bank holiday.", **named)
    return _("%(branch)s is closed on %(day)s: it’s a bank holiday (%(holiday)s).", holiday=name, **named)


def _time(where: Where, day: date, minute: int) -> str:
    moment: datetime = where.moment(day, minute)
    return format_time(moment)
