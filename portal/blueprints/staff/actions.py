"""How staff get in, and reading the audit. What they do to each other's accounts is in ``portal.identity.staff``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.staff import queries
from portal.db import committing
from portal.identity import passwords, persons, second_factors, sessions, staff
from portal.identity.throttle import Limit, Throttle
from portal.party import Level, Party
from portal.sealed import Sealer


class NotGood(Exception):
    """The link, or what followed from it, is no good any more."""


@dataclass(frozen=True, slots=True)
class Joined:
    """holder: who may be signed in now. recovery_codes: to be shown once."""

    holder: sessions.Holder
    recovery_codes: list[str]


def choose_password(
    db: Session, sealer: Sealer, *, token: str, password: str, council: tuple[str, ...], now: datetime
) -> UUID:
    """Give somebody who was invited a password and begin to set their authenticator up; return the invitation's id.

    The link stays good until the authenticator works, so that who is interrupted can start again.
    council: its names, which no password may be. Raises NotGood, and WeakPassword.
    """
    with committing(db):
        invitee = staff.invitee(db, token, at=now)
        if invitee is None:
            raise NotGood
        passwords.check(password, names=(invitee.name, invitee.email, *council))
        persons.set_password(db, invitee.person_id, passwords.hash_password(password), at=now)
        second_factors.begin(db, sealer, invitee.person_id, at=now)
        return invitee.invitation


def join(db: Session, sealer: Sealer, *, invitation: UUID, code: str, now: datetime) -> Joined | None:
    """Finish joining if ``code`` comes from the new authenticator; None if it doesn't. Raises NotGood."""
    with committing(db):
        invitee = staff.invitee_again(db, invitation, at=now)
        if invitee is None:
            raise NotGood
        recovery_codes = second_factors.confirm(db, sealer, invitee.person_id, code, at=now)
        if recovery_codes is None:
            return None
        try:
            staff.join(db, invitee, at=now)
        except staff.StaffRefused as refused:
            raise NotGood from refused
        holder = staff.holder(db, invitee.person_id)
        if holder is None:
            raise NotGood
        _record_second_factor(db, holder.id, "done", how="authenticator", at=now)
        return Joined(holder, recovery_codes)


def prove_second_factor(
    db: Session, sealer: Sealer, throttle: Throttle, *, person_id: UUID, code: str, now: datetime
) -> sessions.Holder | None:
    """Return who may be signed in, if ``code`` comes from the person's authenticator or is a recovery code of theirs.

    It is used up. Raises Throttled.
    """
    counted = "second-factor", str(person_id)
    limits = (Limit((*counted, "hour"), 10, timedelta(hours=1)), Limit((*counted, "day"), 30, timedelta(days=1)))
    throttle.ask(db, limits, at=now)
    with committing(db):
        how = _use(db, sealer, person_id, code, now=now)
        holder = staff.holder(db, person_id) if how else None
        if holder is None:
            _record_second_factor(db, person_id, "refused", how=how, at=now)
            return None
        for limit in limits:
            throttle.forget(db, *limit.what)
        _record_second_factor(db, person_id, "done", how=how, at=now)
        return holder


def search_audit(
    db: Session, party: Party, wanted: queries.Wanted, *, before: int | None, zone: ZoneInfo, now: datetime
) -> queries.AuditPage:
    """Return records as ``queries.audit`` does, and leave one of having looked."""
    with committing(db):
        found = queries.audit(db, wanted, before=before, zone=zone)
        record(db, party, "audit.search", at=now, events=len(found.events), filters=wanted.filters)
    return found


def begin_export(db: Session, party: Party, wanted: queries.Wanted, *, zone: ZoneInfo, now: datetime) -> queries.Extent:
    """Return what an export will hold, and leave a record of it before anything is handed out."""
    with committing(db):
        extent = queries.extent(db, wanted, zone=zone)
        record(db, party, "audit.export", at=now, events=extent.count, filters=wanted.filters)
    return extent


def _use(db: Session, sealer: Sealer, person_id: UUID, code: str, *, now: datetime) -> str:
    """Return what the code is, and use it up; empty if it is nothing."""
    if second_factors.use_code(db, sealer, person_id, code, at=now):
        return "authenticator"
    if second_factors.use_recovery_code(db, person_id, code, at=now):
        return "recovery-code"
    return ""


def _record_second_factor(db: Session, person_id: UUID, outcome: str, *, how: str, at: datetime) -> None:
    proven = Party(subject=person_id, actor=person_id, level=Level.HIGH) if outcome == "done" else None
    authority = "self" if proven else "unknown"
    record(db, proven, staff.SECOND_FACTOR, at=at, outcome=outcome, authority=authority, subject=person_id, how=how)
