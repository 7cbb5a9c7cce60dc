"""Who has looked at somebody's account: helps, and what else others saw or did."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Select, String, Uuid, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from portal.identity import visits
from portal.identity.visits import Visit
from portal.models import AuditEvent, Help, Person, StaffTeam
from portal.party import Party
from portal.sealed import Sealer

PAGE = 20


@dataclass(frozen=True, slots=True)
class Others:
    """What one other than the person saw or did on one day, outside of a help.

    authority: why they might, as the audit has it. name, team: of a member of staff; empty for a command or a job.
    since, until: the first and the last time of that day.
    """

    authority: str
    name: str = field(repr=False)
    team: str
    acts: tuple[str, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Looks:
    """One page of them, newest first. has_older: there is another page."""

    found: tuple[Visit | Others, ...]
    has_older: bool


def looks(db: Session, sealer: Sealer, party: Party, *, zone: ZoneInfo, page: int, at: datetime) -> Looks:
    """Return who has looked at the account of the party's subject.

    zone: the council's, whose days count. page: from 1.
    """
    since = at - visits.KEPT_FOR
    found = union_all(_helps(party, since), _others(party, zone, since)).subquery()
    newest = (
        select(found, Person.name, StaffTeam.team)
        .outerjoin(Person, Person.id == found.c.who)
        .outerjoin(StaffTeam, StaffTeam.person_id == found.c.who)
        .order_by(found.c.until.desc(), found.c.who)
        .offset(PAGE * (page - 1))
        .limit(PAGE + 1)
    )
    rows = db.execute(newest).all()
    helps = visits.of(db, sealer, [row.who for row in rows[:PAGE] if row.acts is None])
    return Looks(
        tuple(
            helps[row.who]
            if row.acts is None
            else Others(row.authority, row.name or "", row.team or "", tuple(row.acts), row.since, row.until)
            for row in rows[:PAGE]
        ),
        has_older=len(rows) > PAGE,
    )


def help_of(db: Session, sealer: Sealer, party: Party, help_id: UUID) -> Visit | None:
    """Return one help of the party's subject; None if there is none, or it is somebody else's."""
    visit = visits.of(db, sealer, [help_id]).get(help_id)
    return visit if visit and visit.subject == party.subject else None


def _helps(party: Party, since: datetime) -> Select[*tuple[Any, ...]]:
    """``who`` is the help's id, and ``acts`` null."""
    return select(
        literal("help").label("authority"),
        Help.id.label("who"),
        Help.started_at.label("since"),
        Help.started_at.label("until"),
        cast(null(), ARRAY(String)).label("acts"),
    ).where(Help.subject_id == party.subject, Help.started_at > since)


def _others(party: Party, zone: ZoneInfo, since: datetime) -> Select[*tuple[Any, ...]]:
    """A row for each day and each other one who acted. Nobody knows who failed to sign in: that is left out."""
    by_staff = AuditEvent.actor_id.is_not(None) & AuditEvent.authority.not_like("help:%")
    return (
        select(
            AuditEvent.authority,
            cast(AuditEvent.actor_id, Uuid),
            func.min(AuditEvent.at),
            func.max(AuditEvent.at),
            func.array_agg(visits.act_of().distinct()),
        )
        .where(
            AuditEvent.subject_id == party.subject,
            AuditEvent.at > since,
            AuditEvent.actor_id.is_distinct_from(party.subject),
            or_(by_staff, AuditEvent.authority.in_(("system", "command"))),
        )
        .group_by(AuditEvent.authority, AuditEvent.actor_id, func.date(func.timezone(zone.key, AuditEvent.at)))
    )
