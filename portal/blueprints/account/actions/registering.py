"""Making an account: first the address is confirmed, then the account is made."""

import base64
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account import rules
from portal.db import committing
from portal.identity import codes, passwords, persons
from portal.identity.mailing import Mailing
from portal.identity.persons import Account
from portal.identity.throttle import Throttle
from portal.models import Channel
from portal.sealed import Sealer

PURPOSE = "register"
LASTS = timedelta(hours=24)
SEALED = "one_time_code.details"
"""What the address in a code's row is sealed for."""


def ask_to_register(
    db: Session, throttle: Throttle, mailing: Mailing, *, email: str, language: str, address: str, now: datetime
) -> None:
    """Send a link to an address, or, if it has an account, say so there: who asks can't tell the two apart.

    language: of the page. address: of the network. Raises Throttled.
    """
    throttle.ask(db, rules.of_message(throttle, PURPOSE, name=email, address=address), at=now)
    with committing(db):
        account = persons.find(db, email)
        details = as_details(mailing.sealer.seal(email, context=SEALED))
        token = codes.issue(db, PURPOSE, at=now, lasts=LASTS, details=details)
        if account:  # the token goes nowhere: it is made all the same, so that time tells nothing
            template, fields = "register-exists", {"sign_in": mailing.link("/sign-in"), "reset": mailing.link("/reset")}
        else:
            template, fields = "register-confirm", {"link": mailing.link(f"/register/{token}")}
        person_id = account.id if account else None
        language = account.language if account else language
        mailing.send(db, template, fields, to=(Channel.EMAIL, email), person_id=person_id, at=now, language=language)
        record(db, None, "account.register.ask", at=now, authority="unknown", subject=person_id)


def address_to_register(db: Session, sealer: Sealer, *, token: str, now: datetime) -> str:
    """Return the address that a link was sent to. Looking uses nothing up: mail filters look, too. Raises CodeWrong."""
    return _address(codes.find(db, PURPOSE, token, at=now), sealer)


def register(
    db: Session,
    sealer: Sealer,
    *,
    token: str,
    name: str,
    password: str,
    language: str,
    council: tuple[str, ...],
    now: datetime,
) -> Account:
    """Make the account that a link opens.

    council: its names, which no password may hold. Raises CodeWrong, WeakPassword (the link stays good), and NameTaken
    if the address has got an account meanwhile.
    """
    with committing(db):
        email = _address(codes.redeem(db, PURPOSE, token, at=now), sealer)
        passwords.check(password, names=(name, email, *council))
        hashed = passwords.hash_password(password)
        account = persons.add(db, name=name, language=language, email=email, hash=hashed, at=now)
        record(db, persons.themselves(account.id), "account.register", at=now)
    return account


def as_details(sealed: bytes) -> dict[str, str]:
    """Return how the row of a code keeps the sealed address that it confirms."""
    return {"email": base64.b64encode(sealed).decode()}


def _address(opened: codes.Opened, sealer: Sealer) -> str:
    return sealer.unseal(base64.b64decode(opened.details["email"]), context=SEALED)
