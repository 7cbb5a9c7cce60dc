"""Managers look into helps: those that a resident objects to, and ten of each month. Nobody answers for their own.

Nothing here commits: each function works in its caller's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    SQLColumnExpression,
    cast,
    exists,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.figures import Choose, Given, bounds, draw
from portal.identity.helping import LONGEST
from portal.identity.visits import FINDING
from portal.models import Help, HelpExtension, HelpObjection, HelpSample, Person, StaffRelation
from portal.party import Party
from portal.sealed import Sealer

PAGE = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A help that a manager looks into. staff: the name of who helped. open: nobody has answered, or looked, yet.

    is_own: the manager helped there themselves.
    """

    help_id: UUID
    staff: str = field(repr=False)
    team: str
    reason: str
    started_at: datetime
    ends_at: datetime
    at: datetime
    is_open: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What a manager may do with one help. subject: whose it was, and their name.

    may_answer: settle the objection; may_tick: note that they looked at it for the sample.
    """

    subject: UUID
    name: str = field(repr=False)
    is_own: bool
    may_answer: bool
    may_tick: bool


def subjects(db: Session, month: date | None = None) -> frozenset[UUID]:
    """Return whose helps are objected to, and whose were drawn of a month."""
    objected = select(Help.subject_id).join(HelpObjection, HelpObjection.help_id == Help.id)
    drawn = select(Help.subject_id).join(HelpSample, HelpSample.help_id == Help.id).where(HelpSample.month == month)
    return frozenset(db.scalars(union(objected, drawn)))


def objections(db: Session, party: Party, *, but: Collection[UUID], page: int) -> tuple[list[Case], bool]:
    """Return one page of objections, open ones first, the oldest of them first; and whether there are more.

    but: residents who are near to the manager: another one looks into their helps.
    """
    found = _cases(party, HelpObjection.at, HelpObjection.settled_at.is_(None), but=but).join(
        HelpObjection, HelpObjection.help_id == Help.id
    )
    in_order = found.order_by(
        HelpObjection.settled_at.is_not(None), HelpObjection.settled_at.desc(), HelpObjection.at, Help.id
    )
    rows = db.execute(in_order.offset(PAGE * (page - 1)).limit(PAGE + 1)).all()
    return [Case(*row) for row in rows[:PAGE]], len(rows) > PAGE


def open_objections(db: Session, party: Party, *, but: Collection[UUID]) -> int:
    """Return how many objections wait that this manager may answer. but: as ``objections``."""
    waiting = (
        select(func.count())
        .select_from(HelpObjection)
        .join(Help, Help.id == HelpObjection.help_id)
        .where(HelpObjection.settled_at.is_(None), _may_judge(party), Help.subject_id.not_in(but))
    )
    return db.execute(waiting).scalar_one()


def sample(db: Session, party: Party, month: date, *, but: Collection[UUID]) -> list[Case]:
    """Return what was drawn of a month, in the order in which it was. but: as ``objections``."""
    found = (
        _cases(party, HelpSample.drawn_at, HelpSample.seen_at.is_(None), but=but)
        .join(HelpSample, HelpSample.help_id == Help.id)
        .where(HelpSample.month == month)
    )
    return [Case(*row) for row in db.execute(found.order_by(HelpSample.place))]


def access(db: Session, party: Party, help_id: UUID) -> Access | None:
    """Return what a manager may do with a help; None if nothing, since it is neither objected to nor drawn."""
    row = db.execute(
        select(
            Help.subject_id,
            Person.name,
            Help.staff_id == party.actor,
            HelpObjection.help_id.is_not(None) & HelpObjection.settled_at.is_(None),
            HelpSample.help_id.is_not(None) & HelpSample.seen_at.is_(None),
        )
        .join(Person, Person.id == Help.subject_id)
        .outerjoin(HelpObjection, HelpObjection.help_id == Help.id)
        .outerjoin(HelpSample, HelpSample.help_id == Help.id)
        .where(Help.id == help_id, _may_see(party))
        .where(HelpObjection.help_id.is_not(None) | HelpSample.help_id.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    subject, name, is_own, is_open, is_unseen = row
    return Access(
        subject=subject,
        name=name,
        is_own=is_own,
        may_answer=is_open and not is_own,
        may_tick=is_unseen and not is_own,
    )


def settle(db: Session, sealer: Sealer, party: Party, help_id: UUID, *, finding: str, at: datetime) -> bool:
    """Answer an objection, once. False if it is answered, there is none, or it is about the manager's own help."""
    judged = (
        update(HelpObjection)
        .where(HelpObjection.help_id == help_id, HelpObjection.settled_at.is_(None))
        .where(HelpObjection.help_id.in_(select(Help.id).where(_may_judge(party))))
        .values(settled_at=at, settled_by=party.actor, finding=sealer.seal(finding, context=FINDING))
    )
    return db.execute(judged.returning(HelpObjection.help_id)).one_or_none() is not None


