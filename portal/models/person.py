"""People: residents and staff. Somebody who is both has two accounts, so that the two never mix."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Kind(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"


class Person(Base):
    """restricted: a person at risk; no query gives them to staff without a permission of its own.

    closed_at: the account was closed, or its member of staff left; nobody signs in to it.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("kind in ('resident', 'staff')", name="kind"),
        CheckConstraint("language in ('en', 'ga', 'cy')", name="language"),
        Index("ix_person_id_restricted", "id", postgresql_where=text("restricted is true")),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
