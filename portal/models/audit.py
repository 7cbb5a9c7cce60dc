"""The audit trail: rows are added and never changed, by trigger and by the application role's rights."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class AuditEvent(Base):
    """actor: who did it; None for the system itself or somebody unknown. subject: whose data it was.

    act: ``service.verb``. object: what it was done to, as a kind and an id (``rent.account:…``), never a value.
    authority: why the actor might (``self``, ``help:<id>``, ``role:<role>``, ``command``).
    details: counts and codes; no personal data, and of the library no titles or items.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject_id_at", "subject_id", "at"),
        Index("ix_audit_event_actor_id_at", "actor_id", "at"),
        Index("ix_audit_event_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    authority: Mapped[str]
    act: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
