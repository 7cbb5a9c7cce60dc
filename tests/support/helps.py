"""Helps for tests: staff who act for a resident."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import giving
from portal.identity import sessions, visits
from portal.identity.helping import Agreement, Wanted
from portal.models import Person
from portal.party import Level, Party
from portal.sealed import Sealer
from portal.web import current
from portal.web.sessions import PLAIN_COOKIE
from tests.support.client import CheckingClient

ALL = ("rent", "energy", "library", "account")


def wanted(
    person: Person | UUID,
    *,
    services: Iterable[str] = ALL,
    acts: bool = True,
    minutes: int = 15,
    words: str = "About it",
) -> Wanted:
    """Return what a member of staff asks for who begins a help by phone."""
    return Wanted(
        subject=person if isinstance(person, UUID) else person.id,
        reason="question",
        words=words,
        agreement=Agreement.PHONE,
        agreed="4471-20",
        agreed_until=None,
        services=tuple(services),
        acts=acts,
        lasts=timedelta(minutes=minutes),
    )


def past_help(
    db: Session,
    sealer: Sealer,
    staff: Person,
    person: Person,
    *,
    at: datetime,
    services: Iterable[str] = ALL,
    acts: bool = True,
    minutes: int = 15,
    words: str = "About it",
) -> UUID:
    """Let a help have begun at a moment, and have been finished after so many minutes; return its id."""
    party = Party(subject=staff.id, actor=staff.id, level=Level.HIGH, fresh=True)
    ask = wanted(person, services=services, acts=acts, minutes=60, words=words)
    help_id = giving.start(db, sealer, (), party, ask, now=at)
    giving.finish(db, staff.id, now=at + timedelta(minutes=minutes))
    return help_id


def help_in(
    client: CheckingClient,
    staff: Person,
    person: Person,
    *,
    services: Iterable[str] = ALL,
    acts: bool = True,
    minutes: int = 15,
) -> UUID:
    """Let a member of staff help somebody in this browser, as if begun by the form; return its id."""
    app: Flask = client.application
    with app.app_context(), Session(current.resources().engine) as db:
        now = current.now()
        party = Party(subject=staff.id, actor=staff.id, level=Level.HIGH, fresh=True)
        ask = wanted(person, services=services, acts=acts, minutes=minutes)
        help_id = giving.start(db, current.sealer(), current.finders(), party, ask, now=now)
        token = sessions.begin(
            db,
            person_id=staff.id,
            level=Level.HIGH,
            lifetimes=sessions.Lifetimes(current.settings().staff_absolute, current.settings().staff_absolute),
            data={},
            device="Firefox, Linux",
            at=now,
            proven_at=now,
            help_id=help_id,
        )
        db.commit()
    client.set_cookie(PLAIN_COOKIE, token)
    client.helping = True
    return help_id


def changes(db: Session, sealer: Sealer, help_id: UUID) -> list[tuple[str, str | None, str | None]]:
    """Return what the resident can read that was changed in a help: code, old, new."""
    db.rollback()
    return [(one.what, one.old, one.new) for one in visits.of(db, sealer, [help_id])[help_id].changes]
