"""Connecting cards with their PIN, one's own and children's, and disconnecting them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.library import queries
from portal.blueprints.library.actions import checking
from portal.blueprints.library.actions.settling import settle_all
from portal.blueprints.library.models import LibraryCard
from portal.blueprints.library.rules.cards import birthday
from portal.blueprints.library.rules.desk import SERVICE, Desk
from portal.connectors.calling import Deadline
from portal.connectors.library import Account, Card
from portal.db import committing
from portal.identity import helping, links, persons
from portal.identity.links import AlreadyLinked
from portal.identity.throttle import Throttle
from portal.party import Level, Party
from portal.sealed import Sealer


class HasOwnCard(Exception):
    """The person has connected another card as their own."""


class OfAnother(Exception):
    """Somebody else, who signs in another way as well, has connected the card as their own."""


class BirthDateNeeded(Exception):
    """The library doesn't say when the child was born."""


class TooOld(Exception):
    """The child is too old for others to see its card. on: the birthday from which on it was."""

    def __init__(self, on: date) -> None:
        super().__init__("too old")
        self.on = on


@dataclass(frozen=True, slots=True)
class Child:
    """name: as whoever connects the card calls the child. born_on: what they say; the library knows better."""

    name: str = field(repr=False)
    born_on: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Added:
    """A card that was just connected, and the link that it hangs on."""

    id: UUID
    link: UUID


def connect(
    db: Session,
    desk: Desk,
    throttle: Throttle,
    party: Party,
    card: Card,
    *,
    child: Child | None,
    address: str,
    session: UUID,
    keeps_pin: bool = False,
    deadline: Deadline,
    now: datetime,
) -> UUID:
    """Connect a card, and return its id. child: None for one's own. address: of the network.

    session: the one in which a PIN is kept that the library system can't do without; keeps_pin: for longer, if the
    council lets people choose that. A card that somebody had only ever signed in with moves here, and what was theirs
    is closed. Raises Throttled, Refused, Unavailable, Garbled, AlreadyLinked, HasOwnCard, OfAnother, BirthDateNeeded,
    TooOld.
    """
    account = checking.check(db, desk, throttle, card, address=address, deadline=deadline, now=now)
    ends_on = _ends_on(desk, account, child, today=desk.today(now)) if child else None
    _refuse_second_own(db, desk, party, card, child)
    read = checking.first_read(desk, card, deadline=deadline)
    try:
        with committing(db):
            if child is None:
                _take_over(db, desk, party, card, now=now)
            connected = _add(db, desk, party, card, child=child, ends_on=ends_on, now=now)
            _keep_pins(db, desk, connected.id, card, session=session, keeps_pin=keeps_pin)
            if read:
                checking.keep(db, desk, connected.link, read, is_own=child is None)
    except IntegrityError:  # another request was quicker
        raise OfAnother from None
    return connected.id


def _refuse_second_own(db: Session, desk: Desk, party: Party, card: Card, child: Child | None) -> None:
    own = queries.own_card(db, party.subject)
    is_same = queries.owner(db, desk, card.number) == party.subject
    db.rollback()  # no transaction is open while the library is asked
    if is_same:
        raise AlreadyLinked
    if own and child is None:
        raise HasOwnCard


def _ends_on(desk: Desk, account: Account, child: Child, *, today: date) -> date:
    born_on = account.born_on or child.born_on
    if born_on is None:
        raise BirthDateNeeded
    ends_on = birthday(born_on, desk.rules.child_age)
    if ends_on <= today:
        raise TooOld(ends_on)
    return ends_on


def _take_over(db: Session, desk: Desk, party: Party, card: Card, *, now: datetime) -> None:
    """Close the account of somebody whose only way in is this card: its owner has shown that they are the same."""
    owner = queries.owner(db, desk, card.number)
    if owner is None:
        return
    if persons.has_own_way_in(db, owner):
        raise OfAnother
    persons.close(db, owner, at=now)
    record(db, party, "library.take-over", at=now, object=f"person:{owner}")


