"""Who uses the demo's computers: its residents, guests, and those of the last two weeks, whom nobody knows any more.

What can't be kept (the branch is closed, somebody's minutes are used up) is left out: it is a demo, at any hour.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import exists, func, insert, select

from portal.blueprints.internet.actions import booking, queueing, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Booking, Computer, Count, Guest
from portal.blueprints.internet.queries import bookings, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.hours import Span
from portal.blueprints.internet.rules.kinds import Holder, Kind
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.blueprints.internet.rules.standing import State
from portal.cli.demo.chance import seeded
from portal.cli.demo.rooms import codes, desk, where
from portal.db import committing
from portal.identity import persons
from portal.workplace import Workplace

GUESTS = 3
"""So many sit at the first branch when the demo starts."""
DAYS_BEFORE = 14
"""For so many days there is something to count."""
SESSION = 60
_AHEAD = ((1, 11, None), (2, 14, Kind.ADJUSTABLE))
"""The first resident's, the second's: from how many days ahead on, at what hour, which kind of computer."""


def bring_visitors(place: Workplace, residents: list[str]) -> None:
    """Let residents book, sit and wait at the branches. residents: addresses of four of them."""
    known = {one.code: one for one in rooms.branches(place.db, since=where(place).day(place.clock.now()))}
    branches = [known[code] for code in codes(place) if code in known]
    people = [account.id for email in residents if (account := persons.find(place.db, email))]
    place.db.rollback()
    if not branches or len(people) < len(residents):
        return
    _bring_days_before(place, branches)
    first, second, third, fourth, *_ = people
    for person, branch, (days, hour, kind) in zip((first, second), (branches * 2)[:2], _AHEAD, strict=True):
        _book_ahead(place, person, branch, days=days, hour=hour, kind=kind)
    _sit(place, Holder(third), branches[0], Kind.SCANNER)
    with suppress(NotAllowed):
        queueing.wait(_turn(place, Holder(fourth)), branches[0].id, Kind.SCANNER, SESSION)
    _bring_guests(place, branches[0])


def _turn(place: Workplace, holder: Holder) -> Turn:
    party = None if holder.is_guest else persons.themselves(holder.id)
    return Turn(place.db, desk(place), holder, party, place.clock.now(), by_staff=holder.is_guest)


def _book_ahead(place: Workplace, person: UUID, branch: BranchView, *, days: int, hour: int, kind: Kind | None) -> None:
    """Book a computer on the next day on which the branch is open then. Once for each day that the demo is started on:
    what was cancelled since isn't booked again.
    """
    here, turn = where(place), _turn(place, Holder(person))
    for day in (turn.today + timedelta(days=ahead) for ahead in range(days, days + 7)):
        starts_at = here.moment(day, hour * 60)
        if any(spell.holds(_for_minutes(starts_at, 2 * SESSION)) for spell in branch.opening.spells(day, here)):
            key = uuid5(NAMESPACE_URL, f"demo:{person}:{turn.today}")
            with suppress(NotAllowed):
                booking.book(turn, Wanted(branch.id, kind, starts_at, SESSION), key=key)
            return


def _sit(place: Workplace, holder: Holder, branch: BranchView, kind: Kind | None) -> None:
    """Let somebody sit down at a computer now, unless they sit at one."""
    turn = _turn(place, holder)
    own = bookings.held(place.db, Booking.holder == holder.id, Booking.ends_at > turn.now)
    place.db.rollback()
    if any(held.state(turn.now) is State.IN_USE for held in own):
        return
    with suppress(NotAllowed):
        kept = booking.book(turn, Wanted(branch.id, kind, None, SESSION), key=uuid4())
        since = rooms.policy(place.db, now=turn.now).since
        place.db.rollback()
        sitting.check_in(turn, kept, code=None, policy_from=since)


def _bring_guests(place: Workplace, branch: BranchView) -> None:
    now = place.clock.now()
    sitting_now = [Booking.guest_id.is_not(None), Computer.branch_id == branch.id, Booking.ends_at > now]
    there = len(bookings.held(place.db, *sitting_now))
    place.db.rollback()
    for _ in range(GUESTS - there):
        guest = uuid4()
        with committing(place.db):
            place.db.execute(
                insert(Guest).values(
                    id=guest, branch_id=branch.id, day=where(place).day(now), minutes=SESSION, made_at=now
                )
            )
        _sit(place, Holder(guest, is_guest=True), branch, Kind.STANDARD)


def _bring_days_before(place: Workplace, branches: list[BranchView]) -> None:
    """Bring sessions and counts of the last two weeks, with nobody's name to them, if there are none at all."""
    if place.db.scalar(select(exists(select(Booking.id)))):
        place.db.rollback()
        return
    here, now = where(place), place.clock.now()
    days = [here.day(now) - timedelta(days=before) for before in range(1, DAYS_BEFORE + 1)]
    of_day = [(branch, day, seeded("rooms", branch.code, day)) for branch in branches for day in days]
    with committing(place.db):
        sat = [row for branch, day, chance in of_day for row in _sessions(place, branch, day, chance)]
        counted = [row for branch, day, chance in of_day for row in _counts(place, branch, day, chance)]
        place.db.execute(insert(Booking), sat)
        place.db.execute(insert(Count), counted)


def _sessions(place: Workplace, branch: BranchView, day: date, chance: Random) -> Iterator[dict[str, object]]:
    """Yield what was booked on a day: at each computer one session after the other, with gaps."""
    here = where(place)
    in_service = select(Computer.id).where(Computer.branch_id == branch.id, Computer.status == "in-service")
    for computer in place.db.scalars(in_service.order_by(func.length(Computer.name), Computer.name)):
        for spell in branch.opening.spells(day, here, stops_before=15):
            begins = spell.start + timedelta(minutes=30 * chance.randrange(6))
            while spell.holds(span := _for_minutes(begins, chance.choice((15, 30, 60, 60)))):
                yield _session(computer, day, span, chance)
                begins = span.end + timedelta(minutes=30 * chance.randrange(1, 9))


def _session(computer: UUID, day: date, booked: Span, chance: Random) -> dict[str, object]:
    grace = booked.start + timedelta(minutes=10)
    came = chance.random() < 0.9
    ended_at = booked.end if came else grace
    return {
        "id": uuid4(),
        "computer_id": computer,
        "how": chance.choice(("booked", "now", "now")),
        "day": day,
        "starts_at": booked.start,
        "ends_at": ended_at,
        "held_until": grace,
        "checked_in_at": booked.start if came else None,
        "policy_from": rooms.BEFORE_ALL if came else None,
        "ended_at": ended_at,
        "ended_why": "finished" if came else "missed",
        "made_at": booked.start,
        "by_staff": chance.random() < 0.2,
    }


def _counts(place: Workplace, branch: BranchView, day: date, chance: Random) -> Iterator[dict[str, object]]:
    """Yield how often somebody waited or was turned away, in the busiest hours."""
    for spell in branch.opening.spells(day, where(place)):
        busiest = spell.start.astimezone(where(place).zone).hour + 3
        for what, most in (("turned-away", 3), ("waited", 2), ("offer-missed", 1)):
            if count := chance.randrange(most + 1):
                yield {"branch_id": branch.id, "day": day, "hour": busiest, "what": what, "count": count}


def _for_minutes(starts_at: datetime, minutes: int) -> Span:
    return Span(starts_at, starts_at + timedelta(minutes=minutes))
