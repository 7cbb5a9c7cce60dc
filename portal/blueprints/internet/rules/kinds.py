"""Kinds of computers, and of people as the rooms' rules tell them apart."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What a computer is good for."""

    STANDARD = "standard"
    ADJUSTABLE = "adjustable"
    """At a desk whose height can be changed."""
    LARGE_SCREEN = "large-screen"
    """With a magnifier."""
    SCANNER = "scanner"
    QUICK = "quick"
    """For ``QUICK_MINUTES`` at most."""
    CHILDREN = "children"


QUICK_MINUTES = 15


class Who(StrEnum):
    """Whose rules hold."""

    ADULT = "adult"
    CHILD = "child"
    GUEST = "guest"


def who_is(child_until: date | None, day: date) -> Who:
    """Return which rules hold on a day for somebody with an account."""
    return Who.CHILD if child_until and day < child_until else Who.ADULT


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a computer: somebody with an account, or a guest with a ticket."""

    id: UUID
    is_guest: bool = False
