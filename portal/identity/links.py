"""Links from a person to what another system calls them.

Nothing here commits: a link begins and ends in its caller's transaction, together with what it stands on, and each
leaves its audit record.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, ColumnElement, DateTime, Uuid, and_, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.models import Link
from portal.party import Level, Party


class AlreadyLinked(Exception):
    """The person has this link; or staff have registered somebody else with it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """One of a person's links that hold. until: it ends by itself then, None if it doesn't."""

    id: UUID
    service: str
    since: datetime
    until: datetime | None


def open_links(service: str, *, least: Level = Level.LOW) -> ColumnElement[bool]:
    """Return the condition that a slice joins its tables to ``Link`` with: links of a party's subject that hold.

    ``HOMES = select(Tenant).join(Link, Link.target == Tenant.id).where(open_links("rent"))``, built once, and for each
    party ``rows(db, HOMES, **links_of(party, "rent", at=now))``. least: how strongly the link must have been made.
    """
    return and_(
        Link.person_id == bindparam("link_person", type_=Uuid),
        Link.service == service,
        Link.level >= least,
        Link.ended_at.is_(None),
        or_(Link.until.is_(None), Link.until > bindparam("link_at", type_=DateTime(timezone=True))),
        bindparam("link_in_scope", type_=Boolean),
    )


def links_of(party: Party, service: str, *, at: datetime) -> dict[str, object]:
    """Return what ``open_links`` is run with. None hold for an actor whose scope leaves the service out."""
    return {"link_person": party.subject, "link_at": at, "link_in_scope": party.may_see(service)}


def create(
    db: Session,
    party: Party,
    *,
    service: str,
    target: UUID,
    how: str,
    level: Level,
    at: datetime,
    until: datetime | None = None,
) -> UUID:
    """Link the party's subject to ``target`` and return the link's id. Raises AlreadyLinked."""
    link = uuid4()
    _end_expired(db, party.subject, service, target, at=at)
    try:
        with db.begin_nested():
            db.execute(
                insert(Link).values(
                    id=link,
                    person_id=party.subject,
                    service=service,
                    target=target,
                    how=how,
                    level=level,
                    since=at,
                    until=until,
                )
            )
    except IntegrityError:
        raise AlreadyLinked from None
    record(db, party, "link.begin", at=at, object=f"{service}:{target}", how=how)
    return link


def end(db: Session, party: Party, link: UUID, *, why: str, at: datetime) -> bool:
    """End one of the subject's own links. False if they have no such link."""
    ended = _end(db, Link.id == link, Link.person_id == party.subject, why=why, at=at)
    for _, service, target in ended:
        record(db, party, "link.end", at=at, object=f"{service}:{target}", why=why)
    return bool(ended)


def end_targets(db: Session, service: str, targets: Collection[UUID], *, why: str, at: datetime) -> list[UUID]:
    """End everybody's links to what is gone, such as tenants' rows, and return the persons."""
    ended = _end(db, Link.service == service, Link.target.in_(targets), why=why, at=at) if targets else []
    _record_by_system(db, ended, why=why, at=at)
    return [person_id for person_id, _, _ in ended]


def end_all(db: Session, person_id: UUID, *, why: str, at: datetime) -> None:
    """End all links of a person."""
    _record_by_system(db, _end(db, Link.person_id == person_id, why=why, at=at), why=why, at=at)


def end_expired(db: Session, service: str, *, at: datetime) -> None:
    """End the links to a service whose time is over, with what stands on them; nobody was shown it since."""
    _record_by_system(
        db, _end(db, Link.service == service, Link.until <= at, why="expired", at=at), why="expired", at=at
    )


def of_subject(db: Session, party: Party, *, at: datetime) -> list[Linked]:
    """Return the subject's links that hold, oldest first."""
    rows = db.execute(
        select(Link.id, Link.service, Link.since, Link.until)
        .where(Link.person_id == party.subject, _holds(at))
        .order_by(Link.since, Link.id)
    )
    return [Linked(*row) for row in rows if party.may_see(row.service)]


def is_linked(db: Session, party: Party, service: str, target: UUID, *, at: datetime) -> bool:
    """Tell whether the subject has this link."""
    same = (Link.person_id == party.subject, Link.service == service, Link.target == target)
    return db.execute(select(Link.id).where(*same, _holds(at))).one_or_none() is not None


def _holds(at: datetime) -> ColumnElement[bool]:
    return and_(Link.ended_at.is_(None), or_(Link.until.is_(None), Link.until > at))


def _end_expired(db: Session, person_id: UUID, service: str, target: UUID, *, at: datetime) -> None:
    """Close a link whose time is over, so that it can be made anew."""
    same = (Link.person_id == person_id, Link.service == service, Link.target == target)
    _end(db, *same, Link.until <= at, why="expired", at=at)


def _end(db: Session, *conditions: ColumnElement[bool], why: str, at: datetime) -> list[tuple[UUID, str, UUID]]:
    ended = (
        update(Link)
        .where(Link.ended_at.is_(None), *conditions)
        .values(ended_at=at, ended_why=why)
        .returning(Link.person_id, Link.service, Link.target)
    )
    return [(row.person_id, row.service, row.target) for row in db.execute(ended)]


def _record_by_system(db: Session, ended: list[tuple[UUID, str, UUID]], *, why: str, at: datetime) -> None:
    for person_id, service, target in ended:
        record(db, None, "link.end", at=at, object=f"{service}:{target}", subject=person_id, why=why)
