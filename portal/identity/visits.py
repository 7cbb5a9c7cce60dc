"""What is known of helps afterwards, or while they go on: for the resident, and for a manager who looks into one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from portal.identity.helping import AGREED, CHANGE, WORDS, Agreement
from portal.models import AuditEvent, Help, HelpChange, HelpExtension, HelpObjection, Person
from portal.sealed import Sealer

KEPT_FOR = timedelta(days=6 * 365)
"""As long as the audit keeps what staff did: ``docs/privacy/data.md``."""
OBJECTION, FINDING = "help_objection.words", "help_objection.finding"
"""What is sealed for where."""
PAGE_SEEN, PAGE_SENT = "page.view", "page.send"
"""Acts of pages that leave no record of their own; ``portal.web.on_record`` writes them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed. what: a code. old, new: as ``helping.note_change`` was given them."""

    at: datetime
    what: str
    old: str | None = field(repr=False)
    new: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Extension:
    until: datetime
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Objection:
    """settled_at, finding: None while no manager has looked into it."""

    at: datetime
    words: str = field(repr=False)
    settled_at: datetime | None
    finding: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the audit has of a help, and how it came out, each time that it was done. act: of ``act_of``."""

    act: str
    outcomes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One help. See ``models.Help`` for what isn't said here. acts: in the order in which each came first."""

    id: UUID
    subject: UUID
    staff: UUID
    staff_name: str = field(repr=False)
    team: str
    reason: str
    words: str = field(repr=False)
    agreement: Agreement
    agreed: str = field(repr=False)
    agreed_until: date | None
    services: tuple[str, ...]
    may_act: bool
    started_at: datetime
    ends_at: datetime
    acts: tuple[Act, ...]
    changes: tuple[Change, ...]
    extensions: tuple[Extension, ...]
    objection: Objection | None


def of(db: Session, sealer: Sealer, ids: Collection[UUID]) -> dict[UUID, Visit]:
    """Return helps with all that came of them, by their ids. One that there isn't is left out."""
    if not ids:
        return {}
    found = select(Help, Person.name).join(Person, Person.id == Help.staff_id).where(Help.id.in_(ids))
    acts, changes = _acts(db, ids), _changes(db, sealer, ids)
    extensions, objections = _extensions(db, sealer, ids), _objections(db, sealer, ids)
    return {
        row.id: Visit(
            id=row.id,
            subject=row.subject_id,
            staff=row.staff_id,
            staff_name=name,
            team=row.team,
            reason=row.reason,
            words=sealer.unseal(row.words, context=WORDS),
            agreement=Agreement(row.agreement),
            agreed=sealer.unseal(row.agreed, context=AGREED),
            agreed_until=row.agreed_until,
            services=tuple(row.services),
            may_act=row.acts,
            started_at=row.started_at,
            ends_at=row.ends_at,
            acts=tuple(acts.get(row.id, ())),
            changes=tuple(changes.get(row.id, ())),
            extensions=tuple(extensions.get(row.id, ())),
            objection=objections.get(row.id),
        )
        for row, name in db.execute(found)
    }


def _acts(db: Session, ids: Collection[UUID]) -> dict[UUID, list[Act]]:
    by_authority = {f"help:{help_id}": help_id for help_id in ids}
    each = (
        select(AuditEvent.id, AuditEvent.authority, act_of().label("act"), AuditEvent.outcome)
        .where(AuditEvent.authority.in_(by_authority), AuditEvent.subject_id.in_(_subjects(ids)))
        .subquery()
    )
    of_helps = (
        select(each.c.authority, each.c.act, func.array_agg(each.c.outcome))
        .group_by(each.c.authority, each.c.act)
        .order_by(func.min(each.c.id))
    )
    found: dict[UUID, list[Act]] = {}
    for authority, act, outcomes in db.execute(of_helps):
        found.setdefault(by_authority[authority], []).append(Act(act, frozenset(outcomes)))
    return found


def act_of() -> ColumnElement[str]:
    """Return an act as words are found for it: of a page that was seen or sent, the page's name behind a colon."""
    name = func.substr(AuditEvent.object, len("page:"))
    return case((AuditEvent.act.in_((PAGE_SEEN, PAGE_SENT)), AuditEvent.act + name), else_=AuditEvent.act)


def _subjects(ids: Collection[UUID]) -> Any:
    """Return whose helps these are: the audit is found by its subject."""
    return select(Help.subject_id).where(Help.id.in_(ids))


def _changes(db: Session, sealer: Sealer, ids: Collection[UUID]) -> dict[UUID, list[Change]]:
    found: dict[UUID, list[Change]] = {}
    of_helps = select(HelpChange).where(HelpChange.help_id.in_(ids)).order_by(HelpChange.at, HelpChange.id)
    for row in db.scalars(of_helps):
        old, new = (_opened(sealer, value, CHANGE) for value in (row.old, row.new))
        found.setdefault(row.help_id, []).append(Change(row.at, row.what, old, new))
    return found


def _extensions(db: Session, sealer: Sealer, ids: Collection[UUID]) -> dict[UUID, list[Extension]]:
    found: dict[UUID, list[Extension]] = {}
    of_helps = select(HelpExtension).where(HelpExtension.help_id.in_(ids)).order_by(HelpExtension.at)
    for row in db.scalars(of_helps):
        words = sealer.unseal(row.words, context=WORDS)
        found.setdefault(row.help_id, []).append(Extension(row.until, words))
    return found


def _objections(db: Session, sealer: Sealer, ids: Iterable[UUID]) -> dict[UUID, Objection]:
    of_helps = select(HelpObjection).where(HelpObjection.help_id.in_(ids))
    return {
        row.help_id: Objection(
            at=row.at,
            words=sealer.unseal(row.words, context=OBJECTION),
            settled_at=row.settled_at,
            finding=_opened(sealer, row.finding, FINDING),
        )
        for row in db.scalars(of_helps)
    }


def _opened(sealer: Sealer, value: bytes | None, context: str) -> str | None:
    return sealer.unseal(value, context=context) if value is not None else None
