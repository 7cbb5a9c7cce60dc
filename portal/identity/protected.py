"""Who is protected from a member of staff: persons at risk from all of them, their own record and household from
themselves. A second one may say yes, for half an hour.

Nothing here commits: each function works in its caller's transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity import finding, helping
from portal.identity.finding import Clues, Finder, Somebody
from portal.identity.names import plain
from portal.models import HelpRequest, Person, StaffHome, StaffRelation

YES_LASTS = timedelta(minutes=30)


class Why(StrEnum):
    """Why somebody isn't shown to a member of staff, the nearest reason first."""

    OWN = "own"
    HOUSEHOLD = "household"
    RESTRICTED = "restricted"


class Protected(Exception):
    """A second member of staff has to say yes."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Near:
    """Who is near to a member of staff. name: theirs, as ``plain``. persons: noted as themselves or their household.

    references: of rent accounts of theirs.
    """

    name: str = field(repr=False)
    persons: frozenset[UUID]
    references: frozenset[str] = field(repr=False)

    def why(self, one: Somebody) -> Why | None:
        """Return why somebody is protected from this member of staff, whoever has said yes.

        Whoever has the same full name counts as themselves: nobody can know better.
        """
        if one.person in self.persons or plain(one.name) == self.name:
            return Why.OWN
        if self.references & one.references or self.name in one.together:
            return Why.HOUSEHOLD
        return Why.RESTRICTED if one.is_restricted else None


def near(db: Session, finders: Sequence[Finder], staff_id: UUID, *, at: datetime) -> Near:
    """Return who is near to a member of staff: what is noted, and who holds the same rent accounts."""
    name = db.execute(select(Person.name).where(Person.id == staff_id)).scalar_one()
    persons = frozenset(
        db.execute(select(StaffRelation.subject_id).where(StaffRelation.staff_id == staff_id)).scalars()
    )
    references = set(db.execute(select(StaffHome.reference).where(StaffHome.staff_id == staff_id)).scalars())
    if persons:
        traces = (trace for find in finders for trace in find(db, Clues(persons=persons), at))
        references.update(trace.reference for trace in traces if trace.reference)
    return Near(plain(name), persons, frozenset(references))


def is_allowed(db: Session, staff_id: UUID, subject: UUID, *, at: datetime) -> bool:
    """Tell whether a second member of staff said yes a short while ago."""
    yes = select(HelpRequest.id).where(
        HelpRequest.staff_id == staff_id, HelpRequest.subject_id == subject, HelpRequest.good_until > at
    )
    return db.execute(yes.limit(1)).first() is not None


def lock(db: Session, subject: UUID) -> None:
    """Let whoever else answers about a resident, or begins to help them, wait until the transaction ends."""
    db.execute(select(Person.id).where(Person.id == subject).with_for_update())


def withdraw(db: Session, staff_id: UUID, subject: UUID, *, at: datetime) -> None:
    """End a yes that is still good, and a help that goes on: a second member of staff has said no since.

    Call ``lock`` first.
    """
    good = (HelpRequest.staff_id == staff_id, HelpRequest.subject_id == subject, HelpRequest.good_until > at)
    db.execute(update(HelpRequest).where(*good).values(good_until=at))
    helping.end_of(db, staff_id, subject, why=helping.Ended.RESTRICTED, at=at)


def why_near(db: Session, finders: Sequence[Finder], staff_id: UUID, subject: UUID, *, at: datetime) -> Why | None:
    """Return why a resident is protected from a member of staff, whoever has said yes; None if they aren't."""
    one = finding.known_of(db, finders, subject, at=at)
    return near(db, finders, staff_id, at=at).why(one) if one else None


def own_of(
    db: Session, finders: Sequence[Finder], staff_id: UUID, subjects: Collection[UUID], *, at: datetime
) -> frozenset[UUID]:
    """Return who of these residents is the member of staff themselves or of their household."""
    theirs, known = near(db, finders, staff_id, at=at), finding.known_of_all(db, finders, subjects, at=at)
    return frozenset(person for person, one in known.items() if theirs.why(one) in (Why.OWN, Why.HOUSEHOLD))


def why_hidden(db: Session, finders: Sequence[Finder], staff_id: UUID, subject: UUID, *, at: datetime) -> Why | None:
    """Return why a member of staff may not see a resident now; None if they may."""
    why = why_near(db, finders, staff_id, subject, at=at)
    return why if why and not is_allowed(db, staff_id, subject, at=at) else None


def expect_open(db: Session, finders: Sequence[Finder], staff_id: UUID, subject: UUID, *, at: datetime) -> None:
    """Raise Protected if a member of staff may not see a resident now.

    The resident's row is locked until the transaction ends: nobody is restricted between this and what follows.
    """
    db.execute(select(Person.id).where(Person.id == subject).with_for_update(read=True))
    if why := why_hidden(db, finders, staff_id, subject, at=at):
        raise Protected(why)
