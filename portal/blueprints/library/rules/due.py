"""When things are due, and what needs doing first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from portal.connectors.library import Hold, HoldState, Loan

SOON_DAYS = 7
"""What is due within so many days is told by its weekday."""


class When(StrEnum):
    LATE = "late"
    TODAY = "today"
    TOMORROW = "tomorrow"
    SOON = "soon"
    LATER = "later"
    UNREAD = "unread"
    """The library says it in a way that we can't read as a day."""


@dataclass(frozen=True, slots=True)
class Due:
    """days: late, or still to go; None where no day is known."""

    when: When
    days: int | None

    @property
    def needs_doing(self) -> bool:
        return self.when in (When.LATE, When.TODAY, When.TOMORROW)


def due(loan: Loan, today: date) -> Due:
    """Tell when a loan is due. today: the library's day."""
    if loan.due_on is None:
        return Due(When.LATE if loan.is_late else When.UNREAD, None)
    days = (loan.due_on - today).days
    if days < 0:
        return Due(When.LATE, -days)
    if loan.is_late:  # due earlier today
        return Due(When.LATE, None)
    return Due(_when(days), days)


def _when(days: int) -> When:
    match days:
        case 0:
            return When.TODAY
        case 1:
            return When.TOMORROW
        case _ if days <= SOON_DAYS:
            return When.SOON
        case _:
            return When.LATER


class HasDue(Protocol):
    @property
    def due_on(self) -> date | None: ...

    @property
    def due_text(self) -> str: ...


def as_seen(thing: HasDue) -> str:
    """Return the day of a loan so that two can be compared: what a page showed, and what is so now."""
    return thing.due_on.isoformat() if thing.due_on else thing.due_text


def is_later(thing: HasDue, seen: str) -> bool:
    """Tell whether a loan is due later than it was. Where days can't be read, another text is a later day."""
    return as_seen(thing) > seen if thing.due_on and _is_day(seen) else as_seen(thing) != seen


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def in_order(loans: Iterable[Loan], today: date) -> list[Loan]:
    """Return loans by what needs doing: late ones first, then by day; what can't be read comes after the late ones."""
    order = list(When)

    def urgency(loan: Loan) -> tuple[int, date, str]:
        when = due(loan, today).when
        rank = order.index(When.TODAY) if when is When.UNREAD else order.index(when)
        return rank, loan.due_on or date.min, loan.title.casefold()

    return sorted(loans, key=urgency)


_HOLDS_FIRST = {HoldState.READY: 0, HoldState.ON_ITS_WAY: 1, HoldState.WAITING: 2}


def holds_in_order(holds: Iterable[Hold]) -> list[Hold]:
    """Return holds with what is ready first, by its last day; then by place in the queue."""
    return sorted(
        holds,
        key=lambda hold: (
            _HOLDS_FIRST[hold.state],
            hold.last_day or date.max,
            hold.place or 9999,
            hold.title.casefold(),
        ),
    )
