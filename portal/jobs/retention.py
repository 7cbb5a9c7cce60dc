"""What is kept no longer than it is needed. What must be true at a time never hangs on this having run."""

from datetime import datetime, timedelta

from procrastinate import Blueprint, JobContext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import snapshots
from portal.db import committing
from portal.jobs.resources import resources_of
from portal.models import Asked, Attempt, OneTimeCode, OutboxMessage, SignInSession

jobs = Blueprint()

MESSAGES_KEPT = timedelta(days=30)
ASKED_KEPT = timedelta(days=30)
CODES_KEPT = timedelta(days=30)
"""After their end, so that "this code is too old" can be told from the audit."""


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="clear", queue="retention", pass_context=True)
def clear(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 -- Procrastinate gives it
    """Delete what has had its time. timestamp: which run this is; Procrastinate counts them by it."""
    resources = resources_of(context)
    with resources.session() as db:
        clear_expired(db, at=resources.clock.now())


def clear_expired(db: Session, *, at: datetime) -> None:
    """Delete sessions, codes, counters, messages, questions and answers that nobody needs any more."""
    with committing(db):
        db.execute(delete(SignInSession).where(SignInSession.expires_at <= at))
        db.execute(delete(Attempt).where(Attempt.window_ends_at <= at))
        db.execute(delete(OneTimeCode).where(OneTimeCode.expires_at <= at - CODES_KEPT))
        db.execute(delete(Asked).where(Asked.asked_at <= at - ASKED_KEPT))
        db.execute(delete(OutboxMessage).where(OutboxMessage.done_at <= at - MESSAGES_KEPT))
        snapshots.delete_expired(db, at=at)
