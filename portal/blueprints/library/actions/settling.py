"""Finding out what came of a question whose answer was lost, by asking what is so now."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import messages
from portal.audit import record
from portal.blueprints.library import queries
from portal.blueprints.library.actions import checking
from portal.blueprints.library.actions.asking import tell
from portal.blueprints.library.actions.checking import Read
from portal.blueprints.library.queries import ACTS, QUESTION, Connected
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.settling import Question, settle
from portal.connectors.errors import Garbled, Refused, Unavailable
from portal.db import committing
from portal.identity import contacts
from portal.models import Asked, Channel

QUIET = timedelta(minutes=1)
"""So long after it was asked, whoever asked has heard the answer or never will, and the library has done it or not."""
SHOWN_FOR = timedelta(days=7)
WITHIN_S = 20.0
"""For asking in a job, which nobody waits for."""


@dataclass(frozen=True, slots=True)
class Open:
    """A question whose answer isn't known."""

    id: UUID
    question: Question = field(repr=False)


def open_questions(db: Session, desk: Desk, *, person: UUID | None = None, before: datetime) -> list[Open]:
    """Return the questions that were asked before a moment and never answered, oldest first. person: None for all."""
    found = select(Asked.id, Asked.question).where(Asked.act.in_(ACTS), Asked.asked_at <= before)
    if person:
        found = found.where(Asked.person_id == person)
    return [
        Open(row.id, Question.from_text(desk.sealer.unseal(row.question, context=QUESTION)))
        for row in db.execute(found.order_by(Asked.asked_at)).all()
    ]


def settle_open(db: Session, desk: Desk, *, base_url: str, now: datetime) -> None:
    """Find out what came of everything that was asked a minute ago or more. For a job: people don't wait for it.

    Where the PIN is needed and isn't at hand the question stays; where the library doesn't answer, all that are left.
    """
    by_card: dict[UUID, list[Open]] = {}
    for one in open_questions(db, desk, before=now - QUIET):
        by_card.setdefault(one.question.card, []).append(one)
    with suppress(Unavailable):
        for card_id, questions in by_card.items():
            _settle_card(db, desk, card_id, questions, base_url=base_url, now=now)


def _settle_card(
    db: Session, desk: Desk, card_id: UUID, questions: list[Open], *, base_url: str, now: datetime
) -> None:
    card = queries.by_id(db, card_id, at=now)
    if card is None:  # disconnected since: nobody is there to be told
        with committing(db):
            db.execute(delete(Asked).where(Asked.id.in_([one.id for one in questions])))
        return
    as_asked = queries.asked_by_job(db, desk, card, at=now)
    db.rollback()
    try:
        read = checking.read(desk, as_asked, within_s=WITHIN_S)
    except (Refused, Garbled):
        return
    with committing(db):
        if _settle(db, desk, card, questions, read, now=now):
            tell_by_email(db, desk, card.person, "library-settled", link=f"{base_url}/library", now=now)


def settle_all(db: Session, desk: Desk, card: Connected, read: Read, *, now: datetime) -> None:
    """Settle all that was asked of a card by what the library says now, and keep that, in the caller's transaction."""
    questions = [
        one for one in open_questions(db, desk, person=card.person, before=now - QUIET) if one.question.card == card.id
    ]
    _settle(db, desk, card, questions, read, now=now)


def _settle(db: Session, desk: Desk, card: Connected, questions: Iterable[Open], read: Read, *, now: datetime) -> int:
    """Return how many were settled: whoever asked may have heard the answer after all."""
    settled = 0
    for one in questions:
        if db.execute(delete(Asked).where(Asked.id == one.id).returning(Asked.id)).one_or_none() is None:
            continue
        told, act = settle(one.question, read.borrower), one.question.deed.act
        tell(db, desk, card.id, told, until=now + SHOWN_FOR, now=now)
        record(db, None, act, at=now, object=card.object, outcome=told.outcome, subject=card.person, later=True)
        settled += 1
    checking.keep(db, desk, card.link, read, is_own=card.is_own)
    return settled


def tell_by_email(db: Session, desk: Desk, person: UUID, template: str, *, now: datetime, **fields: str) -> bool:
    """Write to somebody by e-mail, in the caller's transaction. False if they have no address: no letter is sent for
    this, since it would come too late.
    """
    ways = contacts.of_person(db, person)
    email = next((way.value for way in ways if way.channel is Channel.EMAIL and way.confirmed), None)
    if email is None:
        return False
    messages.send(
        db, person_id=person, template=template, fields=fields, at=now, sealer=desk.sealer, to=(Channel.EMAIL, email)
    )
    return True
