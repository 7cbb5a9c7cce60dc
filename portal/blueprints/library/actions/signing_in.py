"""Signing in with a library card and its PIN: the weakest way in, to that card and nothing else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.library import queries
from portal.blueprints.library.actions import checking
from portal.blueprints.library.actions.checking import Read
from portal.blueprints.library.actions.connecting import add_own
from portal.blueprints.library.rules.desk import Desk
from portal.connectors.calling import Deadline
from portal.connectors.errors import Refused
from portal.connectors.library import Account, Card
from portal.db import committing
from portal.identity import persons
from portal.identity.sessions import Holder
from portal.identity.throttle import Throttle
from portal.party import Level, Party


@dataclass(frozen=True, slots=True)
class SignedIn:
    """holder: who is signed in. card: the id of the one that they signed in with."""

    holder: Holder
    card: UUID


def sign_in(
    db: Session,
    desk: Desk,
    throttle: Throttle,
    card: Card,
    *,
    address: str,
    language: str,
    nameless: str,
    deadline: Deadline,
    now: datetime,
) -> SignedIn:
    """Return whose own card this is; one that nobody has connected makes an account with this one way in.

    A child's card that an adult has connected is nobody's own: it never signs the adult in. address: of the network.
    nameless: what somebody is called whose name the library doesn't say. Raises Throttled, Refused, Unavailable,
    Garbled.
    """
    try:
        account = checking.check(db, desk, throttle, card, address=address, deadline=deadline, now=now)
    except Refused:
        with committing(db):
            subject = queries.owner(db, desk, card.number)
            record(db, None, "sign-in.card", at=now, outcome="refused", authority="unknown", subject=subject)
        raise
    known = _known(db, desk, card, now=now)
    if known:
        return known
    read = checking.first_read(desk, card, deadline=deadline)
    try:
        return _begin(db, desk, card, account, read, language=language, nameless=nameless, now=now)
    except IntegrityError:  # another request with the same card was quicker
        signed_in = _known(db, desk, card, now=now)
        if signed_in is None:
            raise
        return signed_in


def keep_pin(db: Session, desk: Desk, signed_in: SignedIn, pin: str, *, session: UUID) -> None:
    """Keep the PIN for as long as the session that was begun with it, where the library system can't do without."""
    with committing(db):
        checking.keep_pin(db, desk, signed_in.card, pin, session=session)


def _known(db: Session, desk: Desk, card: Card, *, now: datetime) -> SignedIn | None:
    """Return who has connected the card as their own."""
    with committing(db):
        owner = queries.owner(db, desk, card.number)
        account = persons.by_id(db, owner) if owner else None
        own = queries.own_card(db, owner) if owner else None
        if account is None or own is None:
            return None
        record(db, _themselves(account.id), "sign-in.card", at=now)
        return SignedIn(account.holder(), own)


def _begin(
    db: Session,
    desk: Desk,
    card: Card,
    account: Account,
    read: Read | None,
    *,
    language: str,
    nameless: str,
    now: datetime,
) -> SignedIn:
    with committing(db):
        person = persons.add(db, name=account.name or nameless, language=language, at=now)
        party = _themselves(person.id)
        connected = add_own(db, desk, party, card, now=now)
        if read:
            checking.keep(db, desk, connected.link, read, is_own=True)
        record(db, party, "sign-in.card", at=now, first=True)
    return SignedIn(person.holder(), connected.id)


def _themselves(person_id: UUID) -> Party:
    return Party(subject=person_id, actor=person_id, level=Level.LOW)
