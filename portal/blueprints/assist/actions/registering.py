"""Somebody without an account is registered by staff, at the desk or by phone, in one commit with its record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.assist.rules import How, of_identifying
from portal.db import committing
from portal.identity import contacts, finding, links, persons, protected, resets
from portal.identity.finding import Finder, Somebody
from portal.identity.identifying import NEEDED, Identifying, Question
from portal.identity.links import AlreadyLinked
from portal.identity.mailing import Mailing
from portal.identity.persons import Account, BadUsername, NameTaken
from portal.identity.throttle import Throttle
from portal.models import Channel
from portal.party import Party

REGISTERED = "person.register"
"""Act of the audit."""


class Reason(StrEnum):
    GONE = "gone"
    """Nobody holds the row any more."""
    REGISTERED = "registered"
    """Whoever holds the row has an account."""
    PROTECTED = "protected"
    """They are near to the member of staff."""
    EMAIL_TAKEN = "email-taken"
    USERNAME_TAKEN = "username-taken"
    BAD_USERNAME = "bad-username"
    BY_LETTER = "by-letter"
    """Who was asked by phone gets a letter: whoever knew the answers isn't at the record's address for that."""
    NO_ADDRESS = "no-address"
    """They have no e-mail, and the record has no address for a letter."""


class NotRegistered(Exception):
    """Nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who gets an account. holder: id of the service's row that is theirs; None for somebody whom no record names.

    name, address: as typed, for these alone. email: None if they have none; then they sign in by username.
    """

    how: How
    language: str
    email: str | None = field(repr=False)
    username: str | None = field(repr=False)
    holder: UUID | None = None
    name: str = field(default="", repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)


def holder(db: Session, finders: Sequence[Finder], party: Party, holder_id: UUID, *, now: datetime) -> Somebody:
    """Return who holds a service's row and has no account. Raises NotRegistered (GONE, REGISTERED, PROTECTED)."""
    one = finding.holder(db, finders, holder_id, at=now)
    if one is None or one.holder is None:
        raise NotRegistered(Reason.GONE)
    if protected.near(db, finders, party.actor, at=now).why(one):
        raise NotRegistered(Reason.PROTECTED)
    if one.person:
        raise NotRegistered(Reason.REGISTERED)
    return one


def identify(
    db: Session,
    throttle: Throttle,
    identifying: Identifying,
    party: Party,
    *,
    who: tuple[str, UUID],
    answers: Mapping[Question, str],
    now: datetime,
) -> bool:
    """Tell whether somebody on the phone knows enough of what a record holds. who: service and id of its row.

    Nobody is told how much was right. Raises Throttled: wrong ones count.
    """
    service, row = who
    limits = of_identifying(party.actor, row)
    throttle.ask(db, limits, at=now)
    with committing(db):
        is_enough = identifying.count_right(db, row, answers) >= NEEDED
        if is_enough:
            throttle.give_back(db, limits)
        outcome = "done" if is_enough else "refused"
        asked = " ".join(sorted(answers))
        record(
            db,
            party,
            "assist.identify",
            at=now,
            object=f"{service}:{row}",
            outcome=outcome,
            authority="staff",
            asked=asked,
        )
    return is_enough


def register(
    db: Session, mailing: Mailing, finders: Sequence[Finder], party: Party, newcomer: Newcomer, *, now: datetime
) -> UUID:
    """Make an account, connect it to the record that is theirs, and send them the way to sign in; return its id.

    Raises NotRegistered.
    """
    with committing(db):
        one = _who(db, finders, party, newcomer, now=now)
        account = _account(db, one, newcomer, now=now)
        over = replace(party, subject=account.id)
        record(db, over, REGISTERED, at=now, object=f"person:{account.id}", how=newcomer.how.value)
        _connect(db, over, one, newcomer.how, now=now)
        if one.address:
            persons.add_postal_address(db, account.id, list(one.address), at=now)
        _welcome(db, mailing, over, one, newcomer, now=now)
    return account.id


def _who(db: Session, finders: Sequence[Finder], party: Party, newcomer: Newcomer, *, now: datetime) -> Somebody:
    if newcomer.holder:
        return holder(db, finders, party, newcomer.holder, now=now)
    one = Somebody(person=None, name=newcomer.name, born_on=None, address=newcomer.address)
    if protected.near(db, finders, party.actor, at=now).why(one):
        raise NotRegistered(Reason.PROTECTED)
    return one


def _account(db: Session, one: Somebody, newcomer: Newcomer, *, now: datetime) -> Account:
    if newcomer.email and newcomer.how is How.PHONE:
        raise NotRegistered(Reason.BY_LETTER)
    if newcomer.email and contacts.is_taken(db, newcomer.email):
        raise NotRegistered(Reason.EMAIL_TAKEN)
    if not newcomer.email and not one.address:
        raise NotRegistered(Reason.NO_ADDRESS)
    try:
        return persons.add(db, name=one.name, language=newcomer.language, username=newcomer.username, at=now)
    except BadUsername:
        raise NotRegistered(Reason.BAD_USERNAME) from None
    except NameTaken:
        raise NotRegistered(Reason.USERNAME_TAKEN) from None


def _connect(db: Session, over: Party, one: Somebody, how: How, *, now: datetime) -> None:
    if one.holder is None:
        return
    service, row = one.holder
    try:
        links.create(db, over, service=service, target=row, how="staff", level=how.level, at=now)
    except AlreadyLinked:  # a colleague was quicker
        raise NotRegistered(Reason.REGISTERED) from None


def _welcome(db: Session, mailing: Mailing, over: Party, one: Somebody, newcomer: Newcomer, *, now: datetime) -> None:
    """Send a link to the e-mail address, which only its owner confirms; else a letter.

    Where a record has their address, a letter tells them there of an account with an e-mail address: a document may be
    false, or another's, and whoever shows it chooses the e-mail address.
    """
    address = "\n".join(one.address)
    if newcomer.email:
        contact = contacts.add_email(db, over, newcomer.email, at=now)
        resets.welcome_by_email(db, mailing, person_id=over.subject, contact=contact, email=newcomer.email, at=now)
        if one.holder and address:
            mailing.send(db, "account-noted", {}, to=(Channel.POST, address), person_id=over.subject, at=now)
    else:
        username = newcomer.username or ""
        resets.welcome_by_letter(db, mailing, person_id=over.subject, address=address, username=username, at=now)
