"""What staff may read of the audit."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from portal.models import AuditEvent, Kind, Person

EVENTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Who:
    """One side of an audit record, by id. id: None for nobody, and for a restricted person."""

    id: UUID | None
    kind: Kind | None
    is_restricted: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One audit record. at: UTC. object: a kind and an id; empty if a restricted person is concerned."""

    id: int
    at: datetime
    act: str
    outcome: str
    authority: str
    actor: Who
    subject: Who
    object: str
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """events: newest first. older: id to go on before, None at the end."""

    events: list[Event]
    older: int | None


def audit(
    db: Session, *, act: str = "", day: date | None = None, before: int | None = None, zone: ZoneInfo
) -> AuditPage:
    """Return the newest audit records, at most 50.

    act: how the act begins. day: of the council, in ``zone``. before: only records older than this id.
    """
    found = _events().order_by(AuditEvent.id.desc()).limit(EVENTS_A_PAGE + 1)
    if act:
        found = found.where(AuditEvent.act.startswith(act, autoescape=True))
    if day:
        begins, ends = (datetime.combine(on, time(), zone) for on in (day, day + timedelta(days=1)))
        found = found.where(AuditEvent.at >= begins, AuditEvent.at < ends)
    if before:
        found = found.where(AuditEvent.id < before)
    events = [_event(*row) for row in db.execute(found)]
    shown = events[:EVENTS_A_PAGE]
    return AuditPage(shown, shown[-1].id if len(events) > EVENTS_A_PAGE else None)


Actor, Subject = aliased(Person), aliased(Person)


def _events() -> Select[AuditEvent, str, bool, str, bool]:
    return (
        select(AuditEvent, Actor.kind, Actor.restricted, Subject.kind, Subject.restricted)
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
    )


def _who(person_id: UUID | None, kind: str | None, hidden: bool | None) -> Who:
    return Who(None if hidden else person_id, Kind(kind) if kind else None, bool(hidden))
