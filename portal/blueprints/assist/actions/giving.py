"""A help begins, is made longer, ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.db import committing
from portal.identity import helping, protected
from portal.identity.finding import Finder
from portal.identity.helping import Ended, NotPossible, Reason, Wanted
from portal.identity.protected import Protected
from portal.party import Party
from portal.sealed import Sealer


def start(
    db: Session, sealer: Sealer, finders: Sequence[Finder], party: Party, wanted: Wanted, *, now: datetime
) -> UUID:
    """Begin a help and return its id. finders: tell who is near to the member of staff. Raises helping.NotPossible.

    Whether the resident is protected is asked again here: they may have been restricted since they were found.
    """
    with committing(db):
        try:
            protected.expect_open(db, finders, party.actor, wanted.subject, at=now)
        except Protected as why:
            raise NotPossible(Reason.PROTECTED) from why
        return helping.begin(db, sealer, party, wanted, at=now)


def extend(db: Session, sealer: Sealer, party: Party, *, minutes: int, words: str, now: datetime) -> datetime:
    """Give the help that the party is in more time from now on; return until when. Raises helping.NotPossible."""
    with committing(db):
        return helping.extend(db, sealer, party, lasts=timedelta(minutes=minutes), words=words, at=now)


def finish(db: Session, staff_id: UUID, *, now: datetime) -> None:
    """End the help that a member of staff gives, in whatever browser."""
    with committing(db):
        helping.end(db, staff_id, why=Ended.FINISHED, at=now)
