"""Pages that show what other systems last said: they mark what is too old, and follow whether it changes.

With JavaScript a page asks for its ``content`` again a few times, and is told 204 until something has changed; while a
system is away it goes on for some minutes, seldom. Without, it loads itself again a few times, where there is nothing
to show yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Response, make_response, request

from portal import snapshots
from portal.db import committing
from portal.facts import PanelState
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.party import Party
from portal.snapshots import Standing
from portal.web import current
from portal.web.htmx import htmx

EVERY_S = 2
TIMES = 5
AWAY_EVERY_S = 30
AWAY_TIMES = 20
"""Ten minutes, in which it is tried again four times. No longer: each look counts as use of the session."""
RELOADS_AFTER_S = 5
STOP = 286
"""Tells htmx to ask no more."""

_OURS = frozenset({"seen", "until", "again"})
"""Names in an address that are this module's; of a page that has them nothing else may mean something."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way in which htmx asks again. address: of the same page. trigger: when."""

    address: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What a template needs of it: see ``ui.watch`` and ``ui.reload``.

    is_update: this answers htmx, which asked whether something had changed. is_followed: it may ask again.
    reload: when and where a page without JavaScript goes, if there is nothing to show yet; None otherwise, and after
    some times.
    """

    is_unchanged: bool
    is_update: bool
    is_followed: bool
    looks: tuple[Look, ...]
    reload: str | None

    def unchanged(self) -> Response:
        """Return what htmx is told while nothing has changed: ask again, or no more."""
        response = make_response("", 204 if self.is_followed and not is_over() else STOP)
        response.headers["HX-Reswap"] = "none"  # htmx heeds 286 only where it would swap something
        return response


def look(party: Party) -> Watched:
    """Mark what is too old of all that the party may see, and return how it stands. A page that asks again by itself
    marks nothing: a system that is away would be tried more often by everybody whose page is open.

    A route calls this before it reads any snapshot; if ``is_unchanged``, it returns ``unchanged()``.
    """
    asks = htmx() is not None and "seen" in request.args
    standing = _marked(party, follows=asks)
    is_first = standing.is_first and _again() < TIMES
    return Watched(
        is_unchanged=asks and request.args["seen"] == standing.seen,
        is_update=asks,
        is_followed=standing.is_asked or standing.is_away,
        looks=tuple(_looks(standing)),
        reload=f"{RELOADS_AFTER_S}; url={_address(again=str(_again() + 1))}" if is_first else None,
    )


def _looks(standing: Standing) -> Iterator[Look]:
    for is_wanted, every_s, times in (
        (standing.is_asked, EVERY_S, TIMES),
        (standing.is_away, AWAY_EVERY_S, AWAY_TIMES),
    ):
        if is_wanted:
            until = current.now() + timedelta(seconds=every_s * times)
            address = _address(seen=standing.seen, until=f"{int(until.timestamp()):x}")
            yield Look(address, trigger=f"every {every_s}s")


def as_of(moment: datetime) -> str:
    """Return a moment as it stands in a sentence: "today, 8:15am", "yesterday, 4:10pm", "Monday 23 November, 6am"."""
    zone = current.council().zone
    day, today = moment.astimezone(zone).date(), current.now().astimezone(zone).date()
    time = format_time(moment)
    if day == today:
        return _("today, %(time)s", time=time)
    if day == today - timedelta(days=1):
        return _("yesterday, %(time)s", time=time)
    return _("%(day)s, %(time)s", day=format_date(day, "day"), time=time)


def state_text(state: PanelState, taken_at: datetime | None) -> str:
    """Return what the last line of a panel says of how fresh it is. taken_at: None if there never was an answer."""
    moment = as_of(taken_at) if taken_at else ""
    match state:
        case PanelState.FRESH:
            return _("As of %(moment)s", moment=moment)
        case PanelState.OLDER:
            return _("As of %(moment)s. We’re asking for newer facts.", moment=moment)
        case PanelState.AWAY:
            return _("As of %(moment)s. We try again every few minutes.", moment=moment)
        case PanelState.ASKING:
            return _("It can take a minute.")
        case PanelState.NEVER:
            return _("We try again every few minutes.")
        case PanelState.NOT_CONNECTED:
            return ""


def _marked(party: Party, *, follows: bool) -> Standing:
    db, at = current.db(), current.now()
    fresh_for = {
        service.slug: service.snapshots.fresh_for
        for service in current.services()
        if service.snapshots and service.is_open_to(party)
    }
    if not fresh_for:
        return Standing()
    standing = snapshots.look(db, party, fresh_for, at=at, follows=follows)
    if standing.stale:
        with committing(db):
            snapshots.want(db, standing.stale, fresh_for, at=at)
    return standing


def is_over() -> bool:
    """Tell whether the page that asks has followed for long enough; what isn't a time of ours counts as over."""
    try:
        until = int(request.args.get("until", ""), 16)
    except ValueError:
        return True
    return current.now().timestamp() >= until


def _again() -> int:
    return request.args.get("again", 0, type=int)


def _address(**ours: str) -> str:
    others = {name: value for name, value in request.args.items() if name not in _OURS}
    return f"{request.path}?{urlencode(others | ours)}"
