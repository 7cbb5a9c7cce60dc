"""Signing in, proving it again, signing out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account import rules
from portal.db import committing
from portal.identity import helping, passwords, persons
from portal.identity.persons import Account
from portal.identity.throttle import Throttle


class WrongCredentials(Exception):
    """There is no such account, it is closed, or the password is wrong: nobody is told which."""


class WrongPassword(Exception):
    """Somebody who is signed in gave a wrong password."""


def sign_in(db: Session, throttle: Throttle, *, name: str, password: str, address: str, now: datetime) -> Account:
    """Return whose name and password these are. Staff are not in yet: their second factor is asked for next.

    address: of the network. Raises Throttled (before any hash is worked out) and WrongCredentials.
    """
    throttle.ask(db, rules.of_sign_in(throttle, name=name, address=address), at=now)
    account = persons.find(db, name)
    is_right = passwords.verify(account.hash if account else None, password)
    with committing(db):
        if account and is_right:
            _password_was_right(db, throttle, account, name=name, password=password, address=address)
            record(db, persons.themselves(account.id), "sign-in.password", at=now)
        else:
            subject = account.id if account else None
            record(db, None, "sign-in.password", at=now, outcome="refused", authority="unknown", subject=subject)
    if account is None or not is_right:
        raise WrongCredentials
    return account


def prove_again(
    db: Session, throttle: Throttle, person_id: UUID, *, password: str, address: str, now: datetime
) -> Account:
    """Return the account of somebody who is signed in and gave their password again.

    Raises Throttled, WrongPassword.
    """
    name = str(person_id)
    throttle.ask(db, rules.of_sign_in(throttle, name=name, address=address), at=now)
    account = persons.by_id(db, person_id)
    is_right = passwords.verify(account.hash if account else None, password)
    with committing(db):
        outcome = "done" if account and is_right else "refused"
        record(db, None, "sign-in.again", at=now, outcome=outcome, authority="self", subject=person_id)
        if account and is_right:
            _password_was_right(db, throttle, account, name=name, password=password, address=address)
    if account is None or not is_right:
        raise WrongPassword
    return account


def has_password(db: Session, person_id: UUID) -> bool:
    """Tell whether somebody has a password to prove again who they are by."""
    account = persons.by_id(db, person_id)
    return account is not None and account.hash is not None


def sign_out(db: Session, person_id: UUID, *, now: datetime) -> None:
    """Record that somebody signed out; the session itself ends with the request, and a help that they give at once."""
    with committing(db):
        helping.end(db, person_id, why=helping.Ended.SIGNED_OUT, at=now)
        record(db, persons.themselves(person_id), "sign-out", at=now)


def _password_was_right(
    db: Session, throttle: Throttle, account: Account, *, name: str, password: str, address: str
) -> None:
    for limit in rules.of_name(throttle, name=name, address=address):
        throttle.forget(db, *limit.what)
    if account.hash and passwords.is_outdated(account.hash):
        persons.rehash(db, account.id, passwords.hash_password(password))
