"""Whether what other services know may be used here: asked once, and taken back at any time."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyPermission
from portal.db import committing
from portal.party import Party


def decide(db: Session, party: Party, *, given: bool, now: datetime) -> None:
    """Note what the person said."""
    values = {"given": given, "at": now}
    with committing(db):
        added = insert(EnergyPermission).values(person_id=party.subject, **values)
        db.execute(added.on_conflict_do_update(index_elements=[EnergyPermission.person_id], set_=values))
        record(db, party, "energy.permit", at=now, given=given)


def take_back(db: Session, party: Party, *, now: datetime) -> None:
    """Forget that the person gave permission; they are asked again when they begin another check."""
    gone = delete(EnergyPermission).where(EnergyPermission.person_id == party.subject)
    with committing(db):
        if db.execute(gone.returning(EnergyPermission.person_id)).one_or_none():
            record(db, party, "energy.permit", at=now, outcome="taken-back")
