"""Deletion by rule. A seal holds the day from which each of its records may go; the database deletes none before it."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing

ACT = "audit.delete-due"
BATCH = 10_000

_DELETE = text("select audit_delete_due(:day, :most)")


def delete_due(db: Session, *, at: datetime, authority: str = "system", most: int = BATCH) -> int:
    """Delete records whose day has come, each batch in a commit with its own record; return how many.

    Their digests stay, so that the trail verifies. most: in one batch.
    """
    count = 0
    while True:
        with committing(db):
            deleted: int = db.execute(_DELETE, {"day": at.astimezone(UTC).date(), "most": most}).scalar_one()
            if deleted:
                record(db, None, ACT, at=at, authority=authority, records=deleted)
        if not deleted:
            return count
        count += deleted
