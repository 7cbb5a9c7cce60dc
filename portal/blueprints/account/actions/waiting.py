"""Changes of contact that staff make for a resident: they wait, and the resident says yes or no."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account import rules
from portal.blueprints.account.actions.changing import CONFIRM, remove_contact, send_link
from portal.db import committing
from portal.identity import contacts, helping, waiting
from portal.identity.contacts import Way
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttle
from portal.identity.waiting import Kind
from portal.models import Channel
from portal.party import Party

log = structlog.get_logger(__name__)

OUTCOME = "waits"


class Removal(StrEnum):
    WAITS = "waits"
    TAKEN_BACK = "taken-back"


class NotWaiting(Exception):
    """No such change waits: there was none, or it has come to its end meanwhile."""


def ask_to_add(
    db: Session,
    throttle: Throttle,
    mailing: Mailing,
    party: Party,
    *,
    email: str,
    address: str,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Let a new address wait. Nothing is sent to it. party: in a help. address: of the network. zone: the council's.

    Raises Throttled, contacts.Known: also of one that isn't confirmed yet, whose link goes on being good.
    """
    throttle.ask(db, rules.of_message(throttle, CONFIRM, name=email, address=address), at=now)
    with committing(db):
        if email.lower() in (way.value.lower() for way in contacts.of_person(db, party.subject)):
            raise contacts.Known
        contact = contacts.add_email(db, party, email, at=now)
        way = Way(contact, Channel.EMAIL, email, confirmed=False)
        waiting.begin(db, mailing, party, way, Kind.ADD, zone=zone, at=now)
        record(db, party, contacts.ADD, at=now, outcome=OUTCOME, channel=Channel.EMAIL.value)


def ask_to_remove(
    db: Session, mailing: Mailing, party: Party, contact: UUID, *, zone: ZoneInfo, now: datetime
) -> Removal | None:
    """Let the removal of a contact wait, whether it is confirmed or not; an address that was added in the same help is
    taken back at once. None if there is no such contact.

    party: in a help. zone: the council's. Raises contacts.LastOne.
    """
    with committing(db):
        way = contacts.may_go(db, party.subject, contact)
        if way is None:
            return None
        change = waiting.of_person(db, party.subject).get(contact)
        if change is None or not change.can_be_taken_back(party.help):
            waiting.begin(db, mailing, party, way, Kind.REMOVE, zone=zone, at=now)
            record(
                db,
                party,
                contacts.REMOVE,
                at=now,
                object=f"contact:{contact}",
                outcome=OUTCOME,
                channel=way.channel.value,
            )
            return Removal.WAITS
        contacts.remove(db, party, contact, at=now)
        helping.note_change(db, mailing.sealer, party, f"{contacts.REMOVE}.made", old=way.value, new=None, at=now)
        return Removal.TAKEN_BACK


def say_yes(
    db: Session, throttle: Throttle, mailing: Mailing, party: Party, contact: UUID, *, address: str, now: datetime
) -> Kind:
    """Make a change that waits because the resident says so: remove the contact; send a link to a new address, which
    has to show that it reaches them.

    address: of the network. Raises NotWaiting, Throttled, contacts.LastOne.
    """
    kind, way = _waiting(db, party, contact)
    db.rollback()
    if kind is Kind.REMOVE:
        if not remove_contact(db, mailing, party, contact, now=now):
            raise NotWaiting
        return kind
    throttle.ask(db, rules.of_message(throttle, CONFIRM, name=way.value, address=address), at=now)
    with committing(db):
        send_link(db, mailing, party, contact, way.value, now=now)
        record(db, party, contacts.ADD, at=now, object=f"contact:{contact}", channel=way.channel.value)
    return kind


def say_no(db: Session, party: Party, contact: UUID, *, now: datetime) -> None:
    """Leave everything as it was. Raises NotWaiting."""
    with committing(db):
        kind, _ = _waiting(db, party, contact)
        if not waiting.refuse(db, party, contact, kind, at=now):
            raise NotWaiting


def make_due(db: Session, mailing: Mailing, *, now: datetime) -> None:
    """Make the changes that have waited long enough, each in a commit of its own. For a job. One that fails is logged,
    and tried again at the next run.
    """
    due = waiting.due(db, at=now)
    db.rollback()
    for contact in due:
        try:
            with committing(db):
                waiting.take_effect(db, mailing, contact, at=now)
        except Exception:  # whatever it is, the others are made
            log.exception("contact_change.not_made", contact_id=str(contact))


def _waiting(db: Session, party: Party, contact: UUID) -> tuple[Kind, Way]:
    found = waiting.of_person(db, party.subject).get(contact)
    way = next((way for way in contacts.of_person(db, party.subject) if way.id == contact), None)
    if found is None or way is None:
        raise NotWaiting
    return found.kind, way
