"""A rule in a sentence, as staff read it."""

from portal.blueprints.internet.routes.words import KINDS, length
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.blueprints.internet.rules.limits import Limits
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import ngettext

WHO = {Who.ADULT: _l("Adults"), Who.CHILD: _l("Children"), Who.GUEST: _l("Guests with a ticket")}


def sentence(limits: Limits) -> str:
    """Say what a rule means: "Adults: 2 hours a day, 1 hour at a time, …"."""
    parts = [
        _("%(length)s a day", length=length(limits.minutes_a_day)),
        _("%(length)s at a time", length=length(limits.minutes_a_session)),
        _ahead(limits),
        _("kept for %(length)s after their time has begun", length=length(limits.grace_minutes)),
        _("computers stop %(length)s before closing", length=length(limits.stops_before))
        if limits.stops_before
        else _("until closing"),
        _("%(length)s more in one step while nobody waits", length=length(limits.extend_by)),
        _("computers: %(kinds)s", kinds=_kinds(limits)),
    ]
    return f"{WHO[limits.who]}: {', '.join(parts)}."


def _ahead(limits: Limits) -> str:
    if not limits.on_line:
        return _("booked at the desk only")
    if not limits.bookings_at_once:
        return _("no bookings for later")
    count = ngettext("%(num)d booking at once", "%(num)d bookings at once", limits.bookings_at_once)
    if not limits.days_ahead:
        return _("%(count)s, on the day itself", count=count)
    days = ngettext("up to %(num)d day ahead", "up to %(num)d days ahead", limits.days_ahead)
    return f"{count}, {days}"


def _kinds(limits: Limits) -> str:
    if limits.kinds == frozenset(Kind):
        return _("all kinds")
    return "; ".join(str(KINDS[kind]).lower() for kind in Kind if kind in limits.kinds)
