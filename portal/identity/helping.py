"""Staff help a resident: a help begins, is made longer, ends, and knows what was changed in it.

Nothing here commits: each function works in its caller's transaction. That one member of staff gives one help at a
time, and none for longer than an hour, is seen to by the database.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.models import Help, HelpChange, HelpExtension, Kind, Person, SignInSession, StaffTeam
from portal.party import Level, Party
from portal.sealed import Sealer

LONGEST = timedelta(minutes=60)
SESSION_COMES_WITHIN = timedelta(seconds=30)
"""The session of a help is written a moment after it: what is begun twice by one click isn't ended for want of one."""
WORDS, AGREED, CHANGE = "help.words", "help.agreed", "help_change"
"""What is sealed for where."""


class Agreement(StrEnum):
    """How the resident agreed."""

    IN_PERSON = "in-person"
    PHONE = "phone"
    STANDING = "standing"
    LEGAL = "legal"


class Ended(StrEnum):
    """Why a help ended before its time."""

    FINISHED = "finished"
    SIGNED_OUT = "signed-out"
    ACCESS_ENDED = "access-ended"
    CLOSED = "closed"
    """The resident's account was."""
    RESTRICTED = "restricted"
    """The resident is protected: who goes on needs a second one's yes."""


class Reason(StrEnum):
    """Why a help can't begin, or can't go on for longer."""

    NOBODY = "nobody"
    """There is no such resident, or the account is closed."""
    ONESELF = "oneself"
    ANOTHER = "another"
    """The member of staff is helping already, in a session that is good."""
    PROTECTED = "protected"
    """A second member of staff has to say yes first."""
    TOO_LONG = "too-long"
    OVER = "over"


