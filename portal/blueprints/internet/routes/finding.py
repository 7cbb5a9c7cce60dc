"""The free times of a library's computers: a table of all kinds, or a list of one, for a new booking or a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for

from portal.blueprints.internet.queries import weeks
from portal.blueprints.internet.queries.weeks import Week
from portal.blueprints.internet.routes import opening
from portal.blueprints.internet.routes.asked import NOW, Asked, as_text
from portal.blueprints.internet.routes.common import where
from portal.blueprints.internet.routes.words import branch_name, kind_name, length, refusal, short_name
from portal.blueprints.internet.rules.free import span_of
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why, longest
from portal.blueprints.internet.rules.standing import Held
from portal.blueprints.internet.rules.week import BookableDay, Row, how_many, kinds_of, on_day, rows
from portal.i18n import format_date, format_time, ngettext
from portal.i18n import gettext as _
from portal.web import current
from portal.web.htmx import htmx


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a list."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DayLink:
    """A day of the strip. text: how many half hours have a free computer, or why none has."""

    value: str
    name: str
    text: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """How many computers of a kind are free at a time. all: how many there are. address: where to look that over; None
    if none is free.
    """

    kind: str
    free: int
    all: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Time:
    """A half hour. at: as a form sends it. cells: one for each kind. note: why there is nothing to choose."""

    name: str
    at: str
    cells: Sequence[Cell]
    note: str


class Search:
    """What was asked for, and what there is. booking: that is to be changed; None for a new one."""

    def __init__(self, week: Week, asked: Asked, booking: Held | None) -> None:
        self.week, self.booking = week, booking
        self.where, self.now = where(), current.now()
        self.day = week.day(asked.day) or self._first_with_time()
        self.machines = on_day(week.machines, self.day, self.where.whole_day(self.day.day))
        self.kinds = kinds_of(self.machines)
        self.kind = asked.kind if asked.kind in self.kinds else None
        self.minutes = self.day.minutes(asked.minutes)
        self.length = min(self.minutes, longest(self.day.limits, self.kind))
        self.rows = (
            rows(self.machines, self.day, self.where, week.own, minutes=self.minutes, now=self.now)
            if self.minutes
            else []
        )

    def _first_with_time(self) -> BookableDay:
        """Return the first day on which computers are still on."""
        on = (day for day in self.week.days if any(spell.end > self.now for spell in day.spells))
        return next(on, self.week.days[0])

    def address(self, **changed: Any) -> str:
        """Return where these times are, with something chosen otherwise."""
        chosen: dict[str, Any] = {
            "branch": self.week.branch.id,
            "day": self.day.day.isoformat(),
            "minutes": self.minutes or None,
            "kind": self.kind,
        } | changed
        if self.booking:
            return url_for(".change", booking=self.booking.id, **chosen)
        return url_for(".find", **chosen)

    def to_check(self, kind: Kind | None, at: datetime | None) -> str:
        """Return where a time is looked over. at: None for now."""
        minutes = min(self.minutes, longest(self.day.limits, kind)) if at and kind else self.minutes
        chosen: dict[str, Any] = {
            "branch": self.week.branch.id,
            "kind": kind,
            "minutes": minutes,
            "at": as_text(at) if at else NOW,
        }
        if self.booking:
            return url_for(".check_change", booking=self.booking.id, **chosen)
        return url_for(".check", **chosen)

    def refused(self) -> str:
        """Return in words what forbids a booking on this day whatever is free; empty if nothing does."""
        limits, blocked_until = self.day.limits, self.week.about.blocked_until
        ahead = sum(own.is_ahead for own in self.week.own)
        if blocked_until and self.now < blocked_until:
            return refusal(NotAllowed(Why.BLOCKED, until=blocked_until))
        if not limits.on_line:
            return refusal(NotAllowed(Why.THROUGH_STAFF))
        if not self.booking and ahead >= limits.bookings_at_once:
            return refusal(NotAllowed(Why.TOO_MANY, minutes=limits.bookings_at_once))
        return "" if self.minutes else refusal(NotAllowed(Why.NO_MINUTES))

    def may_book(self) -> bool:
        """Tell whether they can do anything here themselves: they aren't blocked, and the rule lets them."""
        blocked_until = self.week.about.blocked_until
        return self.day.limits.on_line and not (blocked_until and self.now < blocked_until)

    def may_be_used_now(self) -> bool:
        """Tell whether it is open at this moment, for "Use a computer now"."""
        is_on = any(spell.start <= self.now < spell.end for spell in self.day.spells)
        return self.may_book() and not self.booking and is_on and self.minutes > 0


def search(asked: Asked, booking: Held | None = None) -> Search | None:
    """Return what there is of what was asked for; None if the council has no library with computers yet."""
    found = weeks.week(
        current.db(),
        where(),
        current.party().subject,
        branch_id=asked.branch_id,
        but=booking,
        now=current.now(),
    )
    return Search(found, asked, booking) if found and found.days else None