def _add(
    db: Session, desk: Desk, party: Party, card: Card, *, child: Child | None, ends_on: date | None, now: datetime
) -> Added:
    added = LibraryCard(
        id=uuid4(),
        person_id=party.subject,
        number=desk.sealer.seal(card.number, context=queries.NUMBER),
        number_hash=queries.hash_of(desk, card.number),
        last_four=card.number[-4:],
        is_own=child is None,
        child_name=child.name if child else None,
        ends_on=ends_on,
        wants_reminders=False,
    )
    db.add(added)
    db.flush()
    link = links.create(
        db,
        party,
        service=SERVICE,
        target=added.id,
        how="card-and-pin",
        level=Level.LOW,
        until=datetime.combine(ends_on, time.min, desk.council.zone) if ends_on else None,
        at=now,
    )
    return Added(added.id, link)


def add_own(db: Session, desk: Desk, party: Party, card: Card, *, now: datetime) -> Added:
    """Make a card the subject's own, in the caller's transaction. Raises IntegrityError if it is somebody's."""
    return _add(db, desk, party, card, child=None, ends_on=None, now=now)


def _keep_pins(db: Session, desk: Desk, card_id: UUID, card: Card, *, session: UUID, keeps_pin: bool) -> None:
    if card.pin is None:
        raise ValueError("a card is connected with its PIN")
    checking.keep_pin(db, desk, card_id, card.pin, session=session)
    if keeps_pin and desk.rules.keep_pin:
        checking.keep_pin(db, desk, card_id, card.pin, session=None)


def give_pin(
    db: Session,
    desk: Desk,
    throttle: Throttle,
    party: Party,
    card_id: UUID,
    *,
    pin: str,
    address: str,
    session: UUID,
    keeps_pin: bool = False,
    deadline: Deadline,
    now: datetime,
) -> bool:
    """Take the PIN of a card for this session, and ask the library what is on it. False if there is no such card.

    What was asked before and never answered is settled by it. Raises Throttled, Refused, Unavailable, Garbled.
    """
    connected = queries.card(db, party, card_id, at=now)
    if connected is None:
        return False
    number = queries.asked_as(db, desk, connected, session=session, at=now).number
    db.rollback()
    card = Card(number, pin)
    checking.check(db, desk, throttle, card, address=address, deadline=deadline, now=now)
    read = checking.first_read(desk, card, deadline=deadline)
    with committing(db):
        _keep_pins(db, desk, connected.id, card, session=session, keeps_pin=keeps_pin)
        if read:
            settle_all(db, desk, connected, read, now=now)
        record(db, party, "library.pin", at=now, object=connected.object)
    return True


def disconnect(db: Session, party: Party, card_id: UUID, *, now: datetime) -> bool | None:
    """Disconnect a card. None if there is no such card. True if its owner had no other way in, and their account was
    closed with it.
    """
    connected = queries.card(db, party, card_id, at=now)
    if connected is None:
        return None
    with committing(db):
        links.end(db, party, connected.link, why="disconnected", at=now)
        is_closed = connected.is_own and not persons.has_own_way_in(db, party.subject)
        if is_closed:
            persons.close(db, party.subject, at=now)
    return is_closed


def set_reminders(db: Session, sealer: Sealer, party: Party, card_id: UUID, *, wanted: bool, now: datetime) -> bool:
    """Note whether somebody wants to be reminded of what is due. False if there is no such card."""
    connected = queries.card(db, party, card_id, at=now)
    if connected is None:
        return False
    with committing(db):
        db.execute(update(LibraryCard).where(LibraryCard.id == card_id).values(wants_reminders=wanted))
        what = "library.reminders.on" if wanted else "library.reminders.off"
        helping.note_change(db, sealer, party, what, old=None, new=None, at=now)
        record(db, party, "library.reminders", at=now, object=connected.object, wanted=wanted)
    return True


def forget_pin(db: Session, party: Party, card_id: UUID, *, now: datetime) -> bool:
    """Forget the PIN that was kept for longer than a session. False if there is no such card."""
    connected = queries.card(db, party, card_id, at=now)
    if connected is None:
        return False
    with committing(db):
        checking.forget_kept_pin(db, card_id)
        record(db, party, "library.pin.forget", at=now, object=connected.object)
    return True
