"""Asking the library system to do something: the question is committed before, what came of it afterwards."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import AlreadyAsked, asking
from portal.blueprints.library import queries
from portal.blueprints.library.actions import checking
from portal.blueprints.library.actions.noting import note_done
from portal.blueprints.library.models import LibraryOutcome
from portal.blueprints.library.queries import Connected
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.due import as_seen
from portal.blueprints.library.rules.keeping import with_branch, with_renewed, without_hold
from portal.blueprints.library.rules.settling import Deed, Outcome, Question, Told
from portal.connectors.calling import Deadline
from portal.connectors.errors import Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import Borrower, Card, Loan, Renewed
from portal.party import Party

SHOWN_FOR = timedelta(minutes=10)
"""How long a page tells what came of a question that was answered at once."""

Answer = TypeVar("Answer")


class NotFound(Exception):
    """The party's subject has no such card."""


class Changed(Exception):
    """The loan isn't due any more when the page said: it was renewed, or returned, in the meantime. Nothing was asked.

    loan: as it is now; None if it isn't there any more.
    """

    def __init__(self, loan: Loan | None) -> None:
        super().__init__("changed")
        self.loan = loan


@dataclass(frozen=True, slots=True)
class Asks:
    """Who asks about which card, and how. deadline: of the whole request. session: whose PIN is at hand."""

    db: Session
    desk: Desk
    party: Party
    card: UUID
    session: UUID | None
    deadline: Deadline
    now: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A loan as a page showed it. due: of ``rules.due.as_seen``."""

    item: str = field(repr=False)
    due: str = ""


def renew(asks: Asks, seen: Seen) -> Renewed:
    """Renew one loan.

    Raises NotFound; Changed and AlreadyAsked, where nothing is sent; Refused (nothing is sent either, if the library
    has just said so), Unavailable (nothing was sent), Unknown (sent, answer lost: it is found out later).
    """
    card, as_asked = _begin(asks)
    question = Question(Deed.RENEW, card.id, seen.item, seen=seen.due)

    def send() -> Renewed:
        return asks.desk.system.renew(as_asked, seen.item, within_s=asks.deadline.needed())

    def done(renewed: Renewed) -> Told:
        return Told(Deed.RENEW, seen.item, Outcome.DONE, due_on=renewed.due_on, due_text=renewed.due_text)

    return _ask(
        asks,
        card,
        question,
        send,
        first=partial(_refuse_needless, asks, card, seen),
        change=lambda renewed, borrower: with_renewed(borrower, renewed),
        done=done,
    )


def renew_all(asks: Asks, loans: Sequence[Seen]) -> None:
    """Renew loans one after the other, until the deadline. What came of each is told by the page: of those that time
    didn't suffice for, that they weren't asked for.

    Raises NotFound.
    """
    for seen in loans:
        with suppress(OutsideError, AlreadyAsked, Changed):
            renew(asks, seen)


def cancel_hold(asks: Asks, hold: str) -> None:
    """Cancel one hold. Raises NotFound, AlreadyAsked, Refused, Unavailable, Unknown."""
    card, as_asked = _begin(asks)
    _ask(
        asks,
        card,
        Question(Deed.CANCEL, card.id, hold),
        lambda: asks.desk.system.cancel_hold(as_asked, hold, within_s=asks.deadline.needed()),
        change=lambda _, borrower: without_hold(borrower, hold),
        done=lambda _: Told(Deed.CANCEL, hold, Outcome.DONE),
    )


def change_pickup(asks: Asks, hold: str, branch: str) -> None:
    """Have a hold brought to another branch. branch: a code of the council's. As ``cancel_hold``."""
    card, as_asked = _begin(asks)
    _ask(
        asks,
        card,
        Question(Deed.CHANGE_PICKUP, card.id, hold, branch=branch),
        lambda: asks.desk.system.change_pickup(as_asked, hold, branch, within_s=asks.deadline.needed()),
        change=lambda _, borrower: with_branch(borrower, hold, branch),
        done=lambda _: Told(Deed.CHANGE_PICKUP, hold, Outcome.DONE),
    )


