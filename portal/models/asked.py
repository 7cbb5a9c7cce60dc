"""What another system was asked to do and has not been heard to have done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class Asked(Base):
    """One write sent to another system. The row goes when its outcome is known, after 30 days at the latest.

    question: sealed; what is needed to find out later what became of it. about: HMAC of what may be asked for but once
    at a time, such as a loan; None if that doesn't matter.
    """

    __tablename__ = "asked"

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    act: Mapped[str]
    question: Mapped[bytes]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    about: Mapped[bytes | None] = mapped_column(unique=True)
