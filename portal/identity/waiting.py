"""Changes of contact that staff made for a resident. They wait: for the resident's word, or until a day has come.

Nothing here commits: each function works in its caller's transaction, and what changes something writes its audit
record there. ``docs/decisions/0126-told-of-help.md`` says why it is so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.identity import codes, contacts, helping, resets
from portal.identity.contacts import LastOne, Taken, Way
from portal.identity.mailing import Mailing, told_by
from portal.models import Channel, Contact, ContactChange
from portal.party import Party

WAITS = timedelta(days=3)
BY_POST = timedelta(days=4)
"""So much longer where only a letter tells of it: it must have come before the three days begin."""
REFUSE = "account.contact.refuse"


class Kind(StrEnum):
    ADD = "add"
    REMOVE = "remove"


_ACTS = {Kind.ADD: contacts.ADD, Kind.REMOVE: contacts.REMOVE}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits. takes_effect_at: None where only the resident's own word counts. help_id: it was made in."""

    kind: Kind
    takes_effect_at: datetime | None
    help_id: UUID

    def can_be_taken_back(self, help_id: UUID | None) -> bool:
        """Tell whether staff may undo it at once: an address that they added in the same help, perhaps mistyped."""
        return self.kind is Kind.ADD and self.help_id == help_id


def begin(db: Session, mailing: Mailing, party: Party, way: Way, kind: Kind, *, zone: ZoneInfo, at: datetime) -> None:
    """Let a change wait, and tell the resident by their old contacts. One that waits already goes on as it was.

    party: in a help. zone: the council's, for the day that the message names.
    """
    help_id, ways = helping.of(party), contacts.of_person(db, party.subject)
    takes_effect_at = _takes_effect_at(told_by(ways), at)
    waits = insert(ContactChange).values(
        id=uuid4(),
        contact_id=way.id,
        help_id=help_id,
        kind=kind,
        asked_at=at,
        takes_effect_at=takes_effect_at,
    )
    if db.execute(waits.on_conflict_do_nothing().returning(ContactChange.id)).one_or_none() is None:
        return
    fields = {"link": mailing.link("/account/contacts")}
    if takes_effect_at:
        fields["day"] = takes_effect_at.astimezone(zone).date().isoformat()
    mailing.tell(db, party.subject, ways, "contact-change-waits", fields, at=at)
    _note(db, mailing, help_id, way, kind, what=_ACTS[kind], at=at)


def _takes_effect_at(told: Sequence[Way], at: datetime) -> datetime | None:
    if not told:
        return None
    return at + WAITS + (BY_POST if told[0].channel is Channel.POST else timedelta(0))


def of_person(db: Session, person_id: UUID) -> dict[UUID, Waiting]:
    """Return what waits, by the ids of the contacts."""
    found = (
        select(ContactChange.contact_id, ContactChange.kind, ContactChange.takes_effect_at, ContactChange.help_id)
        .join(Contact, Contact.id == ContactChange.contact_id)
        .where(Contact.person_id == person_id)
    )
    return {contact: Waiting(Kind(kind), moment, help_id) for contact, kind, moment, help_id in db.execute(found)}


def end(db: Session, contact: UUID) -> bool:
    """Let a change of this contact wait no longer: it has come into effect, or won't. False if none waits."""
    ended = delete(ContactChange).where(ContactChange.contact_id == contact).returning(ContactChange.id)
    return db.execute(ended).one_or_none() is not None


def refuse(db: Session, party: Party, contact: UUID, kind: Kind, *, at: datetime) -> bool:
    """Leave everything as it was, because the resident says so. False if it waits no longer."""
    if not end(db, contact):
        return False
    if kind is Kind.ADD:
        contacts.forget(db, contact)
    record(db, party, REFUSE, at=at, object=f"contact:{contact}", kind=kind.value)
    return True


def due(db: Session, *, at: datetime) -> Sequence[UUID]:
    """Return the ids of the contacts whose change is to take effect, the longest due first."""
    found = select(ContactChange.contact_id).where(ContactChange.takes_effect_at <= at)
    return db.scalars(found.order_by(ContactChange.takes_effect_at)).all()


def take_effect(db: Session, mailing: Mailing, contact: UUID, *, at: datetime) -> None:
    """Make a change that is due, once, and tell the contacts that there were before. One that can't be made any more
    ends, and the resident is told that.
    """
    row = _claim(db, contact, at=at)
    if row is None:
        return
    ways, kind = contacts.of_person(db, row.person_id), Kind(row.kind)
    way = next(way for way in ways if way.id == contact)
    try:
        _make(db, row.person_id, way, kind, at=at)
    except (Taken, LastOne):
        outcome = "not-possible"
        _give_up(db, way, kind)
        mailing.tell(
            db, row.person_id, ways, "contact-change-not-made", {"link": mailing.link("/account/contacts")}, at=at
        )
    else:
        outcome = "done"
        _note(db, mailing, row.help_id, way, kind, what=f"{_ACTS[kind]}.made", at=at)
        mailing.tell(db, row.person_id, ways, "sign-in-method-changed", {"address": mailing.link("/account")}, at=at)
    record(
        db,
        None,
        _ACTS[kind],
        at=at,
        object=f"contact:{contact}",
        outcome=outcome,
        authority=f"help:{row.help_id}",
        subject=row.person_id,
    )


def _claim(db: Session, contact: UUID, *, at: datetime) -> Row[UUID, UUID, str] | None:
    """Return whose change it is, from which help, and which; None if another worker makes it, or nothing is due."""
    claimed = (
        select(Contact.person_id, ContactChange.help_id, ContactChange.kind)
        .join(Contact, Contact.id == ContactChange.contact_id)
        .where(ContactChange.contact_id == contact, ContactChange.takes_effect_at <= at)
        .with_for_update(of=ContactChange, skip_locked=True)
    )
    return db.execute(claimed).one_or_none()


def _make(db: Session, person_id: UUID, way: Way, kind: Kind, *, at: datetime) -> None:
    """Raises Taken, LastOne."""
    if kind is Kind.ADD:
        contacts.mark_confirmed(db, person_id, way.id, at=at)
        end(db, way.id)
    else:
        contacts.may_go(db, person_id, way.id)
        contacts.forget(db, way.id)
        codes.void(db, resets.PURPOSE, at=at, person_id=person_id)


def _give_up(db: Session, way: Way, kind: Kind) -> None:
    """Leave no address behind that can never be confirmed."""
    end(db, way.id)
    if kind is Kind.ADD:
        contacts.forget(db, way.id)


def _note(db: Session, mailing: Mailing, help_id: UUID, way: Way, kind: Kind, *, what: str, at: datetime) -> None:
    old, new = (None, way.value) if kind is Kind.ADD else (way.value, None)
    helping.note_for(db, mailing.sealer, help_id, what, old=old, new=new, at=at)
