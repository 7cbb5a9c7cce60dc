"""Residents' accounts: made, found, restricted, closed. Those of staff are ``portal.identity.staff``'s.

Nothing here commits: each function works in its caller's transaction, and what changes something writes its audit
record there.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Insert, Select, delete, false, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.identity import helping, links, sessions
from portal.models import Channel, Contact, Kind, OneTimeCode, Password, Person
from portal.party import Level, Party, Permission

USERNAME = re.compile(r"[^\W_][\w.-]{2,39}")
"""3 to 40 letters, digits, dots, hyphens, underscores. An @ tells that a name is an e-mail address."""


class NameTaken(Exception):
    """Another account is signed in to with that e-mail address or username."""


class BadUsername(ValueError):
    """The username isn't of the form that usernames have."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a name signs in. name: what they are called. username: None if they sign in by e-mail address alone.

    hash: of the password, None while there is none.
    """

    id: UUID
    kind: Kind
    name: str
    language: str
    username: str | None
    hash: str | None

    def holder(self) -> sessions.Holder:
        """Return who a resident's session is signed in as; staff also need their second factor."""
        return sessions.Holder(self.id, self.kind, self.name, self.language, frozenset())


@dataclass(frozen=True, slots=True)
class Details:
    """What a person's own page and the command line show of them."""

    id: UUID
    kind: str
    name: str
    language: str
    username: str | None
    has_password: bool
    restricted: bool
    created_at: datetime
    closed_at: datetime | None


class Why(StrEnum):
    """Why a link ended with its account."""

    CLOSED = "account-closed"


def find(db: Session, name: str) -> Account | None:
    """Return whom ``name``, a confirmed e-mail address or a username, signs in; None if nobody or if closed."""
    return _account(db, _is_called(name))


def by_id(db: Session, person_id: UUID) -> Account | None:
    """Return an account that isn't closed."""
    return _account(db, Person.id == person_id)


def details(db: Session, person_id: UUID) -> Details | None:
    row = db.execute(_details().where(Person.id == person_id)).one_or_none()
    return Details(*row) if row else None


def has_own_way_in(db: Session, person_id: UUID) -> bool:
    """Tell whether somebody signs in with what is theirs here: a password, or an address to choose one by."""
    password = select(Password.person_id).where(Password.person_id == person_id, Password.hash.is_not(None))
    email = select(Contact.person_id).where(
        Contact.person_id == person_id, Contact.channel == Channel.EMAIL, Contact.confirmed_at.is_not(None)
    )
    return db.execute(select(or_(password.exists(), email.exists()))).scalar_one()


def for_staff(db: Session, party: Party, person_id: UUID) -> Details | None:
    """Return a resident as staff may see them; None if there is none, or if they are restricted and ``party`` may not
    know of them: the same answer for both.
    """
    row = db.execute(_details().where(Person.id == person_id, visible_to_staff(party))).one_or_none()
    return Details(*row) if row else None


def visible_to_staff(party: Party) -> ColumnElement[bool]:
    """Return the condition that every query which gives residents to staff joins its ``Person`` with."""
    may_see_restricted = true() if party.may(Permission.PERSON_READ_RESTRICTED) else Person.restricted.is_(False)
    return (Person.kind == Kind.RESIDENT) & (may_see_restricted if party.may(Permission.PERSON_READ) else false())


def themselves(person_id: UUID) -> Party:
    """Return a person acting for themselves, for the record of what they did before anybody was signed in."""
    return Party(subject=person_id, actor=person_id, level=Level.MEDIUM)


def add(
    db: Session,
    *,
    name: str,
    language: str,
    email: str | None = None,
    username: str | None = None,
    hash: str | None = None,
    at: datetime,
) -> Account:
    """Make a resident's account. email: an address that is known to reach them. hash: of their password.

    Raises NameTaken, BadUsername.
    """
    if username is not None and not USERNAME.fullmatch(username):
        raise BadUsername(username)
    account = Account(uuid4(), Kind.RESIDENT, name, language, username, hash)
    db.execute(insert(Person).values(id=account.id, kind=account.kind, name=name, language=language, created_at=at))
    try:
        with db.begin_nested():
            if email:
                db.execute(_contact(account.id, Channel.EMAIL, email, at=at))
            db.execute(insert(Password).values(person_id=account.id, username=username, hash=hash, changed_at=at))
    except IntegrityError:
        raise NameTaken from None
    return account


