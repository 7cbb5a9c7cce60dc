"""Branches with their computers, the rules, who holds which computer when, who waits, and counts without anybody.

A computer is held by one row of ``internet_booking`` at a time, whatever for. What has become of a row follows from it
and the clock (``rules.standing``): one that nobody claimed in time is free again although nothing has written that yet.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key

KINDS = "('standard', 'adjustable', 'large-screen', 'scanner', 'quick', 'children')"
WHO = "('adult', 'child', 'guest')"


class Branch(Base):
    """A library. code: as the council's lists have it. name: by language; the council's default is always there.

    on_bank_holidays: it is open then as on any such weekday. is_open: False once it is closed for good or until
    further notice; nothing can be booked then.
    """

    __tablename__ = "internet_branch"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, str]]
    address: Mapped[str]
    phone: Mapped[str | None]
    on_bank_holidays: Mapped[bool]
    is_open: Mapped[bool]


class Opening(Base):
    """When a branch opens and closes on a weekday (0: Monday), in minutes after midnight by the clock on its wall."""

    __tablename__ = "internet_opening"
    __table_args__ = (
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint("0 <= opens and opens < closes and closes <= 1440", name="hours"),
        ExcludeConstraint(
            ("branch_id", "="),
            ("weekday", "="),
            (text("int4range(opens, closes)"), "&&"),
            using="gist",
            name="ex_internet_opening_once",
        ),
    )

    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    closes: Mapped[int] = mapped_column(SmallInteger)


class OpeningException(Base):
    """One day on which a branch has other hours than its weekday has; without hours it is closed. why: by language."""

    __tablename__ = "internet_exception"
    __table_args__ = (
        CheckConstraint("(opens is null) = (closes is null)", name="both"),
        CheckConstraint("0 <= opens and opens < closes and closes <= 1440", name="hours"),
    )

    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[int | None] = mapped_column(SmallInteger)
    closes: Mapped[int | None] = mapped_column(SmallInteger)
    why: Mapped[dict[str, str]]


class Computer(Base):
    """name: what stands on it, such as ``7``. status: ``retired`` ones are kept for what was counted."""

    __tablename__ = "internet_computer"
    __table_args__ = (
        UniqueConstraint("branch_id", "name"),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("status in ('in-service', 'out-of-order', 'retired')", name="status"),
    )

    id: Mapped[Key]
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id"))
    name: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]


class Rule(Base):
    """What holds for one kind of person at one branch (None: at all that have none of their own) from a day on, until a
    later one takes its place. kinds: of computers. on_line: they book themselves; else staff do it for them.
    """

    __tablename__ = "internet_rule"
    __table_args__ = (
        UniqueConstraint("branch_id", "who", "from_day", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"who in {WHO}", name="who"),
        CheckConstraint(
            "minutes_a_session between 5 and 720 and minutes_a_session <= minutes_a_day and minutes_a_day <= 1500",
            name="minutes",
        ),
        CheckConstraint("bookings_at_once between 0 and 50 and days_ahead between 0 and 90", name="ahead"),
        CheckConstraint("grace_minutes between 1 and 60", name="grace"),
        CheckConstraint("stops_before between 0 and 120", name="stops_before"),
        CheckConstraint("extend_by between 5 and 240", name="extend_by"),
    )

    id: Mapped[Key]
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("internet_branch.id", ondelete="CASCADE"))
    who: Mapped[str]
    from_day: Mapped[date]
    minutes_a_day: Mapped[int] = mapped_column(SmallInteger)
    minutes_a_session: Mapped[int] = mapped_column(SmallInteger)
    bookings_at_once: Mapped[int] = mapped_column(SmallInteger)
    days_ahead: Mapped[int] = mapped_column(SmallInteger)
    grace_minutes: Mapped[int] = mapped_column(SmallInteger)
    stops_before: Mapped[int] = mapped_column(SmallInteger)
    extend_by: Mapped[int] = mapped_column(SmallInteger)
    on_line: Mapped[bool]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String))


class Policy(Base):
    """The acceptable-use policy, from a moment on; before the first there is one of our own (``rules.policy``).

    body: by language; paragraphs are divided by line ends.
    """

    __tablename__ = "internet_policy"

    from_moment: Mapped[datetime] = mapped_column(primary_key=True)
    body: Mapped[dict[str, str]]


class Member(Base):
    """What the rooms know of somebody; also what is locked, so that one person does one thing at a time.

    child_until: they count as a child until that day; None for adults. blocked_why: sealed.
    """

    __tablename__ = "internet_member"
    __table_args__ = (CheckConstraint("(blocked_until is null) = (blocked_why is null)", name="blocked"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    last_branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("internet_branch.id", ondelete="SET NULL"))
    child_until: Mapped[date | None]
    blocked_until: Mapped[datetime | None]
    blocked_why: Mapped[bytes | None]


class Guest(Base):
    """Somebody without an account, with a ticket from the desk for one day. code_hash: HMAC of what the ticket says;
    None once it was used.
    """

    __tablename__ = "internet_guest"

    id: Mapped[Key]
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id"))
    day: Mapped[date]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    made_at: Mapped[datetime]


class Day(Base):
    """How many minutes somebody may have on a local day, and has taken: kept by trigger from their bookings, and never
    more than they may. holder: id of a person or of a guest. granted: by staff, beyond the rule.
    """

    __tablename__ = "internet_day"
    __table_args__ = (
        CheckConstraint("taken <= allowed + granted", name="enough"),
        CheckConstraint("allowed >= 0 and granted >= 0 and taken >= 0", name="minutes"),
        Index("ix_internet_day_day", "day"),
    )

    holder: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    allowed: Mapped[int] = mapped_column(SmallInteger)
    granted: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger)


class Booking(Base):
    """A computer is held from ``starts_at`` until ``ends_at``: sooner if somebody ends early or never comes.

    person_id, guest_id: who holds it; neither for a block, and after a while for anybody. how: it came to be
    (``block``: by staff, with ``words``, sealed; ``offer``: to whoever waited, until they take it). day: local, of
    ``starts_at``. held_until: it is free again then if nobody checked in. policy_from: which policy they agreed to at
    check-in, by its begin.
    request_key: of the form that was sent, so that it books once.
    """

    __tablename__ = "internet_booking"
    __table_args__ = (
        ExcludeConstraint(
            ("computer_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_internet_booking_one_on_a_computer",
        ),
        ExcludeConstraint(
            ("holder", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_internet_booking_one_at_a_time",
            where=text("holder is not null"),
        ),
        ForeignKeyConstraint(["holder", "day"], ["internet_day.holder", "internet_day.day"]),
        CheckConstraint("starts_at <= ends_at", name="span"),
        CheckConstraint("how in ('booked', 'now', 'offer', 'block')", name="how"),
        CheckConstraint("person_id is null or guest_id is null", name="one_holder"),
        CheckConstraint("how <> 'block' or (person_id is null and guest_id is null)", name="block"),
        CheckConstraint("(how = 'block') = (words is not null)", name="words"),
        CheckConstraint("(how = 'block') = (held_until is null)", name="held"),
        CheckConstraint("(checked_in_at is null) = (policy_from is null)", name="checked_in"),
        CheckConstraint("(ended_at is null) = (ended_why is null)", name="ended"),
        CheckConstraint(
            "ended_why in ('cancelled', 'missed', 'finished', 'by-staff', 'closed', 'out-of-order')", name="ended_why"
        ),
        Index("ix_internet_booking_ends_at", "ends_at"),
        Index(
            "ix_internet_booking_held_until",
            "held_until",
            postgresql_where=text("checked_in_at is null and ended_at is null"),
        ),
    )

    id: Mapped[Key]
    computer_id: Mapped[UUID] = mapped_column(ForeignKey("internet_computer.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    guest_id: Mapped[UUID | None] = mapped_column(ForeignKey("internet_guest.id", ondelete="SET NULL"), index=True)
    holder: Mapped[UUID | None] = mapped_column(Computed("coalesce(person_id, guest_id)", persisted=True))
    how: Mapped[str]
    words: Mapped[bytes | None]
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    policy_from: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    made_at: Mapped[datetime]
    by_staff: Mapped[bool]
    request_key: Mapped[UUID | None] = mapped_column(unique=True)


class Waiting(Base):
    """Somebody waits for a computer on a day, now. kind: None for any. left_at: they wait no more: they were offered
    ``booking_id``, or left.
    """

    __tablename__ = "internet_waiting"
    __table_args__ = (
        CheckConstraint(f"kind in {KINDS}", name="kind"),
        CheckConstraint("booking_id is null or left_at is not null", name="left"),
        Index("uq_internet_waiting_person_id", "person_id", unique=True, postgresql_where=text("left_at is null")),
        Index(
            "ix_internet_waiting_branch_id_asked_at", "branch_id", "asked_at", postgresql_where=text("left_at is null")
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id"))
    kind: Mapped[str | None]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[date]
    asked_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("internet_booking.id", ondelete="SET NULL"))


class Count(Base):
    """How often something happened at a branch in an hour of a local day, without who: ``turned-away`` (no computer was
    free), ``waited``, ``offer-missed``. hour: 0 to 23.
    """

    __tablename__ = "internet_count"
    __table_args__ = (
        CheckConstraint("hour between 0 and 23", name="hour"),
        CheckConstraint("what in ('turned-away', 'waited', 'offer-missed')", name="what"),
    )

    branch_id: Mapped[UUID] = mapped_column(ForeignKey("internet_branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class Program(Base):
    """The program that locks a computer: its credential. code_hash: of the code that enrols it, good until
    ``code_until``. key: sealed, what it signs with. counter: of its last request; a smaller one is a replay.
    """

    __tablename__ = "internet_program"
    __table_args__ = (CheckConstraint("(code_hash is null) = (code_until is null)", name="code"),)

    computer_id: Mapped[UUID] = mapped_column(ForeignKey("internet_computer.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    code_until: Mapped[datetime | None]
    key: Mapped[bytes | None]
    counter: Mapped[int] = mapped_column(BigInteger, server_default="0")
    enrolled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    is_locked: Mapped[bool | None]
    message: Mapped[bytes | None]
    message_until: Mapped[datetime | None]
