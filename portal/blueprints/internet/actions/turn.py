"""Who acts on whose bookings, when, with what."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import audit
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.kinds import Holder
from portal.party import Party


@dataclass(frozen=True, slots=True)
class Turn:
    """holder: whose bookings. party: who acts for them; None where a guest does, with a ticket. by_staff: at the desk,
    where more is possible than on the page. by_program: at the computer itself, which doesn't know who sits there.
    """

    db: Session
    desk: Desk
    holder: Holder
    party: Party | None
    now: datetime
    by_staff: bool = False
    by_program: bool = False

    @property
    def today(self) -> date:
        return self.desk.where.day(self.now)

    def record(self, act: str, booking_id: UUID) -> None:
        """Add the audit record of what is done to a booking, in the transaction under way."""
        authority = None if self.party else "program" if self.by_program else "guest"
        subject = self.holder.id if self.by_program and not self.holder.is_guest else None
        object = f"internet.booking:{booking_id}"  # noqa: A001 -- as the audit calls it
        audit.record(self.db, self.party, act, at=self.now, object=object, authority=authority, subject=subject)
