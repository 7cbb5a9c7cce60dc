"""What staff note of somebody: that the rules for children hold for them, that they may not use the computers."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.actions import moving, queueing, settling
from portal.blueprints.internet.actions.moving import Mover
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Member
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.rules.standing import OPEN
from portal.db import committing
from portal.identity import protected
from portal.identity.finding import Finder
from portal.party import Party

WORDS = "internet_member.blocked_why"
"""Seals why somebody is blocked."""


def see(db: Session, finders: Sequence[Finder], turns: Sequence[Turn]) -> list[UUID]:
    """Return which of these people a member of staff may see by name, and put on record that they do."""
    seen = []
    with committing(db):
        for turn in turns:
            if turn.party and may_see(db, finders, turn.party, turn.holder.id, now=turn.now):
                record(db, turn.party, "internet.see", at=turn.now, object=f"person:{turn.holder.id}")
                seen.append(turn.holder.id)
    return seen


def may_see(db: Session, finders: Sequence[Finder], party: Party, person_id: UUID, *, now: datetime) -> bool:
    """Tell whether a member of staff may see who somebody is: not who is at risk, nor themselves or their household,
    before a second one said yes.
    """
    return protected.why_hidden(db, finders, party.actor, person_id, at=now) is None


def note_birth(turn: Turn, born_on: date, *, child_age: int) -> date | None:
    """Note until when the rules for children hold for somebody, and return it; None for adults. When they were born is
    not kept.
    """
    birthday = _birthday(born_on, child_age)
    child_until = birthday if birthday > turn.today else None
    with committing(turn.db):
        _write(turn, child_until=child_until)
        record(turn.db, turn.party, "internet.age", at=turn.now, object=f"person:{turn.holder.id}")
    return child_until


def _birthday(born_on: date, age: int) -> date:
    """Return somebody's birthday of an age; of who was born on 29 February, the first of March where there is none."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def block(turn: Turn, until: datetime, words: str) -> None:
    """Let somebody use no computer until then: what they have booked before is cancelled, a session ends now, and they
    wait no more. words: why, for staff.
    """
    sealed = turn.desk.sealer.seal(words, context=WORDS)
    with committing(turn.db):
        _write(turn, blocked_until=until, blocked_why=sealed)
        record(turn.db, turn.party, "internet.block", at=turn.now, object=f"person:{turn.holder.id}")
    queueing.leave(turn)
    by = Mover(turn.db, turn.desk, turn.party, "cancelled", turn.now)
    theirs = bookings.held(
        turn.db, Booking.holder == turn.holder.id, Booking.ends_at > turn.now, Booking.starts_at < until
    )
    turn.db.rollback()
    for booking in theirs:
        with committing(turn.db):
            held, branch = moving.lock(by, booking.id)
            if held.state(turn.now) in OPEN:
                moving.give_up(by, held, branch)
    for branch_id in {booking.branch_id for booking in theirs}:
        settling.settle(turn.db, turn.desk, branch_id, now=turn.now)


def lift(turn: Turn) -> None:
    """Let somebody use the computers again."""
    with committing(turn.db):
        _write(turn, blocked_until=None, blocked_why=None)
        record(turn.db, turn.party, "internet.unblock", at=turn.now, object=f"person:{turn.holder.id}")


def _write(turn: Turn, **values: object) -> None:
    row = upsert(Member).values(person_id=turn.holder.id, **values)
    turn.db.execute(row.on_conflict_do_update(index_elements=[Member.person_id], set_=values))
