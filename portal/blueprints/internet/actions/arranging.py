"""Changing what staff set up at branches, and what that does to the bookings there, in one transaction.

Whatever makes bookings impossible first says how many it touches (``AskFirst``). Then people get another computer of
the kind or a shorter time, or their booking is cancelled, and they are told, in the commit of the change itself: there
is no moment at which a booking lies outside of opening hours or at a computer that is gone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import audit
from portal.blueprints.internet.actions import holding, moving, settling
from portal.blueprints.internet.actions.moving import Mover
from portal.blueprints.internet.models import Booking, Computer, Member
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Kind, Who, who_is
from portal.blueprints.internet.rules.limits import STEP_MINUTES, DatedLimits, limits_on
from portal.blueprints.internet.rules.standing import OPEN, Held, State
from portal.db import committing
from portal.party import Party

WORTH = timedelta(minutes=STEP_MINUTES)
"""A booking that would be shorter is cancelled instead."""
IN_SERVICE = "in-service"
_TRIES = 5
_WAITS = text("set local lock_timeout = '400ms'")
"""Less than after what PostgreSQL looks for deadlocks (a second): who stands crosswise to this gets on with theirs, and
this begins again.
"""
_CROSSWISE = ("55P03", "40P01")
"""Lock not available, deadlock detected (PostgreSQL, appendix A)."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who changes what branches are like. party: the member of staff; None for a command."""

    db: Session
    desk: Desk
    party: Party | None
    now: datetime

    @property
    def today(self) -> date:
        return self.desk.where.day(self.now)

    def record(self, act: str, about: str, what: str) -> None:
        """Add the audit record of a change, in the transaction under way. about: kind and id. what: a code."""
        authority = None if self.party else "command"
        audit.record(self.db, self.party, act, at=self.now, object=about, authority=authority, what=what)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change does to bookings. changed: they have another computer or less time. cancelled: not begun. sitting:
    people who sit at a computer, and must leave it or end sooner.
    """

    changed: int = 0
    cancelled: int = 0
    sitting: int = 0

    @property
    def bookings(self) -> int:
        return self.changed + self.cancelled + self.sitting


@dataclass
class AskFirst(Exception):
    """A change touches more bookings than whoever makes it has agreed to. Nothing was changed."""

    touched: Touched


@dataclass(frozen=True, slots=True)
class _State:
    """A branch as it was before a change. computers: kind and status."""

    branch: BranchView
    computers: Mapping[UUID, tuple[Kind, str]]


def arrange(
    keeper: Keeper, branches: Collection[UUID], write: Callable[[], None], *, agreed: int | None = 0
) -> Touched:
    """Make a change to branches, move or cancel what it makes impossible, and tell the people.

    write: writes the change and its audit record, in the transaction under way; it may be called again if others are in
    its way. agreed: how many bookings it may touch; None only tries, and always raises AskFirst.
    Raises NoSuch, AskFirst, what ``write`` raises.
    """
    for branch_id in branches:
        settling.settle(keeper.db, keeper.desk, branch_id, now=keeper.now)
    touched = _again_if_crosswise(lambda: _arrange(keeper, branches, write, agreed))
    for branch_id in branches:
        settling.settle(keeper.db, keeper.desk, branch_id, now=keeper.now)
    return touched


def _again_if_crosswise(work: Callable[[], Touched]) -> Touched:
    """Do it again where somebody else was in its way: they don't wait for a branch, and finish."""
    for left in reversed(range(_TRIES)):
        try:
            return work()
        except OperationalError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in _CROSSWISE:
                raise
    raise AssertionError("not reached")


def _arrange(keeper: Keeper, branches: Collection[UUID], write: Callable[[], None], agreed: int | None) -> Touched:
    with committing(keeper.db):
        before = [_look(keeper, branch_id) for branch_id in sorted(branches)]
        keeper.db.execute(_WAITS)
        write()
        keeper.db.flush()
        done = [what for state in before for what in _mend(keeper, state)]
        touched = Touched(*(done.count(what) for what in ("changed", "cancelled", "sitting")))
        if agreed is None or touched.bookings > agreed:
            raise AskFirst(touched)
        return touched


