"""Which computers are free when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.blueprints.internet.rules.hours import HALF_HOUR, Span, Where, half_hours
from portal.blueprints.internet.rules.kinds import QUICK_MINUTES, Kind
from portal.blueprints.internet.rules.limits import LEAST_MINUTES, Offer

NEAREST = 3
"""How many other times are offered to somebody who was too late."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer that works, and when it is held. busy: in order, not overlapping."""

    id: UUID
    name: str
    kind: Kind
    busy: tuple[Span, ...]

    def is_free(self, span: Span) -> bool:
        return not any(span.overlaps(held) for held in self.busy)

    def free_from(self, moment: datetime, until: datetime) -> Span | None:
        """Return how long it is free from a moment on, ``until`` at the latest; None if it isn't."""
        if any(held.start <= moment < held.end for held in self.busy):
            return None
        end = min([until, *(held.start for held in self.busy if held.start > moment)])
        return Span(moment, end) if moment < end else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to begin. free: how many computers of each kind."""

    starts_at: datetime
    free: Mapping[Kind, int]


def span_of(kind: Kind, starts_at: datetime, minutes: int) -> Span:
    """Return for how long a computer of a kind is held for somebody who asked for so many minutes."""
    return Span(
        starts_at, starts_at + timedelta(minutes=min(minutes, QUICK_MINUTES) if kind is Kind.QUICK else minutes)
    )


def slots(
    machines: Sequence[Machine], spells: Iterable[Span], where: Where, *, minutes: int, not_before: datetime
) -> list[Slot]:
    """Return each half hour at which a session of so many minutes can begin, and what is free for all of it."""
    return [
        Slot(moment, _free(machines, spell, moment, minutes))
        for spell in spells
        for moment in half_hours(spell, where)
        if moment >= not_before
    ]


def _free(machines: Sequence[Machine], spell: Span, moment: datetime, minutes: int) -> dict[Kind, int]:
    free: dict[Kind, int] = {}
    for machine in machines:
        span = span_of(machine.kind, moment, minutes)
        if spell.holds(span) and machine.is_free(span):
            free[machine.kind] = free.get(machine.kind, 0) + 1
    return free


def pick(
    machines: Iterable[Machine], kind: Kind | None, spell: Span, starts_at: datetime, minutes: int
) -> Machine | None:
    """Return the free computer whose gap fits a session best, so that long gaps stay whole; None if there is none.

    kind: None for whatever is free, a standard one first.
    """
    fitting = [
        machine
        for machine in machines
        if _is_wanted(machine, kind, minutes)
        and spell.holds(span := span_of(machine.kind, starts_at, minutes))
        and machine.is_free(span)
    ]
    return min(
        fitting,
        key=lambda machine: (_rank(machine, kind), *_gap(machine, starts_at, spell), machine.name),
        default=None,
    )


def pick_now(
    machines: Iterable[Machine], kind: Kind | None, spell: Span, now: datetime, minutes: int
) -> tuple[Machine, Span] | None:
    """Return the computer that is free for longest from now on, and for how long, ``minutes`` at most; None if none is
    free for long enough to sit down.
    """
    found = []
    for machine in machines:
        if _is_wanted(machine, kind, minutes):
            wanted = span_of(machine.kind, now, minutes)
            gap = machine.free_from(now, min(spell.end, wanted.end))
            if gap and gap.minutes >= LEAST_MINUTES:
                found.append((machine, gap))
    return min(found, key=lambda one: (-one[1].minutes, _rank(one[0], kind), one[0].name), default=None)


def nearest(found: Iterable[Slot], kind: Kind | None, wanted: datetime, minutes: int) -> tuple[Offer, ...]:
    """Return the free times nearest to the one that was wanted, in order of time; of the same kind if there are any."""
    free = [slot for slot in found if slot.free]
    same = [slot for slot in free if kind is None or slot.free.get(kind)]
    best = sorted(same or free, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))[:NEAREST]
    return tuple(
        Offer(offered := _kind_of(slot, kind), slot.starts_at, span_of(offered, slot.starts_at, minutes).minutes)
        for slot in sorted(best, key=lambda slot: slot.starts_at)
    )


def next_free(machines: Iterable[Machine], kind: Kind | None, spell: Span, now: datetime) -> datetime | None:
    """Return when the first computer is free for a while, as things stand; None before closing."""
    moments = [
        moment
        for machine in machines
        if kind is None or machine.kind is kind
        for moment in (now, *(held.end for held in machine.busy if held.end > now))
        if (gap := machine.free_from(moment, spell.end)) and gap.end - gap.start >= min(HALF_HOUR, spell.end - moment)
    ]
    return min(moments, default=None)


def _kind_of(slot: Slot, kind: Kind | None) -> Kind:
    return kind if kind and slot.free.get(kind) else min(slot.free, key=list(Kind).index)


def _is_wanted(machine: Machine, kind: Kind | None, minutes: int) -> bool:
    """Tell whether a computer will do. Whoever takes any gets none on which they could stay a quarter of what they
    asked for.
    """
    if kind is None:
        return machine.kind is not Kind.QUICK or minutes <= QUICK_MINUTES
    return machine.kind is kind


def _rank(machine: Machine, kind: Kind | None) -> int:
    return 0 if kind else list(Kind).index(machine.kind)


def _gap(machine: Machine, starts_at: datetime, spell: Span) -> tuple[float, ...]:
    before = max([spell.start, *(held.end for held in machine.busy if held.end <= starts_at)])
    after = min([spell.end, *(held.start for held in machine.busy if held.start > starts_at)])
    return ((after - before).total_seconds(),)
