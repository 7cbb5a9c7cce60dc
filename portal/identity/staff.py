"""Staff: how they are let in, what they may do, how they are let go.

``invite``, ``set_roles``, ``set_team``, ``reset_second_factor``, ``end_sessions`` and ``remove`` are actions: each is
one commit and leaves a record. The rest works in its caller's transaction.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import messages
from portal.audit import record
from portal.db import committing
from portal.identity import codes, helping, second_factors, sessions
from portal.models import (
    AuditEvent,
    Channel,
    Contact,
    Kind,
    OneTimeCode,
    Password,
    Person,
    StaffHome,
    StaffRelation,
    StaffRole,
    StaffTeam,
    TotpSecret,
)
from portal.party import Party, Role
from portal.sealed import Sealer

INVITED_FOR = timedelta(hours=48)
PURPOSE = "invite-staff"
SECOND_FACTOR = "sign-in.second-factor"
"""Act of the audit record that ends each sign-in of staff."""


class Reason(StrEnum):
    UNKNOWN = "unknown"
    NO_ROLE = "no-role"
    EMAIL_TAKEN = "email-taken"
    LAST_ADMINISTRATOR = "last-administrator"


class StaffRefused(Exception):
    """The change was not made."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff. has_joined: they chose a password and set up their authenticator. last_sign_in_at: UTC.

    team: a code of ``council.toml``; empty if they are in none.
    """

    id: UUID
    name: str
    email: str
    roles: frozenset[Role]
    team: str
    has_joined: bool
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody with a good link. invitation: id of its row, to go on with when the link has been opened."""

    invitation: UUID
    person_id: UUID
    name: str
    email: str


def members(db: Session) -> list[Member]:
    """Return all staff whose access has not ended, by name."""
    return [_member(row) for row in db.execute(_members().order_by(func.lower(Person.name), Person.id))]


def member(db: Session, person_id: UUID) -> Member | None:
    row = db.execute(_members().where(Person.id == person_id)).one_or_none()
    return _member(row) if row else None


def member_by_email(db: Session, email: str) -> Member | None:
    row = db.execute(_members().where(func.lower(Contact.value) == email.strip().lower())).one_or_none()
    return _member(row) if row else None


def invite(
    db: Session,
    party: Party | None,
    *,
    name: str,
    email: str,
    roles: Set[Role],
    team: str = "",
    sealer: Sealer,
    base_url: str,
    at: datetime,
) -> str:
    """Make an account for somebody and send them a link to it; return the link, which is good for 48 hours.

    party: who invites; None for a command. team: a code, empty for none. Raises StaffRefused (NO_ROLE, EMAIL_TAKEN).
    """
    if not roles:
        raise StaffRefused(Reason.NO_ROLE)
    with committing(db):
        if _is_taken(db, email):
            raise StaffRefused(Reason.EMAIL_TAKEN)
        person_id = uuid4()
        db.execute(insert(Person).values(id=person_id, kind=Kind.STAFF, name=name, language="en", created_at=at))
        db.execute(
            insert(Contact).values(
                id=uuid4(), person_id=person_id, channel=Channel.EMAIL, value=email.strip(), created_at=at
            )
        )
        _give(db, person_id, roles, at=at)
        _join_team(db, person_id, team)
        in_team = {"team": team} if team else {}
        _record(db, party, person_id, "staff.invite", at=at, roles=_in_one(roles), **in_team)
        return _send_link(db, sealer, _known(db, person_id), base_url=base_url, at=at)


def set_roles(db: Session, party: Party | None, person_id: UUID, roles: Set[Role], *, at: datetime) -> None:
    """Replace what somebody may do, and end their sessions. Nothing happens if the roles are what they were.

    Raises StaffRefused (UNKNOWN, NO_ROLE, LAST_ADMINISTRATOR).
    """
    if not roles:
        raise StaffRefused(Reason.NO_ROLE)
    with committing(db):
        found = _known(db, person_id)
        if found.roles == roles:
            return
        if Role.ADMINISTRATOR not in roles:
            _keep_an_administrator(db, without=person_id)
        db.execute(delete(StaffRole).where(StaffRole.person_id == person_id))
        _give(db, person_id, roles, at=at)
        _sign_out(db, person_id, at=at)
        _record(db, party, person_id, "staff.roles", at=at, before=_in_one(found.roles), roles=_in_one(roles))


