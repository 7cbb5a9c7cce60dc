"""Applications that were sent, as staff work on them: all people's, without names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import (
    EnergyApplication,
    EnergyCase,
    EnergyDeclaration,
    EnergyEvent,
    EnergyEvidence,
    EnergyMessage,
)
from portal.blueprints.energy.queries.afterwards import BODY
from portal.blueprints.energy.queries.applications import opened
from portal.blueprints.energy.rules.doubles import is_close
from portal.blueprints.energy.rules.form import Form, Unreadable
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.household import Nation
from portal.sealed import SealBroken, Sealer

_NO_DOUBLE: Final = frozenset((State.WITHDRAWN,))


@dataclass(frozen=True, slots=True)
class SentCase:
    """One scheme of an application. files: that were added to the application; waiting: of these not looked at yet."""

    application: UUID
    person: UUID
    reference: str
    sent_at: datetime
    scheme: str
    edition: str
    state: State
    due: date | None
    home: bytes | None = field(repr=False)
    files: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One application that was sent."""

    id: UUID
    person: UUID
    reference: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """One file; see ``EnergyEvidence``. key: sealed."""

    id: UUID
    kind: str
    media: str
    state: str
    added_at: datetime
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, opened."""

    at: datetime
    from_council: bool
    kind: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    scheme: str
    state: str
    at: datetime
    by: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Declared:
    """words: as they were read. on_behalf: with help of a member of staff, who read them out."""

    at: datetime
    language: str
    words: str
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class Handed:
    """All that an application holds."""

    form: Form = field(repr=False)
    cases: tuple[SentCase, ...]
    steps: tuple[Step, ...]
    files: tuple[File, ...]
    letters: tuple[Letter, ...]
    declared: Declared | None


def cases(db: Session, application: UUID | None = None) -> list[SentCase]:
    """Return the cases of every application that was sent, or of one: the earliest first."""
    is_waiting = EnergyEvidence.state == "waiting"
    files = (
        select(
            EnergyEvidence.application_id,
            func.count().label("files"),
            func.count().filter(is_waiting).label("waiting"),
        )
        .group_by(EnergyEvidence.application_id)
        .subquery()
    )
    query = (
        select(
            EnergyApplication.id,
            EnergyApplication.person_id,
            EnergyApplication.reference,
            EnergyApplication.sent_at,
            EnergyApplication.home,
            EnergyCase.scheme,
            EnergyCase.edition,
            EnergyCase.state,
            EnergyCase.due,
            func.coalesce(files.c.files, 0).label("files"),
            func.coalesce(files.c.waiting, 0).label("waiting"),
        )
        .join(EnergyCase, EnergyCase.application_id == EnergyApplication.id)
        .outerjoin(files, files.c.application_id == EnergyApplication.id)
        .where(EnergyApplication.sent_at.is_not(None))
        .order_by(EnergyApplication.sent_at, EnergyApplication.reference, EnergyCase.scheme)
    )
    if application:
        query = query.where(EnergyApplication.id == application)
    return [
        SentCase(
            row.id,
            row.person_id,
            row.reference,
            row.sent_at,
            row.scheme,
            row.edition,
            State(row.state),
            row.due,
            row.home,
            row.files,
            row.waiting,
        )
        for row in db.execute(query)
    ]


def doubles(found: Iterable[SentCase], schemes: Iterable[Scheme], zone: tzinfo) -> dict[tuple[UUID, str], list[str]]:
    """Return the references of other persons' applications from the same home for the same scheme, sent within the
    time in which it may not be asked for again: by application and scheme, of those that have any.
    """
    editions = by_name(schemes)
    by_home: dict[tuple[bytes, str], list[SentCase]] = {}
    for case in found:
        if case.home is not None and case.state not in _NO_DOUBLE:
            by_home.setdefault((case.home, case.scheme), []).append(case)
    pairs: dict[tuple[UUID, str], list[str]] = {}
    for same in by_home.values():
        for one in same:
            ready = editions.get((one.scheme, one.edition))
            again, day = ready.edition.again if ready else None, one.sent_at.astimezone(zone).date()
            others = [
                other.reference
                for other in same
                if other.person != one.person and is_close(day, other.sent_at.astimezone(zone).date(), again)
            ]
            if others:
                pairs[one.application, one.scheme] = others
    return pairs


def by_name(schemes: Iterable[Scheme]) -> dict[tuple[str, str], Ready]:
    """Return editions by the slugs of scheme and edition."""
    return {(scheme.slug, ready.edition.edition): ready for scheme in schemes for ready in scheme.editions}


def one(db: Session, reference: str) -> Sent | None:
    """Return the application of a reference, however its letters and digits are divided; None if there is none."""
    wanted = "".join(sign for sign in reference if sign.isalnum()).upper()
    row = db.execute(_SENT.where(func.replace(EnergyApplication.reference, "-", "") == wanted)).one_or_none()
    return _sent(row) if row else None


def every(db: Session) -> list[Sent]:
    """Return all applications that were sent, the earliest first."""
    return [_sent(row) for row in db.execute(_SENT.order_by(EnergyApplication.sent_at))]


_SENT: Final = select(
    EnergyApplication.id, EnergyApplication.person_id, EnergyApplication.reference, EnergyApplication.sent_at
).where(EnergyApplication.sent_at.is_not(None))


def _sent(row: Any) -> Sent:
    return Sent(row.id, row.person_id, row.reference, row.sent_at)


def handed(db: Session, sealer: Sealer, application: UUID, nation: Nation) -> Handed:
    """Return all of an application that was sent. Raises Unreadable."""
    sealed = (EnergyApplication.answers, EnergyApplication.health, EnergyApplication.bank)
    row = db.execute(select(*sealed).where(EnergyApplication.id == application)).one()
    return Handed(
        opened(sealer, row.answers, row.health, row.bank, nation=nation),
        tuple(cases(db, application)),
        steps(db, application),
        _files(db, application),
        _letters(db, sealer, application),
        _declared(db, application),
    )


def steps(db: Session, application: UUID) -> tuple[Step, ...]:
    """Return the steps that an application's cases took, in order."""
    columns = (EnergyEvent.scheme, EnergyEvent.state, EnergyEvent.at, EnergyEvent.by, EnergyEvent.due)
    of_it = select(*columns).where(EnergyEvent.application_id == application).order_by(EnergyEvent.at)
    return tuple(Step(*row) for row in db.execute(of_it))


