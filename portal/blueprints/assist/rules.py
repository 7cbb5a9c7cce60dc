"""How much of identifying there may be, and what identifying is worth. ``docs/security.md`` says why."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from portal.identity.throttle import Limit
from portal.party import Level

DAY = timedelta(days=1)
WRONG_OF_ONE, WRONG_BY_ONE = 3, 10
"""How often in a day somebody may fail to be who they say: one tenant, whoever asks; and one member of staff, whoever
is asked about."""


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
