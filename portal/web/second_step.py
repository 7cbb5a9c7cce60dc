"""Between a right password of staff and their second factor: nobody is signed in, the session says who is expected."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import session

from portal.web import current
from portal.web.sessions import rotate

ENDPOINT = "staff_sign_in.code"
"""Where the second factor is asked for."""
VALID_FOR = timedelta(minutes=5)
_KEY = "second_factor"


@dataclass(frozen=True, slots=True)
class Expected:
    """Who gave their password. next: the page to go to afterwards, None for the first page of staff."""

    person_id: UUID
    next: str | None


def expect(person_id: UUID, *, next: str | None = None) -> None:
    """Note that this person gave their password just now. The session's token changes.

    next: a local path that was checked.
    """
    session[_KEY] = {"person": str(person_id), "at": current.now().isoformat(), "next": next}
    rotate()


def expected() -> Expected | None:
    """Return whose second factor this browser may give; None after five minutes, or if there was no password."""
    kept = session.get(_KEY)
    if not kept or current.now() - datetime.fromisoformat(kept["at"]) > VALID_FOR:
        return None
    return Expected(UUID(kept["person"]), kept["next"])
