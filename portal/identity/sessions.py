"""Rows of sessions. The browser holds 256 random bits, the table their SHA-256 (OWASP ASVS 5.0, V7)."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Text, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session, aliased

from portal.models import Help, Kind, Person, SignInSession, StaffRole
from portal.party import Level, Role

SEEN_EVERY = timedelta(minutes=1)
"""Last-seen is written at most this often."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """After how long without a request, and how long after sign-in, a session ends."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Holder:
    """The person that a session is signed in as."""

    id: UUID
    kind: Kind
    name: str
    language: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Helping:
    """The help that a session is for. name: the resident's. agreed: sealed (``helping.AGREED``). team: of the staff."""

    id: UUID
    subject: UUID
    name: str
    team: str
    agreement: str
    agreed: bytes = field(repr=False)
    services: frozenset[str]
    acts: bool
    ends_at: datetime

    def is_over(self, at: datetime) -> bool:
        return at >= self.ends_at


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session that is still good. holder: None for a visitor. helping: of staff who act for somebody in it."""

    hash: bytes
    id: UUID
    holder: Holder | None
    level: Level
    created_at: datetime
    seen_at: datetime
    proven_at: datetime | None
    data: Mapping[str, object]
    helping: Helping | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in session as its owner sees it."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime


def digest(token: str) -> bytes:
    """Return what the table holds of a token."""
    return hashlib.sha256(token.encode()).digest()


_Helped = aliased(Person)
_LOAD = (
    select(
        SignInSession.hash,
        SignInSession.id,
        SignInSession.person_id,
        SignInSession.level,
        SignInSession.created_at,
        SignInSession.seen_at,
        SignInSession.proven_at,
        SignInSession.data,
        Person.kind,
        Person.name,
        Person.language,
        select(func.array_agg(StaffRole.role))
        .where(StaffRole.person_id == SignInSession.person_id)
        .scalar_subquery()
        .label("roles"),
        Help.id.label("help_id"),
        Help.subject_id,
        _Helped.name.label("subject_name"),
        Help.team,
        Help.agreement,
        Help.agreed,
        Help.services,
        Help.acts,
        Help.ends_at,
    )
    .outerjoin(Person, Person.id == SignInSession.person_id)
    .outerjoin(Help, Help.id == SignInSession.help_id)
    .outerjoin(_Helped, _Helped.id == Help.subject_id)
    .where(
        SignInSession.hash == bindparam("hash"),
        SignInSession.expires_at > bindparam("at"),
        Person.closed_at.is_(None),
    )
)
"""Built once: every request runs it."""


def load(connection: Connection, token: str, *, at: datetime) -> Loaded | None:
    """Return the session of a token, or None if there is none, it has ended, or its account is closed. One read."""
    row = connection.execute(_LOAD, {"hash": digest(token), "at": at}).one_or_none()
    if row is None:
        return None
    holder = None
    if row.person_id:
        held = frozenset(Role(role) for role in row.roles or ())
        holder = Holder(row.person_id, Kind(row.kind), row.name, row.language, held)
    helping = None
    if row.help_id:
        helping = Helping(
            id=row.help_id,
            subject=row.subject_id,
            name=row.subject_name,
            team=row.team,
            agreement=row.agreement,
            agreed=row.agreed,
            services=frozenset(row.services),
            acts=row.acts,
            ends_at=row.ends_at,
        )
    return Loaded(
        row.hash, row.id, holder, Level(row.level), row.created_at, row.seen_at, row.proven_at, row.data, helping
    )


def begin(
    db: Session,
    *,
    person_id: UUID | None,
    level: Level,
    lifetimes: Lifetimes,
    data: Mapping[str, object],
    device: str,
    at: datetime,
    proven_at: datetime | None = None,
    help_id: UUID | None = None,
) -> str:
    """Add a session and return its token. help_id: the help that it is for."""
    token = secrets.token_urlsafe(32)
    db.execute(
        insert(SignInSession).values(
            hash=digest(token),
            id=uuid4(),
            person_id=person_id,
            level=level,
            created_at=at,
            seen_at=at,
            proven_at=proven_at,
            expires_at=at + min(lifetimes.idle, lifetimes.absolute),
            data=dict(data),
            device=device,
            help_id=help_id,
        )
    )
    return token


def carry_on(
    db: Session,
    loaded: Loaded,
    *,
    level: Level,
    lifetimes: Lifetimes,
    data: Mapping[str, object],
    at: datetime,
    proven_at: datetime | None,
) -> str | None:
    """Give a session another token and return it; the row stays, and what hangs on it, with what changed of its data.
    None if it has ended meanwhile: what has ended doesn't go on.
    """
    token = secrets.token_urlsafe(32)
    carried = (
        update(SignInSession)
        .where(SignInSession.hash == loaded.hash)
        .values(
            hash=digest(token),
            level=level,
            seen_at=at,
            proven_at=proven_at,
            expires_at=min(at + lifetimes.idle, loaded.created_at + lifetimes.absolute),
            **_changed(loaded, data),
        )
        .returning(SignInSession.id)
    )
    return token if db.execute(carried).one_or_none() else None


def touch(db: Session, loaded: Loaded, *, lifetimes: Lifetimes, data: Mapping[str, object], at: datetime) -> None:
    """Note that the session was seen, and keep what changed of its data. One that has ended meanwhile stays ended; a
    visitor's that was to last longer still does.
    """
    expires_at = min(at + lifetimes.idle, loaded.created_at + lifetimes.absolute)
    db.execute(
        update(SignInSession)
        .where(SignInSession.hash == loaded.hash)
        .values(
            seen_at=at,
            expires_at=expires_at if loaded.holder else func.greatest(SignInSession.expires_at, expires_at),
            **_changed(loaded, data),
        )
    )


def _changed(loaded: Loaded, data: Mapping[str, object]) -> dict[str, ColumnElement[Any]]:
    """Return what is to be written of the data: only what this request changed, since another one of the same browser
    may have changed something else since it was loaded.
    """
    new = {name: value for name, value in data.items() if name not in loaded.data or loaded.data[name] != value}
    gone = [name for name in loaded.data if name not in data]
    if not new and not gone:
        return {}
    return {"data": SignInSession.data.op("-")(literal(gone, ARRAY(Text))).concat(literal(new, JSONB))}


def end(db: Session, loaded: Loaded) -> bool:
    """End one session. False if it had ended already."""
    ended = delete(SignInSession).where(SignInSession.hash == loaded.hash).returning(SignInSession.id)
    return db.execute(ended).one_or_none() is not None


def end_all(db: Session, person_id: UUID, *, but: UUID | None = None) -> int:
    """End the sessions of a person, in the caller's transaction. but: id of one that stays. Returns how many ended."""
    ended = delete(SignInSession).where(SignInSession.person_id == person_id)
    if but:
        ended = ended.where(SignInSession.id != but)
    return len(db.execute(ended.returning(SignInSession.id)).all())


def end_one(db: Session, person_id: UUID, session_id: UUID) -> bool:
    """End one of a person's own sessions, in the caller's transaction. False if they have no such session."""
    ended = delete(SignInSession).where(SignInSession.person_id == person_id, SignInSession.id == session_id)
    return db.execute(ended.returning(SignInSession.id)).one_or_none() is not None


def devices(db: Session, person_id: UUID, *, at: datetime) -> list[Device]:
    """Return the sessions that a person is signed in with, last seen first."""
    rows = db.execute(
        select(SignInSession.id, SignInSession.device, SignInSession.created_at, SignInSession.seen_at)
        .where(SignInSession.person_id == person_id, SignInSession.expires_at > at)
        .order_by(SignInSession.seen_at.desc())
    )
    return [Device(*row) for row in rows]
