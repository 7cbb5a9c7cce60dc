"""Delivery of the outbox. At least once: a message that may have gone out is sent again under the same Message-ID."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from procrastinate import BaseRetryStrategy, Blueprint, JobContext, RetryDecision
from procrastinate.jobs import Job
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from portal.connectors.errors import OutsideError, Refused
from portal.connectors.messages import Email
from portal.db import committing
from portal.jobs.resources import JobResources, resources_of
from portal.logs import get_logger
from portal.messages.texts import compose, signature
from portal.models import Channel, OutboxMessage

log = get_logger("portal.jobs")
jobs = Blueprint()

WAITS = (*(timedelta(minutes=minutes) for minutes in (0.5, 1, 2, 5, 10, 30)), *(timedelta(hours=1),) * 23)
"""Before each further try. A day in all, since a mail server may be away for a night; an hour at most, so that mail
goes out soon after it is back (RFC 5321, 4.5.4.1, asks for half an hour at least).
"""


class UntilTheLast(BaseRetryStrategy):
    """Tries again after each of ``WAITS``."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002 -- theirs
        return RetryDecision(retry_in={"seconds": WAITS[job.attempts].seconds}) if tries_remain(job) else None


def tries_remain(job: Job) -> bool:
    """Tell whether a job that fails now is tried again."""
    return job.attempts < len(WAITS)


@jobs.task(name="deliver", queue="mail", pass_context=True, retry=UntilTheLast())
def deliver(context: JobContext, *, message_id: str) -> None:
    """Send one e-mail. Does nothing if it is delivered, given up, or a letter. The last try that fails gives it up."""
    resources, message = resources_of(context), UUID(message_id)
    try:
        deliver_message(resources, message)
    except Exception as error:
        if tries_remain(context.job):
            raise
        give_up(resources, message)
        if not isinstance(error, OutsideError):
            raise  # a fault of ours: the job fails, too, and the worker logs where


def deliver_message(resources: JobResources, message_id: UUID) -> None:
    """Send one e-mail of the outbox; no transaction is open meanwhile. Raises Unavailable, Unknown: try again."""
    with resources.session() as db:
        row = waiting_email(db, message_id)
        db.rollback()
        if row is None:
            return
        email = as_email(row, resources)
        try:
            resources.connectors.mail.send(email)
        except Refused as refused:
            log.warning("message.refused", message_id=str(message_id), reason=refused.reason)
            settle(db, message_id, state="failed", at=resources.clock.now())
        else:
            settle(db, message_id, state="delivered", at=resources.clock.now())


def give_up(resources: JobResources, message_id: UUID) -> None:
    """Note that no try got a message out, and tell whoever reads the log."""
    log.error("message.given_up", message_id=str(message_id))
    with resources.session() as db:
        settle(db, message_id, state="failed", at=resources.clock.now())


def waiting_email(db: Session, message_id: UUID) -> Row[UUID, str, str, bytes, bytes] | None:
    return db.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.template,
            OutboxMessage.language,
            OutboxMessage.address,
            OutboxMessage.fields,
        ).where(
            OutboxMessage.id == message_id, OutboxMessage.state == "waiting", OutboxMessage.channel == Channel.EMAIL
        )
    ).one_or_none()


def as_email(row: Row[UUID, str, str, bytes, bytes], resources: JobResources) -> Email:
    """Return the e-mail that a row of the outbox describes, in its language."""
    fields = json.loads(resources.sealer.unseal(row.fields, context="outbox_message.fields"))
    composed = compose(row.template, fields, language=row.language, council=resources.council)
    parts = (*composed.paragraphs, *filter(None, (composed.code,)))
    end = "\n".join(signature(language=row.language, council=resources.council))
    return Email(
        id=str(row.id),
        to=resources.sealer.unseal(row.address, context="outbox_message.address"),
        subject=composed.subject,
        body="\n\n".join((*parts, end)) + "\n",
        language=row.language,
    )


def settle(db: Session, message_id: UUID, *, state: str, at: datetime) -> None:
    """Note what became of a message."""
    with committing(db):
        db.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.state == "waiting")
            .values(state=state, done_at=at)
        )