class NotPossible(Exception):
    """Nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wanted:
    """A help that is to begin. reason: a code. words: why, as the resident will read it.

    agreed: call reference or document. agreed_until: the last day of a standing or legal authority.
    services: slugs of what may be seen. acts: things may be done, not only looked at.
    """

    subject: UUID
    reason: str
    words: str = field(repr=False)
    agreement: Agreement
    agreed: str = field(repr=False)
    agreed_until: date | None
    services: Collection[str]
    acts: bool
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class OpenHelp:
    """A help that a member of staff gives now."""

    id: UUID
    name: str
    ends_at: datetime


def begin(db: Session, sealer: Sealer, party: Party, wanted: Wanted, *, at: datetime) -> UUID:
    """Begin a help and return its id. party: the member of staff, as themselves. Raises NotPossible."""
    if wanted.subject == party.actor:
        raise NotPossible(Reason.ONESELF)
    if wanted.lasts > LONGEST:
        raise NotPossible(Reason.TOO_LONG)
    is_there = select(Person.id).where(
        Person.id == wanted.subject, Person.kind == Kind.RESIDENT, Person.closed_at.is_(None)
    )
    if db.execute(is_there).one_or_none() is None:
        raise NotPossible(Reason.NOBODY)
    end_left(db, party.actor, at=at, begun_by=at - SESSION_COMES_WITHIN)
    help_id = uuid4()
    team = select(StaffTeam.team).where(StaffTeam.person_id == party.actor)
    try:
        with db.begin_nested():
            db.execute(
                insert(Help).values(
                    id=help_id,
                    subject_id=wanted.subject,
                    staff_id=party.actor,
                    team=db.scalar(team) or "",
                    reason=wanted.reason,
                    words=sealer.seal(wanted.words, context=WORDS),
                    agreement=wanted.agreement,
                    agreed=sealer.seal(wanted.agreed, context=AGREED),
                    agreed_until=wanted.agreed_until,
                    services=sorted(wanted.services),
                    acts=wanted.acts,
                    started_at=at,
                    ends_at=at + wanted.lasts,
                )
            )
    except IntegrityError:
        raise NotPossible(Reason.ANOTHER) from None
    helping = Party(subject=wanted.subject, actor=party.actor, level=party.level, help=help_id)
    minutes = int(wanted.lasts.total_seconds()) // 60
    record(db, helping, "help.begin", at=at, object=f"help:{help_id}", minutes=minutes, acts=wanted.acts)
    return help_id


def extend(db: Session, sealer: Sealer, party: Party, *, lasts: timedelta, words: str, at: datetime) -> datetime:
    """Give the party's help more time, counted from now, and return until when. words: why. Raises NotPossible."""
    help_id = of(party)
    goes_on = (Help.ends_at > at, Help.ended_why.is_(None), Help.told_at.is_(None))  # nor has it ended since ``at``
    open_help = select(Help.started_at).where(Help.id == help_id, *goes_on).with_for_update()
    started_at = db.scalar(open_help)
    if started_at is None:
        raise NotPossible(Reason.OVER)
    until = at + lasts
    if until > started_at + LONGEST:
        raise NotPossible(Reason.TOO_LONG)
    db.execute(update(Help).where(Help.id == help_id).values(ends_at=func.greatest(Help.ends_at, until)))
    sealed = sealer.seal(words, context=WORDS)
    db.execute(insert(HelpExtension).values(id=uuid4(), help_id=help_id, at=at, until=until, words=sealed))
    record(db, party, "help.extend", at=at, object=f"help:{help_id}", minutes=int(lasts.total_seconds()) // 60)
    return until


def end(db: Session, staff_id: UUID, *, why: Ended, at: datetime) -> None:
    """End the help that a member of staff gives now, if any, and its session. One whose time is over stays as it is."""
    _end(db, Help.staff_id == staff_id, why=why, at=at)


def end_left(db: Session, staff_id: UUID, *, at: datetime, begun_by: datetime | None = None) -> None:
    """As ``end``, if the session that they help in is gone: ended from another browser, or not used for too long.

    begun_by: only one that began then or before.
    """
    in_session = exists().where(SignInSession.help_id == Help.id, SignInSession.expires_at > at)
    left = (Help.staff_id == staff_id) & (Help.started_at <= (begun_by or at)) & ~in_session
    _end(db, left, why=Ended.SIGNED_OUT, at=at)


def end_of(db: Session, staff_id: UUID, subject: UUID, *, why: Ended, at: datetime) -> None:
    """As ``end``, if it is this resident whom they help."""
    _end(db, (Help.staff_id == staff_id) & (Help.subject_id == subject), why=why, at=at)


def end_all_of(db: Session, subject: UUID, *, why: Ended, at: datetime) -> None:
    """As ``end``, for each help that is given to a resident now."""
    _end(db, Help.subject_id == subject, why=why, at=at)


def _end(db: Session, whose: ColumnElement[bool], *, why: Ended, at: datetime) -> None:
    ended = (
        update(Help)
        .where(whose, Help.ends_at > at)
        .values(ends_at=func.greatest(Help.started_at, at), ended_why=why)  # one that began since ``at`` ends, too
        .returning(Help.id, Help.subject_id, Help.staff_id)
    )
    for help_id, subject, staff_id in db.execute(ended).all():
        db.execute(delete(SignInSession).where(SignInSession.help_id == help_id))
        over = Party(subject=subject, actor=staff_id, level=Level.HIGH, help=help_id)
        record(db, over, "help.end", at=at, object=f"help:{help_id}", why=why.value)


def of(party: Party) -> UUID:
    """Return the help that the party is in. Raises RuntimeError for whoever acts for themselves."""
    if party.help is None:
        raise RuntimeError("the guard lets only those in who are helping")
    return party.help


def open_of(db: Session, staff_id: UUID, *, at: datetime) -> OpenHelp | None:
    """Return the help that a member of staff gives now, in whatever browser."""
    found = (
        select(Help.id, Person.name, Help.ends_at)
        .join(Person, Person.id == Help.subject_id)
        .where(Help.staff_id == staff_id, Help.started_at <= at, Help.ends_at > at)
    )
    row = db.execute(found).one_or_none()
    return OpenHelp(*row) if row else None


def note_change(
    db: Session, sealer: Sealer, party: Party, what: str, *, old: str | None, new: str | None, at: datetime
) -> None:
    """Keep what was changed for the resident to read, where staff changed it; nothing where they did it themselves.

    what: a code, as the audit's acts. old, new: as the resident reads them, but for days, which are in ISO 8601; None
    where there was or is nothing.
    """
    if party.help:
        note_for(db, sealer, party.help, what, old=old, new=new, at=at)


def note_for(
    db: Session, sealer: Sealer, help_id: UUID, what: str, *, old: str | None, new: str | None, at: datetime
) -> None:
    """As ``note_change``, for a help that is over: what was done in it has come into effect since."""
    sealed = [sealer.seal(value, context=CHANGE) if value is not None else None for value in (old, new)]
    db.execute(insert(HelpChange).values(id=uuid4(), help_id=help_id, at=at, what=what, old=sealed[0], new=sealed[1]))
