"""The portal and its worker, while the library hangs and fifty people look: nothing of it piles up."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy import table as table_named

from benchmarks.load import Result, crowd
from benchmarks.readers import bring
from benchmarks.servers import working
from portal.cli.demo.library import settings_of
from portal.cli.serving import THREADS
from portal.jobs.app import CONCURRENCY
from portal.jobs.refresher import SLOTS
from portal.settings import load_settings
from simulators.library.dialects import dialect_named
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.server import served

LASTS_S = 300.0 if os.environ.get("SOAK") else 5.0
WARM_S = 2.0
"""Until every thread of the server has served, and every connection of the pool that it needs is there."""
SAMPLES = 50
PEOPLE = 50
PATHS = ("/", "/library", "/library/loans", "/library/holds")
COUNTED = ("snapshot", "asked", "outside_system", "procrastinate_jobs")
HELD = text(
    """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'
        and state_change < clock_timestamp() - interval '1 second'
    """
)
"""Connections in a transaction in which nothing is done: somebody waits for something else meanwhile."""
OF_PORTAL = text(
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'portal'"
)
WAITS = text("select count(*) from snapshot where wanted_at is not null or failed_at is not null")
A_FEW = 3
"""Now and then there is more: a file that is read, a connection that begins or ends, the job of each minute."""


Sample = dict[str, int]
"""How much there is of what at one moment."""


@dataclass(frozen=True, slots=True)
class Running:
    """What is watched. cookies: of those who look."""

    address: str
    web: psutil.Process
    worker: psutil.Process
    library: LibrarySimulator
    cookies: list[str]
    engine: Engine  # with the owner's rights: others aren't shown what a connection does

    def sample(self) -> Sample:
        web, worker = ([one, *one.children(recursive=True)] for one in (self.web, self.worker))
        used = {
            "threads of the web server": sum(one.num_threads() for one in web),
            "open files of the web server": sum(one.num_fds() for one in web),
            "calls of pages": self._calls(web),
            "threads of the worker": sum(one.num_threads() for one in worker),
            "open files of the worker": sum(one.num_fds() for one in worker),
            "calls of the worker": self._calls(worker),
        }
        with self.engine.connect() as connection:
            used["held transactions"] = int(connection.execute(HELD).scalar_one())
            used["connections to the database"] = int(connection.execute(OF_PORTAL).scalar_one())
            for table in COUNTED:
                count = select(func.count()).select_from(table_named(table))
                used[f"rows of {table}"] = int(connection.execute(count).scalar_one())
        return used

    def _calls(self, processes: list[psutil.Process]) -> int:
        """Return how many connections they have to the library."""
        sockets = [one for process in processes for one in process.net_connections("tcp")]
        return sum(bool(one.raddr) and one.raddr.port == self.library.port for one in sockets)


@pytest.fixture
def running(owner_engine: Engine, shared_engine: Engine, database_url: str) -> Iterator[Running]:
    shared_engine.dispose()  # what earlier tests left open isn't the portal's
    with LibrarySimulator(dialect_named("standard")) as library:
        environ = {"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url, **settings_of(library.port)}
        cookies = bring(load_settings(environ), PEOPLE)
        library.misbehave(Fault(FaultKind.SILENT, times=None))
        given = {name.removeprefix("PORTAL_").lower(): value for name, value in environ.items()}
        with working(environ) as worker, served(given.pop("database_url"), **given) as web:
            yield Running(web.address, psutil.Process(web.pid), psutil.Process(worker), library, cookies, owner_engine)


def visit(running: Running, seconds: float) -> dict[str, Result]:
    return crowd(running.address, PATHS, cookies=running.cookies, seconds=seconds)


@pytest.mark.usefixtures("engine")  # which empties the database afterwards
def test_nothing_piles_up_while_the_library_hangs(running: Running) -> None:
    visit(running, WARM_S)
    with ThreadPoolExecutor(1) as people:
        visiting = people.submit(visit, running, LASTS_S)
        samples: list[Sample] = []
        while not visiting.done():
            samples.append(running.sample())
            time.sleep(LASTS_S / SAMPLES)

    assert {status for result in visiting.result().values() for status in result.statuses} == {200}
    with running.engine.connect() as connection:
        assert connection.execute(WAITS).scalar_one() == PEOPLE, "all are asked for, and none is answered"
    third = len(samples) // 3
    expect_no_growth(samples[:third], samples[-third:])
    expect_within_bounds(samples)


def expect_no_growth(early: list[Sample], late: list[Sample]) -> None:
    for what in early[0]:
        before, after = (max(sample[what] for sample in samples) for samples in (early, late))
        assert after <= before + A_FEW, f"{what}: {before}, then {after}"


def expect_within_bounds(samples: list[Sample]) -> None:
    most = {what: max(sample[what] for sample in samples) for what in samples[0]}
    assert most["calls of pages"] == 0
    assert 0 < most["calls of the worker"] <= SLOTS
    assert most["held transactions"] == 0
    assert 0 < most["connections to the database"] <= THREADS + CONCURRENCY + SLOTS + A_FEW
    assert most["rows of snapshot"] == PEOPLE
    assert most["rows of asked"] == 0
    assert most["rows of outside_system"] <= 1
