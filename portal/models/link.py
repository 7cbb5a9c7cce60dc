"""Links from a person to what another system calls them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Link(Base):
    """service, target: what is linked, e.g. ``rent`` and the id of a tenant's row.

    how: ``activation-code``, ``card-and-pin``, ``staff`` (who registered the person; one at a time)…
    level: how strongly (``portal.party.Level``).
    until: the link ends by itself then. ended_at, ended_why: the link is over; kept for the audit.
    """

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint("level between 1 and 3", name="level"),
        CheckConstraint("(ended_at is null) = (ended_why is null)", name="ended"),
        Index(
            "uq_link_open",
            "person_id",
            "service",
            "target",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        Index("ix_link_target", "service", "target", postgresql_where=text("ended_at is null")),
        Index(
            "uq_link_by_staff",
            "service",
            "target",
            unique=True,
            postgresql_where=text("how = 'staff' and ended_at is null"),
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    service: Mapped[str]
    target: Mapped[UUID]
    how: Mapped[str]
    level: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
