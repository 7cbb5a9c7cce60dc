"""What another system last said of what a person has linked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Snapshot(Base):
    """One for each link to a service that asks another system. A trigger deletes it when its link ends.

    sealed: the answer, JSON; None: there never was one. taken_at: just before it was asked for.
    wanted_at: a page found it too old; a mark that is older than a minute counts no more.
    claimed_until: somebody is asking; after that somebody else may.
    failed_at, failure, reason: the last try, if it came to nothing since ``taken_at``: its code and a refusal's reason.
    failures: so many in a row. retry_at: when it is tried again by itself.
    """

    __tablename__ = "snapshot"
    __table_args__ = (
        CheckConstraint("(sealed is null) = (taken_at is null)", name="taken"),
        CheckConstraint(
            "(failed_at is null) = (failure is null) and (failed_at is null) = (failures = 0)", name="failed"
        ),
        CheckConstraint("retry_at is null or failed_at is not null", name="retried"),
        CheckConstraint("reason is null or failure = 'refused'", name="refused"),
        Index("ix_snapshot_due", "service", postgresql_where=text("wanted_at is not null or retry_at is not null")),
    )

    link_id: Mapped[UUID] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[str]
    sealed: Mapped[bytes | None]
    taken_at: Mapped[datetime | None]
    wanted_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    reason: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