def tell(db: Session, desk: Desk, card_id: UUID, told: Told, *, until: datetime, now: datetime) -> None:
    """Have the page tell what came of something, in the caller's transaction; it takes the place of what was told of
    the same loan or hold before. Of a card that was disconnected meanwhile nobody is there to be told.
    """
    if not checking.is_connected(db, card_id):
        return
    values = {"told": desk.sealer.seal(told.as_text(), context=queries.TOLD), "at": now, "shown_until": until}
    new = insert(LibraryOutcome).values(
        id=uuid4(), card_id=card_id, thing=thing_key(desk, card_id, told.thing), **values
    )
    db.execute(new.on_conflict_do_update(index_elements=[LibraryOutcome.card_id, LibraryOutcome.thing], set_=values))


def thing_key(desk: Desk, card_id: UUID, thing: str) -> bytes:
    return desk.key("thing", str(card_id), thing)


def _begin(asks: Asks) -> tuple[Connected, Card]:
    """Return the card and how it is asked about; no transaction is open afterwards. Raises NotFound."""
    card = queries.card(asks.db, asks.party, asks.card, at=asks.now)
    if card is None:
        raise NotFound
    as_asked = queries.asked_as(asks.db, asks.desk, card, session=asks.session, at=asks.now)
    asks.db.rollback()
    return card, as_asked


def _refuse_needless(asks: Asks, card: Connected, seen: Seen) -> None:
    """Raise Changed if the loan isn't as the page showed it: somebody pressed twice, here or elsewhere. Raise what came
    of it the last time, where the page tells that, and it would be the same again.
    """
    last = checking.kept(asks.db, asks.desk, card.link)
    if last is None:
        return
    loan = next((loan for loan in last.borrower.loans if loan.item == seen.item), None)
    if loan is None or as_seen(loan) != seen.due:
        raise Changed(loan)
    told = queries.told_of(asks.db, asks.desk, card.id, thing_key(asks.desk, card.id, seen.item), at=asks.now)
    if told and told.is_final:
        raise Refused(told.reason) if told.outcome is Outcome.REFUSED else AlreadyAsked(told.deed.act)


def _ask(
    asks: Asks,
    card: Connected,
    question: Question,
    send: Callable[[], Answer],
    *,
    change: Callable[[Answer, Borrower], Borrower],
    done: Callable[[Answer], Told],
    first: Callable[[], None] | None = None,
) -> Answer:
    """Ask, and keep what came of it. change: what is kept of the card, once it is done. done: what the page tells."""
    db, desk = asks.db, asks.desk

    def keep(told: Told, changed: Callable[[Borrower], Borrower] | None = None) -> None:
        tell(db, desk, card.id, told, until=asks.now + SHOWN_FOR, now=asks.now)
        if changed:
            note_done(db, desk, asks.party, card, question=question, told=told, now=asks.now)
            checking.amend(db, desk, card.link, changed)

    with asking(
        db,
        asks.party,
        question.deed.act,
        at=asks.now,
        object=card.object,
        question=question.as_text(),
        sealer=desk.sealer,
        about=thing_key(desk, card.id, question.thing),
        first=first,
    ) as asked:
        try:
            answer = send()
        except Refused as refused:
            asked.then(partial(keep, Told(question.deed, question.thing, Outcome.REFUSED, reason=refused.reason)))
            raise
        except Unavailable:
            asked.then(partial(keep, Told(question.deed, question.thing, Outcome.UNAVAILABLE)))
            raise
        except Garbled:
            raise Unknown("an answer to a write that we don't understand") from None
        asked.then(partial(keep, done(answer), partial(change, answer)))
        return asked.settled(answer)
