"""What the rooms' jobs do: settle each minute, and forget who sat where. And the operators' numbers and commands."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from procrastinate import App
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from portal.blueprints.internet import jobs
from portal.blueprints.internet.actions import booking, queueing, settling, sitting, tidying
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Booking, Computer, Count, Day, Guest, Waiting
from portal.blueprints.internet.queries.gauging import gauges
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock
from portal.db import committing, defer
from portal.jobs.resources import JobResources
from portal.models import AuditEvent, OutboxMessage
from tests.factories import Factory
from tests.support.rooms import Rooms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEEP_DAYS = 14


@pytest.fixture
def mary(make: Factory) -> UUID:
    return make.resident().id


def book(rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime | None = NOON, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, Kind.STANDARD, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: UUID, branch: UUID) -> UUID:
    booking_id = book(rooms, person, branch, None)
    sitting.check_in(rooms.turn(person), booking_id, code=None, policy_from=BEFORE_ALL)
    return booking_id


def row(db: Session, booking_id: UUID) -> Booking:
    db.rollback()
    db.expire_all()
    return db.execute(select(Booking).where(Booking.id == booking_id)).scalar_one()


def forget(rooms: Rooms, *, batch: int = 500) -> int:
    where = rooms.desk.where
    return tidying.forget(rooms.db, where, keep_days=KEEP_DAYS, now=rooms.clock.now(), batch=batch)


class TestSettling:
    def test_each_minute_it_gives_up_what_nobody_came_for(
        self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session, run_jobs: Callable[[], None]
    ) -> None:
        missed = book(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.set(NOON + timedelta(minutes=11))
        with committing(db):
            defer(db, "internet:settle", timestamp=0)
        run_jobs()
        assert row(db, missed).ended_why == "missed"

    def test_who_waits_when_a_branch_closes_is_told_once_though_no_computer_is_free(
        self, rooms: Rooms, make: Factory, mary: UUID, clock: SetClock, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        sit(rooms, make.resident(email="joe@example.org").id, branch)
        queueing.wait(rooms.turn(mary), branch, None, 60)
        with committing(db):
            db.execute(update(Computer).values(status="out-of-order"))
        clock.set(NOON + timedelta(hours=4, minutes=54))
        settling.settle_everywhere(db, rooms.desk, now=clock.now())
        assert db.scalars(select(OutboxMessage.template)).all() == []
        clock.advance(timedelta(minutes=2))
        for _ in range(2):
            settling.settle_everywhere(db, rooms.desk, now=clock.now())
        assert db.execute(select(OutboxMessage.template, OutboxMessage.person_id)).all() == [("internet-closed", mary)]
        [record] = db.scalars(select(AuditEvent).where(AuditEvent.act == "internet.leave")).all()
        assert (record.subject_id, record.actor_id, record.details) == (mary, None, {"why": "branch-closed"})

    def test_both_jobs_are_known_to_the_worker_by_name_and_time(self, jobs_app: App) -> None:
        every = jobs_app.periodic_registry.periodic_tasks.values()
        times = {periodic.task.name: periodic.cron for periodic in every}
        assert times["internet:settle"] == "* * * * *"
        assert times["internet:tidy"] == "17 * * * *"

    def test_a_branch_that_fails_keeps_no_other_from_it(
        self, rooms: Rooms, make: Factory, mary: UUID, clock: SetClock, db: Session
    ) -> None:
        broken, well = sorted((rooms.branch(Kind.STANDARD), rooms.branch(Kind.STANDARD, name="Another")))
        joe = make.resident(email="joe@example.org").id
        bad, good = book(rooms, mary, broken), book(rooms, joe, well)
        clock.set(NOON + timedelta(minutes=11))

        def fail(_connection: object, _cursor: object, _statement: str, given: object, *_more: object) -> None:
            if f"internet.booking:{bad}" in str(given):
                raise RuntimeError("something in this branch is wrong")

        event.listen(db.get_bind(), "before_cursor_execute", fail)
        try:
            with pytest.raises(ExceptionGroup) as caught:
                settling.settle_everywhere(db, rooms.desk, now=clock.now())
        finally:
            event.remove(db.get_bind(), "before_cursor_execute", fail)
        assert len(caught.value.exceptions) == 1
        assert (row(db, bad).ended_why, row(db, good).ended_why) == (None, "missed")


class TestForgetting:
    def test_nobody_can_tell_any_more_who_it_was(self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=KEEP_DAYS + 1))
        assert forget(rooms) == 2, "the booking, and the day"
        kept = row(db, session)
        assert (kept.person_id, kept.holder, kept.request_key) == (None, None, None)
        assert kept.checked_in_at is not None and kept.ends_at - kept.starts_at == timedelta(hours=1)
        assert db.scalars(select(Day.day)).all() == []

    def test_twice_is_as_good_as_once(self, rooms: Rooms, mary: UUID, clock: SetClock) -> None:
        sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=KEEP_DAYS, hours=2))
        forget(rooms)
        assert forget(rooms) == 0

    def test_what_is_younger_stays(self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=KEEP_DAYS, minutes=59))
        assert forget(rooms) == 0
        assert row(db, session).person_id == mary
        assert db.scalars(select(Day.holder)).all() == [mary]

    def test_in_batches_it_forgets_all(self, rooms: Rooms, mary: UUID, clock: SetClock, db: Session) -> None:
        branch = rooms.branch(Kind.STANDARD)
        rooms.rule(bookings_at_once=10, days_ahead=20)
        for day in range(5):
            book(rooms, mary, branch, NOON + timedelta(days=day))
        clock.advance(timedelta(days=40))
        assert forget(rooms, batch=2) == 10
        assert set(db.scalars(select(Booking.person_id))) == {None}

    def test_tickets_places_in_queues_and_blocks_go_and_counts_stay(
        self, rooms: Rooms, mary: UUID, make: Factory, clock: SetClock, db: Session
    ) -> None:
        branch = rooms.branch(Kind.STANDARD)
        sit(rooms, mary, branch)
        queueing.wait(rooms.turn(make.resident(email="joe@example.org").id), branch, None, 30)
        computer = db.scalars(select(Computer.id)).one()
        block = {"computer_id": computer, "how": "block", "words": b"sealed", "day": date(2026, 11, 23)}
        span = {"starts_at": datetime(2026, 11, 23, 9, tzinfo=UTC), "ends_at": datetime(2026, 11, 23, 10, tzinfo=UTC)}
        db.execute(insert(Booking).values(id=uuid4(), made_at=clock.now(), by_staff=True, **block, **span))
        guest = {"branch_id": branch, "day": date(2026, 11, 24), "minutes": 60, "made_at": clock.now()}
        db.execute(insert(Guest).values(id=uuid4(), **guest))
        db.commit()
        clock.advance(timedelta(days=KEEP_DAYS + 1))
        forget(rooms)
        for table in (Waiting, Guest, Day):
            assert db.execute(select(table)).all() == [], table
        assert db.scalars(select(Booking.how)).all() == ["now"]
        assert db.scalars(select(Count.what)).all() == ["waited"]

    def test_the_job_takes_the_days_from_the_council(
        self,
        rooms: Rooms,
        mary: UUID,
        clock: SetClock,
        db: Session,
        job_resources: JobResources,
        run_jobs: Callable[[], None],
    ) -> None:
        session = sit(rooms, mary, rooms.branch(Kind.STANDARD))
        clock.advance(timedelta(days=job_resources.council.internet.keep_days, hours=2))
        with committing(db):
            defer(db, "internet:tidy", timestamp=0)
        run_jobs()
        assert row(db, session).person_id is None
        assert jobs.desk_of(job_resources).base_url == job_resources.settings.base_url


class TestGauges:
    def test_count_computers_and_nobody(
        self, rooms: Rooms, mary: UUID, make: Factory, clock: SetClock, db: Session
    ) -> None:
        branch = rooms.branch(*[Kind.STANDARD] * 6)
        for name, status in (("5", "out-of-order"), ("6", "retired")):
            one = db.execute(select(Computer).where(Computer.name == name)).scalar_one()
            one.status = status
        db.commit()
        sit(rooms, mary, branch)
        book(rooms, make.resident(email="joe@example.org").id, branch, None)
        db.rollback()
        assert gauges(db, clock.now()) == {
            "computers_in_use": 1,
            "computers_kept": 1,
            "computers_free": 2,
            "computers_out_of_order": 1,
        }
        clock.advance(timedelta(minutes=11))
        assert gauges(db, clock.now())["computers_kept"] == 0, "nobody came"
