"""A second member of staff says whether a protected person may be seen: asked, answered, made use of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.assist import queries
from portal.blueprints.assist.queries import WORDS, Waiting
from portal.db import committing
from portal.identity import finding, protected
from portal.identity.finding import Finder
from portal.identity.looking import record_seen
from portal.identity.names import plain
from portal.identity.protected import YES_LASTS, Near, Why
from portal.models import HelpRequest
from portal.party import Party
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Open:
    """A request as its answerer reads it. name: of whom it is about."""

    request: Waiting
    name: str


def ask(
    db: Session,
    sealer: Sealer,
    finders: Sequence[Finder],
    party: Party,
    persons: Collection[UUID],
    *,
    words: str,
    now: datetime,
) -> int:
    """Ask for a yes about each of these who is protected from the party; return how many.

    words: why. Other words are another request, beside one that waits: whoever answers it has read what it said.
    """
    asked = 0
    with committing(db):
        near = protected.near(db, finders, party.actor, at=now)
        waiting = {
            one.subject
            for one in queries.asked_by(db, sealer, party.actor, at=now)
            if one.answer is None and one.words == words
        }
        for person in persons:
            one = finding.known_of(db, finders, person, at=now)
            if one and person not in waiting and (why := near.why(one)):
                _write(db, sealer, party, person, why=why, words=words, now=now)
                asked += 1
    return asked


def look(db: Session, sealer: Sealer, finders: Sequence[Finder], party: Party, *, now: datetime) -> list[Open]:
    """Return the requests that the party may answer; that they saw whom each is about is on record."""
    with committing(db):
        near = protected.near(db, finders, party.actor, at=now)
        found = [_open(db, finders, near, one, now=now) for one in queries.waiting(db, sealer, party.actor, at=now)]
        shown = [one for one in found if one]
        for one in shown:
            _record(db, party, one.request.subject, "assist.request.view", one.request.id, now=now)
    return shown


def answer(
    db: Session,
    sealer: Sealer,
    finders: Sequence[Finder],
    party: Party,
    request: UUID,
    *,
    is_yes: bool,
    now: datetime,
) -> bool:
    """Answer a request; a yes is good for half an hour, unless a no comes later. False if it isn't there for the party
    to answer (any more).
    """
    with committing(db):
        near = protected.near(db, finders, party.actor, at=now)
        found = queries.waiting(db, sealer, party.actor, at=now, request=request)
        if not found or _open(db, finders, near, found[0], now=now) is None:
            return False
        protected.lock(db, found[0].subject)
        answered = (
            update(HelpRequest)
            .where(HelpRequest.id == request, HelpRequest.answered_at.is_(None))
            .values(
                answered_at=now,
                answered_by=party.actor,
                answer="yes" if is_yes else "no",
                good_until=now + YES_LASTS if is_yes else None,
            )
            .returning(HelpRequest.id)
        )
        if db.execute(answered).one_or_none() is None:
            return False
        if not is_yes:
            protected.withdraw(db, found[0].staff_id, found[0].subject, at=now)
        outcome = "done" if is_yes else "refused"
        _record(db, party, found[0].subject, "assist.request.answer", request, outcome=outcome, now=now)
    return True


def use(db: Session, finders: Sequence[Finder], party: Party, request: UUID, *, now: datetime) -> UUID | None:
    """Return whom a yes to the party's own request lets them see, on record; None if there is none that is good."""
    good = select(HelpRequest.subject_id).where(
        HelpRequest.id == request, HelpRequest.staff_id == party.actor, HelpRequest.good_until > now
    )
    with committing(db):
        subject = db.execute(good).scalar_one_or_none()
        one = finding.known_of(db, finders, subject, at=now) if subject else None
        if one is None:
            return None
        record_seen(db, party, one, at=now)
    return subject


def _write(db: Session, sealer: Sealer, party: Party, person: UUID, *, why: Why, words: str, now: datetime) -> None:
    request, sealed = uuid4(), sealer.seal(words, context=WORDS)
    db.execute(
        insert(HelpRequest).values(
            id=request, staff_id=party.actor, subject_id=person, why=why.value, words=sealed, asked_at=now
        )
    )
    _record(db, party, person, "assist.request", request, now=now)


def _open(db: Session, finders: Sequence[Finder], near: Near, request: Waiting, *, now: datetime) -> Open | None:
    """Return a request, unless whom it is about is near to the answerer, too, or whoever asks has their full name:
    that may be another account of their own.
    """
    one = finding.known_of(db, finders, request.subject, at=now)
    if one is None or near.why(one) in (Why.OWN, Why.HOUSEHOLD) or plain(request.staff) == near.name:
        return None
    return Open(request, one.name)


def _record(
    db: Session, party: Party, subject: UUID, act: str, request: UUID, *, outcome: str = "done", now: datetime
) -> None:
    over = replace(party, subject=subject)
    record(db, over, act, at=now, object=f"help_request:{request}", outcome=outcome)
