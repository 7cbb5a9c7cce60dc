"""A help begins, is made longer, ends."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.db import committing
from portal.identity import helping
from portal.identity.helping import Ended, Wanted
from portal.party import Party
from portal.sealed import Sealer


def start(db: Session, sealer: Sealer, party: Party, wanted: Wanted, *, now: datetime) -> UUID:
    """Begin a help and return its id. Raises helping.NotPossible."""
    with committing(db):
        return helping.begin(db, sealer, party, wanted, at=now)


def extend(db: Session, sealer: Sealer, party: Party, *, minutes: int, words: str, now: datetime) -> datetime:
    """Give the help that the party is in more time from now on; return until when. Raises helping.NotPossible."""
    with committing(db):
        return helping.extend(db, sealer, party, lasts=timedelta(minutes=minutes), words=words, at=now)


def finish(db: Session, staff_id: UUID, *, now: datetime) -> None:
    """End the help that a member of staff gives, in whatever browser."""
    with committing(db):
        helping.end(db, staff_id, why=Ended.FINISHED, at=now)