def context(found: Search) -> dict[str, Any]:
    """Return what the page is made of."""
    times = [_time(found, row) for row in found.rows]
    is_free = any(cell.address for time in times for cell in time.cells)
    return {
        "branches": _branches(found),
        "days": (days := _days(found)),
        "day_options": [Option(day.value, day.name, day.is_chosen) for day in days],
        "lengths": [Option(str(one), length(one), one == found.minutes) for one in found.day.lengths()],
        "kinds": [Option(one or "", kind_name(one), one is found.kind) for one in (None, *found.kinds)],
        "heads": [short_name(kind) for kind in found.kinds],
        "chosen": found,
        "lead": _lead(found),
        "refused": found.refused() if found.day.spells else "",
        "closed": _closed(found, is_free=is_free),
        "next_open": _next_open(found) if not is_free else None,
        "title": _title(found),
        "times": times,
        "is_free": is_free,
        "now_address": found.to_check(found.kind, None) if found.may_be_used_now() else None,
        "other_view": found.address(kind=None if found.kind else next(iter(found.kinds), None)),
        "as_of": format_time(found.now),
        "is_update": htmx() is not None,
        "told": f"{format_date(found.day.day, 'day')}: {_how_many_times(sum(_has_free(time) for time in times))}",
    }


def _branches(found: Search) -> list[Option]:
    options = [
        Option(str(one.id), branch_name(one), one.id == found.week.branch.id)
        for one in found.week.branches
        if one.opening.is_open or one.id == found.week.branch.id
    ]
    return sorted(options, key=lambda option: option.text)


def _days(found: Search) -> list[DayLink]:
    return [
        DayLink(
            value=day.day.isoformat(),
            name=_day_name(day.day, found.where.day(found.now)),
            text=_of_day(found, day),
            address=found.address(day=day.day.isoformat()),
            is_chosen=day is found.day,
        )
        for day in found.week.days
    ]


def _day_name(day: date, today: date) -> str:
    return _("Today") if day == today else format_date(day, "day")


def _of_day(found: Search, day: BookableDay) -> str:
    if not any(spell.end > found.now for spell in day.spells):
        return _("Closed")
    minutes = day.minutes(found.minutes or 60)
    if not minutes:
        return _("No minutes left")
    machines = found.machines if day is found.day else on_day(found.week.machines, day, found.where.whole_day(day.day))
    number = how_many(machines, day, found.where, kind=found.kind, minutes=minutes, now=found.now)
    return _how_many_times(number)


def _how_many_times(number: int) -> str:
    return ngettext("%(num)d time free", "%(num)d times free", number) if number else _("All taken")


def _time(found: Search, row: Row) -> Time:
    cells = [_cell(found, row, kind) for kind in found.kinds if found.kind in (None, kind)]
    note = ""
    if row.is_own:
        note = _("You have a computer then")
    elif not any(cell.free for cell in cells):
        note = _("All taken") if _fits(found, row) else _("Too short before closing")
    return Time(format_time(row.starts_at), as_text(row.starts_at), () if note else cells, note)


def _cell(found: Search, row: Row, kind: Kind) -> Cell:
    free = row.free.get(kind, 0)
    number = sum(machine.kind is kind for machine in found.machines)
    return Cell(short_name(kind), free, number, found.to_check(kind, row.starts_at) if free else None)


def _fits(found: Search, row: Row) -> bool:
    """Tell whether a session would end before the computers stop."""
    span = span_of(found.kind or Kind.STANDARD, row.starts_at, found.minutes)
    return any(spell.holds(span) for spell in found.day.spells)


def _has_free(time: Time) -> bool:
    return any(cell.free for cell in time.cells)


def _lead(found: Search) -> str:
    """Return how many minutes are left on the day, and when the library is open."""
    day = found.day
    if not day.spells:
        return ""
    left = _("You have %(length)s left for %(day)s.", length=length(day.left), day=format_date(day.day, "day"))
    return f"{left} {opening.hours(found.week.branch, day.day, found.where, day.spells)}"


def _title(found: Search) -> str:
    day = format_date(found.day.day, "day")
    if not found.minutes or not found.day.spells:
        return _("Times on %(day)s", day=day)
    named = {"day": day, "length": length(found.length)}
    if found.kind:
        return _("Times on %(day)s, for %(length)s: %(kind)s", kind=kind_name(found.kind), **named)
    return _("Times on %(day)s, for %(length)s", **named)


def _closed(found: Search, *, is_free: bool) -> str:
    """Return why there is nothing to choose on this day; empty if there is."""
    day, branch = found.day, found.week.branch
    if not day.spells:
        return opening.why_closed(branch, day.day, found.where)
    if is_free or found.refused():
        return ""
    if not found.machines:
        return _("%(branch)s has no computers that you can book here.", branch=branch_name(branch))
    if not found.rows:
        return _("It’s too late for today.")
    return _("There is no free time of that length. Try a shorter time, another kind or another library.")


def _next_open(found: Search) -> DayLink | None:
    """Return the next day on which the library is open and that can be booked."""
    later = (day for day in found.week.days if day.day > found.day.day and day.spells)
    day = next(later, None)
    if day is None:
        return None
    return DayLink(
        str(day.day), format_date(day.day, "day"), "", found.address(day=day.day.isoformat()), is_chosen=False
    )
