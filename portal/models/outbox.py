"""Messages to people. A row is written in the transaction of what it tells; delivery comes after."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class OutboxMessage(Base):
    """channel: ``email`` or ``post`` (``Channel``). address, fields: sealed; gone after delivery plus the time kept.

    state: ``waiting``, ``delivered`` (accepted by the mail server, or handed to the print room), ``failed`` (given up).
    batch: name of the print room's hand-over that a letter went out with; a letter goes out once.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="state"),
        CheckConstraint("channel in ('email', 'post')", name="channel"),
        Index("ix_outbox_message_waiting", "channel", "created_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    template: Mapped[str]
    language: Mapped[str]
    address: Mapped[bytes]
    fields: Mapped[bytes]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    done_at: Mapped[datetime | None]
    batch: Mapped[str | None]
