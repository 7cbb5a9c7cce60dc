"""A naive model of the booking engine: lists and the clock. It predicts what is allowed, and what then is so.

It is written from the rules (issue 8, decision 0127), not from the engine: no database, no locks, no constraints. Where
one thing of several equal ones is picked (which computer), it takes over what the engine picked, and sees that it was
one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from uuid import UUID

from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import Why

MINUTE = timedelta(minutes=1)
LEAST, QUICK, EARLY, OFFER = 5, 15, 5 * MINUTE, 4 * MINUTE


@dataclass(frozen=True)
class Computer:
    id: UUID
    branch: UUID
    kind: Kind


@dataclass
class Row:
    """A booking, with what was written of it. over: why it has ended."""

    id: UUID
    person: UUID
    computer: UUID
    how: str
    day: date
    start: datetime
    end: datetime
    held: datetime
    is_claimed: bool = False
    over: str | None = None

    @property
    def minutes(self) -> int:
        return ceil((self.end - self.start) / MINUTE)

    def is_missed(self, now: datetime) -> bool:
        return self.over is None and not self.is_claimed and self.held <= now

    def until(self, now: datetime) -> datetime:
        """Return until when it keeps its computer."""
        return min(self.held, self.end) if not self.is_claimed and self.held <= now else self.end

    def is_open(self, now: datetime) -> bool:
        return self.over is None and self.end > now and not self.is_missed(now)

    def is_used(self, now: datetime) -> bool:
        return self.is_open(now) and self.is_claimed


@dataclass
class Waits:
    person: UUID
    branch: UUID
    kind: Kind | None
    minutes: int
    asked: datetime


@dataclass
class Limits:
    minutes_a_day: int = 120
    minutes_a_session: int = 60
    bookings_at_once: int = 2
    days_ahead: int = 3
    grace_minutes: int = 10
    stops_before: int = 15
    extend_by: int = 30


@dataclass
class Wish:
    """What somebody asks for. start: None for now."""

    person: UUID
    branch: UUID
    kind: Kind | None
    start: datetime | None
    minutes: int
    by_staff: bool = False
    instead: Row | None = None


@dataclass
class Verdict:
    """must: each rule that says no. may: what the database may refuse beside it, since a clock was put back. most: how
    many minutes there are for whoever asks for now.
    """

    must: set[Why] = field(default_factory=set)
    may: set[Why] = field(default_factory=set)
    most: int = 0


@dataclass
class Model:
    """hours: of each branch, each day, in minutes after midnight (UTC is the clock on the wall in November)."""

    computers: list[Computer]
    hours: dict[UUID, list[tuple[int, int]]]
    now: datetime
    limits: Limits = field(default_factory=Limits)
    rows: dict[UUID, Row] = field(default_factory=dict)
    queue: list[Waits] = field(default_factory=list)
    granted: dict[tuple[UUID, date], int] = field(default_factory=dict)
    blocked: dict[UUID, datetime] = field(default_factory=dict)

    # What is so

    @property
    def today(self) -> date:
        return self.now.date()

    def spell(self, branch: UUID, day: date, moment: datetime) -> tuple[datetime, datetime] | None:
        midnight = datetime.combine(day, time(), UTC)
        for opens, closes in self.hours[branch]:
            start, end = midnight + opens * MINUTE, midnight + (closes - self.limits.stops_before) * MINUTE
            if start <= moment < end:
                return start, end
        return None

    def is_over_today(self, branch: UUID) -> bool:
        return self.has_closed(branch, self.limits.stops_before)

    def has_closed(self, branch: UUID, stops_before: int = 0) -> bool:
        midnight = datetime.combine(self.today, time(), UTC)
        last = max(closes for _, closes in self.hours[branch]) - stops_before
        return midnight + last * MINUTE - self.now < LEAST * MINUTE

    def own(self, person: UUID, but: Row | None = None) -> list[Row]:
        return [row for row in self.rows.values() if row.person == person and row is not but and row.is_open(self.now)]

    def left(self, person: UUID, day: date) -> int:
        """Return the minutes left: of what was missed, only those count for which it was kept; of an offer none."""
        taken = 0
        for row in self.rows.values():
            if (row.person, row.day) == (person, day):
                end = row.until(self.now) if row.is_missed(self.now) else row.end
                taken += 0 if row.is_missed(self.now) and row.how == "offer" else ceil((end - row.start) / MINUTE)
        return max(0, self.limits.minutes_a_day + self.granted.get((person, day), 0) - taken)

    def is_free(self, computer: UUID, start: datetime, end: datetime, but: Row | None = None) -> bool:
        return not any(
            row.start < end and start < row.until(self.now)
            for row in self.rows.values()
            if row.computer == computer and row is not but and row.until(self.now) > row.start
        )

    def fitting(self, wish: Wish, minutes: int) -> Iterable[tuple[Computer, int]]:
        """Yield each computer of the kind that is wanted, and for how many minutes it would be had."""
        for computer in self.computers:
            is_quick = computer.kind is Kind.QUICK
            wanted = computer.kind is wish.kind if wish.kind else not is_quick or minutes <= QUICK
            if computer.branch == wish.branch and wanted:
                yield computer, min(minutes, QUICK) if is_quick else minutes

    def longest_now(self, wish: Wish, minutes: int) -> int:
        """Return for how many whole minutes the best computer is free from now on, by trying each."""
        spell = self.spell(wish.branch, self.today, self.now)
        return max(
            (
                tried
                for computer, most in self.fitting(wish, minutes)
                for tried in range(LEAST, most + 1)
                if spell and (end := self.now + tried * MINUTE) <= spell[1]
                if self.is_free(computer.id, self.now, end, wish.instead)
            ),
            default=0,
        )

    # What is allowed

    def may_book(self, wish: Wish) -> Verdict:
        verdict = Verdict()
        no, day = verdict.must, (wish.start or self.now).date()
        left = self.left(wish.person, day)
        if wish.instead and wish.instead.day == day:
            left += wish.instead.minutes
        if self.is_blocked(wish.person):
            no.add(Why.BLOCKED)
        if wish.minutes > self.longest(wish.kind):
            no.add(Why.TOO_LONG)
        own = self.own(wish.person, wish.instead)
        if wish.start is None:
            self._may_now(wish, verdict, own, left)
            return verdict
        self._may_later(wish, verdict, own, left, wish.start)
        return verdict

    def _may_later(self, wish: Wish, verdict: Verdict, own: list[Row], left: int, start: datetime) -> None:
        end, limits = start + wish.minutes * MINUTE, self.limits
        spell = self.spell(wish.branch, start.date(), start)
        ahead = sum(not row.is_claimed and row.how != "offer" and row.start > self.now for row in own)
        free = (
            self.is_free(computer.id, start, start + most * MINUTE, wish.instead)
            for computer, most in self.fitting(wish, wish.minutes)
        )
        says_no = {
            Why.PAST: start < self.now,
            Why.TOO_FAR_AHEAD: (start.date() - self.today).days > limits.days_ahead and not wish.by_staff,
            Why.AT_ANOTHER: any(row.start < end and start < row.end for row in own),
            Why.TOO_MANY: ahead >= limits.bookings_at_once and not wish.by_staff,
            Why.NO_MINUTES: left < wish.minutes,
            Why.BRANCH_CLOSED: spell is None,
            Why.CLOSING: spell is not None and end > spell[1],
            Why.TAKEN: not any(free),
        }
        verdict.must |= {why for why, is_so in says_no.items() if is_so}
        if self._was_there(wish, start, end):
            verdict.may.add(Why.AT_ANOTHER)

    def _may_now(self, wish: Wish, verdict: Verdict, own: list[Row], left: int) -> None:
        no, now = verdict.must, self.now
        most = min([wish.minutes, left, *(int((row.start - now) / MINUTE) for row in own)])
        if left < LEAST:
            no.add(Why.NO_MINUTES)
        if any(row.start - now < LEAST * MINUTE for row in own):
            no.add(Why.AT_ANOTHER)
        spell = self.spell(wish.branch, self.today, now)
        if spell is None or spell[1] - now < LEAST * MINUTE:
            no.add(Why.BRANCH_CLOSED)
        verdict.most = self.longest_now(wish, most)
        if verdict.most < LEAST:
            no.add(Why.TAKEN)
        if self._was_there(wish, now, now + wish.minutes * MINUTE):
            verdict.may.add(Why.AT_ANOTHER)

    def _was_there(self, wish: Wish, start: datetime, end: datetime) -> bool:
        """Tell whether something of theirs is over by what was written, but not yet by the clock."""
        rows = [row for row in self.rows.values() if row.person == wish.person and row is not wish.instead]
        return any(row.start < end and start < row.end and row.start < row.end for row in rows)

    def is_blocked(self, person: UUID) -> bool:
        return person in self.blocked and self.now < self.blocked[person]

    def longest(self, kind: Kind | None) -> int:
        return min(self.limits.minutes_a_session, QUICK) if kind is Kind.QUICK else self.limits.minutes_a_session

    def may_wait(self, waits: Waits) -> set[Why]:
        wish = Wish(waits.person, waits.branch, waits.kind, None, waits.minutes)
        no = self.may_book(wish).must & {Why.BLOCKED, Why.TOO_LONG, Why.NO_MINUTES, Why.AT_ANOTHER}
        if self.spell(waits.branch, self.today, self.now) is None:
            no.add(Why.BRANCH_CLOSED)
        if self.longest_now(wish, waits.minutes) >= LEAST:
            no.add(Why.NOTHING_TO_WAIT_FOR)
        if any(one.person == waits.person and one.branch != waits.branch for one in self.waiting()):
            no.add(Why.ALREADY_WAITS)
        return no

    def may_check_in(self, row: Row) -> tuple[set[Why], set[Why]]:
        """Return which rules say no, and what the database may say."""
        no: set[Why] = set()
        if not row.is_open(self.now):
            no.add(Why.OVER)
        if self.is_blocked(row.person):
            no.add(Why.BLOCKED)
        if row.start <= self.now:
            return no, set()
        spell = self.spell(self.branch_of(row), self.today, row.start)
        if self.now < max(row.start - EARLY, spell[0] if spell else row.start - EARLY):
            no.add(Why.NOT_YET)
        others = [one for one in self.rows.values() if one.computer == row.computer and one is not row]
        if any(one.start <= self.now < one.end and one.is_open(self.now) for one in others):
            no.add(Why.SOMEBODY_THERE)
        new = replace(row, start=self.now, end=row.end - (row.start - self.now))
        clash = [one for one in self.rows.values() if one is not row and one.start < new.end and new.start < one.end]
        clash = [one for one in clash if one.start < one.end]
        refused = {Why.AT_ANOTHER for one in clash if one.person == row.person}
        refused |= {Why.TAKEN for one in clash if one.computer == row.computer}
        return no, refused

    def more(self, row: Row, *, by_staff: bool) -> tuple[set[Why], int]:
        """Return which rules refuse more time, and how many minutes there are if none does."""
        no: set[Why] = set()
        kind = next(one.kind for one in self.computers if one.id == row.computer)
        if not row.is_used(self.now):
            no.add(Why.OVER)
        if self.is_blocked(row.person):
            no.add(Why.BLOCKED)
        here = [one for one in self.waiting() if one.branch == self.branch_of(row) and one.kind in (None, kind)]
        if here and not by_staff:
            no.add(Why.SOMEBODY_WAITS)
        spell = self.spell(self.branch_of(row), self.today, row.start)
        if spell is None:
            return no | {Why.CLOSING}, 0
        others = [one for one in self.rows.values() if one is not row and one.start >= row.end]
        others = [one for one in others if one.until(self.now) > one.start]
        step = QUICK - row.minutes if kind is Kind.QUICK and not by_staff else self.limits.extend_by
        most = {
            Why.TOO_LONG: step,
            Why.NO_MINUTES: self.left(row.person, self.today),
            Why.CLOSING: int((spell[1] - row.end) / MINUTE),
            Why.BOOKED_NEXT: _until(row, (one for one in others if one.computer == row.computer)),
            Why.AT_ANOTHER: _until(row, (one for one in self.own(row.person, row) if one.start >= row.end)),
        }
        no |= {why for why, minutes in most.items() if minutes < 1}
        return no, min(*most.values(), self.limits.extend_by)

    def branch_of(self, row: Row) -> UUID:
        return next(one.branch for one in self.computers if one.id == row.computer)

    # The queue

    def waiting(self) -> list[Waits]:
        """Return who waits today, first come first: by the clock that was shown then."""
        here = (one for one in self.queue if one.asked.date() == self.today)
        return sorted(here, key=lambda one: one.asked)

    def settle(self, branch: UUID, made: list[Row], *, holder: UUID | None = None) -> None:
        """Give up what was missed, then offer what is free, first come first. made: the offers that the engine made."""
        for row in list(self.rows.values()):
            if row.person == holder or self.branch_of(row) == branch:
                self._give_up(row)
        soon = self.now + LEAST * MINUTE
        here = [one for one in self.computers if one.branch == branch]
        free = {one.kind for one in here if self.is_free(one.id, self.now, soon)}
        for waits in [one for one in self.waiting() if one.branch == branch]:
            if self.has_closed(branch) or (free and (waits.kind is None or waits.kind in free)):
                self._offer(waits, made)

    def _give_up(self, row: Row) -> None:
        if row.is_missed(self.now):
            row.end = row.start if row.how == "offer" else min(row.end, row.held)
            row.over = "missed"

    def _offer(self, waits: Waits, made: list[Row]) -> None:
        for row in self.rows.values():
            if row.person == waits.person:
                self._give_up(row)
        wish = Wish(waits.person, waits.branch, waits.kind, None, waits.minutes)
        verdict = self.may_book(wish)
        if self.is_over_today(waits.branch) or verdict.must & {Why.BLOCKED, Why.NO_MINUTES, Why.AT_ANOTHER}:
            self.queue.remove(waits)
            return
        offer = next((one for one in made if one.person == waits.person and one.id not in self.rows), None)
        if verdict.most < LEAST:
            assert offer is None, "something was offered that isn't free"
        elif offer is None:
            assert verdict.may, f"{waits} was passed over"
        else:
            self.keep(wish, offer, verdict.most)
            self.queue.remove(waits)

    def keep(self, wish: Wish, row: Row, most: int) -> None:
        """Take over what the engine kept for a wish, having seen that it is one of the right ones."""
        minutes = most if wish.start is None else wish.minutes
        right = {computer.id: most for computer, most in self.fitting(wish, minutes)}
        assert row.computer in right, "of another kind than was asked for"
        assert row.start == (wish.start or self.now)
        assert self.is_free(row.computer, row.start, row.end, wish.instead), "somebody has it"
        grace = OFFER if row.how == "offer" else self.limits.grace_minutes * MINUTE
        assert row.held == min(row.start + grace, row.end)
        kept = (row.end - row.start) / MINUTE
        assert int(kept) == most if wish.start is None else kept == right[row.computer]
        self.rows[row.id] = replace(row)


def _until(row: Row, others: Iterable[Row]) -> int:
    return min((int((one.start - row.end) / MINUTE) for one in others), default=1440)
