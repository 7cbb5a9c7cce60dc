"""What residents let energy help keep of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class EnergyCheck(Base):
    """The last check that a person chose to keep. answers: sealed. with_health: what was said of health is in them.

    look_again_on: when something may change, and look_again_for: why; None where nothing is known that would.
    """

    __tablename__ = "energy_check"
    __table_args__ = (
        CheckConstraint("look_again_for in ('season', 'birthday')", name="look_again_for"),
        CheckConstraint("(look_again_on is null) = (look_again_for is null)", name="look_again"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kept_at: Mapped[datetime]
    answers: Mapped[bytes]
    with_health: Mapped[bool]
    look_again_on: Mapped[date | None]
    look_again_for: Mapped[str | None]


class EnergyPermission(Base):
    """Whether energy help may use what other services know of a person. No row: they weren't asked, or took it back."""

    __tablename__ = "energy_permission"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    given: Mapped[bool]
    at: Mapped[datetime]
