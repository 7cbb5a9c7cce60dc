"""About the library's computers: what is booked, and waiting for one."""

from datetime import datetime

from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.messages.texts.parts import Composed, Fields, Template, Templates

_OF_BOOKING = ("branch", "computer", "starts", "ends", "held", "link")


def _internet_booked(fields: Fields) -> Composed:
    return Composed(
        _("Your booking"),
        (
            _("You have booked a computer at a library."),
            *_when_and_where(fields),
            _("We keep it for you until %(time)s.", time=format_time(_moment(fields, "held"))),
            _("Change or cancel it on this page:"),
            fields["link"],
        ),
    )


def _internet_moved(fields: Fields) -> Composed:
    return Composed(
        _("Your booking was changed"),
        (
            _("The library had to change what you booked. This is what we keep for you now:"),
            *_when_and_where(fields),
            _("If it doesn’t suit you, change or cancel it on this page:"),
            fields["link"],
        ),
    )


def _internet_cancelled(fields: Fields) -> Composed:
    starts = _moment(fields, "starts")
    return Composed(
        _("Your booking was cancelled"),
        (
            _("We are sorry: the library can’t keep the computer that you had booked."),
            _(
                "It was at %(branch)s on %(day)s at %(time)s. The minutes are yours again.",
                branch=fields["branch"],
                day=format_date(starts),
                time=format_time(starts),
            ),
            _("Choose another time, or another library, on this page:"),
            fields["link"],
        ),
    )


def _internet_offered(fields: Fields) -> Composed:
    return Composed(
        _("It is your turn"),
        (
            _(
                "A computer is free for you at %(branch)s: number %(computer)s.",
                branch=fields["branch"],
                computer=fields["computer"],
            ),
            _("We keep it for you until %(time)s.", time=format_time(_moment(fields, "held"))),
            _("Say on this page that you want it:"),
            fields["link"],
        ),
    )


def _internet_closed(fields: Fields) -> Composed:
    return Composed(
        _("You don’t wait any more"),
        (
            _(
                "No computer was free before the computers at %(branch)s stopped for today. We are sorry.",
                branch=fields["branch"],
            ),
            _("Choose another time, or another library, on this page:"),
            fields["link"],
        ),
    )


def _when_and_where(fields: Fields) -> tuple[str, str]:
    starts, ends = _moment(fields, "starts"), _moment(fields, "ends")
    return (
        _("%(branch)s, computer %(computer)s", branch=fields["branch"], computer=fields["computer"]),
        _(
            "%(day)s, from %(begin)s to %(end)s",
            day=format_date(starts),
            begin=format_time(starts),
            end=format_time(ends),
        ),
    )


def _moment(fields: Fields, name: str) -> datetime:
    return datetime.fromisoformat(fields[name])


TEMPLATES: Templates = {
    "internet-booked": Template(_OF_BOOKING, _internet_booked),
    "internet-moved": Template(_OF_BOOKING, _internet_moved),
    "internet-cancelled": Template(_OF_BOOKING, _internet_cancelled),
    "internet-offered": Template(_OF_BOOKING, _internet_offered),
    "internet-closed": Template(("branch", "link"), _internet_closed),
}