def _look(keeper: Keeper, branch_id: UUID) -> _State:
    """Lock a branch, and return it as it stands."""
    branch = holding.lock_branch(keeper.db, branch_id, since=keeper.today)
    found = keeper.db.execute(
        select(Computer.id, Computer.kind, Computer.status).where(Computer.branch_id == branch_id)
    )
    return _State(branch, {id_: (Kind(kind), status) for id_, kind, status in found})


def _mend(keeper: Keeper, before: _State) -> list[str]:
    """Move, shorten or cancel what isn't possible any more at a branch, and say of each what was done."""
    found = bookings.held(
        keeper.db,
        Computer.branch_id == before.branch.id,
        Booking.how != "block",
        Booking.ended_at.is_(None),
        Booking.ends_at > keeper.now,
    )
    held = [one for one in found if one.state(keeper.now) in OPEN]
    change = _Change(
        keeper, before, _look(keeper, before.branch.id), rooms.rules(keeper.db), _children(keeper.db, held)
    )
    return [change.give_another(one) for one in held if not change.is_possible(one)]


@dataclass(frozen=True, slots=True)
class _Change:
    """A branch before and after a change. children: until when their rules hold for those for whom they do."""

    keeper: Keeper
    before: _State
    after: _State
    rules: list[DatedLimits]
    children: Mapping[UUID, date]

    def is_possible(self, held: Held) -> bool:
        """Tell whether a booking can stay as it is."""
        return not self._is_gone(held) and self._wanted(held) == moving.rest_of(held, self.keeper.now)

    def give_another(self, held: Held) -> str:
        """Keep another computer of the kind that was booked, or the same for a shorter time; cancel where there is
        none.
        """
        wanted = self._wanted(held)
        keeper = self.keeper
        by = Mover(keeper.db, keeper.desk, keeper.party, "out-of-order" if wanted else "closed", keeper.now)
        locked, branch = moving.lock(by, held.id)
        locked = replace(locked, kind=self.before.computers[held.computer_id][0])
        sits = locked.state(keeper.now) is State.IN_USE
        machine = moving.another(by, locked, wanted, ()) if wanted else None
        if wanted is None or machine is None:
            moving.give_up(by, locked, branch)
            return "sitting" if sits else "cancelled"
        moving.put(by, locked, branch, machine, ends_at=wanted.end)
        return "sitting" if sits else "changed"

    def _wanted(self, held: Held) -> Span | None:
        """Return what is left of a booking within the hours that its day has now, all of it if they are as before; None
        if that isn't worth coming for.
        """
        where, rest = self.keeper.desk.where, moving.rest_of(held, self.keeper.now)
        opening = self.after.branch.opening
        if opening.hours(held.day, where) == self.before.branch.opening.hours(held.day, where):
            return rest
        limits = limits_on(held.day, held.branch_id, self._who(held), self.rules)
        spells = opening.spells(held.day, where, stops_before=limits.stops_before)
        spell = next((one for one in spells if one.start <= rest.start < one.end), None)
        if spell is None:
            return None
        wanted = Span(rest.start, min(rest.end, spell.end))
        is_worth = held.state(self.keeper.now) is State.IN_USE or wanted.end - wanted.start >= WORTH
        return wanted if wanted == rest or is_worth else None

    def _is_gone(self, held: Held) -> bool:
        """Tell whether a booking's computer went out of service, or, unless somebody sits at it, is of another kind."""
        kind_before, status_before = self.before.computers[held.computer_id]
        kind, status = self.after.computers[held.computer_id]
        is_taken_away = status not in (IN_SERVICE, status_before)
        return is_taken_away or (kind is not kind_before and held.state(self.keeper.now) is not State.IN_USE)

    def _who(self, held: Held) -> Who:
        if held.is_guest:
            return Who.GUEST
        return who_is(self.children.get(held.holder) if held.holder else None, held.day)


def _children(db: Session, held: list[Held]) -> dict[UUID, date]:
    holders = {one.holder for one in held if one.holder and not one.is_guest}
    found = db.execute(
        select(Member.person_id, Member.child_until).where(
            Member.person_id.in_(holders), Member.child_until.is_not(None)
        )
    )
    return {person: until for person, until in found if until}
