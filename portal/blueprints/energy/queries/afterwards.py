"""What becomes of applications that were sent: the steps of their cases, messages about them, who waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyDeclaration, EnergyEvent, EnergyMessage
from portal.blueprints.energy.queries.applications import CaseView
from portal.blueprints.energy.rules.progress import State
from portal.db import rows
from portal.party import Party
from portal.sealed import SealBroken, Sealer

BODY: Final = "energy_message.body"
"""What messages are sealed for."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a case took; see ``EnergyEvent``."""

    scheme: str
    state: State
    at: datetime
    by: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message about an application; see ``EnergyMessage``. body: None if no key opens it that we hold."""

    from_council: bool
    kind: str
    body: str | None = field(repr=False)
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was declared, when, in the words that were read, in which language. was_read_out: by a member of staff."""

    at: datetime
    language: str
    words: str
    was_read_out: bool


@dataclass(frozen=True, slots=True)
class CaseStands:
    """Where the case of a scheme stands, and since when; of a draft None."""

    scheme: str
    edition: str
    state: State
    due: date | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Stands:
    """How an application stands, without what it says. unread: the council wrote what the person hasn't read."""

    id: UUID
    sent_at: datetime | None
    expires_at: datetime | None
    reference: str | None
    unread: bool
    cases: tuple[CaseStands, ...]


_SINCE = (
    select(func.max(EnergyEvent.at))
    .where(EnergyEvent.application_id == EnergyCase.application_id, EnergyEvent.scheme == EnergyCase.scheme)
    .scalar_subquery()
)
_UNREAD = exists().where(
    EnergyMessage.application_id == EnergyApplication.id, EnergyMessage.from_council, EnergyMessage.read_at.is_(None)
)
_STANDS = (
    select(
        EnergyApplication.id,
        EnergyApplication.sent_at,
        EnergyApplication.expires_at,
        EnergyApplication.reference,
        _UNREAD.label("unread"),
        EnergyCase.scheme,
        EnergyCase.edition,
        EnergyCase.state,
        EnergyCase.due,
        _SINCE.label("since"),
    )
    .join(EnergyCase, EnergyCase.application_id == EnergyApplication.id)
    .where(
        EnergyApplication.person_id == bindparam("person"),
        or_(EnergyApplication.expires_at.is_(None), EnergyApplication.expires_at > bindparam("at")),
    )
    .order_by(EnergyApplication.begun_at.desc(), EnergyApplication.id, EnergyCase.scheme)
)


def stand(db: Session, party: Party, *, at: datetime) -> list[Stands]:
    """Return how the applications of the party's subject stand, the latest first, drafts included."""
    by_id: dict[UUID, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows(db, _STANDS, person=party.subject, at=at):
        by_id.setdefault(row.id, []).append(row)
    return [
        Stands(
            of[0].id,
            of[0].sent_at,
            of[0].expires_at,
            of[0].reference,
            of[0].unread,
            tuple(CaseStands(row.scheme, row.edition, State(row.state), row.due, row.since) for row in of),
        )
        for of in by_id.values()
    ]


def steps(db: Session, application: UUID) -> list[Step]:
    """Return the steps that the cases of an application took, the first one first."""
    columns = (EnergyEvent.scheme, EnergyEvent.state, EnergyEvent.at, EnergyEvent.by, EnergyEvent.due)
    found = select(*columns).where(EnergyEvent.application_id == application).order_by(EnergyEvent.at, EnergyEvent.id)
    return [Step(scheme, State(state), at, by, due) for scheme, state, at, by, due in db.execute(found)]


def stands(case: CaseView, steps: Sequence[Step]) -> CaseStands:
    """Return where a case stands, and since when: since the last of its application's steps that was its own."""
    since = max((step.at for step in steps if step.scheme == case.scheme), default=None)
    return CaseStands(case.scheme, case.edition, case.state, case.due, since)


def messages(db: Session, sealer: Sealer, application: UUID) -> list[Message]:
    """Return what is written about an application, the first one first."""
    columns = (
        EnergyMessage.from_council,
        EnergyMessage.kind,
        EnergyMessage.body,
        EnergyMessage.at,
        EnergyMessage.read_at,
    )
    those = select(*columns).where(EnergyMessage.application_id == application)
    found = db.execute(those.order_by(EnergyMessage.at, EnergyMessage.id))
    return [Message(ours, kind, _opened(sealer, body), at, read_at) for ours, kind, body, at, read_at in found]


def counted(db: Session, application: UUID) -> tuple[int, int]:
    """Return how many messages there are about an application, and how many the council wrote that aren't read."""
    unread = and_(EnergyMessage.from_council, EnergyMessage.read_at.is_(None))
    both = select(func.count(), func.count().filter(unread)).where(EnergyMessage.application_id == application)
    there_are, new = db.execute(both).one()
    return there_are, new


def declaration(db: Session, application: UUID) -> Declaration | None:
    """Return what was declared when an application was sent; None if it wasn't."""
    columns = (
        EnergyDeclaration.at,
        EnergyDeclaration.language,
        EnergyDeclaration.words,
        EnergyDeclaration.actor_id != EnergyApplication.person_id,
    )
    of_it = select(*columns).join(EnergyApplication, EnergyApplication.id == EnergyDeclaration.application_id)
    row = db.execute(of_it.where(EnergyDeclaration.application_id == application)).one_or_none()
    return Declaration(*row) if row else None


def _opened(sealer: Sealer, body: bytes) -> str | None:
    try:
        return sealer.unseal(body, context=BODY)
    except SealBroken:
        return None
