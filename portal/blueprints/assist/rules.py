"""How much of finding and identifying there may be, and what identifying is worth. ``docs/security.md`` says why."""

from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.identity.throttle import Limit
from portal.party import Level

LEAST_FACTS: Final = 2
MOST_FOUND: Final = 5

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
SEARCHES, SEARCHES_A_DAY = 30, 200
"""Of one member of staff."""
WRONG_OF_ONE, WRONG_BY_ONE = 3, 10
"""How often in a day somebody may fail to be who they say: one tenant, whoever asks; and one member of staff, whoever
is asked about."""


def of_searching(staff_id: UUID) -> tuple[Limit, ...]:
    return (
        Limit(("assist-find", str(staff_id)), SEARCHES, QUARTER),
        Limit(("assist-find", "day", str(staff_id)), SEARCHES_A_DAY, DAY),
    )


def of_identifying(staff_id: UUID, holder: UUID) -> tuple[Limit, ...]:
    """Return the limits of asking somebody by phone; those who are right are given back."""
    return (
        Limit(("assist-identify", "by", str(staff_id)), WRONG_BY_ONE, DAY),
        Limit(("assist-identify", "of", str(holder)), WRONG_OF_ONE, DAY),
    )


class How(StrEnum):
    """How a member of staff made sure who somebody is: what they saw at the desk, or that they asked by phone."""

    PASSPORT = "passport"
    LICENCE = "driving-licence"
    PHOTO_CARD = "photo-card"
    PAPERS = "papers"
    PHONE = "phone"

    @property
    def level(self) -> Level:
        """Return how strongly it proves that a record is theirs. Answers and papers can be another's."""
        return Level.HIGH if self in (How.PASSPORT, How.LICENCE, How.PHOTO_CARD) else Level.MEDIUM
