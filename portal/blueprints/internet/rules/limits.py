"""What a rule lets somebody do, and why it doesn't: each refusal says which rule, and what is possible instead."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.blueprints.internet.rules.kinds import QUICK_MINUTES, Kind, Who

LEAST_MINUTES = 5
"""A session that would be shorter isn't worth sitting down for."""
STEP_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Limits:
    """One rule, as it holds on a day. Minutes; days after today. See ``models.Rule``."""

    who: Who
    minutes_a_day: int
    minutes_a_session: int
    bookings_at_once: int
    days_ahead: int
    grace_minutes: int
    stops_before: int
    extend_by: int
    on_line: bool
    kinds: frozenset[Kind]

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


@dataclass(frozen=True, slots=True)
class DatedLimits:
    """Limits of one branch, or of all that have none of their own (None), from a day on."""

    branch_id: UUID | None
    from_day: date
    limits: Limits


TO_BEGIN_WITH = {
    limits.who: limits
    for limits in (
        Limits(Who.ADULT, 120, 60, 2, 7, 10, 15, 30, True, frozenset(Kind) - {Kind.CHILDREN}),
        Limits(Who.CHILD, 60, 60, 0, 7, 10, 15, 15, False, frozenset(Kind) - {Kind.SCANNER}),
        Limits(Who.GUEST, 60, 60, 1, 0, 10, 15, 15, False, frozenset(Kind) - {Kind.CHILDREN}),
    )
}
"""What holds until staff write a rule: near to what most councils have (Devon, Kingston, Essex, Birmingham)."""


def limits_on(day: date, branch: UUID, who: Who, rules: Iterable[DatedLimits]) -> Limits:
    """Return what holds: the branch's own before the council's, and of each the latest that has begun."""
    begun = [
        rule for rule in rules if rule.limits.who is who and rule.from_day <= day and rule.branch_id in (None, branch)
    ]
    if not begun:
        return TO_BEGIN_WITH[who]
    return max(begun, key=lambda rule: (rule.branch_id is not None, rule.from_day)).limits


class Why(StrEnum):
    """Which rule says no."""

    BRANCH_CLOSED = "branch-closed"
    """The computers are off then. until: when they are on again the same day."""
    PAST = "past"
    TOO_FAR_AHEAD = "too-far-ahead"
    """minutes: how many days ahead, not minutes."""
    TOO_LONG = "too-long"
    """minutes: the longest."""
    NO_MINUTES = "no-minutes"
    """minutes: left that day."""
    TOO_MANY = "too-many"
    """minutes: how many bookings at once, not minutes."""
    BLOCKED = "blocked"
    """until: when."""
    THROUGH_STAFF = "through-staff"
    NOT_FOR_YOU = "not-for-you"
    """This kind of computer isn't."""
    TAKEN = "taken"
    """others: the nearest times with a free computer."""
    AT_ANOTHER = "at-another"
    """The person has a computer at that time already."""
    SOMEBODY_WAITS = "somebody-waits"
    BOOKED_NEXT = "booked-next"
    """Somebody else's booking begins. minutes: until then, beyond the present end."""
    CLOSING = "closing"
    """Computers stop. until: when."""
    NOT_YET = "not-yet"
    """until: when their time begins."""
    OVER = "over"
    """It has ended, was cancelled, or was given up."""
    IN_USE = "in-use"
    """Somebody sits there: it can be ended, not cancelled."""
    WRONG_CODE = "wrong-code"
    OTHER_COMPUTER = "other-computer"
    """The code is of another computer. name: the one that is theirs."""
    SOMEBODY_THERE = "somebody-there"
    """Whoever had the computer before hasn't left yet. until: when they will."""
    ALREADY_WAITS = "already-waits"
    NOTHING_TO_WAIT_FOR = "nothing-to-wait-for"
    """A computer is free now."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at which a computer is free. minutes: how long, at most what was asked for."""

    kind: Kind
    starts_at: datetime
    minutes: int


@dataclass
class NotAllowed(Exception):
    """A rule says no. What ``until``, ``minutes`` and ``others`` mean is said at each ``Why``."""

    why: Why
    until: datetime | None = None
    minutes: int = 0
    others: tuple[Offer, ...] = ()
    name: str = ""
    may_wait: bool = field(default=False)

    def __str__(self) -> str:
        return self.why


def longest(limits: Limits, kind: Kind | None) -> int:
    """Return how many minutes a session may have."""
    return min(limits.minutes_a_session, QUICK_MINUTES) if kind is Kind.QUICK else limits.minutes_a_session


def lengths(limits: Limits, left: int) -> list[int]:
    """Return the lengths that may be asked for, in minutes, shortest first: quarters and halves of hours."""
    most = min(limits.minutes_a_session, left)
    return [minutes for minutes in (15, 30, 45, 60, 90, 120, 180, 240) if minutes <= most] or (
        [most] if most >= LEAST_MINUTES else []
    )


def check(limits: Limits, *, kind: Kind | None, day: date, today: date, minutes: int, by_staff: bool) -> None:
    """Refuse what the rule refuses whoever else is there. by_staff: they may book for whom the page is closed, and on
    any day. Raises NotAllowed.
    """
    if not by_staff and not limits.on_line:
        raise NotAllowed(Why.THROUGH_STAFF)
    if kind and kind not in limits.kinds:
        raise NotAllowed(Why.NOT_FOR_YOU)
    if day < today:
        raise NotAllowed(Why.PAST)
    if (day - today).days > limits.days_ahead and not by_staff:
        raise NotAllowed(Why.TOO_FAR_AHEAD, minutes=limits.days_ahead)
    if not 0 < minutes <= longest(limits, kind):
        raise NotAllowed(Why.TOO_LONG, minutes=longest(limits, kind))
