"""Whether a PIN belongs to a card, asked as seldom as can be, and what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import snapshots
from portal.blueprints.library import queries
from portal.blueprints.library.models import LibraryPin
from portal.blueprints.library.rules.cards import of_card
from portal.blueprints.library.rules.desk import SERVICE, Desk
from portal.blueprints.library.rules.keeping import as_text, completed, from_text, without_needless
from portal.connectors.calling import Deadline
from portal.connectors.errors import OutsideError, Refused
from portal.connectors.library import Account, Borrower, Card, Reason
from portal.db import committing
from portal.identity.throttle import Throttle
from portal.models import Link, Snapshot
from portal.sealed import SealBroken


def check(
    db: Session, desk: Desk, throttle: Throttle, card: Card, *, address: str, deadline: Deadline, now: datetime
) -> Account:
    """Return whose card this is, if the PIN belongs to it. address: of the network. Nothing of it is kept.

    A try counts where the library says that it was wrong. Raises Throttled (before the library is asked), Refused,
    Unavailable, Garbled.
    """
    limits = of_card(throttle, number=card.number, address=address)
    throttle.ask(db, limits, at=now)
    try:
        account = desk.system.sign_in(card, within_s=deadline.needed())
    except OutsideError as error:
        if not (isinstance(error, Refused) and error.reason == Reason.WRONG_CARD_OR_PIN):
            _give_back(db, throttle, card, address)
        raise
    _give_back(db, throttle, card, address)
    return account


def _give_back(db: Session, throttle: Throttle, card: Card, address: str) -> None:
    with committing(db):
        throttle.give_back(db, of_card(throttle, number=card.number, address=address))


@dataclass(frozen=True, slots=True)
class Read:
    """What the library says of a card. taken_at: just before it was asked."""

    borrower: Borrower
    taken_at: datetime


def read(desk: Desk, card: Card, *, within_s: float) -> Read:
    """Ask the library what is on a card. Raises Refused, Unavailable, Garbled."""
    taken_at = desk.clock.now()
    return Read(desk.system.read(card, within_s=within_s), taken_at)


def first_read(desk: Desk, card: Card, *, deadline: Deadline) -> Read | None:
    """As ``read``, of a card that was just checked; None if there is no answer in time: it is asked later."""
    try:
        return read(desk, card, within_s=deadline.needed())
    except OutsideError:
        return None


def is_connected(db: Session, card_id: UUID) -> bool:
    """Tell whether a card wasn't disconnected while the library was asked; it stays so until the caller's transaction
    ends. It is the link that is held, as by whoever ends it: what else is locked comes after it.
    """
    holds = select(Link.id).where(Link.service == SERVICE, Link.target == card_id, Link.ended_at.is_(None))
    return db.execute(holds.with_for_update(read=True)).one_or_none() is not None


def keep_pin(db: Session, desk: Desk, card_id: UUID, pin: str, *, session: UUID | None) -> None:
    """Keep a PIN where the library system can't do without, in the caller's transaction, while the card is connected.

    session: it goes with that; None to keep it for longer.
    """
    if not desk.system.abilities.needs_pin or not is_connected(db, card_id):
        return
    sealed = desk.sealer.seal(pin, context=queries.PIN)
    new = insert(LibraryPin).values(id=uuid4(), card_id=card_id, session_id=session, pin=sealed)
    db.execute(
        new.on_conflict_do_update(index_elements=[LibraryPin.card_id, LibraryPin.session_id], set_={"pin": sealed})
    )


def forget_kept_pin(db: Session, card_id: UUID) -> None:
    """Forget the PIN that was kept for longer than a session, in the caller's transaction."""
    db.execute(delete(LibraryPin).where(LibraryPin.card_id == card_id, LibraryPin.session_id.is_(None)))


def keep(db: Session, desk: Desk, link: UUID, read: Read, *, is_own: bool) -> None:
    """Keep what the library said, in the caller's transaction."""
    answer = as_kept(desk, read.borrower, kept(db, desk, link), is_own=is_own)
    snapshots.put(db, desk.sealer, link, answer, taken_at=read.taken_at)


def amend(db: Session, desk: Desk, link: UUID, change: Callable[[Borrower], Borrower]) -> None:
    """Change what is kept by what the library just did, in the caller's transaction, so that it is newer than an answer
    that was asked for before.
    """
    last = kept(db, desk, link, lock=True)
    if last:
        taken_at = max(desk.clock.now(), last.taken_at + timedelta(microseconds=1))
        snapshots.put(db, desk.sealer, link, as_text(change(last.borrower)), taken_at=taken_at)


def kept(db: Session, desk: Desk, link: UUID, *, lock: bool = False) -> Read | None:
    """Return what the library last said; None too where its key is gone, as ``snapshots.load``.

    lock: nobody else changes it until this transaction ends.
    """
    found = select(Snapshot.sealed, Snapshot.taken_at).where(Snapshot.link_id == link, Snapshot.sealed.is_not(None))
    row = db.execute(found.with_for_update() if lock else found).one_or_none()
    if row is None or row.sealed is None or row.taken_at is None:
        return None
    try:
        text = desk.sealer.unseal(row.sealed, context=snapshots.context(link))
    except SealBroken:
        return None
    return Read(from_text(text), row.taken_at)


def as_kept(desk: Desk, borrower: Borrower, earlier: Read | None, *, is_own: bool) -> str:
    """Return what is kept of an answer: of a child's card, titles only if the library's rule says so. earlier: what was
    kept before, for what this one leaves out.
    """
    if earlier:
        borrower = completed(borrower, earlier.borrower, taken_at=earlier.taken_at)
    return as_text(without_needless(borrower, titles=is_own or desk.rules.child_titles))
