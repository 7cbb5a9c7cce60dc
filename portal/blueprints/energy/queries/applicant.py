"""What the account knows of somebody who applies: their name, and how to reach them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.models import Channel, Contact, Person
from portal.party import Party


@dataclass(frozen=True, slots=True)
class Applicant:
    """ways: the contact that was confirmed first, of each kind."""

    name: str
    ways: Mapping[Channel, str]


def applicant(db: Session, party: Party) -> Applicant:
    """Return the name and the confirmed contacts of the party's subject."""
    confirmed = and_(Contact.person_id == Person.id, Contact.confirmed_at.is_not(None))
    rows = db.execute(
        select(Person.name, Contact.channel, Contact.value)
        .outerjoin(Contact, confirmed)
        .where(Person.id == party.subject)
        .order_by(Contact.confirmed_at.desc(), Contact.id)
    ).all()
    return Applicant(rows[0].name, {Channel(row.channel): row.value for row in rows if row.channel})
