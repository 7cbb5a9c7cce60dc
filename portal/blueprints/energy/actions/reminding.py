"""Whoever began a form and hasn't sent it is reminded once, before it is deleted; answering makes it begin anew."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyApplication
from portal.db import committing
from portal.messages import NoWayToReach, send
from portal.sealed import Sealer

BEFORE: Final = timedelta(days=7)
"""How long before its end."""
TEMPLATE: Final = "energy-draft-ends"


def remind(db: Session, sealer: Sealer, *, base_url: str, zone: ZoneInfo, now: datetime) -> int:
    """Remind everybody whose draft ends within a week and who wasn't. Return how many messages were written.

    However late this runs, the day that people read is the true one; what is over already is nobody reminded of. Each
    is a commit of its own. Who can't be reached sees it when they sign in.
    """
    soon = (
        EnergyApplication.sent_at.is_(None),
        EnergyApplication.reminded_at.is_(None),
        EnergyApplication.expires_at > now,
        EnergyApplication.expires_at <= now + BEFORE,
    )
    waiting = db.scalars(select(EnergyApplication.id).where(*soon)).all()
    db.rollback()
    written = 0
    for application in waiting:
        with committing(db):
            reminded = (
                update(EnergyApplication)
                .where(EnergyApplication.id == application, *soon)
                .values(reminded_at=now)
                .returning(EnergyApplication.person_id, EnergyApplication.expires_at)
            )
            found = db.execute(reminded).one_or_none()
            if found:
                day = found.expires_at.astimezone(zone).date().isoformat()
                fields = {"day": day, "link": f"{base_url}/energy/applications/{application}"}
                written += _tell(db, sealer, found.person_id, fields, application, now=now)
    return written


def _tell(
    db: Session, sealer: Sealer, person_id: UUID, fields: dict[str, str], application: UUID, *, now: datetime
) -> bool:
    try:
        send(db, person_id=person_id, template=TEMPLATE, fields=fields, at=now, sealer=sealer)
    except NoWayToReach:
        return False
    record(db, None, "energy.remind", at=now, object=f"application:{application}", subject=person_id)
    return True
