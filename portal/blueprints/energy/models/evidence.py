"""Files that people add to an application, to show that something is so."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class EnergyEvidence(Base):
    """One file; its content lies in the store under ``id``. kind: what it is to show, as schemes name it.

    name: what it was called where it came from, sealed. media, size (in bytes): of what is kept. key: what the content
    is encrypted with, sealed. digest: HMAC of what was sent, so that the same file is added once. state: ``waiting``
    until the scanner has looked at it; nobody sees its content before it is ``clean``.
    """

    __tablename__ = "energy_evidence"
    __table_args__ = (
        UniqueConstraint("application_id", "kind", "digest"),
        CheckConstraint("state in ('waiting', 'clean', 'infected')", name="state"),
        CheckConstraint("(state = 'waiting') = (scanned_at is null)", name="scanned"),
        CheckConstraint("media in ('image/jpeg', 'application/pdf')", name="media"),
        CheckConstraint("size between 1 and 10485760", name="size"),
        Index("ix_energy_evidence_waiting", "added_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("energy_application.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[bytes]
    media: Mapped[str]
    size: Mapped[int]
    key: Mapped[bytes]
    digest: Mapped[bytes]
    added_at: Mapped[datetime]
    state: Mapped[str]
    scanned_at: Mapped[datetime | None]
