"""Ways to reach a person: any number of them, perhaps no e-mail address at all."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Channel(StrEnum):
    EMAIL = "email"
    TEXT = "text"
    POST = "post"


class Contact(Base):
    """value: an e-mail address, a phone number, or a postal address (lines divided by line ends).

    confirmed_at: the person showed that it reaches them; a postal address from the housing record counts as confirmed.
    Two people never hold the same confirmed e-mail address: they could not tell whose sign-in it is.
    postcode: of a postal address its last line, to find somebody by, as ``identity.names.compact``.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("channel in ('email', 'text', 'post')", name="channel"),
        Index(
            "uq_contact_confirmed_email",
            text("lower(value)"),
            unique=True,
            postgresql_where=text("channel = 'email' and confirmed_at is not null"),
        ),
        Index("ix_contact_postcode", "postcode", postgresql_where=text("postcode is not null")),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    postcode: Mapped[str | None] = mapped_column(
        Computed(
            "case when channel = 'post'"
            " then regexp_replace(lower(substring(value from '[^\\n]*$')), '[^0-9a-z]', '', 'g') end",
            persisted=True,
        )
    )
