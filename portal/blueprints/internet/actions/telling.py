"""What people are told of their bookings, and of waiting, by e-mail: whoever has none reads it on their page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.standing import Held
from portal.messages import send
from portal.models import Channel, Contact, Person

News = Literal["internet-booked", "internet-moved", "internet-cancelled", "internet-offered"]
"""Booked or changed by themselves; moved to another computer by the library; cancelled by it; offered after waiting."""


def tell(db: Session, desk: Desk, news: News, held: Held, branch: BranchView, *, now: datetime) -> None:
    """Send somebody an e-mail about their booking, in the caller's transaction. Guests are told at the desk."""
    if held.holder is None or held.is_guest or not _has_email(db, held.holder):
        return
    fields = {
        "branch": branch.called(_language(db, held.holder)),
        "computer": held.computer,
        "starts": held.starts_at.isoformat(),
        "ends": held.ends_at.isoformat(),
        "held": (held.held_until or held.starts_at).isoformat(),
        "link": f"{desk.base_url}/internet/sessions/{held.id}",
    }
    send(db, person_id=held.holder, template=news, fields=fields, at=now, sealer=desk.sealer)


def tell_closed(db: Session, desk: Desk, person_id: UUID, branch: BranchView, *, now: datetime) -> None:
    """Tell somebody by e-mail, in the caller's transaction: the computers have stopped, they don't wait any more."""
    if not _has_email(db, person_id):
        return
    fields = {"branch": branch.called(_language(db, person_id)), "link": f"{desk.base_url}/internet"}
    send(db, person_id=person_id, template="internet-closed", fields=fields, at=now, sealer=desk.sealer)


def _language(db: Session, person_id: UUID) -> str:
    return db.execute(select(Person.language).where(Person.id == person_id)).scalar_one()


def _has_email(db: Session, person_id: UUID) -> bool:
    confirmed = select(Contact.id).where(
        Contact.person_id == person_id, Contact.channel == Channel.EMAIL, Contact.confirmed_at.is_not(None)
    )
    return db.execute(confirmed.limit(1)).one_or_none() is not None
