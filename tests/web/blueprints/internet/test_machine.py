"""A thousand random operations on a real database, beside a naive model that says what each must come to.

Two branches with five computers, seven people; time passes, stands an hour while no worker runs, and is put back. After
each step every row is compared with the model's, and what must never be is looked for.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.blueprints.internet.actions import booking, queueing, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.models import Booking, Day, Member, Waiting
from portal.blueprints.internet.models import Computer as ComputerRow
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries import rooms as rooms_queries
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Holder, Kind, Who
from portal.blueprints.internet.rules.limits import NotAllowed, Why, limits_on
from portal.blueprints.internet.rules.standing import OPEN
from tests.conftest import TUESDAY
from tests.factories import Factory
from tests.support.rooms import Rooms
from tests.support.rooms_model import MINUTE, Computer, Model, Row, Waits, Wish

OPERATIONS = 50_000 if os.environ.get("SOAK") else 600
"""``make soak`` does the many."""
AT_A_TIME = 5
"""Examples, each of 50 steps."""
PEOPLE = 7
HOURS = (((540, 1020),), ((540, 720), (750, 1080)))
EMPTY = "; ".join(
    f"delete from internet_{name}"  # noqa: S608 -- ours
    for name in ("waiting", "booking", "day", "member", "count", "rule")
)

people = st.integers(0, PEOPLE - 1)
branches = st.integers(0, 1)
kinds = st.sampled_from([None, None, None, Kind.STANDARD, Kind.LARGE_SCREEN, Kind.QUICK])
lengths = st.sampled_from([15, 15, 30, 30, 45, 60, 60, 5, 90])
which = st.integers(0, 40)
later = st.integers(0, 8)
"""Half hours from now."""


class World:
    """What all examples share: branches, computers and people; each example begins with nothing booked."""

    def __init__(self, rooms: Rooms, make: Factory, owner_engine: Engine) -> None:
        self.rooms, self.owner_engine = rooms, owner_engine
        kinds_of = ((Kind.STANDARD, Kind.STANDARD, Kind.LARGE_SCREEN), (Kind.STANDARD, Kind.QUICK))
        for of_branch, hours in zip(kinds_of, HOURS, strict=True):
            rooms.branch(*of_branch, hours=dict.fromkeys(range(7), hours))
        self.people = [make.resident(email=None, password=None).id for _ in range(PEOPLE)]
        found = rooms.db.execute(select(ComputerRow.id, ComputerRow.branch_id, ComputerRow.kind))
        self.computers = [Computer(id_, branch, Kind(kind)) for id_, branch, kind in found]
        rooms.db.rollback()
        self.operations = 0

    def model(self) -> Model:
        with self.owner_engine.begin() as connection:
            connection.execute(text(EMPTY))
        self.rooms.clock.set(TUESDAY)
        self.rooms.rule(days_ahead=3)
        hours = dict(zip(self.rooms.made, (list(one) for one in HOURS), strict=True))
        return Model(self.computers, hours, TUESDAY)


class Booked(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin(self) -> None:
        self.rooms, self.db = self.world.rooms, self.world.rooms.db
        self.model = self.world.model()
        self.read: dict[UUID, Row] | None = None

    # Residents

    @rule(
        person=people,
        branch=branches,
        kind=kinds,
        days=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 4]),
        slot=later,
        minutes=lengths,
        by_staff=st.booleans(),
        again=st.booleans(),
    )
    def book_later(self, person: int, branch: int, kind: Any, days: int, slot: int, minutes: int, **how: bool) -> None:
        start = self._half_hour(days, slot)
        self._book(Wish(*self._at(person, branch), kind, start, minutes, how["by_staff"]), again=how["again"])

    @rule(person=people, branch=branches, kind=kinds, minutes=lengths, again=st.booleans())
    def book_now(self, person: int, branch: int, kind: Any, minutes: int, again: bool) -> None:
        self._book(Wish(*self._at(person, branch), kind, None, minutes), again=again)

    @rule(person=people, branch=branches, minutes=lengths)
    def sit_down(self, person: int, branch: int, minutes: int) -> None:
        if booked := self._book(Wish(*self._at(person, branch), None, None, minutes), again=False):
            self._check_in(self.model.rows[booked])

    def _book(self, wish: Wish, *, again: bool) -> UUID | None:
        key = uuid4()
        wanted = Wanted(wish.branch, wish.kind, wish.start, wish.minutes)
        turn = self.rooms.turn(wish.person, by_staff=wish.by_staff)
        result = self._do(booking.book, turn, wanted, key=key)
        self.model.settle(wish.branch, self._offers(), holder=wish.person)
        verdict = self.model.may_book(wish)
        if self._agrees(result, verdict.must, verdict.may):
            self.model.keep(wish, self._row(result), verdict.most)
            if wish.start is None:
                self._stop_waiting(wish.person)
            if again:
                assert self._do(booking.book, turn, wanted, key=key) == result, "sent twice, booked twice"
            return self._row(result).id
        return None

    @precondition(lambda self: self.model.rows)
    @rule(
        of=which,
        branch=branches,
        kind=kinds,
        days=st.sampled_from([0, 0, 0, 1]),
        slot=later,
        minutes=lengths,
        now=st.booleans(),
    )
    def change(self, of: int, branch: int, kind: Any, days: int, slot: int, minutes: int, now: bool) -> None:
        row = self._pick(of)
        start = self._half_hour(days, slot)
        wish = Wish(row.person, self.rooms.made[branch], kind, None if now else start, minutes, instead=row)
        wanted = Wanted(wish.branch, wish.kind, wish.start, wish.minutes)
        result = self._do(booking.change, self.rooms.turn(row.person), row.id, wanted)
        self.model.settle(wish.branch, self._offers(), holder=row.person)
        verdict = self.model.may_book(wish)
        if not row.is_open(self.model.now) or row.is_claimed or row.how == "offer":
            verdict.must.add(Why.OVER)
        if self._agrees(result, verdict.must, verdict.may):
            self.model.keep(wish, self._row(row.id), verdict.most)

    @precondition(lambda self: self.model.rows)
    @rule(of=which)
    def cancel(self, of: int) -> None:
        row, now = self._pick(of), self.model.now
        result = self._do(booking.cancel, self.rooms.turn(row.person), row.id)
        if row.is_used(now):
            assert why(result) is Why.IN_USE
            return
        assert why(result) is None
        if row.is_open(now):
            row.end = row.start if row.how == "offer" else min(max(row.start, now), row.end)
            row.over = "cancelled"
        self.model.settle(self.model.branch_of(row), self._offers())

    @precondition(lambda self: self.model.rows)
    @rule(of=which)
    def check_in(self, of: int) -> None:
        self._check_in(self._pick(of))

    def _check_in(self, row: Row) -> None:
        now = self.model.now
        turn = self.rooms.turn(row.person)
        result = self._do(sitting.check_in, turn, row.id, code=None, policy_from=BEFORE_ALL)
        self.model.settle(self.model.branch_of(row), self._offers(), holder=row.person)
        if row.is_used(now):
            assert why(result) is None, "twice is as good as once"
            return
        if self._agrees(result, *self.model.may_check_in(row), must_refuse=True):
            if row.start > now:
                row.start, row.end = now, row.end - (row.start - now)
            row.is_claimed = True
            self._stop_waiting(row.person)

    @precondition(lambda self: self.model.rows)
    @rule(of=which, by_staff=st.booleans())
    def extend(self, of: int, by_staff: bool) -> None:
        row = self._pick(of)
        result = self._do(sitting.extend, self.rooms.turn(row.person, by_staff=by_staff), row.id, until=row.end)
        self.model.settle(self.model.branch_of(row), self._offers(), holder=row.person)
        no, most = self.model.more(row, by_staff=by_staff)
        if self._agrees(result, no, set()):
            row.end += most * MINUTE
            assert result == row.end

    @precondition(lambda self: self.model.rows)
    @rule(of=which)
    def end(self, of: int) -> None:
        row, now = self._pick(of), self.model.now
        result = self._do(sitting.end, self.rooms.turn(row.person), row.id)
        if row.is_open(now) and not row.is_claimed:
            assert why(result) is Why.NOT_YET
            return
        assert why(result) is None
        if row.is_used(now):
            row.end, row.over = max(row.start, now), "finished"
        self.model.settle(self.model.branch_of(row), self._offers())

    @precondition(lambda self: self.model.rows)
    @rule(of=which, person=people)
    def meddle(self, of: int, person: int) -> None:
        row, other = self._pick(of), self.world.people[person]
        if other != row.person:
            assert isinstance(self._do(booking.cancel, self.rooms.turn(other), row.id), NoSuch)

    # The queue

    @rule(person=people, branch=branches, kind=kinds, minutes=lengths)
    def wait(self, person: int, branch: int, kind: Any, minutes: int) -> None:
        self._wait(person, branch, kind, minutes)

    @rule(first=people, branch=branches, minutes=lengths)
    def everybody_comes(self, first: int, branch: int, minutes: int) -> None:
        """One after the other they sit down, and whoever finds no computer waits."""
        for number in range(first, first + PEOPLE):
            person = number % PEOPLE
            if booked := self._book(Wish(*self._at(person, branch), None, None, minutes), again=False):
                self._check_in(self.model.rows[booked])
            else:
                self._wait(person, branch, None, minutes)

    def _wait(self, person: int, branch: int, kind: Any, minutes: int) -> None:
        self._tick()
        waits = Waits(*self._at(person, branch), kind, minutes, self.model.now)
        result = self._do(queueing.wait, self.rooms.turn(waits.person), waits.branch, kind, minutes)
        self.model.settle(waits.branch, self._offers(), holder=waits.person)
        waited = any(one.person == waits.person for one in self.model.waiting())
        if self._agrees(result, self.model.may_wait(waits), set()) and not waited:
            self._stop_waiting(waits.person)
            self.model.queue.append(waits)

    @rule(person=people)
    def leave(self, person: int) -> None:
        result = self._do(queueing.leave, self.rooms.turn(self.world.people[person]))
        assert result is self._stop_waiting(self.world.people[person])

    @precondition(lambda self: self.model.rows)
    @rule(of=which)
    def take(self, of: int) -> None:
        row, now = self._pick(of, how="offer"), self.model.now
        result = self._do(queueing.take, self.rooms.turn(row.person), row.id)
        assert why(result) is (None if row.is_open(now) else Why.OVER)
        if row.is_open(now) and row.how == "offer" and not row.is_claimed:
            row.how, row.held = "now", min(max(now, row.start) + self.model.limits.grace_minutes * MINUTE, row.end)

    # The clock, the worker, the staff

    @rule(minutes=st.sampled_from([1, 2, 3, 5, 10, 15, 30]), seconds=st.sampled_from([0, 0, 7, 59]))
    def time_passes(self, minutes: int, seconds: int) -> None:
        self._set(self.model.now + timedelta(minutes=minutes, seconds=seconds))

    @rule(back=st.integers(1, 20), how=st.sampled_from(["an hour without a worker", "put back", "the next day"]))
    def time_jumps(self, back: int, how: str) -> None:
        now = self.model.now
        match how:
            case "an hour without a worker":
                self._set(now + timedelta(hours=1))
            case "put back":
                self._set(now - back * MINUTE)
            case _ if now.hour >= 12:
                self._set(datetime.combine(self.model.today + timedelta(days=1), time(8, 50), UTC) + back * MINUTE)

    @rule()
    def the_worker_runs(self) -> None:
        """It changes no answer that was given before, but for what it offers."""
        before = self._answers()
        self._do(settling.settle_everywhere, self.db, self.rooms.desk, now=self.model.now)
        missed = {self.model.branch_of(row) for row in self.model.rows.values() if row.is_missed(self.model.now)}
        known, made = set(self.model.rows), self._offers()
        for branch in sorted(missed | {waits.branch for waits in self.model.queue}):
            self.model.settle(branch, made)
        new = [row for row in self.model.rows.values() if row.id not in known]
        after = self._answers(but={row.id for row in new})
        offered = {row.person for row in new}
        assert {key: value for key, value in before.items() if key[0] not in offered} == {
            key: value for key, value in after.items() if key[0] not in offered
        }

    @rule(
        person=people,
        name=st.sampled_from(["grant", "block", "minutes_a_day", "bookings_at_once", "grace_minutes", "stops_before"]),
        value=st.sampled_from([0, 5, 15, 30, 60]),
    )
    def staff_act(self, person: int, name: str, value: int) -> None:
        holder = self.world.people[person]
        match name:
            case "grant":
                self._grant_half_an_hour(holder, self.model.today)
            case "block" if value == 0:
                self._block(holder, self.model.now + timedelta(minutes=30))
            case "minutes_a_day":
                self._change_rule(name, 60 + 4 * value)
            case "bookings_at_once" | "grace_minutes" | "stops_before":
                self._change_rule(name, min(value, 50) or name == "grace_minutes")

    def _change_rule(self, name: str, value: int) -> None:
        self.db.execute(text(f"update internet_rule set {name} = :value"), {"value": int(value)})  # noqa: S608 -- ours
        self.db.commit()
        setattr(self.model.limits, name, int(value))

    def _grant_half_an_hour(self, holder: UUID, day: date) -> None:
        if self.model.granted.get((holder, day), 0) < 120:
            row = upsert(Day).values(holder=holder, day=day, allowed=0, granted=30, taken=0)
            changed = {"granted": Day.granted + row.excluded.granted}
            self.db.execute(row.on_conflict_do_update(index_elements=[Day.holder, Day.day], set_=changed))
            self.db.commit()
            self.model.granted[holder, day] = self.model.granted.get((holder, day), 0) + 30

    def _block(self, holder: UUID, until: datetime) -> None:
        row = upsert(Member).values(person_id=holder, blocked_until=until, blocked_why=b"sealed")
        changed = {"blocked_until": until, "blocked_why": b"sealed"}
        self.db.execute(row.on_conflict_do_update(index_elements=[Member.person_id], set_=changed))
        self.db.commit()
        self.model.blocked[holder] = until

    # What must always be so

    @invariant()
    def is_as_the_model_says(self) -> None:
        assert self._rows() == self.model.rows
        waiting = self.db.execute(
            select(Waiting.person_id, Waiting.branch_id, Waiting.kind, Waiting.day)
            .where(Waiting.left_at.is_(None))
            .order_by(Waiting.asked_at)
        )
        queue = {(one.person, one.branch, one.kind, one.asked.date()) for one in self.model.queue}
        assert {tuple(one) for one in waiting} == queue
        taken = self.db.execute(select(Day.holder, Day.day, Day.allowed + Day.granted, Day.taken)).all()
        self.db.rollback()
        for holder, day, allowed, minutes in taken:
            rows = [row for row in self.model.rows.values() if (row.person, row.day) == (holder, day)]
            assert minutes == sum(row.minutes for row in rows) <= allowed

    @invariant()
    def nobody_and_nothing_is_held_twice(self) -> None:
        now = self.model.now
        holding = [row for row in self.model.rows.values() if row.end > row.start]  # cancelled ahead, it holds nothing
        for one, other in combinations(holding, 2):
            if one.computer == other.computer or one.person == other.person:
                assert one.until(now) <= other.start or other.until(now) <= one.start

    @invariant()
    def everything_is_inside_opening_hours(self) -> None:
        for row in self.model.rows.values():
            midnight = datetime.combine(row.day, time(), UTC)
            spells = self.model.hours[self.model.branch_of(row)]
            assert any(
                midnight + opens * MINUTE <= row.start and row.end <= midnight + closes * MINUTE
                for opens, closes in spells
            )

    # How it is done

    def _do(self, action: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Return what an action returns, or the refusal that it ends with; nothing else may come of it."""
        self.read = None
        self.world.operations += 1
        try:
            return action(*args, **named)
        except (NotAllowed, NoSuch) as refused:
            return refused

    def _agrees(self, result: Any, must: set[Why], may: set[Why], *, must_refuse: bool = False) -> bool:
        """See that an action came to what the model expects, and tell whether it was done."""
        refused = why(result)
        if refused is None:
            assert not must, f"allowed, though {must}"
            assert not (must_refuse and may), f"allowed, though the database should know {may}"
            return True
        assert refused in must | may, f"{refused} where the model knows {must} and {may}"
        return False

    def _at(self, person: int, branch: int) -> tuple[UUID, UUID]:
        return self.world.people[person], self.rooms.made[branch]

    def _pick(self, of: int, how: str | None = None) -> Row:
        """Return one of the bookings, the latest and those not over rather than others."""
        rows = list(reversed(self.model.rows.values()))
        live = [row for row in rows if row.over is None and row.end > self.model.now]
        found = [row for row in live if row.how == how] or live * 3 + rows
        return found[of % len(found)]

    def _stop_waiting(self, person: UUID) -> bool:
        before = len(self.model.queue)
        self.model.queue = [waits for waits in self.model.queue if waits.person != person]
        return len(self.model.queue) < before

    def _half_hour(self, days: int, slot: int) -> datetime:
        """Return so many half hours after the next full one, some days ahead."""
        hour = self.model.now.replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(days=days) + 30 * (slot + 1) * MINUTE

    def _set(self, moment: datetime) -> None:
        self.model.now = max(moment, TUESDAY)
        self.rooms.clock.set(self.model.now)

    def _tick(self) -> None:
        """Let a moment pass, so that no two come into the queue at the same, also when the clock is put back."""
        self.world.operations += 1
        self._set(self.model.now.replace(microsecond=0) + timedelta(seconds=1, microseconds=self.world.operations))

    def _rows(self) -> dict[UUID, Row]:
        """Return every booking as it was written, read once after each thing that was done."""
        self.read = self.read or self._read()
        return self.read

    def _read(self) -> dict[UUID, Row]:
        found = bookings.held(self.db)
        self.db.rollback()
        return {
            one.id: Row(
                one.id,
                one.holder or UUID(int=0),
                one.computer_id,
                one.how,
                one.day,
                one.starts_at,
                one.ends_at,
                one.held_until or one.ends_at,
                one.checked_in_at is not None,
                one.ended_why,
            )
            for one in found
        }

    def _row(self, booking_id: UUID) -> Row:
        return self._rows()[booking_id]

    def _offers(self) -> list[Row]:
        return [row for row in self._rows().values() if row.id not in self.model.rows and row.how == "offer"]

    def _answers(self, but: set[UUID] = frozenset()) -> dict[tuple[Any, ...], Any]:  # type: ignore[assignment]
        """Return what pages would say now, by whom it is about: states, minutes, what is free from now on."""
        now, where = self.model.now, self.rooms.desk.where
        answers: dict[tuple[Any, ...], Any] = {}
        for held in bookings.held(self.db, Booking.id.not_in(but)):
            answers[held.holder, held.id] = held.state(now)
            if held.state(now) in OPEN:
                answers[held.holder, held.id, "span"] = held.span(now)
        rules = rooms_queries.rules(self.db)
        for person in self.world.people:
            limits = limits_on(self.model.today, self.rooms.made[0], Who.ADULT, rules)
            left = bookings.minutes_left(self.db, Holder(person), self.model.today, limits, now=now)
            answers[person, "minutes"] = left
        mine = {(row.computer, row.start) for row in self._rows().values() if row.id in but}
        for branch in self.rooms.made:
            day = where.whole_day(self.model.today)
            for machine in rooms_queries.machines(self.db, branch, day, now=now):
                spans = [span for span in machine.busy if span.end > now]
                answers["free", machine.id] = [span for span in spans if (machine.id, span.start) not in mine]
        self.db.rollback()
        return answers


def why(result: Any) -> Why | None:
    assert not isinstance(result, NoSuch)
    return result.why if isinstance(result, NotAllowed) else None


@pytest.fixture
def world(rooms: Rooms, make: Factory, owner_engine: Engine) -> World:
    return World(rooms, make, owner_engine)


def test_whatever_is_done_the_bookings_are_as_the_rules_say(world: World) -> None:
    class Machine(Booked):
        pass

    Machine.world = world
    while world.operations < OPERATIONS:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=AT_A_TIME,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
                phases=[Phase.generate],  # shrinking on a database takes many minutes
            ),
        )
