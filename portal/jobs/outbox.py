"""Delivery of the outbox. At least once: a message that may have gone out is sent again under the same Message-ID."""

import json
from datetime import datetime
from uuid import UUID

from procrastinate import Blueprint, JobContext, RetryStrategy
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from portal.connectors.errors import Refused
from portal.connectors.messages import Email
from portal.db import committing
from portal.jobs.resources import JobResources, resources_of
from portal.logs import get_logger
from portal.messages.texts import compose, signature
from portal.models import Channel, OutboxMessage

log = get_logger("portal.jobs")
jobs = Blueprint()

TRIES = 10
"""With waits that double from 30 s, the last try comes some eight hours after the first."""


@jobs.task(
    name="deliver",
    queue="mail",
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=2, wait=30),
)
def deliver(context: JobContext, *, message_id: str) -> None:
    """Send one e-mail. Does nothing if it is delivered, given up, or a letter."""
    deliver_message(resources_of(context), UUID(message_id))


def deliver_message(resources: JobResources, message_id: UUID) -> None:
    """Send one e-mail of the outbox; no transaction is open meanwhile. Raises Unavailable, Unknown: try again."""
    with resources.session() as db:
        row = waiting_email(db, message_id)
        db.rollback()
        if row is None:
            return
        email = as_email(row, resources)
        try:
            resources.mail.send(email)
        except Refused as refused:
            log.warning("message.refused", message_id=str(message_id), reason=refused.reason)
            settle(db, message_id, state="failed", at=resources.clock.now())
        else:
            settle(db, message_id, state="delivered", at=resources.clock.now())


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
