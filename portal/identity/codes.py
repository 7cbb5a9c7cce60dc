"""Codes that work once: long tokens for links, short ones that people type from a letter.

The table holds SHA-256 of a code, never the code. Nothing here commits: each function works in its caller's
transaction.
Source: OWASP ASVS 5.0, V6.6 (out-of-band secrets), V7.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.models import OneTimeCode

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, 1, I and L, no U: what looks alike is left out."""
GROUPS, GROUP = 4, 4
"""``K7QM-2F9D-XW3R-8HTA``: 16 letters of 30, 78 random bits."""
SHORTEST_TOKEN = 40
"""Tokens in links have 43 characters, which all count; whatever is shorter was typed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a right code opens. person_id: whom it was sent to, None if they have no account yet."""

    id: UUID
    person_id: UUID | None
    details: Mapping[str, str]


class CodeWrong(Exception):
    """There is no such code, or it was used, or it is too old: nobody is told which."""


def issue(
    db: Session,
    purpose: str,
    *,
    at: datetime,
    lasts: timedelta,
    person_id: UUID | None = None,
    details: dict[str, str] | None = None,
    typed: bool = False,
    tries: int | None = None,
) -> str:
    """Make a code and return it, for the one message that it is sent in.

    typed: a short one, to be typed. tries: how many wrong ones may be typed in its place (``count_wrong``); None: any
    number. Codes of the same purpose that the person was sent before stop working.
    """
    if person_id:
        void(db, purpose, at=at, person_id=person_id)
    code = _typed() if typed else secrets.token_urlsafe(32)
    db.execute(
        insert(OneTimeCode).values(
            id=uuid4(),
            purpose=purpose,
            hash=_hash(purpose, code),
            person_id=person_id,
            details=details or {},
            name=code[:GROUP] if typed else None,
            tries_left=tries,
            created_at=at,
            expires_at=at + lasts,
        )
    )
    return code


def find(db: Session, purpose: str, code: str, *, at: datetime) -> Opened:
    """Return a code's row without using it up. Raises CodeWrong."""
    found = db.execute(
        select(OneTimeCode.id, OneTimeCode.person_id, OneTimeCode.details).where(*_is_good(purpose, code, at))
    ).one_or_none()
    if found is None:
        raise CodeWrong(purpose)
    return Opened(*found)


def redeem(db: Session, purpose: str, code: str, *, at: datetime) -> Opened:
    """Use a code up and return its row. Of two at once, one gets it.

    Raises CodeWrong.
    """
    used = db.execute(
        update(OneTimeCode)
        .where(*_is_good(purpose, code, at))
        .values(used_at=at)
        .returning(OneTimeCode.id, OneTimeCode.person_id, OneTimeCode.details)
    ).one_or_none()
    if used is None:
        raise CodeWrong(purpose)
    return Opened(*used)


def was_issued(db: Session, purpose: str, person_id: UUID, *, after: datetime) -> bool:
    """Tell whether the person was sent a code later than ``after`` and hasn't used it."""
    sent = select(OneTimeCode.id).where(
        OneTimeCode.purpose == purpose,
        OneTimeCode.person_id == person_id,
        OneTimeCode.created_at > after,
        OneTimeCode.used_at.is_(None),
    )
    return db.execute(sent.limit(1)).one_or_none() is not None


def count_wrong(db: Session, purpose: str, code: str) -> None:
    """Take one try from the code that a wrongly typed one was meant to be: the first letters tell which.

    Call it in a transaction of its own, after the one that ``redeem`` raised CodeWrong in was rolled back.
    """
    db.execute(
        update(OneTimeCode)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.name == _plain(code)[:GROUP], OneTimeCode.tries_left > 0)
        .values(tries_left=OneTimeCode.tries_left - 1)
    )


def is_typed(code: str) -> bool:
    """Tell whether this can only be a code that people type, not the token of a link."""
    return len(code) < SHORTEST_TOKEN


def void(db: Session, purpose: str, *, at: datetime, person_id: UUID) -> None:
    """Stop the codes of this purpose that a person was sent."""
    db.execute(
        update(OneTimeCode)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.person_id == person_id, OneTimeCode.used_at.is_(None))
        .values(used_at=at)
    )


def void_like(db: Session, purpose: str, details: dict[str, str], *, at: datetime) -> None:
    """Stop the codes of this purpose that open the same: for those that were sent to somebody without an account."""
    db.execute(
        update(OneTimeCode)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.details == details, OneTimeCode.used_at.is_(None))
        .values(used_at=at)
    )


def _is_good(purpose: str, code: str, at: datetime) -> tuple[Any, ...]:
    return (
        OneTimeCode.hash == _hash(purpose, code),
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > at,
        OneTimeCode.tries_left.is_distinct_from(0),
    )


def _typed() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _hash(purpose: str, code: str) -> bytes:
    """Return what the table holds of a code."""
    return hashlib.sha256(f"{purpose}:{_plain(code)}".encode()).digest()


def _plain(code: str) -> str:
    """Return a code so that case, blanks and hyphens of a typed one don't matter. Long tokens stay as they are."""
    return "".join(letter for letter in code.upper() if letter.isalnum()) if is_typed(code) else code
