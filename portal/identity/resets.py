"""New passwords. Without the old one: by a link in an e-mail, or a letter with a code to people without e-mail.

Nothing here commits: each function works in its caller's transaction.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.identity import codes, contacts, passwords, persons
from portal.identity.codes import CodeWrong, Opened
from portal.identity.mailing import Mailing
from portal.identity.persons import Account
from portal.models import Channel

PURPOSE = "reset"
CONTACT = "contact"
"""Where a code's details name the contact that it confirms."""
LINK_LASTS = timedelta(hours=1)
WELCOME_LASTS = timedelta(hours=24)
LETTER_LASTS = timedelta(days=21)
LETTER_TRIES = 5
NEXT_LETTER = timedelta(days=3)
"""A letter needs its time: another one, asked for meanwhile by whomever, would void the code that is on its way."""

To = tuple[Channel, str]


def where_to(db: Session, person_id: UUID, name: str = "") -> To | None:
    """Return where the link or code goes; None if the person can't be reached. name: the address that they prefer."""
    ways = [way for way in contacts.of_person(db, person_id) if way.confirmed]
    emails = [way.value for way in ways if way.channel is Channel.EMAIL]
    if emails:
        return Channel.EMAIL, next((email for email in emails if email.lower() == name.strip().lower()), emails[0])
    return next(((way.channel, way.value) for way in ways if way.channel is Channel.POST), None)


def send(
    db: Session,
    mailing: Mailing,
    *,
    person_id: UUID | None,
    to: To,
    at: datetime,
    username: str | None = None,
    language: str | None = None,
) -> None:
    """Send a link or a letter. A second letter within three days isn't sent.

    username: told in the letter, since whoever has no e-mail signs in with it. language: None for the person's.
    """
    if to[0] is Channel.EMAIL:
        token = codes.issue(db, PURPOSE, at=at, lasts=LINK_LASTS, person_id=person_id)
        fields = {"link": mailing.link(f"/reset/{token}")}
    elif person_id and codes.was_issued(db, PURPOSE, person_id, after=at - NEXT_LETTER):
        return
    else:
        fields = _of_letter(db, mailing, person_id, username, at=at)
    mailing.send(db, "reset", fields, to=to, person_id=person_id, at=at, language=language)


def welcome_by_email(
    db: Session, mailing: Mailing, *, person_id: UUID, contact: UUID, email: str, at: datetime
) -> None:
    """Send whoever staff registered a link to choose a password; it shows that the address reaches them, as well."""
    details = {CONTACT: str(contact)}
    token = codes.issue(db, PURPOSE, at=at, lasts=WELCOME_LASTS, person_id=person_id, details=details)
    fields = {"link": mailing.link(f"/reset/{token}")}
    mailing.send(db, "account-made", fields, to=(Channel.EMAIL, email), person_id=person_id, at=at)


def welcome_by_letter(
    db: Session, mailing: Mailing, *, person_id: UUID, address: str, username: str, at: datetime
) -> None:
    """Send whoever staff registered, and who has no e-mail, a letter with a code. address: lines."""
    fields = _of_letter(db, mailing, person_id, username, at=at)
    mailing.send(db, "account-made", fields, to=(Channel.POST, address), person_id=person_id, at=at)


def confirm_contact(db: Session, account: Account, opened: Opened, *, at: datetime) -> None:
    """Note that the address reaches its owner, if it was a welcome that they opened. Raises CodeWrong."""
    if CONTACT not in opened.details:
        return
    try:
        is_theirs = contacts.confirm(db, persons.themselves(account.id), UUID(opened.details[CONTACT]), at=at)
    except contacts.Taken:
        is_theirs = False
    if not is_theirs:
        raise CodeWrong(PURPOSE)


def _of_letter(
    db: Session, mailing: Mailing, person_id: UUID | None, username: str | None, *, at: datetime
) -> dict[str, str]:
    code = codes.issue(db, PURPOSE, at=at, lasts=LETTER_LASTS, person_id=person_id, typed=True, tries=LETTER_TRIES)
    fields = {"address": mailing.link("/reset/letter"), "code": code}
    return fields | {"username": username} if username else fields


def replace_password(
    db: Session, mailing: Mailing, account: Account, password: str, *, council: tuple[str, ...], at: datetime
) -> None:
    """Give an account another password and tell its owner; links sent before to choose one are void.

    council: its names, which no password may hold. Raises WeakPassword.
    """
    ways = contacts.of_person(db, account.id)
    emails = [way.value for way in ways if way.channel is Channel.EMAIL]
    passwords.check(password, names=(account.name, account.username or "", *council, *emails))
    persons.set_password(db, account.id, passwords.hash_password(password), at=at)
    codes.void(db, PURPOSE, at=at, person_id=account.id)
    mailing.tell(db, account.id, ways, "password-changed", {"reset": mailing.link("/reset")}, at=at)
