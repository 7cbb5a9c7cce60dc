"""What those who operate the portal need to know of it."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from queue import Empty, Queue
from threading import Lock, Thread
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import health
from portal.db import migrate
from portal.health import Health
from portal.models import Kind, OutboxMessage, Person, SignInSession, Snapshot

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

WITHIN_S = 2.0
"""A database that takes longer counts as away: whoever asks has a deadline, too."""
HEARTBEAT_S = 60
"""Workers write a heartbeat every 10 s."""
LONGEST_WAIT_S = 300
"""A job that could run and has waited for longer is late."""


class State(StrEnum):
    OK = "ok"
    AWAY = "away"
    BEHIND = "behind"
    LATE = "late"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Readiness:
    """States without details: anybody may ask."""

    database: State
    schema: State = State.UNKNOWN
    worker: State = State.UNKNOWN
    systems: Mapping[str, Health] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether pages can be served. They can without a worker: it delivers what pages have written down."""
        return self.database is State.OK and self.schema is State.OK

    @property
    def is_degraded(self) -> bool:
        """Whether pages lack something: what is shown of another system is old, or what was written down waits."""
        return self.worker is not State.OK or Health.AWAY in self.systems.values()


def readiness(engine: Engine, systems: Collection[str] = (), *, at: datetime, within_s: float = WITHIN_S) -> Readiness:
    """Return whether the portal can serve, after ``within_s`` seconds at the latest, whatever the database does.

    systems: names of the other systems that this installation has; they are not asked, what was heard of them is read.
    """
    try:
        return _within(within_s, lambda: _readiness(engine, systems, at))
    except (TimeoutError, SQLAlchemyError) as error:
        log.warning("the database is away: %s", type(error).__name__)
        return Readiness(database=State.AWAY)


def _readiness(engine: Engine, systems: Collection[str], at: datetime) -> Readiness:
    with engine.connect() as connection:
        if migrate.is_behind(connection):
            return Readiness(database=State.OK, schema=State.BEHIND)
        worker = State.OK if _worker_keeps_up(connection) else State.LATE
        heard = health.read(connection, systems)
        states = {name: health.health_of(each, at=at) for name, each in heard.items()}
        return Readiness(database=State.OK, schema=State.OK, worker=worker, systems=states)


def _worker_keeps_up(connection: Connection) -> bool:
    age_s, wait_s = heartbeat_age_s(connection), longest_wait_s(connection)
    return age_s is not None and age_s <= HEARTBEAT_S and wait_s <= LONGEST_WAIT_S


def heartbeat_age_s(db: Connection | Session) -> float | None:
    """Return how many seconds ago a worker last said that it lives; None if there is no worker.

    By the database's clock: workers write their heartbeat by it.
    """
    found = text("select extract(epoch from now() - max(last_heartbeat))::float from procrastinate_workers")
    return db.execute(found).scalar_one_or_none()


def longest_wait_s(db: Connection | Session) -> float:
    """Return for how many seconds the oldest job that could run has waited; 0 if none does."""
    found = text(
        """
        select extract(epoch from max(now() - greatest(deferred.at, job.scheduled_at)))::float
        from procrastinate_jobs job
        join procrastinate_events deferred on deferred.job_id = job.id and deferred.type = 'deferred'
        where job.status = 'todo' and (job.scheduled_at is null or job.scheduled_at <= now())
        """
    )
    return db.execute(found).scalar_one_or_none() or 0.0


def gauges(db: Session, *, now: datetime) -> dict[str, float]:
    """Return the portal's own numbers, by name."""
    by_status = text(
        "select status::text, count(*) from procrastinate_jobs where status in ('todo', 'failed') group by 1"
    )
    jobs = {str(status): float(count) for status, count in db.execute(by_status)}
    waiting = select(func.count()).where(OutboxMessage.state == "waiting")
    failed = select(func.count()).where(OutboxMessage.state == "failed")
    numbers = {
        "jobs_waiting": jobs.get("todo", 0.0),
        "jobs_failed": jobs.get("failed", 0.0),
        "jobs_longest_wait_seconds": longest_wait_s(db),
        "messages_waiting": float(db.execute(waiting).scalar_one()),
        "messages_failed": float(db.execute(failed).scalar_one()),
        **{f"sessions_{kind}": float(count) for kind, count in _sessions(db, now=now).items()},
    }
    age_s = heartbeat_age_s(db)
    return numbers if age_s is None else numbers | {"worker_heartbeat_age_seconds": age_s}


@dataclass(frozen=True, slots=True)
class Family:
    """One number of several systems or services. label: what they are. values: by their names."""

    name: str
    label: str
    values: Mapping[str, float]


def families(db: Session, systems: Collection[str], *, now: datetime) -> Iterator[Family]:
    """Yield how other systems do, and how many of their answers are kept; of how many the last try came to nothing."""
    heard = health.read(db, systems)
    states = {name: health.health_of(each, at=now) for name, each in heard.items()}
    up = {name: float(state is Health.OK) for name, state in states.items() if state is not Health.UNKNOWN}
    answered = {name: each.answered_at.timestamp() for name, each in heard.items() if each.answered_at}
    counted = select(Snapshot.service, func.count(Snapshot.sealed), func.count(Snapshot.failed_at))
    snapshots = db.execute(counted.group_by(Snapshot.service)).all()
    yield Family("outside_up", "system", up)
    yield Family("outside_answered_timestamp_seconds", "system", answered)
    yield Family("snapshots", "service", {service: float(kept) for service, kept, _ in snapshots})
    yield Family("snapshots_failing", "service", {service: float(failing) for service, _, failing in snapshots})


def _sessions(db: Session, *, now: datetime) -> dict[Kind, int]:
    counted = (
        select(Person.kind, func.count())
        .join(SignInSession, SignInSession.person_id == Person.id)
        .where(SignInSession.expires_at > now)
        .group_by(Person.kind)
    )
    found = {Kind(kind): count for kind, count in db.execute(counted)}
    return {kind: found.get(kind, 0) for kind in Kind}


_asking = Lock()


def _within(seconds: float, ask: Callable[[], Answer]) -> Answer:
    """Return what ``ask`` returns. Raises TimeoutError, and then leaves it to itself: nothing can stop a stuck thread.

    One at a time, so that a database that hangs holds one thread, however often it is asked after.
    """
    if not _asking.acquire(timeout=seconds):
        raise TimeoutError
    answers: Queue[Answer | Exception] = Queue(maxsize=1)

    def run() -> None:
        try:
            answers.put(ask())
        except Exception as error:  # noqa: BLE001 -- raised again where it is waited for
            answers.put(error)
        finally:
            _asking.release()

    Thread(target=run, name="probe", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
