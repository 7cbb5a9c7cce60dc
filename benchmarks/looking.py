"""What a page of somebody at a computer asks by itself, against a bare Flask "hello" on the same server."""

import statistics
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from benchmarks.load import load
from benchmarks.servers import free_port, serving
from portal.blueprints.internet.models import Booking, Branch, Computer, Day
from portal.blueprints.internet.queries import bookings
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.clock import SystemClock
from portal.db.embedded import ensure_server
from portal.db.migrate import upgrade
from portal.identity import persons, sessions
from portal.party import Level
from portal.settings import PROJECT

ROUNDS, SECONDS = 7, 2.0
AT_LEAST = 0.15
LASTS = timedelta(hours=1)


def measured() -> list[tuple[str, bool]]:
    """Return what was measured, in words, and whether it is as it should be."""
    server = ensure_server(PROJECT, purpose="test")
    try:
        url = server.database("bench_looking")
        upgrade(url)
        path, cookie = _somebody_sits(url)
        environ = {"PORTAL_DATABASE_URL": url, "PORTAL_PROFILE": "demo"}
        with (
            serving("wsgi:app", free_port(), environ) as portal,
            serving("benchmarks.hello:create_app", free_port(), environ, "--factory") as hello,
        ):
            rounds = [(_asked(f"{portal}{path}", cookie, 204), _asked(f"{hello}/", "", 200)) for _ in range(ROUNDS)]
    finally:
        server.stop()
    ratios = [one / other for one, other in rounds]
    ratio = statistics.median(ratios)
    ours, bare = (statistics.median(speeds) for speeds in zip(*rounds, strict=True))
    said = (
        f"time left, asked again: {ratio:.2f} of a bare hello (at least {AT_LEAST}; rounds {min(ratios):.2f} to"
        f" {max(ratios):.2f}); {ours:.0f} and {bare:.0f} a second"
    )
    return [(said, ratio >= AT_LEAST)]


def _asked(address: str, cookie: str, status: int) -> float:
    """Return how many answers there were in a second. Raises RuntimeError if one isn't what it should be."""
    result = load(address, cookie=cookie, seconds=SECONDS)
    if result.statuses != {status}:
        raise RuntimeError(f"answered {result.statuses}")
    return result.per_second


def _somebody_sits(url: str) -> tuple[str, str]:
    """Let somebody sit at a computer for an hour; return the path that their page asks, and their cookie."""
    engine, now = create_engine(url), SystemClock().now()
    lifetimes = sessions.Lifetimes(LASTS, LASTS)
    try:
        with Session(engine) as db:
            person = persons.add(db, name="Sam Example", language="en", email="sits@example.org", at=now)
            token = sessions.begin(
                db, person_id=person.id, level=Level.LOW, lifetimes=lifetimes, data={}, device="", at=now
            )
            booking = _book(db, person.id)
            db.commit()
            held = bookings.glimpse(db.connection(), person.id, booking)
    finally:
        engine.dispose()
    if held is None:
        raise RuntimeError("somebody sits there")
    return f"/internet/sessions/{booking}/left?seen={held.mark(now)}", f"portal={token}"


def _book(db: Session, person: UUID) -> UUID:
    branch, computer, booking, now = uuid4(), uuid4(), uuid4(), SystemClock().now()
    room = {"name": {"en": "Bench"}, "address": "", "on_bank_holidays": True, "is_open": True}
    begun = {"held_until": now, "checked_in_at": now, "policy_from": BEFORE_ALL, "made_at": now, "by_staff": False}
    when = {"day": now.date(), "starts_at": now, "ends_at": now + LASTS}
    rows = (
        (Branch, {"id": branch, "code": "B", **room}),
        (Computer, {"id": computer, "branch_id": branch, "name": "1", "kind": "standard", "status": "in-service"}),
        (Day, {"holder": person, "day": now.date(), "allowed": 120, "granted": 0, "taken": 0}),
        (Booking, {"id": booking, "computer_id": computer, "person_id": person, "how": "now", **when, **begun}),
    )
    for table, values in rows:
        db.execute(insert(table).values(values))
    return booking