def _files(db: Session, application: UUID) -> tuple[File, ...]:
    columns = (
        EnergyEvidence.id,
        EnergyEvidence.kind,
        EnergyEvidence.media,
        EnergyEvidence.state,
        EnergyEvidence.added_at,
        EnergyEvidence.key,
    )
    of_it = select(*columns).where(EnergyEvidence.application_id == application)
    return tuple(File(*row) for row in db.execute(of_it.order_by(EnergyEvidence.added_at, EnergyEvidence.id)))


def _letters(db: Session, sealer: Sealer, application: UUID) -> tuple[Letter, ...]:
    columns = (EnergyMessage.at, EnergyMessage.from_council, EnergyMessage.kind, EnergyMessage.body)
    of_it = select(*columns).where(EnergyMessage.application_id == application).order_by(EnergyMessage.at)
    try:
        return tuple(
            Letter(row.at, row.from_council, row.kind, sealer.unseal(row.body, context=BODY))
            for row in db.execute(of_it)
        )
    except SealBroken as error:
        raise Unreadable from error


def _declared(db: Session, application: UUID) -> Declared | None:
    on_behalf = EnergyDeclaration.actor_id != EnergyApplication.person_id
    columns = (EnergyDeclaration.at, EnergyDeclaration.language, EnergyDeclaration.words, on_behalf)
    of_it = select(*columns).join(EnergyApplication, EnergyApplication.id == EnergyDeclaration.application_id)
    row = db.execute(of_it.where(EnergyDeclaration.application_id == application)).one_or_none()
    return Declared(*row) if row else None
