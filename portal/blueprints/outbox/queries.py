"""What lies in the outbox."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.council import Council
from portal.messages.print_room import render
from portal.messages.texts import compose, signature
from portal.messages.texts.parts import Composed
from portal.models import OutboxMessage
from portal.sealed import Sealer

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    channel: str
    template: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message, opened. to: an address, or the lines of one."""

    id: UUID
    channel: str
    to: str
    language: str
    composed: Composed
    signature: tuple[str, ...]


def messages(db: Session) -> list[Listed]:
    """Return the newest messages, newest first."""
    rows = db.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.channel,
            OutboxMessage.template,
            OutboxMessage.state,
            OutboxMessage.created_at,
        )
        .order_by(OutboxMessage.created_at.desc())
        .limit(SHOWN)
    )
    return [Listed(*row) for row in rows]


def message(db: Session, council: Council, sealer: Sealer, message_id: UUID) -> Message | None:
    """Return one message, as its reader gets it; None if there is none."""
    row = _row(db, message_id)
    if row is None:
        return None
    fields = json.loads(sealer.unseal(row.fields, context="outbox_message.fields"))
    return Message(
        id=row.id,
        channel=row.channel,
        to=sealer.unseal(row.address, context="outbox_message.address"),
        language=row.language,
        composed=compose(row.template, fields, language=row.language, council=council),
        signature=signature(language=row.language, council=council),
    )


def letter(db: Session, council: Council, sealer: Sealer, message_id: UUID) -> bytes | None:
    """Return a message as a letter (PDF); None if there is none."""
    row = _row(db, message_id)
    return render(row, council=council, sealer=sealer) if row else None


def _row(db: Session, message_id: UUID) -> Row[*tuple[Any, ...]] | None:
    return db.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.channel,
            OutboxMessage.template,
            OutboxMessage.language,
            OutboxMessage.address,
            OutboxMessage.fields,
            OutboxMessage.created_at,
        ).where(OutboxMessage.id == message_id)
    ).one_or_none()
