"""Changing what staff set up at branches, and what that does to the bookings there, in one transaction.

Whatever makes bookings impossible first says how many it touches (``AskFirst``). Then people get another computer of
the kind or a shorter time, or their booking is cancelled, and they are told, in the commit of the change itself: there
is no moment at which a booking lies outside of opening hours or at a computer that is gone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import audit
from portal.blueprints.internet.actions import holding, moving, settling
from portal.blueprints.internet.actions.moving import Mover
from portal.blueprints.internet.models import Booking, Computer, Day, Guest, Member
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.free import Machine
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
        _check_agreed([step for state in before for step in _plan(keeper, state)], agreed)
        for state in before:
            _lock(keeper.db, _plan(keeper, state))
        steps = [
            step for state in before for step in _plan(keeper, state)
        ]  # as it stands now that nobody can change it
        touched = _check_agreed(steps, agreed)
        for step in sorted(steps, key=lambda step: step.machine is not None):  # what is given up makes room
            _take(keeper, step)
        return touched


def _check_agreed(steps: list["_Step"], agreed: int | None) -> Touched:
    """Return what steps do to bookings. Raises AskFirst if that is more than was agreed to."""
    what = [step.what for step in steps]
    touched = Touched(what.count("changed"), what.count("cancelled"), what.count("sitting"))
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


@dataclass(frozen=True, slots=True)
class _Step:
    """What is done to one booking. machine: the computer it gets, until ``ends_at``; None if it is given up, since its
    branch is closed then (``is_closed``) or no other computer is free.
    """

    held: Held
    branch: BranchView
    what: Literal["changed", "cancelled", "sitting"]
    is_closed: bool
    machine: Machine | None
    ends_at: datetime


def _plan(keeper: Keeper, before: _State) -> list[_Step]:
    """Return what has to be done to bookings at a branch, the earliest first, so that all that stay are possible."""
    found = bookings.held(
        keeper.db,
        Computer.branch_id == before.branch.id,
        Booking.how != "block",
        Booking.ended_at.is_(None),
        Booking.ends_at > keeper.now,
    )
    held = [one for one in found if one.state(keeper.now) in OPEN]
    after = _look(keeper, before.branch.id)
    change = _Change(keeper, before, after, rooms.rules(keeper.db), _children(keeper.db, held))
    return [change.step(one) for one in held if not change.is_possible(one)]


def _lock(db: Session, steps: list[_Step]) -> None:
    """Lock those whose bookings are changed, their days and the bookings, in the order of ``holding``."""
    people = {step.held.holder for step in steps if step.held.holder and not step.held.is_guest}
    guests = {step.held.holder for step in steps if step.held.holder and step.held.is_guest}
    days = {(step.held.holder, step.held.day) for step in steps if step.held.holder}
    for column, ids in ((Member.person_id, people), (Guest.id, guests)):
        db.execute(select(column).where(column.in_(ids)).order_by(column).with_for_update())
    is_theirs = tuple_(Day.holder, Day.day).in_(days)
    db.execute(select(Day.day).where(is_theirs).order_by(Day.holder, Day.day).with_for_update())
    is_touched = Booking.id.in_([step.held.id for step in steps])
    db.execute(select(Booking.id).where(is_touched).order_by(Booking.id).with_for_update())


def _take(keeper: Keeper, step: _Step) -> None:
    """Do a step, and tell whoever it concerns."""
    by = Mover(keeper.db, keeper.desk, keeper.party, "closed" if step.is_closed else "out-of-order", keeper.now)
    if step.machine is None:
        moving.give_up(by, step.held, step.branch)
    else:
        moving.put(by, step.held, step.branch, step.machine, ends_at=step.ends_at)


@dataclass(frozen=True, slots=True)
class _Change:
    """A branch before and after a change. children: until when their rules hold for those for whom they do. machines:
    of each day that was looked at, by id, with what is planned so far.
    """

    keeper: Keeper
    before: _State
    after: _State
    rules: list[DatedLimits]
    children: Mapping[UUID, date]
    machines: dict[date, dict[UUID, Machine]] = field(default_factory=dict)

    def is_possible(self, held: Held) -> bool:
        """Tell whether a booking can stay as it is."""
        return not self._is_gone(held) and self._wanted(held) == moving.rest_of(held, self.keeper.now)

    def step(self, held: Held) -> _Step:
        """Plan another computer of the kind that was booked, or the same for a shorter time; none if none is free."""
        wanted = self._wanted(held)
        machine = self._give(held, wanted)
        sits = held.state(self.keeper.now) is State.IN_USE
        return _Step(
            held=held,
            branch=self.after.branch,
            what="sitting" if sits else "changed" if machine else "cancelled",
            is_closed=wanted is None,
            machine=machine,
            ends_at=wanted.end if wanted else held.ends_at,
        )

    def _give(self, held: Held, wanted: Span | None) -> Machine | None:
        """Return the computer that is given for a time, its own if that will do, and keep it in mind."""
        machines = self._machines(held.day)
        if own := machines.get(held.computer_id):
            others = tuple(span for span in own.busy if span != held.span(self.keeper.now))
            machines[own.id] = replace(own, busy=others)
        if wanted is None:
            return None
        kind = self.before.computers[held.computer_id][0]
        fitting = [one for one in machines.values() if one.kind is kind and one.is_free(wanted)]
        found = min(fitting, key=lambda one: one.id != held.computer_id, default=None)
        if found:
            busy = sorted((*found.busy, wanted), key=lambda span: span.start)
            machines[found.id] = replace(found, busy=tuple(busy))
        return found

    def _machines(self, day: date) -> dict[UUID, Machine]:
        if day not in self.machines:
            whole = self.keeper.desk.where.whole_day(day)
            found = rooms.machines(self.keeper.db, self.before.branch.id, whole, now=self.keeper.now)
            self.machines[day] = {one.id: one for one in found}
        return self.machines[day]

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
