"""The audit trail: rows are added and never changed, by trigger and by the application role's rights."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
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


class AuditSeal(Base):
    """One batch of records, sealed. number: from 1, without a gap. root: of the Merkle tree over its leaves.

    hash: of all that and of the seal before. key: id of the key that signed the hash.
    """

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    events: Mapped[int]
    root: Mapped[bytes]
    hash: Mapped[bytes]
    key: Mapped[str]
    signature: Mapped[bytes]


class AuditLeaf(Base):
    """What a seal holds of one record; it stays when the record is deleted.

    delete_on: the first day on which the record may be deleted. salt: of the digest; None once the record is deleted.
    """

    __tablename__ = "audit_leaf"
    __table_args__ = (
        Index("ix_audit_leaf_seal_event_id", "seal", "event_id"),
        Index("ix_audit_leaf_delete_on", "delete_on", postgresql_where=text("salt is not null")),
    )

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seal: Mapped[int] = mapped_column(ForeignKey(AuditSeal.number))
    delete_on: Mapped[date]
    digest: Mapped[bytes]
    salt: Mapped[bytes | None]


class AuditHead(Base):
    """How far the trail went on a day, signed. day: UTC."""

    __tablename__ = "audit_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    signed_at: Mapped[datetime]
    seal: Mapped[int] = mapped_column(ForeignKey(AuditSeal.number))
    hash: Mapped[bytes]
    key: Mapped[str]
    signature: Mapped[bytes]
