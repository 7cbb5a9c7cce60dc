"""Helps that have had their time are deleted, with all that came of them."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.db import committing
from portal.identity.visits import KEPT_FOR
from portal.models import Help


def delete_old(db: Session, *, now: datetime) -> None:
    with committing(db):
        db.execute(delete(Help).where(Help.started_at <= now - KEPT_FOR))