def set_team(db: Session, party: Party | None, person_id: UUID, team: str, *, at: datetime) -> None:
    """Put somebody into another team, or into none if it is empty; a help tells of the team that it was given in.

    team: a code. Raises StaffRefused (UNKNOWN).
    """
    with committing(db):
        found = _known(db, person_id)
        _join_team(db, person_id, team)
        _record(db, party, person_id, "staff.team", at=at, before=found.team, team=team)


def reset_second_factor(
    db: Session, party: Party | None, person_id: UUID, *, sealer: Sealer, base_url: str, at: datetime
) -> str:
    """Forget somebody's authenticator, end their sessions and send them a link to start again; return the link.

    For those who lost it, and for those whose first link has expired: links sent before are void.
    Raises StaffRefused (UNKNOWN).
    """
    with committing(db):
        found = _known(db, person_id)
        second_factors.remove(db, person_id)
        _sign_out(db, person_id, at=at)
        _record(db, party, person_id, "staff.reset-second-factor", at=at)
        return _send_link(db, sealer, found, base_url=base_url, at=at)


def end_sessions(db: Session, party: Party | None, person_id: UUID, *, at: datetime) -> None:
    """Sign somebody out everywhere, and nothing else. Raises StaffRefused (UNKNOWN)."""
    with committing(db):
        _known(db, person_id)
        _sign_out(db, person_id, at=at)
        _record(db, party, person_id, "staff.end-sessions", at=at)


def remove(db: Session, party: Party | None, person_id: UUID, *, at: datetime) -> None:
    """End somebody's access at once: sessions, roles, password, authenticator, links. Their address is free again.

    Raises StaffRefused (UNKNOWN, LAST_ADMINISTRATOR).
    """
    with committing(db):
        _known(db, person_id)
        _keep_an_administrator(db, without=person_id)
        db.execute(update(Person).where(Person.id == person_id).values(closed_at=at))
        for table in (StaffRole, StaffTeam, Password, OneTimeCode, Contact):
            db.execute(delete(table).where(table.person_id == person_id))
        for noted in (StaffHome, StaffRelation):
            db.execute(delete(noted).where(noted.staff_id == person_id))
        second_factors.remove(db, person_id)
        _sign_out(db, person_id, at=at)
        _record(db, party, person_id, "staff.remove", at=at)


def invitee(db: Session, token: str, *, at: datetime) -> Invitee | None:
    """Return whose link this is; None if it is none, was used or has expired. Looking uses nothing up."""
    try:
        invitation = codes.find(db, PURPOSE, token, at=at)
    except codes.CodeWrong:
        return None
    return invitee_again(db, invitation.id, at=at)


def invitee_again(db: Session, invitation: UUID, *, at: datetime) -> Invitee | None:
    """Return who opened the link with this id, as long as it is good."""
    found = (
        select(OneTimeCode.id, Person.id, Person.name, Contact.value)
        .join(Person, Person.id == OneTimeCode.person_id)
        .join(Contact, and_(Contact.person_id == Person.id, Contact.channel == Channel.EMAIL))
        .where(
            OneTimeCode.id == invitation,
            OneTimeCode.purpose == PURPOSE,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > at,
            Person.closed_at.is_(None),
        )
    )
    row = db.execute(found).one_or_none()
    return Invitee(*row) if row else None


def holder(db: Session, person_id: UUID) -> sessions.Holder | None:
    """Return who a session of this member of staff is signed in as; None if they may not sign in."""
    found = member(db, person_id)
    if found is None or not found.has_joined:
        return None
    return sessions.Holder(found.id, Kind.STAFF, found.name, "en", found.roles)


def join(db: Session, invitee: Invitee, *, at: datetime) -> None:
    """Use the link up: the person has a password and an authenticator, and the address reaches them.

    Raises StaffRefused: UNKNOWN if the link was used meanwhile, EMAIL_TAKEN if the address is another account's by now.
    """
    used = update(OneTimeCode).where(OneTimeCode.id == invitee.invitation, OneTimeCode.used_at.is_(None))
    if db.execute(used.values(used_at=at).returning(OneTimeCode.id)).one_or_none() is None:
        raise StaffRefused(Reason.UNKNOWN)
    confirmed = (
        update(Contact)
        .where(Contact.person_id == invitee.person_id, Contact.channel == Channel.EMAIL)
        .values(confirmed_at=func.coalesce(Contact.confirmed_at, at))
    )
    try:
        with db.begin_nested():
            db.execute(confirmed)
    except IntegrityError:
        raise StaffRefused(Reason.EMAIL_TAKEN) from None
    sessions.end_all(db, invitee.person_id)
    _record(db, None, invitee.person_id, "staff.join", at=at, authority="invitation")


