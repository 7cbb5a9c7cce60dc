"""Ways to reach a person. A confirmed e-mail address is also a name to sign in with.

Nothing here commits: each function works in its caller's transaction, and what changes something writes its audit
record there.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.models import Channel, Contact, Password
from portal.party import Party

ADD, CONFIRM, REMOVE = "account.contact.add", "account.contact.confirm", "account.contact.remove"
"""Acts of the audit."""


class LastOne(Exception):
    """Without this contact the person could not be reached, or could not sign in."""


class Taken(Exception):
    """The address is another account's."""


class Known(Exception):
    """The person has confirmed this address already."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person. value: as ``Contact.value``."""

    id: UUID
    channel: Channel
    value: str
    confirmed: bool


def of_person(db: Session, person_id: UUID) -> list[Way]:
    """Return all contacts of a person, oldest first."""
    rows = db.execute(
        select(Contact.id, Contact.channel, Contact.value, Contact.confirmed_at.is_not(None))
        .where(Contact.person_id == person_id)
        .order_by(Contact.created_at, Contact.id)
    )
    return [Way(contact, Channel(channel), value, confirmed) for contact, channel, value, confirmed in rows]


def is_taken(db: Session, email: str) -> bool:
    """Tell whether an address is confirmed, whosever it is."""
    return (
        db.execute(select(Contact.id).where(*_is(email), Contact.confirmed_at.is_not(None))).one_or_none() is not None
    )


def add_email(db: Session, party: Party, email: str, *, at: datetime) -> UUID:
    """Note an address that isn't confirmed yet and return its contact's id. Raises Known.

    It is noted even if it is another account's: what a person sees of their own contacts tells nothing of others.
    """
    own = (*_is(email), Contact.person_id == party.subject)
    if db.execute(select(Contact.id).where(*own, Contact.confirmed_at.is_not(None))).one_or_none():
        raise Known
    db.execute(delete(Contact).where(*own))
    contact = uuid4()
    db.execute(
        insert(Contact).values(
            id=contact, person_id=party.subject, channel=Channel.EMAIL, value=email, created_at=at, confirmed_at=None
        )
    )
    return contact


def confirm(db: Session, party: Party, contact: UUID, *, at: datetime) -> bool:
    """Note that the address reaches the person. False if they have no such contact. Raises Taken."""
    found = mark_confirmed(db, party.subject, contact, at=at)
    if found:
        record(db, party, CONFIRM, at=at, object=f"contact:{contact}")
    return found


def mark_confirmed(db: Session, person_id: UUID, contact: UUID, *, at: datetime) -> bool:
    """As ``confirm``, without a record: whoever calls it writes their own."""
    confirmed = (
        update(Contact)
        .where(Contact.id == contact, Contact.person_id == person_id)
        .values(confirmed_at=func.coalesce(Contact.confirmed_at, at))
    )
    try:
        with db.begin_nested():
            found = db.execute(confirmed.returning(Contact.id)).one_or_none()
    except IntegrityError:
        raise Taken from None
    return found is not None


def remove(db: Session, party: Party, contact: UUID, *, at: datetime) -> bool:
    """Forget a contact. False if the person has no such contact. Raises LastOne."""
    going = may_go(db, party.subject, contact)
    if going is None:
        return False
    forget(db, contact)
    record(db, party, REMOVE, at=at, object=f"contact:{contact}", channel=going.channel.value)
    return True


def may_go(db: Session, person_id: UUID, contact: UUID) -> Way | None:
    """Return a contact that can be done without; None if the person has no such contact. Raises LastOne."""
    ways = of_person(db, person_id)
    going = next((way for way in ways if way.id == contact), None)
    if going is None:
        return None
    staying = [way for way in ways if way.id != contact and way.confirmed]
    if going.confirmed and not (staying and _has_name(db, person_id, staying)):
        raise LastOne
    return going


def forget(db: Session, contact: UUID) -> None:
    """Delete a contact, without a record: whoever calls it writes their own."""
    db.execute(delete(Contact).where(Contact.id == contact))


def _is(email: str) -> tuple[ColumnElement[bool], ...]:
    return Contact.channel == Channel.EMAIL, func.lower(Contact.value) == func.lower(email)


def _has_name(db: Session, person_id: UUID, ways: list[Way]) -> bool:
    """Tell whether the person could still say who they are when signing in."""
    if any(way.channel is Channel.EMAIL for way in ways):
        return True
    username = select(Password.username).where(Password.person_id == person_id)
    return db.execute(username).scalar_one_or_none() is not None
