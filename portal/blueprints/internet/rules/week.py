"""The days ahead at one branch, as one person may book them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.blueprints.internet.rules.free import Machine, Slot, slots, span_of
from portal.blueprints.internet.rules.hours import Span, Where, half_hours
from portal.blueprints.internet.rules.kinds import QUICK_MINUTES, Kind
from portal.blueprints.internet.rules.limits import Limits, lengths


@dataclass(frozen=True, slots=True)
class BookableDay:
    """One day. left: minutes of it that they haven't taken. spells: when computers may be used, earliest first."""

    day: date
    limits: Limits
    left: int
    spells: tuple[Span, ...]

    def lengths(self) -> list[int]:
        """Return for how long a computer may be had, in minutes, shortest first; none if no minutes are left."""
        return lengths(self.limits, self.left)

    def minutes(self, wanted: int) -> int:
        """Return the length nearest to what is wanted, not more than it if that is possible; 0 if there is none."""
        possible = self.lengths()
        return max((one for one in possible if one <= wanted), default=min(possible, default=0))


@dataclass(frozen=True, slots=True)
class Own:
    """A booking of their own, anywhere. is_ahead: it counts among those that they may have at once."""

    span: Span
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A half hour of a day. free: how many computers of each kind. is_own: they have a computer then already."""

    starts_at: datetime
    free: Mapping[Kind, int]
    is_own: bool


def on_day(machines: Iterable[Machine], day: BookableDay, whole: Span) -> list[Machine]:
    """Return the computers that they may use on a day, each with what it is held for then."""
    return [
        replace(machine, busy=tuple(held for held in machine.busy if held.overlaps(whole)))
        for machine in machines
        if machine.kind in day.limits.kinds
    ]


def kinds_of(machines: Iterable[Machine]) -> list[Kind]:
    """Return which kinds there are, in the order in which pages show them."""
    found = {machine.kind for machine in machines}
    return [kind for kind in Kind if kind in found]


def rows(
    machines: Sequence[Machine], day: BookableDay, where: Where, own: Sequence[Own], *, minutes: int, now: datetime
) -> list[Row]:
    """Return each half hour of a day that is still to come, with what is free for so many minutes."""
    return [
        Row(slot.starts_at, slot.free, _is_own(slot, own, minutes))
        for slot in slots(machines, day.spells, where, minutes=minutes, not_before=now)
    ]


def how_many(
    machines: Sequence[Machine],
    day: BookableDay,
    where: Where,
    *,
    kind: Kind | None,
    minutes: int,
    now: datetime,
) -> int:
    """Return at how many half hours of a day a computer is free: as ``rows`` says, and much quicker."""
    wanted = [machine for machine in machines if _is_wanted(machine, kind, minutes)]
    return sum(
        any(spell.holds(span := span_of(one.kind, moment, minutes)) and one.is_free(span) for one in wanted)
        for spell in day.spells
        for moment in half_hours(spell, where)
        if moment >= now
    )


def _is_wanted(machine: Machine, kind: Kind | None, minutes: int) -> bool:
    """Tell whether a computer counts: of any, those on which one can stay for so long."""
    return machine.kind is kind if kind else machine.kind is not Kind.QUICK or minutes <= QUICK_MINUTES


def _is_own(slot: Slot, own: Sequence[Own], minutes: int) -> bool:
    asked = span_of(Kind.STANDARD, slot.starts_at, minutes)
    return any(one.span.overlaps(asked) for one in own)
