"""What a tenant of the council's told it as their landlord about works on the home."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class EnergyWorks(Base):
    """An answer about works under one scheme; rows are added, and taken back. interested: would like it. agrees: to the
    works being done; needs interest. home: the address that it is about, sealed. signed_as: the name under it, sealed.
    words: what was read, and the answer to it last, a line for each paragraph.

    actor_id: who pressed the button. help_id: of a member of staff who read it out.
    """

    __tablename__ = "energy_works"
    __table_args__ = (
        CheckConstraint("interested or not agrees", name="agrees"),
        Index(
            "uq_energy_works_person_id_scheme",
            "person_id",
            "scheme",
            unique=True,
            postgresql_where=text("taken_back_at is null"),
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    scheme: Mapped[str]
    edition: Mapped[str]
    interested: Mapped[bool]
    agrees: Mapped[bool]
    home: Mapped[bytes]
    signed_as: Mapped[bytes]
    words: Mapped[str]
    language: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    help_id: Mapped[UUID | None] = mapped_column(ForeignKey("help.id", ondelete="SET NULL"))
    taken_back_at: Mapped[datetime | None]
