"""What staff may read of the audit."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVarTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.models import AuditEvent, Kind, Person

Columns = TypeVarTuple("Columns")

EVENTS_A_PAGE = 50
EVENTS_A_BLOCK = 1_000
"""Of an export: read at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records. None or empty: all. act, object: how they begin. person: whose data. since, until: days of the
    council, inclusive.
    """

    act: str = ""
    outcome: str = ""
    person: UUID | None = None
    actor: UUID | None = None
    object: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def filters(self) -> int:
        """Return by how many things is searched."""
        return sum(bool(getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Who:
    """One side of an audit record, by id. id: None for nobody, and for a restricted person."""

    id: UUID | None
    kind: Kind | None
    is_restricted: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One audit record. at: UTC. object: a kind and an id. Object and details are empty if a restricted person is
    concerned.
    """

    id: int
    at: datetime
    act: str
    outcome: str
    authority: str
    actor: Who
    subject: Who
    object: str
    request_id: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """events: newest first. older: id to go on before, None at the end."""

    events: list[Event]
    older: int | None


@dataclass(frozen=True, slots=True)
class Extent:
    """What an export will hold. newest: id of its first record, 0 if there is none."""

    count: int
    newest: int


def audit(db: Session, wanted: Wanted, *, before: int | None = None, zone: ZoneInfo) -> AuditPage:
    """Return the newest audit records that are wanted, at most 50.

    before: only records older than this id. Whoever searches for a person or a thing finds no record that concerns a
    restricted person: that there is one would tell whose it is.
    """
    events = _read(db, wanted, before=before, most=EVENTS_A_PAGE + 1, zone=zone)
    shown = events[:EVENTS_A_PAGE]
    return AuditPage(shown, shown[-1].id if len(events) > EVENTS_A_PAGE else None)


def extent(db: Session, wanted: Wanted, *, zone: ZoneInfo) -> Extent:
    """Return how many records are wanted, as of now."""
    count, newest = func.count(), func.coalesce(func.max(AuditEvent.id), 0)
    row = db.execute(_with_people(select(count, newest)).where(*_conditions(wanted, zone))).one()
    return Extent(*row)


def all_events(db: Session, wanted: Wanted, *, newest: int, zone: ZoneInfo) -> Iterator[Event]:
    """Yield every wanted record from the id ``newest`` back, a block at a time; no transaction is open in between."""
    before: int | None = newest + 1
    while before:
        events = _read(db, wanted, before=before, most=EVENTS_A_BLOCK, zone=zone)
        db.rollback()
        yield from events
        before = events[-1].id if len(events) == EVENTS_A_BLOCK else None


def _read(db: Session, wanted: Wanted, *, before: int | None, most: int, zone: ZoneInfo) -> list[Event]:
    found = _events().where(*_conditions(wanted, zone)).order_by(AuditEvent.id.desc()).limit(most)
    if before:
        found = found.where(AuditEvent.id < before)
    return [_event(*row) for row in db.execute(found)]


Actor, Subject = aliased(Person), aliased(Person)


def _conditions(wanted: Wanted, zone: ZoneInfo) -> Iterator[ColumnElement[bool]]:
    if wanted.act:
        yield AuditEvent.act.startswith(wanted.act, autoescape=True)
    if wanted.outcome:
        yield AuditEvent.outcome == wanted.outcome
    if wanted.person:
        yield AuditEvent.subject_id == wanted.person
    if wanted.actor:
        yield AuditEvent.actor_id == wanted.actor
    if wanted.object:
        yield AuditEvent.object.startswith(wanted.object, autoescape=True)
    if wanted.person or wanted.actor or wanted.object:
        yield and_(Actor.restricted.is_not(True), Subject.restricted.is_not(True))
    if wanted.since:
        yield AuditEvent.at >= datetime.combine(wanted.since, time(), zone)
    if wanted.until:
        yield AuditEvent.at < datetime.combine(wanted.until + timedelta(days=1), time(), zone)


def _events() -> Select[AuditEvent, str, bool, str, bool]:
    return _with_people(select(AuditEvent, Actor.kind, Actor.restricted, Subject.kind, Subject.restricted))


def _with_people(statement: Select[*Columns]) -> Select[*Columns]:
    return (
        statement.select_from(AuditEvent)
        .outerjoin(Actor, Actor.id == AuditEvent.actor_id)
        .outerjoin(Subject, Subject.id == AuditEvent.subject_id)
    )


def _event(
    row: AuditEvent, actor_kind: str | None, actor_hidden: bool | None, kind: str | None, hidden: bool | None
) -> Event:
    concerns_restricted = bool(actor_hidden or hidden)
    return Event(
        id=row.id,
        at=row.at,
        act=row.act,
        outcome=row.outcome,
        authority=row.authority,
        actor=_who(row.actor_id, actor_kind, actor_hidden),
        subject=_who(row.subject_id, kind, hidden),
        object="" if concerns_restricted else row.object,
        request_id=row.request_id,
        details={} if concerns_restricted else row.details,
    )


def _who(person_id: UUID | None, kind: str | None, hidden: bool | None) -> Who:
    return Who(None if hidden else person_id, Kind(kind) if kind else None, bool(hidden))
