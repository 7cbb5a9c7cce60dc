"""Applications for energy help: one form for one or several schemes, and what becomes of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key

STATES = (
    "('draft', 'sent', 'checking', 'evidence-needed', 'assessing', 'referred', 'approved', 'partly-approved', 'paid',"
    " 'refused', 'closed', 'withdrawn', 'review-asked', 'review-decided')"
)
"""As ``rules/progress`` has them."""
IS_DRAFT = text("sent_at is null")


class EnergyApplication(Base):
    """One form. answers: all but what is in the next two. health: what was said of it; bank: where money goes; each is
    sealed by itself, so that who may read one can't read the others. changed_at: when an answer was given last.

    expires_at: until when a draft is kept; it has no other end. reminded_at: of that. reference: what people name it
    by, once it is sent. home: HMAC of the address, by which another one of the same home is found. What was sent stays
    as it was, but for being sealed anew under another key, and for bank and health, which may be forgotten (a trigger).
    """

    __tablename__ = "energy_application"
    __table_args__ = (
        CheckConstraint("(sent_at is null) = (expires_at is not null)", name="expires"),
        CheckConstraint("(sent_at is null) = (reference is null)", name="reference"),
        CheckConstraint("sent_at is not null or home is null", name="home"),
        Index("uq_energy_application_draft", "person_id", unique=True, postgresql_where=IS_DRAFT),
        Index("ix_energy_application_person_id_begun_at", "person_id", "begun_at"),
        Index("ix_energy_application_home", "home", postgresql_where=text("home is not null")),
        Index("ix_energy_application_expires_at", "expires_at", postgresql_where=IS_DRAFT),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answers: Mapped[bytes]
    health: Mapped[bytes | None]
    bank: Mapped[bytes | None]
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(unique=True)
    home: Mapped[bytes | None]


class EnergyCase(Base):
    """One scheme that an application asks for. edition: which one it is decided by. state: where it stands now; the way
    there is in ``energy_event``. due: until when the person is waited for.
    """

    __tablename__ = "energy_case"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("(state = 'evidence-needed') = (due is not null)", name="due"),
    )

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("energy_application.id", ondelete="CASCADE"), primary_key=True
    )
    scheme: Mapped[str] = mapped_column(primary_key=True)
    edition: Mapped[str]
    state: Mapped[str]
    due: Mapped[date | None]


class EnergyEvent(Base):
    """A step that a case took; rows are only added. by: ``resident``, ``council``, or ``clock`` where time did it."""

    __tablename__ = "energy_event"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("by in ('resident', 'council', 'clock')", name="by"),
        Index("ix_energy_event_application_id_at", "application_id", "at"),
    )

    id: Mapped[Key]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("energy_application.id", ondelete="CASCADE"))
    scheme: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    due: Mapped[date | None]


class EnergyMessage(Base):
    """What the person and the council write to each other about an application. kind: ``change`` for what has changed
    in the person's life since. body: sealed. request_key: what a form was sent with, so that it is written once.
    """

    __tablename__ = "energy_message"
    __table_args__ = (
        CheckConstraint("kind in ('message', 'change')", name="kind"),
        CheckConstraint("kind = 'message' or not from_council", name="change"),
        Index("ix_energy_message_application_id_at", "application_id", "at"),
    )

    id: Mapped[Key]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("energy_application.id", ondelete="CASCADE"))
    from_council: Mapped[bool]
    kind: Mapped[str]
    body: Mapped[bytes]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    request_key: Mapped[UUID | None] = mapped_column(unique=True)


class EnergyDeclaration(Base):
    """What somebody declared when an application was sent, in the words that they read; rows are only added.

    actor_id: who pressed the button. help_id: of a member of staff who read it out, on behalf of the person.
    """

    __tablename__ = "energy_declaration"

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("energy_application.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    help_id: Mapped[UUID | None] = mapped_column(ForeignKey("help.id", ondelete="SET NULL"))
    language: Mapped[str]
    words: Mapped[str]
