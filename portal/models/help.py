"""Helps: a member of staff acts for a resident, with agreement, in a scope, for a time."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Help(Base):
    """One visit of staff to a resident's account. It is over when ``ends_at`` has come: nothing has to run for that.

    team: of the member of staff, as it was then. reason: a code; words: why, sealed, as the resident reads it.
    agreement: how it was given; agreed: call reference or document, sealed; agreed_until: of a standing or legal one.
    services: slugs of what may be seen. acts: things may be done, not only looked at.
    ended_why: None where time ran out. told_at: when the message about it went to the resident.
    """

    __tablename__ = "help"
    __table_args__ = (
        CheckConstraint("subject_id <> staff_id", name="oneself"),
        CheckConstraint("agreement in ('in-person', 'phone', 'standing', 'legal')", name="agreement"),
        CheckConstraint("(agreement in ('standing', 'legal')) = (agreed_until is not null)", name="until"),
        CheckConstraint("cardinality(services) > 0", name="services"),
        CheckConstraint("ends_at between started_at and started_at + interval '60 minutes'", name="length"),
        CheckConstraint(
            "ended_why in ('finished', 'signed-out', 'access-ended', 'closed', 'restricted')", name="ended_why"
        ),
        ExcludeConstraint(
            ("staff_id", "="),
            (text("tstzrange(started_at, ends_at)"), "&&"),
            using="gist",
            name="ex_help_one_at_a_time",
        ),
        Index("ix_help_subject_id_started_at", "subject_id", "started_at"),
        Index("ix_help_started_at", "started_at"),
        Index("ix_help_ends_at_untold", "ends_at", postgresql_where=text("told_at is null")),
    )

    id: Mapped[Key]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    team: Mapped[str]
    reason: Mapped[str]
    words: Mapped[bytes]
    agreement: Mapped[str]
    agreed: Mapped[bytes]
    agreed_until: Mapped[date | None]
    services: Mapped[list[str]] = mapped_column(ARRAY(String))
    acts: Mapped[bool]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_why: Mapped[str | None]
    told_at: Mapped[datetime | None]


class HelpChange(Base):
    """What was changed during a help. what: a code. old, new: sealed, as the resident reads them."""

    __tablename__ = "help_change"

    id: Mapped[Key]
    help_id: Mapped[UUID] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    what: Mapped[str]
    old: Mapped[bytes | None]
    new: Mapped[bytes | None]


class HelpExtension(Base):
    """More time was taken, until then. words: why, sealed."""

    __tablename__ = "help_extension"

    id: Mapped[Key]
    help_id: Mapped[UUID] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    until: Mapped[datetime]
    words: Mapped[bytes]


class HelpObjection(Base):
    """The resident says that they didn't agree. words, finding: sealed."""

    __tablename__ = "help_objection"
    __table_args__ = (
        CheckConstraint(
            "(settled_at is null) = (settled_by is null) and (settled_at is null) = (finding is null)", name="settled"
        ),
    )

    help_id: Mapped[UUID] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    words: Mapped[bytes]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    finding: Mapped[bytes | None]


class HelpSample(Base):
    """A help that was drawn for a manager to look at. month: its first day. place: in the sample, from 1: a month that
    was drawn has a first place, so that nobody draws again.
    """

    __tablename__ = "help_sample"
    __table_args__ = (
        CheckConstraint("extract(day from month) = 1", name="month"),
        CheckConstraint("place between 1 and 10", name="place"),
        CheckConstraint("(seen_at is null) = (seen_by is null)", name="seen"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    help_id: Mapped[UUID] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"), unique=True)
    drawn_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class HelpRequest(Base):
    """A member of staff asks a second one whether they may see a protected person. words: why, sealed.

    good_until: a yes counts until then, for whoever asked; a no that comes later ends it.
    """

    __tablename__ = "help_request"
    __table_args__ = (
        CheckConstraint("why in ('restricted', 'own', 'household')", name="why"),
        CheckConstraint("answer in ('yes', 'no')", name="answer"),
        CheckConstraint("answered_by not in (staff_id, subject_id)", name="second"),
        CheckConstraint(
            "(answered_at is null) = (answer is null) and (answered_at is null) = (answered_by is null)",
            name="answered",
        ),
        CheckConstraint("(answer is not distinct from 'yes') = (good_until is not null)", name="good"),
        Index("ix_help_request_staff_id_subject_id", "staff_id", "subject_id"),
    )

    id: Mapped[Key]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    why: Mapped[str]
    words: Mapped[bytes]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None]
    good_until: Mapped[datetime | None]


class StaffTeam(Base):
    """team: a code of ``council.toml``."""

    __tablename__ = "staff_team"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    team: Mapped[str]


class StaffRelation(Base):
    """A member of staff's own record as a resident, or somebody of their household."""

    __tablename__ = "staff_relation"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    noted_at: Mapped[datetime]


class StaffHome(Base):
    """A rent account of a member of staff or their household, by its payment reference as ``identity.names.compact``.

    Kept beside ``StaffRelation`` since whoever holds it may have no account here yet.
    """

    __tablename__ = "staff_home"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime]


class ContactChange(Base):
    """A contact that staff added or took away for a resident, and that waits: for their word, or until
    ``takes_effect_at``; None where nobody could be told, so that their word alone counts.
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        CheckConstraint("kind in ('add', 'remove')", name="kind"),
        Index("ix_contact_change_takes_effect_at", "takes_effect_at"),
    )

    id: Mapped[Key]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), unique=True)
    help_id: Mapped[UUID] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"))
    kind: Mapped[str]
    asked_at: Mapped[datetime]
    takes_effect_at: Mapped[datetime | None]
