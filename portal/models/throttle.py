"""Counters of tries, shared by all processes."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Attempt(Base):
    """How often something was tried in one window of time. key: HMAC of what is counted; holds no address or name."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_window_ends_at", "window_ends_at"),)

    key: Mapped[bytes] = mapped_column(primary_key=True)
    tries: Mapped[int]
    window_ends_at: Mapped[datetime]
