"""How other systems do, as the portal's processes last heard."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class OutsideSystem(Base):
    """answered_at: when it last answered, whatever it said. failed_at, failure: when it last didn't, and its code."""

    __tablename__ = "outside_system"
    __table_args__ = (CheckConstraint("(failed_at is null) = (failure is null)", name="failed"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    answered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]
