"""What is noted as a member of staff's own, or their household's: a rent account, or an account as a resident.

What is noted is protected from them (``portal.identity.protected``). ``note`` and ``forget`` are actions: each is one
commit and leaves a record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.db import committing
from portal.identity import persons
from portal.identity.finding import Clues, Finder
from portal.identity.names import compact
from portal.models import Kind, StaffHome, StaffRelation
from portal.party import Party


class NothingThere(Exception):
    """There is no rent account with that reference, and no resident signs in by that name."""


class Oneself(Exception):
    """Nobody takes away what protects a record from themselves."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that is noted. reference: of a rent account; person: a resident's account. One of them is None."""

    reference: str | None = field(repr=False)
    person: UUID | None
    noted_at: datetime


def of_staff(db: Session, staff_id: UUID) -> list[Noted]:
    """Return what is noted of a member of staff, oldest first."""
    homes = select(StaffHome.reference, StaffHome.noted_at).where(StaffHome.staff_id == staff_id)
    relations = select(StaffRelation.subject_id, StaffRelation.noted_at).where(StaffRelation.staff_id == staff_id)
    noted = [
        *(Noted(reference, None, at) for reference, at in db.execute(homes)),
        *(Noted(None, person, at) for person, at in db.execute(relations)),
    ]
    return sorted(noted, key=lambda one: one.noted_at)


def note(db: Session, finders: Sequence[Finder], party: Party, staff_id: UUID, *, typed: str, now: datetime) -> None:
    """Note a rent account by its payment reference, or a resident's account by what its owner signs in with.

    Raises NothingThere.
    """
    with committing(db):
        key = compact(typed)
        if key and any(trace.reference == key for find in finders for trace in find(db, Clues(reference=typed), now)):
            home = insert(StaffHome).values(staff_id=staff_id, reference=key, noted_at=now)
            db.execute(home.on_conflict_do_nothing())
            _record(db, party, staff_id, "staff.near", what="rent", now=now)
            return
        account = persons.find(db, typed)
        if account is None or account.kind is not Kind.RESIDENT:
            raise NothingThere
        relation = insert(StaffRelation).values(staff_id=staff_id, subject_id=account.id, noted_at=now)
        db.execute(relation.on_conflict_do_nothing())
        _record(db, party, staff_id, "staff.near", what="account", now=now)


def forget(
    db: Session, party: Party, staff_id: UUID, *, reference: str | None, person: UUID | None, now: datetime
) -> bool:
    """Forget one thing that is noted. False if it isn't. Raises Oneself."""
    if party.actor == staff_id:
        raise Oneself
    homes = delete(StaffHome).where(StaffHome.staff_id == staff_id, StaffHome.reference == reference)
    relations = delete(StaffRelation).where(StaffRelation.staff_id == staff_id, StaffRelation.subject_id == person)
    with committing(db):
        gone = {
            "rent": db.execute(homes.returning(StaffHome.staff_id)).first(),
            "account": db.execute(relations.returning(StaffRelation.staff_id)).first(),
        }
        for what in (what for what, row in gone.items() if row):
            _record(db, party, staff_id, "staff.near.end", what=what, now=now)
    return any(gone.values())


def _record(db: Session, party: Party, staff_id: UUID, act: str, *, what: str, now: datetime) -> None:
    record(db, replace(party, subject=staff_id), act, at=now, object=f"person:{staff_id}", what=what)
