"""Second opinions: who asked, about whom, what was said."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.protected import Why
from portal.models import HelpRequest, Person
from portal.sealed import Sealer

WORDS = "help_request.words"
"""What a request's words are sealed for."""
WAITS = timedelta(days=1)
"""So long a request can be answered and is shown; then it has to be asked again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a member of staff asked. good_until: None where nobody said yes."""

    id: UUID
    subject: UUID
    words: str = field(repr=False)
    asked_at: datetime
    answer: str | None
    good_until: datetime | None

    def is_good(self, at: datetime) -> bool:
        return self.good_until is not None and self.good_until > at


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that a second member of staff may answer. staff_id, staff: who asks."""

    id: UUID
    staff_id: UUID
    staff: str
    subject: UUID
    why: Why
    words: str = field(repr=False)
    asked_at: datetime


def asked_by(db: Session, sealer: Sealer, staff_id: UUID, *, at: datetime) -> list[Asked]:
    """Return what a member of staff asked in the last day, newest first."""
    found = db.execute(
        select(
            HelpRequest.id,
            HelpRequest.subject_id,
            HelpRequest.words,
            HelpRequest.asked_at,
            HelpRequest.answer,
            HelpRequest.good_until,
        )
        .where(HelpRequest.staff_id == staff_id, HelpRequest.asked_at > at - WAITS)
        .order_by(HelpRequest.asked_at.desc(), HelpRequest.id)
    )
    return [
        Asked(row.id, row.subject_id, sealer.unseal(row.words, context=WORDS), row.asked_at, row.answer, row.good_until)
        for row in found
    ]


def waiting(db: Session, sealer: Sealer, staff_id: UUID, *, at: datetime, request: UUID | None = None) -> list[Waiting]:
    """Return the open requests of others, or one of them, oldest first."""
    found = (
        select(
            HelpRequest.id,
            HelpRequest.staff_id,
            Person.name,
            HelpRequest.subject_id,
            HelpRequest.why,
            HelpRequest.words,
            HelpRequest.asked_at,
        )
        .join(Person, Person.id == HelpRequest.staff_id)
        .where(HelpRequest.answered_at.is_(None), HelpRequest.staff_id != staff_id, HelpRequest.asked_at > at - WAITS)
        .order_by(HelpRequest.asked_at, HelpRequest.id)
    )
    if request:
        found = found.where(HelpRequest.id == request)
    return [
        Waiting(
            id=row.id,
            staff_id=row.staff_id,
            staff=row.name,
            subject=row.subject_id,
            why=Why(row.why),
            words=sealer.unseal(row.words, context=WORDS),
            asked_at=row.asked_at,
        )
        for row in db.execute(found)
    ]
