"""Sessions of browsers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class SignInSession(Base):
    """hash: SHA-256 of the 256 random bits in the cookie; whoever reads the table can't use them.

    id: names the session on the page of devices. person_id: None for a visitor who was shown a form.
    proven_at: when the person last proved who they are. level: how strongly.
    data: what the web keeps between two requests (CSRF secret, notifications); personal data only sealed.
    device: browser and system in words, such as "Firefox on Windows".
    help_id: the help that a member of staff gives in this session, and nothing else.
    """

    __tablename__ = "sign_in_session"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    level: Mapped[int]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    device: Mapped[str] = mapped_column(default="")
    help_id: Mapped[UUID | None] = mapped_column(ForeignKey("help.id", ondelete="CASCADE"))
