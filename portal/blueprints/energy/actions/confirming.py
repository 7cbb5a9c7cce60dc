"""A letter that confirms a tenancy is made: nothing of it is kept but that it was."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing
from portal.identity import helping
from portal.party import Party
from portal.sealed import Sealer


def note_letter(db: Session, sealer: Sealer, party: Party, *, scheme: str, now: datetime) -> None:
    """Put on record that a letter is made for somebody who asks for a scheme. The meter's number is no part of it."""
    with committing(db):
        helping.note_change(db, sealer, party, "energy.letter", old=None, new=None, at=now)
        record(db, party, "energy.letter", at=now, object=f"scheme:{scheme}")
