"""Guests: a ticket from the desk, with which somebody without an account sits down once."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.models import Guest
from portal.blueprints.internet.rules.desk import CODE_LETTERS, TICKET_LENGTH, Desk, ticket_hash
from portal.db import committing
from portal.party import Party


def make_ticket(db: Session, desk: Desk, party: Party, branch_id: UUID, *, minutes: int, now: datetime) -> str:
    """Make a ticket for somebody at the desk, and return what it says: it is shown once, since only its HMAC is kept.

    It is good today, at this branch, for one session of so many minutes. party: the member of staff.
    """
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(TICKET_LENGTH))
    guest = uuid4()
    with committing(db):
        db.execute(
            insert(Guest).values(
                id=guest,
                branch_id=branch_id,
                day=desk.where.day(now),
                minutes=minutes,
                code_hash=ticket_hash(desk.secret, code),
                made_at=now,
            )
        )
        record(db, party, "internet.ticket", at=now, object=f"internet.guest:{guest}")
    return code
