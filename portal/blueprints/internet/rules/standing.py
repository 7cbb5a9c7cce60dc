"""What has become of a booking: it follows from its row and the clock, whether or not a job has run since."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind

EARLY = timedelta(minutes=5)
"""So long before its time somebody may check in, if nobody else sits there; it begins, and ends, so much sooner."""
WARNED_AT = (10, 5, 1)
"""Minutes before the end."""


class State(StrEnum):
    OFFERED = "offered"
    """Kept for somebody who waited, for some minutes."""
    BOOKED = "booked"
    HELD = "held"
    """Its time has begun, and the computer is kept until ``held_until``."""
    IN_USE = "in-use"
    MISSED = "missed"
    CANCELLED = "cancelled"
    ENDED = "ended"


OPEN = frozenset({State.OFFERED, State.BOOKED, State.HELD, State.IN_USE})


class Course:
    """What the row of a booking and the clock make of it, whatever else is known. See ``models.Booking``."""

    __slots__ = ()

    how: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None

    def state(self, now: datetime) -> State:
        if self.ended_why in ("cancelled", "closed", "out-of-order") and self.checked_in_at is None:
            return State.CANCELLED
        if self.ended_why == "missed" or self.is_missed(now):
            return State.MISSED
        if self.ended_at is not None or self.ends_at <= now:
            return State.ENDED
        if self.checked_in_at is not None:
            return State.IN_USE
        if self.how == "offer":
            return State.OFFERED
        return State.HELD if self.starts_at <= now else State.BOOKED

    def is_missed(self, now: datetime) -> bool:
        """Tell whether nobody checked in in time, so that the computer is free again."""
        return (
            self.held_until is not None
            and self.checked_in_at is None
            and self.ended_at is None
            and self.held_until <= now
        )

    def minutes_left(self, now: datetime) -> int:
        """Return how many minutes are left, one that has begun counted whole; 0 once it is over."""
        return max(0, -int(-(self.ends_at - now).total_seconds() // 60))

    def changes_at(self) -> datetime:
        """Return when the clock by itself makes something else of it: nobody came, or its time is over."""
        return self.ends_at if self.checked_in_at or self.held_until is None else self.held_until

    def seconds_left(self, now: datetime) -> int:
        """Return how many seconds it is until then, one that has begun counted whole."""
        return max(0, -int(-(self.changes_at() - now).total_seconds() // 1))

    def mark(self, now: datetime) -> str:
        """Return what a page can tell by whether it is still true: state, end, and which warning holds."""
        state, until = self.state(now), self.changes_at()
        level = warning(self.minutes_left(now)) if state is State.IN_USE else None
        return f"{state}-{int(until.timestamp()):x}-{level or 0}"


@dataclass(frozen=True, slots=True)
class Glimpse(Course):
    """As much of a booking as says what has become of it."""

    how: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None


@dataclass(frozen=True, slots=True)
class Held(Course):
    """One booking. See ``models.Booking``."""

    id: UUID
    branch_id: UUID
    computer_id: UUID
    computer: str
    kind: Kind
    holder: UUID | None
    is_guest: bool
    how: str
    day: date
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None

    @property
    def minutes(self) -> int:
        """Minutes that it takes of somebody's day, one that has begun counted whole."""
        return -int(-(self.ends_at - self.starts_at).total_seconds() // 60)

    def span(self, now: datetime) -> Span:
        """Return when the computer is held, as it stands now."""
        if self.is_missed(now) and self.held_until is not None:
            return Span(self.starts_at, min(self.held_until, self.ends_at))
        return Span(self.starts_at, self.ends_at)

    def minutes_back(self, now: datetime) -> int:
        """Return how many minutes of the day come back if it ends now; one that has begun doesn't."""
        used = max(0, -int(-(now - self.starts_at).total_seconds() // 60))
        return max(0, self.minutes - used)


def warning(minutes_left: int) -> int | None:
    """Return which warning holds: the least of ``WARNED_AT`` that has come, None while there is more time."""
    return min((minutes for minutes in WARNED_AT if minutes_left <= minutes), default=None)
