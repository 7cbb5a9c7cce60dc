"""Library cards that residents have connected. What is on them lies in their links' snapshots."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class LibraryCard(Base):
    """A card that somebody has connected; links stand on this row, and it goes when its link ends, by trigger.

    number: sealed. number_hash: HMAC of it, to find it by. An own card belongs to one person and signs them in, and a
    person has one of their own, so that whoever signs in with it sees that card and no other. child_name: as whoever
    connected it calls the child. ends_on: the birthday on which a child's card is disconnected.
    """

    __tablename__ = "library_card"
    __table_args__ = (
        UniqueConstraint("person_id", "number_hash"),
        Index("uq_library_card_own_number", "number_hash", unique=True, postgresql_where=text("is_own")),
        Index("uq_library_card_own_person", "person_id", unique=True, postgresql_where=text("is_own")),
        CheckConstraint("is_own = (child_name is null) and is_own = (ends_on is null)", name="child"),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    number: Mapped[bytes]
    number_hash: Mapped[bytes]
    last_four: Mapped[str]
    is_own: Mapped[bool]
    child_name: Mapped[str | None]
    ends_on: Mapped[date | None]
    wants_reminders: Mapped[bool]


class LibraryPin(Base):
    """A PIN that the library system can't do without. pin: sealed. It goes with the session that it was given in.

    session_id: None for one that its owner lets the portal keep for longer.
    """

    __tablename__ = "library_pin"
    __table_args__ = (UniqueConstraint("card_id", "session_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[Key]
    card_id: Mapped[UUID] = mapped_column(ForeignKey("library_card.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in_session.id", ondelete="CASCADE"), index=True)
    pin: Mapped[bytes]


class LibraryOutcome(Base):
    """What came of a question to the library system, for the page to tell until ``shown_until``.

    thing: HMAC of the loan or the hold. told: sealed (``rules.settling.Told``).
    """

    __tablename__ = "library_outcome"
    __table_args__ = (UniqueConstraint("card_id", "thing"),)

    id: Mapped[Key]
    card_id: Mapped[UUID] = mapped_column(ForeignKey("library_card.id", ondelete="CASCADE"))
    thing: Mapped[bytes]
    told: Mapped[bytes]
    at: Mapped[datetime]
    shown_until: Mapped[datetime] = mapped_column(index=True)


class LibraryReminder(Base):
    """That somebody was reminded of a loan. thing: HMAC of the loan and its day; it is told once."""

    __tablename__ = "library_reminder"

    card_id: Mapped[UUID] = mapped_column(ForeignKey("library_card.id", ondelete="CASCADE"), primary_key=True)
    thing: Mapped[bytes] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(index=True)
