"""Looking at rent accounts, which the audit notes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent import queries
from portal.blueprints.rent.queries import Account
from portal.db import committing
from portal.party import Party


def look(db: Session, party: Party, *, now: datetime) -> list[Account]:
    """Return the subject's accounts, as ``queries.accounts``, and note that the actor saw them."""
    found = queries.accounts(db, party, at=now)
    if found:
        with committing(db):
            for account in found:
                record(db, party, "rent.view", at=now, object=f"rent.account:{account.id}")
    return found


def look_at(db: Session, party: Party, account_id: UUID, *, now: datetime) -> Account | None:
    """Return one account, as ``queries.account``, and note that the actor saw it."""
    found = queries.account(db, party, account_id, at=now)
    if found:
        with committing(db):
            record(db, party, "rent.view", at=now, object=f"rent.account:{found.id}")
    return found