def add_postal_address(db: Session, person_id: UUID, lines: list[str], *, at: datetime) -> None:
    """Note where letters reach somebody, as the council knows it. lines: of the address, without their name."""
    db.execute(_contact(person_id, Channel.POST, "\n".join(lines), at=at))


def set_password(db: Session, person_id: UUID, hash: str, *, at: datetime) -> None:
    """Replace the password of a person. hash: of ``passwords.hash_password``."""
    new = upsert(Password).values(person_id=person_id, hash=hash, changed_at=at)
    db.execute(new.on_conflict_do_update(index_elements=[Password.person_id], set_={"hash": hash, "changed_at": at}))


def rehash(db: Session, person_id: UUID, hash: str) -> None:
    """Keep the same password with today's parameters."""
    db.execute(update(Password).where(Password.person_id == person_id).values(hash=hash))


def set_language(db: Session, person_id: UUID, language: str) -> None:
    db.execute(update(Person).where(Person.id == person_id).values(language=language))


def restrict(db: Session, person_id: UUID, *, restricted: bool, at: datetime) -> None:
    """Hide a person at risk from staff, or show them again. Who helps them meanwhile needs a second one's yes first."""
    db.execute(update(Person).where(Person.id == person_id).values(restricted=restricted))
    if restricted:
        helping.end_all_of(db, person_id, why=helping.Ended.RESTRICTED, at=at)
    act = "person.restrict" if restricted else "person.unrestrict"
    record(db, None, act, at=at, object=f"person:{person_id}", authority="command", subject=person_id)


def end_sessions(db: Session, person_id: UUID, *, at: datetime) -> None:
    """Sign a resident out everywhere, and nothing else."""
    sessions.end_all(db, person_id)
    record(db, None, "person.end-sessions", at=at, object=f"person:{person_id}", authority="command", subject=person_id)


def close(db: Session, person_id: UUID, *, at: datetime) -> None:
    """Close a resident's account: sessions, links and help end at once, nobody signs in to it, its addresses are free.

    The row stays, so that the audit tells whose it was.
    """
    db.execute(update(Person).where(Person.id == person_id, Person.closed_at.is_(None)).values(closed_at=at))
    sessions.end_all(db, person_id)
    helping.end_all_of(db, person_id, why=helping.Ended.CLOSED, at=at)
    links.end_all(db, person_id, why=Why.CLOSED, at=at)
    for table in (Password, OneTimeCode, Contact):
        db.execute(delete(table).where(table.person_id == person_id))
    record(db, None, "person.close", at=at, object=f"person:{person_id}", authority="command", subject=person_id)


def _account(db: Session, condition: ColumnElement[bool]) -> Account | None:
    row = db.execute(
        select(Person.id, Person.kind, Person.name, Person.language, Password.username, Password.hash)
        .outerjoin(Password, Password.person_id == Person.id)
        .where(condition, Person.closed_at.is_(None))
    ).one_or_none()
    return Account(row.id, Kind(row.kind), row.name, row.language, row.username, row.hash) if row else None


def _is_called(name: str) -> ColumnElement[bool]:
    """Match one account at most: usernames hold no @, and no two accounts have the same confirmed address."""
    name = name.strip()
    if "@" not in name:
        return func.lower(Password.username) == func.lower(name)
    with_address = select(Contact.person_id).where(
        Contact.channel == Channel.EMAIL,
        Contact.confirmed_at.is_not(None),
        func.lower(Contact.value) == func.lower(name),
    )
    return Person.id.in_(with_address)


def _details() -> Select[UUID, str, str, str, str | None, bool, bool, datetime, datetime | None]:
    return select(
        Person.id,
        Person.kind,
        Person.name,
        Person.language,
        Password.username,
        Password.hash.is_not(None),
        Person.restricted,
        Person.created_at,
        Person.closed_at,
    ).outerjoin(Password, Password.person_id == Person.id)


def _contact(person_id: UUID, channel: Channel, value: str, *, at: datetime) -> Insert:
    return insert(Contact).values(
        id=uuid4(), person_id=person_id, channel=channel, value=value, created_at=at, confirmed_at=at
    )
