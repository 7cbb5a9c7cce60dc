"""Somebody whom staff registered and who never got in is sent the way to sign in again; what was sent before stops."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.assist.actions.registering import REGISTERED
from portal.blueprints.assist.rules import How
from portal.db import committing
from portal.identity import codes, contacts, persons, protected, resets, waiting
from portal.identity.contacts import Way
from portal.identity.finding import Finder
from portal.identity.mailing import Mailing
from portal.models import AuditEvent, Channel, Link
from portal.party import Level, Party


class Reason(StrEnum):
    NOT_WAITING = "not-waiting"
    """Staff didn't register them, or they have got in since."""
    ON_ITS_WAY = "on-its-way"
    """A letter is: another one would void its code."""
    NO_ADDRESS = "no-address"
    """The address that it went to isn't theirs any more."""
    EMAIL_TAKEN = "email-taken"
    TOO_WEAK = "too-weak"
    """They were registered by a document that proves more."""


class NotSent(Exception):
    """Nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Corrected:
    """Another e-mail address than the one that was typed at first. how: it is known who gives it, at the desk."""

    email: str = field(repr=False)
    how: How


def waits_by(db: Session, person: UUID) -> Channel | None:
    """Return by what somebody was sent the way to sign in whom staff registered; None for anybody else, and once they
    have a password or a confirmed e-mail address.
    """
    account = persons.by_id(db, person)
    if account is None or persons.has_own_way_in(db, person) or not _was_registered(db, person):
        return None
    return Channel.POST if account.username else Channel.EMAIL


def send_again(
    db: Session,
    mailing: Mailing,
    finders: Sequence[Finder],
    party: Party,
    person: UUID,
    *,
    corrected: Corrected | None,
    now: datetime,
) -> Channel:
    """Send it to where it went before, or to another e-mail address; return by what.

    Raises NotSent, protected.Protected.
    """
    over = replace(party, subject=person)
    with committing(db):
        protected.expect_open(db, finders, party.actor, person, at=now)
        is_recent = codes.was_issued(db, resets.PURPOSE, person, after=now - resets.NEXT_LETTER)
        codes.void(db, resets.PURPOSE, at=now, person_id=person)  # nobody gets in by it between what follows
        by = waits_by(db, person)
        if by is Channel.EMAIL:
            _by_email(db, mailing, over, corrected, now=now)
        elif by is Channel.POST and not is_recent:
            _by_letter(db, mailing, person, now=now)
        else:
            raise NotSent(Reason.ON_ITS_WAY if by else Reason.NOT_WAITING)
        how = corrected.how.value if corrected else ""
        record(db, over, "person.welcome", at=now, object=f"person:{person}", channel=by.value, how=how)
    return by


def _was_registered(db: Session, person: UUID) -> bool:
    registered = select(AuditEvent.id).where(AuditEvent.subject_id == person, AuditEvent.act == REGISTERED)
    return db.execute(registered.limit(1)).first() is not None


def _by_letter(db: Session, mailing: Mailing, person: UUID, *, now: datetime) -> None:
    account, to = persons.by_id(db, person), resets.where_to(db, person)
    if account is None or to is None:
        raise NotSent(Reason.NO_ADDRESS)
    username = account.username or ""
    resets.welcome_by_letter(db, mailing, person_id=person, address=to[1], username=username, at=now)


def _by_email(db: Session, mailing: Mailing, over: Party, corrected: Corrected | None, *, now: datetime) -> None:
    before = _sent_to(db, over.subject)
    email = corrected.email if corrected else before.value if before else None
    if email is None:
        raise NotSent(Reason.NO_ADDRESS)
    if contacts.is_taken(db, email):
        raise NotSent(Reason.EMAIL_TAKEN)
    if corrected and corrected.how.level < _proven(db, over.subject):
        raise NotSent(Reason.TOO_WEAK)
    ways = contacts.of_person(db, over.subject)
    if before:
        contacts.forget(db, before.id)
    contact = contacts.add_email(db, over, email, at=now)
    resets.welcome_by_email(db, mailing, person_id=over.subject, contact=contact, email=email, at=now)
    details = persons.details(db, over.subject)
    if corrected and details and not details.restricted:  # a letter: nothing else is confirmed, and others may open it
        fields = {"address": mailing.link("/account")}
        mailing.tell(db, over.subject, ways, "sign-in-method-changed", fields, at=now)


def _sent_to(db: Session, person: UUID) -> Way | None:
    """Return the address that the link went to; one that was added in a help meanwhile isn't it."""
    added = waiting.of_person(db, person)
    emails = (way for way in contacts.of_person(db, person) if way.channel is Channel.EMAIL)
    return next((way for way in emails if way.id not in added), None)


def _proven(db: Session, person: UUID) -> Level:
    """Return how strongly it was proven that the record which they were registered by is theirs."""
    level = select(func.max(Link.level)).where(Link.person_id == person, Link.how == "staff", Link.ended_at.is_(None))
    return Level(db.scalar(level) or Level.LOW)