def tick(db: Session, party: Party, help_id: UUID, *, at: datetime) -> bool:
    """Note that a manager looked at a help of the sample, once. False as in ``settle``."""
    looked = (
        update(HelpSample)
        .where(HelpSample.help_id == help_id, HelpSample.seen_at.is_(None))
        .where(HelpSample.help_id.in_(select(Help.id).where(_may_judge(party))))
        .values(seen_at=at, seen_by=party.actor)
    )
    return db.execute(looked.returning(HelpSample.help_id)).one_or_none() is not None


def can_be_drawn(month: date, *, zone: ZoneInfo, at: datetime) -> bool:
    """Tell whether each help that was begun in a month has ended: else one that was begun in its last hour would be
    drawn while it goes on, or never.
    """
    return bounds(month, zone)[1] + LONGEST <= at


def draw_sample(db: Session, month: date, *, zone: ZoneInfo, choose: Choose, at: datetime) -> bool:
    """Draw the sample of a month, once it can be. False if it was drawn: nobody draws until they like what they get."""
    if not can_be_drawn(month, zone=zone, at=at):
        return False
    since, until = bounds(month, zone)
    of_month = select(Help.id).where(Help.started_at >= since, Help.started_at < until).order_by(Help.id)
    drawn = draw(db.execute(of_month).scalars().all(), choose)
    rows = [
        {"month": month, "place": place, "help_id": help_id, "drawn_at": at} for place, help_id in enumerate(drawn, 1)
    ]
    if not rows or db.execute(select(HelpSample.place).where(HelpSample.month == month)).first():
        return False
    try:
        with db.begin_nested():
            db.execute(insert(HelpSample), rows)
    except IntegrityError:  # another one was quicker: the month has its first place
        return False
    return True


def given(db: Session, month: date, *, zone: ZoneInfo, at: datetime) -> list[Given]:
    """Return the helps that were begun in a month and have ended."""
    since, until = bounds(month, zone)
    rows = db.execute(
        select(
            Help.team,
            Help.reason,
            cast(Help.ends_at - Help.started_at, Interval),
            Help.acts,
            exists().where(HelpExtension.help_id == Help.id),
            exists().where(HelpObjection.help_id == Help.id),
        ).where(Help.started_at >= since, Help.started_at < until, Help.ends_at <= at)
    )
    return [Given(*row) for row in rows]


def _cases(
    party: Party, at: SQLColumnExpression[datetime], is_open: ColumnElement[bool], *, but: Collection[UUID]
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Help.id,
            Person.name,
            Help.team,
            Help.reason,
            Help.started_at,
            Help.ends_at,
            at,
            is_open,
            Help.staff_id == party.actor,
        )
        .join(Person, Person.id == Help.staff_id)
        .where(_may_see(party), Help.subject_id.not_in(but))
    )


def _may_see(party: Party) -> ColumnElement[bool]:
    """Match helps of others than who is noted as the manager's own household: another manager looks into those."""
    return ~exists().where(StaffRelation.staff_id == party.actor, StaffRelation.subject_id == Help.subject_id)


def _may_judge(party: Party) -> ColumnElement[bool]:
    return (Help.staff_id != party.actor) & _may_see(party)