def _members() -> Select[Any]:
    roles = select(func.array_agg(StaffRole.role)).where(StaffRole.person_id == Person.id).scalar_subquery()
    signed_in = (
        select(func.max(AuditEvent.at))
        .where(AuditEvent.actor_id == Person.id, AuditEvent.act == SECOND_FACTOR, AuditEvent.outcome == "done")
        .scalar_subquery()
    )
    return (
        select(
            Person.id,
            Person.name,
            Contact.value.label("email"),
            roles.label("roles"),
            func.coalesce(StaffTeam.team, "").label("team"),
            TotpSecret.confirmed_at.label("joined_at"),
            signed_in.label("signed_in_at"),
        )
        .join(Contact, and_(Contact.person_id == Person.id, Contact.channel == Channel.EMAIL))
        .outerjoin(StaffTeam, StaffTeam.person_id == Person.id)
        .outerjoin(TotpSecret, TotpSecret.person_id == Person.id)
        .where(Person.kind == Kind.STAFF, Person.closed_at.is_(None))
    )


def _member(row: Row[Any]) -> Member:
    roles = frozenset(Role(role) for role in row.roles or ())
    return Member(row.id, row.name, row.email, roles, row.team, row.joined_at is not None, row.signed_in_at)


def _known(db: Session, person_id: UUID) -> Member:
    found = member(db, person_id)
    if found is None:
        raise StaffRefused(Reason.UNKNOWN)
    return found


def _is_taken(db: Session, email: str) -> bool:
    """Tell whether an address is somebody's already: confirmed, or of a member of staff who was invited."""
    found = (
        select(Contact.id)
        .join(Person, Person.id == Contact.person_id)
        .where(
            Contact.channel == Channel.EMAIL,
            func.lower(Contact.value) == email.strip().lower(),
            or_(Contact.confirmed_at.is_not(None), Person.kind == Kind.STAFF),
        )
    )
    return db.execute(found.limit(1)).one_or_none() is not None


def _keep_an_administrator(db: Session, *, without: UUID) -> None:
    """Raise StaffRefused if nobody else could let people in. The rows are locked, so that two can't end each other."""
    held = select(StaffRole.person_id).where(StaffRole.role == Role.ADMINISTRATOR).with_for_update()
    holders = set(db.execute(held).scalars())
    if without in holders and not any(second_factors.is_set_up(db, holder) for holder in holders - {without}):
        raise StaffRefused(Reason.LAST_ADMINISTRATOR)


def _sign_out(db: Session, person_id: UUID, *, at: datetime) -> None:
    """End somebody's sessions, and the help that they give with them."""
    helping.end(db, person_id, why=helping.Ended.ACCESS_ENDED, at=at)
    sessions.end_all(db, person_id)


def _give(db: Session, person_id: UUID, roles: Set[Role], *, at: datetime) -> None:
    db.execute(insert(StaffRole), [{"person_id": person_id, "role": role, "given_at": at} for role in sorted(roles)])


def _join_team(db: Session, person_id: UUID, team: str) -> None:
    db.execute(delete(StaffTeam).where(StaffTeam.person_id == person_id))
    if team:
        db.execute(insert(StaffTeam).values(person_id=person_id, team=team))


def _send_link(db: Session, sealer: Sealer, member: Member, *, base_url: str, at: datetime) -> str:
    token = codes.issue(db, PURPOSE, at=at, lasts=INVITED_FOR, person_id=member.id)
    link = f"{base_url}/staff/join/{token}"
    messages.send(
        db,
        person_id=member.id,
        template="staff-invite",
        fields={"name": member.name, "link": link},
        at=at,
        sealer=sealer,
        to=(Channel.EMAIL, member.email),
    )
    return link


def _record(
    db: Session,
    party: Party | None,
    person_id: UUID,
    act: str,
    *,
    at: datetime,
    authority: str = "command",
    **details: str,
) -> None:
    over = replace(party, subject=person_id) if party else None
    record(
        db,
        over,
        act,
        at=at,
        object=f"person:{person_id}",
        authority=None if over else authority,
        subject=person_id,
        **details,
    )


def _in_one(roles: Set[Role]) -> str:
    return " ".join(sorted(roles))
