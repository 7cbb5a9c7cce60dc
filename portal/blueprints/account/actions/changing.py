"""What people change about their own account."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account import rules
from portal.blueprints.account.actions.signing_in import prove_again
from portal.db import committing
from portal.i18n import LANGUAGES
from portal.identity import codes, contacts, helping, links, persons, resets, sessions, waiting
from portal.identity.codes import CodeWrong
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttle
from portal.models import Channel
from portal.party import Party
from portal.sealed import Sealer

CONFIRM = "contact"
CONFIRM_LASTS = timedelta(hours=24)


def change_password(
    db: Session,
    throttle: Throttle,
    mailing: Mailing,
    party: Party,
    *,
    present: str,
    password: str,
    keep: UUID,
    council: tuple[str, ...],
    address: str,
    now: datetime,
) -> None:
    """Replace one's own password and end all other sessions, with a help that was given in one.

    keep: id of the session that asks.
    Raises Throttled, WrongPassword, WeakPassword.
    """
    account = prove_again(db, throttle, party.actor, password=present, address=address, now=now)
    with committing(db):
        resets.replace_password(db, mailing, account, password, council=council, at=now)
        sessions.end_all(db, account.id, but=keep)
        helping.end_left(db, account.id, at=now)
        record(db, party, "account.password.change", at=now)


def end_session(db: Session, party: Party, session_id: UUID, *, now: datetime) -> bool:
    """End one of one's own sessions, and a help that was given in it. False if there is no such session."""
    with committing(db):
        ended = sessions.end_one(db, party.actor, session_id)
        if ended:
            helping.end_left(db, party.actor, at=now)
            record(db, party, "account.session.end", at=now, object=f"session:{session_id}")
    return ended


def end_other_sessions(db: Session, party: Party, *, keep: UUID, now: datetime) -> None:
    """End all of one's sessions but ``keep``, and a help that was given in one of them."""
    with committing(db):
        count = sessions.end_all(db, party.actor, but=keep)
        helping.end_left(db, party.actor, at=now)
        record(db, party, "account.session.end-others", at=now, count=count)


def add_email(
    db: Session, throttle: Throttle, mailing: Mailing, party: Party, *, email: str, address: str, now: datetime
) -> None:
    """Send a link that confirms a new address. If it is another account's, its owner is told so, and nobody else.

    address: of the network. Raises Throttled, contacts.Known.
    """
    throttle.ask(db, rules.of_message(throttle, CONFIRM, name=email, address=address), at=now)
    with committing(db):
        contact = contacts.add_email(db, party, email, at=now)
        send_link(db, mailing, party, contact, email, now=now)
        record(db, party, contacts.ADD, at=now, channel=Channel.EMAIL.value)


def send_link(db: Session, mailing: Mailing, party: Party, contact: UUID, email: str, *, now: datetime) -> None:
    """Send the link of ``add_email``, in the caller's transaction."""
    token = codes.issue(
        db, CONFIRM, at=now, lasts=CONFIRM_LASTS, person_id=party.subject, details={"contact": str(contact)}
    )
    if contacts.is_taken(db, email):  # the token goes nowhere: it is made all the same, so that no time tells
        template, fields = "register-exists", {"sign_in": mailing.link("/sign-in"), "reset": mailing.link("/reset")}
    else:
        template, fields = "contact-confirm", {"link": mailing.link(f"/account/contacts/confirm/{token}")}
    mailing.send(db, template, fields, to=(Channel.EMAIL, email), person_id=party.subject, at=now)


def is_own_link(db: Session, party: Party, *, token: str, now: datetime) -> bool:
    """Tell whether a link that confirms an address was sent to this person. Looking uses nothing up."""
    try:
        return codes.find(db, CONFIRM, token, at=now).person_id == party.subject
    except CodeWrong:
        return False


def confirm_email(db: Session, mailing: Mailing, party: Party, *, token: str, now: datetime) -> None:
    """Note that a new address reaches its owner, and tell the old ones. Raises CodeWrong, contacts.Taken."""
    with committing(db):
        ways = contacts.of_person(db, party.subject)
        opened = codes.redeem(db, CONFIRM, token, at=now)
        if opened.person_id != party.subject:
            raise CodeWrong(CONFIRM)
        if not contacts.confirm(db, party, UUID(opened.details["contact"]), at=now):
            raise CodeWrong(CONFIRM)
        waiting.end(db, UUID(opened.details["contact"]))
        _tell_of_change(db, mailing, party, ways, now=now)


def remove_contact(db: Session, mailing: Mailing, party: Party, contact: UUID, *, now: datetime) -> bool:
    """Forget a way to reach somebody, and tell them by it as well. False if there is no such contact.

    Raises contacts.LastOne.
    """
    with committing(db):
        ways = contacts.of_person(db, party.subject)
        removed = contacts.remove(db, party, contact, at=now)
        if removed:  # nor does a link that was sent there choose a password any more
            codes.void(db, resets.PURPOSE, at=now, person_id=party.subject)
            _tell_of_change(db, mailing, party, ways, now=now)
    return removed


def set_language(db: Session, sealer: Sealer, party: Party, language: str, *, now: datetime) -> None:
    with committing(db):
        details = persons.details(db, party.subject)
        old = LANGUAGES[details.language] if details else None
        persons.set_language(db, party.subject, language)
        helping.note_change(db, sealer, party, "account.language", old=old, new=LANGUAGES[language], at=now)
        record(db, party, "account.language", at=now)


def disconnect(db: Session, party: Party, link: UUID, *, now: datetime) -> bool:
    """End one of one's own links. False if there is no such link."""
    with committing(db):
        return links.end(db, party, link, why="disconnected", at=now)


def _tell_of_change(db: Session, mailing: Mailing, party: Party, ways: list[contacts.Way], *, now: datetime) -> None:
    fields = {"address": mailing.link("/account")}
    mailing.tell(db, party.subject, ways, "sign-in-method-changed", fields, at=now)
