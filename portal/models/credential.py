"""What a person signs in with. Nothing here can be read back: hashes, or values sealed with a key kept elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Password(Base):
    """username: for people without e-mail; anybody may have one. Letters' case doesn't count.

    hash: argon2id in PHC string format, with its parameters, so that they can be raised.
    """

    __tablename__ = "password"
    __table_args__ = (Index("uq_password_username", text("lower(username)"), unique=True),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str | None]
    hash: Mapped[str | None]
    changed_at: Mapped[datetime]


class TotpSecret(Base):
    """secret: sealed. last_step: number of the last time step whose code was used; a code counts once (RFC 6238, 5.2).

    confirmed_at: None while it is being set up.
    """

    __tablename__ = "totp_secret"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for somebody who lost their authenticator; each works once.

    hash: SHA-256 of the person and the code (140 random bits).
    """

    __tablename__ = "recovery_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]


class OneTimeCode(Base):
    """A code that was sent to somebody and works once.

    purpose: ``register``, ``reset``, ``contact``, ``invite-staff``, or a service's own, such as
    ``rent.activate``.
    hash: SHA-256 of the purpose and the code. details: what it opens, for the purpose to read; nothing personal.
    name: the first letters of a code that a person types; they tell whose a wrongly typed one was meant to be.
    tries_left: wrong tries that remain. Both None for long tokens in links.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (CheckConstraint("tries_left >= 0", name="tries_left"),)

    id: Mapped[Key]
    purpose: Mapped[str]
    hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    details: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    name: Mapped[str | None] = mapped_column(index=True)
    tries_left: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
