"""Choosing a new password, having forgotten the old one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account import rules
from portal.db import committing
from portal.identity import codes, helping, persons, resets, sessions
from portal.identity.codes import CodeWrong
from portal.identity.mailing import Mailing
from portal.identity.persons import Account
from portal.identity.throttle import Throttle
from portal.models import Channel

NO_ID = UUID(int=0)
NOBODY = (Channel.EMAIL, "nobody@example.org")


def ask_to_reset(
    db: Session, throttle: Throttle, mailing: Mailing, *, name: str, language: str, address: str, now: datetime
) -> None:
    """Send a link or, to people without e-mail, a letter with a code. Nothing tells whether there is an account.

    language: of the page. address: of the network. Raises Throttled.
    """
    throttle.ask(db, rules.of_message(throttle, resets.PURPOSE, name=name, address=address), at=now)
    with committing(db):
        account = persons.find(db, name)
        to = resets.where_to(db, account.id if account else NO_ID, name)
        if account and to:
            with db.begin_nested():
                resets.send(
                    db,
                    mailing,
                    person_id=account.id,
                    to=to,
                    at=now,
                    username=account.username,
                    language=account.language,
                )
        else:
            _pretend_to_send(db, mailing, language=language, now=now)
        record(db, None, "account.reset.ask", at=now, authority="unknown", subject=account.id if account else None)


def account_to_reset(db: Session, *, token: str, now: datetime) -> Account:
    """Return whose password a link changes. Looking uses nothing up: mail filters look, too. Raises CodeWrong."""
    if codes.is_typed(token):  # a letter's code is typed where wrong tries are counted, and nowhere else
        raise CodeWrong(resets.PURPOSE)
    return _whose(db, codes.find(db, resets.PURPOSE, token, at=now))


def reset(
    db: Session, mailing: Mailing, *, token: str, password: str, council: tuple[str, ...], now: datetime
) -> Account:
    """Replace the password of whom a link was sent to, and end all their sessions.

    council: its names, which no password may hold. Raises CodeWrong, WeakPassword (the link stays good).
    """
    account_to_reset(db, token=token, now=now)
    return _reset(db, mailing, token, password, council=council, now=now)


def reset_by_letter(
    db: Session,
    throttle: Throttle,
    mailing: Mailing,
    *,
    code: str,
    password: str,
    council: tuple[str, ...],
    address: str,
    now: datetime,
) -> Account:
    """As ``reset``, with a code that was typed; after five wrong tries it is void. Raises Throttled as well."""
    throttle.ask(db, rules.of_code(throttle, address=address), at=now)
    try:
        return _reset(db, mailing, code, password, council=council, now=now)
    except CodeWrong:
        with committing(db):
            codes.count_wrong(db, resets.PURPOSE, code)
            record(db, None, "account.reset", at=now, outcome="refused", authority="unknown")
        raise


def _reset(
    db: Session, mailing: Mailing, code: str, password: str, *, council: tuple[str, ...], now: datetime
) -> Account:
    with committing(db):
        opened = codes.redeem(db, resets.PURPOSE, code, at=now)
        account = _whose(db, opened)
        resets.confirm_contact(db, account, opened, at=now)
        resets.replace_password(db, mailing, account, password, council=council, at=now)
        sessions.end_all(db, account.id)
        helping.end_left(db, account.id, at=now)
        record(db, persons.themselves(account.id), "account.reset", at=now)
    return account


def _whose(db: Session, opened: codes.Opened) -> Account:
    account = persons.by_id(db, opened.person_id) if opened.person_id else None
    if account is None:
        raise CodeWrong(resets.PURPOSE)
    return account


def _pretend_to_send(db: Session, mailing: Mailing, *, language: str, now: datetime) -> None:
    """Do the same work as for an account and undo it, so that time doesn't tell that there is none."""
    with db.begin_nested() as pretence:
        codes.void(db, resets.PURPOSE, at=now, person_id=NO_ID)
        resets.send(db, mailing, person_id=None, to=NOBODY, at=now, language=language)
        pretence.rollback()
