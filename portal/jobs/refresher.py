"""Fetches what pages found too old, beside the jobs: threads of its own for each service, so that a system that hangs
holds those and no others. Any number of workers may do so at once; one that is killed leaves a claim that expires.
"""

import time
from collections.abc import Callable, Mapping
from threading import Event, Thread
from types import TracebackType
from typing import Self, cast
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg import Error as PsycopgError
from sqlalchemy.exc import SQLAlchemyError

from portal import snapshots
from portal.connectors.errors import OutsideError
from portal.db import committing
from portal.health import Keeper
from portal.jobs.resources import JobResources
from portal.logs import get_logger, request_id

log = get_logger("portal.jobs")

Read = Callable[[JobResources, UUID], str]
"""Asks another system about one link and returns its answer as JSON; a service's manifest names it in ``snapshots``."""

SLOTS = 2
"""Threads for each service."""
POLLS_S = 15.0
"""How often each looks by itself: for what is due to be tried again, and if a notification was lost."""
LISTENS_S = 1.0
STOPS_WITHIN_S = 5.0
"""What is being asked then is left: its claim expires."""


def refresh(resources: JobResources, service: str, read: Read) -> bool:
    """Fetch one snapshot that is wanted; False if none is. No transaction is open while the other system is asked."""
    with resources.session() as db, committing(db):
        claimed = snapshots.claim(db, service, at=resources.clock.now())
    if claimed is None:
        return False
    request_id.set(uuid4().hex)
    asked_at = resources.clock.now()
    try:
        answer = read(resources, claimed.link_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the row says so and is tried again
        _log(service, error)
        with resources.session() as db, committing(db):
            snapshots.fail(db, claimed, error, asked_at=asked_at, at=resources.clock.now())
    else:
        with resources.session() as db, committing(db):
            snapshots.put(db, resources.sealer, claimed.link_id, answer, taken_at=asked_at)
    finally:
        request_id.set("")
    return True


def _log(service: str, error: Exception) -> None:
    if isinstance(error, OutsideError):
        log.info("snapshot.failed", service=service, outcome=error.code)
    else:
        log.error("snapshot.fault", service=service, exc_info=error)


class Refresher:
    """Runs while it is entered. readers: by the slugs of services. slots, polls_s: for tests."""

    def __init__(
        self, resources: JobResources, readers: Mapping[str, Read], *, slots: int = SLOTS, polls_s: float = POLLS_S
    ) -> None:
        self._resources, self._polls_s = resources, polls_s
        self._health = Keeper(resources.engine, resources.connectors.systems)
        self._stopping = Event()
        self._wakes: dict[str, list[Event]] = {service: [Event() for _ in range(slots)] for service in readers}
        self._threads = [
            Thread(target=self._work, args=(service, read, wake), name=f"refresh {service}", daemon=True)
            for service, read in readers.items()
            for wake in self._wakes[service]
        ]
        if readers:
            self._threads.append(Thread(target=self._listen, name="refresh: listen", daemon=True))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take nothing new, and wait ``STOPS_WITHIN_S`` for what is being asked."""
        self._stopping.set()
        for service in self._wakes:
            self._wake(service)
        ends_at = time.monotonic() + STOPS_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))

    def _work(self, service: str, read: Read, wake: Event) -> None:
        while not self._stopping.is_set():
            wake.clear()  # before looking: whoever wakes us while we look is heard afterwards
            if not self._refreshed(service, read):
                wake.wait(self._polls_s)

    def _refreshed(self, service: str, read: Read) -> bool:
        try:
            return refresh(self._resources, service, read)
        except SQLAlchemyError as error:
            log.warning("refresher.no_database", service=service, error=type(error).__name__)
            return False

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear()
            except (PsycopgError, SQLAlchemyError) as error:
                log.warning("refresher.deaf", error=type(error).__name__)
                self._stopping.wait(self._polls_s)

    def _hear(self) -> None:
        """Wake the threads of each service that is named, listening on a connection that isn't the pool's any more."""
        with self._resources.engine.connect() as connection:
            listening = cast(Connection, connection.connection.driver_connection)
            connection.detach()
            listening.autocommit = True
            listening.execute(f"listen {snapshots.CHANNEL}")
            while not self._stopping.is_set():
                for heard in listening.notifies(timeout=LISTENS_S, stop_after=1):
                    self._wake(heard.payload)
                self._health.keep()

    def _wake(self, service: str) -> None:
        for wake in self._wakes.get(service, ()):
            wake.set()
