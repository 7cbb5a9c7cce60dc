"""Bookings of the resident whose page it is, with what their pages say of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import abort, url_for

from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.routes.common import where
from portal.blueprints.internet.routes.words import branch_name, kind_name, length
from portal.blueprints.internet.rules.standing import Held, State
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.web import current


@dataclass(frozen=True, slots=True)
class Mine:
    """One booking. state: as it is now. day: in words, "today" and "tomorrow" included."""

    held: Held
    branch: BranchView
    state: State
    day: str

    @property
    def branch_name(self) -> str:
        return branch_name(self.branch)

    @property
    def kind(self) -> str:
        return kind_name(self.held.kind)

    @property
    def length(self) -> str:
        return length(self.held.minutes)

    @property
    def begins(self) -> str:
        return format_time(self.held.starts_at)

    @property
    def ends(self) -> str:
        return format_time(self.held.ends_at)

    @property
    def kept_until(self) -> str:
        return format_time(self.held.held_until or self.held.starts_at)

    @property
    def left(self) -> str:
        """Return how long the session that runs still lasts."""
        return length(self.held.minutes_left(current.now()))

    @property
    def kept_minutes(self) -> int:
        """Return for how long it is still kept for them, a minute that has begun counted whole."""
        left = (self.held.held_until or self.held.starts_at) - current.now()
        return max(0, -int(-left.total_seconds() // 60))

    @property
    def kept_for(self) -> str:
        return length(self.kept_minutes)

    @property
    def may_change(self) -> bool:
        return self.state in (State.BOOKED, State.HELD)


def mine_or_404(booking_id: UUID) -> Mine:
    """Return a booking; 404 both if there is none and if it isn't theirs."""
    held = bookings.one(current.db(), current.party(), booking_id) or abort(404)
    [found] = as_mine([held])
    return found


def as_mine(held: Iterable[Held], branches: list[BranchView] | None = None) -> list[Mine]:
    """Return bookings with their branches. branches: if they are known already."""
    now = current.now()
    today = where().day(now)
    by_id = {branch.id: branch for branch in branches or rooms.branches(current.db(), since=today)}
    return [Mine(one, by_id[one.branch_id], one.state(now), day_in_words(one.day, today)) for one in held]


def day_in_words(day: date, today: date) -> str:
    """Return a day as it stands in a sentence: "today", "tomorrow", "Saturday 28 November"."""
    if day == today:
        return _("today")
    if day == today + timedelta(days=1):
        return _("tomorrow")
    return format_date(day, "day")


def session_address(booking_id: UUID) -> str:
    """Return the page of the session that a booking leads to."""
    return url_for("internet.session", booking=booking_id)


def to_times(asks: Wanted, mine: Mine | None) -> str:
    """Return the page of the free times around what was asked for. mine: the booking that is to be changed."""
    chosen: dict[str, Any] = {
        "branch": asks.branch_id,
        "day": where().day(asks.starts_at or current.now()).isoformat(),
        "minutes": asks.minutes,
        "kind": asks.kind,
    }
    return url_for(".change", booking=mine.held.id, **chosen) if mine else url_for(".find", **chosen)
