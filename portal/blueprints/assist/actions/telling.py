"""Whoever was helped gets a message afterwards."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import messages
from portal.audit import record
from portal.db import committing
from portal.messages import NoWayToReach
from portal.models import Help
from portal.sealed import Sealer

log = structlog.get_logger(__name__)


def tell(db: Session, sealer: Sealer, *, base_url: str, now: datetime) -> None:
    """Write to everybody whose help has ended, however it did: once for each help, in a commit of its own. One that
    fails is logged, and tried again at the next run.
    """
    ended = select(Help.id).where(Help.ends_at <= now, Help.told_at.is_(None)).order_by(Help.ends_at)
    waiting = db.scalars(ended).all()
    db.rollback()
    for help_id in waiting:
        try:
            _tell_of(db, sealer, help_id, link=f"{base_url}/account/looks", now=now)
        except Exception:  # whatever it is, the others are told
            log.exception("help.not_told", help_id=str(help_id))


def _tell_of(db: Session, sealer: Sealer, help_id: UUID, *, link: str, now: datetime) -> None:
    with committing(db):
        subject = _claim(db, help_id, now=now)
        if subject is None:
            return
        outcome = _send(db, sealer, subject, link=link, now=now)
        record(
            db,
            None,
            "help.tell",
            at=now,
            object=f"help:{help_id}",
            outcome=outcome,
            authority=f"help:{help_id}",
            subject=subject,
        )


def _claim(db: Session, help_id: UUID, *, now: datetime) -> UUID | None:
    """Note that the message about a help goes out now, and return to whom; None if another worker's does, or if the
    help goes on.
    """
    is_over = (Help.ends_at <= now, Help.told_at.is_(None))  # asked again: it may have got more time meanwhile
    free = select(Help.id).where(Help.id == help_id, *is_over).with_for_update(skip_locked=True)
    claimed = update(Help).where(Help.id.in_(free)).values(told_at=now).returning(Help.subject_id)
    return db.execute(claimed).scalar_one_or_none()


def _send(db: Session, sealer: Sealer, subject: UUID, *, link: str, now: datetime) -> str:
    """Write the message, and return the outcome for the record."""
    try:
        messages.send(db, person_id=subject, template="help-given", fields={"link": link}, at=now, sealer=sealer)
    except NoWayToReach:
        return "no-way"
    return "done"
