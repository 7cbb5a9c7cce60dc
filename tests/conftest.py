"""Fixtures that every test may ask for. What they are made of lies in ``tests.support`` and ``tests.factories``."""

import gc
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import hypothesis
import pytest
import structlog
from flask import Flask
from procrastinate import App
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from portal import logs
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.council import Council, load_council
from portal.db import make_engine
from portal.identity.throttle import Throttle
from portal.jobs.app import make_app
from portal.jobs.resources import JobResources
from portal.registry import SERVICES
from portal.sealed import Sealer
from portal.settings import PROJECT, Settings
from portal.wiring import connect
from tests.factories import Factory
from tests.factories.rent import Tenancies
from tests.support import databases, portals, rules, templates
from tests.support.client import CheckingClient
from tests.support.failing import FailingSealer
from tests.support.jobs import run_waiting
from tests.support.library import FakeLibrary
from tests.support.mail import MailSink
from tests.support.scanner import FakeScanner
from tests.support.storage import FakeFileStore

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
IRISH_COUNCIL = next(path for path in PROJECT.glob("councils/*/council.toml") if path.parent.name != "millbrook")

gc.disable()  # until all are collected: what stays would be looked through again and again
_stack = ExitStack()

EXAMPLES = 300 if os.environ.get("SOAK") else 50
"""For each property: other ones in each run."""
hypothesis.settings.register_profile(  # without a deadline: time is for the benchmark, machines are busy
    "portal", deadline=None, max_examples=EXAMPLES
)
hypothesis.settings.load_profile("portal")
# coloured source with the values of all variables takes seconds for each fault that a test provokes
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback
templates.compile_once()
rules.compile_once()


def pytest_configure(config: pytest.Config) -> None:
    """Make the template once, in the process that starts the workers."""
    if not hasattr(config, "workerinput") and not config.option.collectonly and _wants_database(config):
        _stack.enter_context(databases.template())


def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two processors: a test waits a third of its time, for a browser, a server or a clock."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_finish() -> None:
    """Take what stays until the end out of the collector's way, and let it begin."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    _stack.close()


def _wants_database(config: pytest.Config) -> bool:
    """Tell whether more than unit and architecture tests may run; those need no database."""
    asked = [str(argument) for argument in config.args]
    return not asked or not all("/unit" in f"/{path}" or "/architecture" in f"/{path}" for path in asked)


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Have the log as it was, once a test is over that sets it up anew."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quieter = {name: logging.getLogger(name).level for name in logs.QUIETER}
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in quieter.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(TUESDAY)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def mail(mail_server: MailSink) -> MailSink:
    """A mail server on the wire; ``mail.received`` holds what came since this test began."""
    mail_server.clear()
    return mail_server


@pytest.fixture(scope="session")
def settings(mail_server: MailSink) -> Settings:
    return Settings(profile="test", messages_url=mail_server.url, base_url="http://localhost")


@pytest.fixture(scope="session")
def sealer(settings: Settings) -> Sealer:
    return Sealer.from_text(settings.sealing_keys.get_secret_value())


@pytest.fixture(scope="session")
def failing_sealer(settings: Settings) -> FailingSealer:
    """One that fails for Mary's address."""
    sealer = FailingSealer.from_text(settings.sealing_keys.get_secret_value())
    assert isinstance(sealer, FailingSealer)
    return sealer


@pytest.fixture(scope="session")
def council(settings: Settings) -> Council:
    return load_council(settings.council)


@pytest.fixture(scope="session")
def irish_council() -> Council:
    return load_council(IRISH_COUNCIL)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Address of this worker's own database, with the owner's rights."""
    with databases.copy_of_template(os.environ.get("PYTEST_XDIST_WORKER", "main")) as url:
        yield url


@pytest.fixture(scope="session")
def shared_engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def owner_engine(database_url: str) -> Iterator[Engine]:
    """Connections with the owner's rights, to do what the portal itself may not."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared_engine: Engine, owner_engine: Engine) -> Iterator[Engine]:
    """Connections with the portal's own rights, to a database that is empty again after the test."""
    yield shared_engine
    with owner_engine.begin() as connection:
        connection.execute(text(databases.EMPTY_ALL))


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def make(db: Session, clock: SetClock, sealer: Sealer) -> Factory:
    return Factory(db=db, clock=clock, sealer=sealer)


@pytest.fixture
def throttle(settings: Settings) -> Throttle:
    """Counts tries together with the portal's own."""
    return Throttle(settings.secret_key.get_secret_value().encode())


@pytest.fixture
def tenancies(make: Factory, council: Council, throttle: Throttle, tmp_path: Path, owner_engine: Engine) -> Tenancies:
    return Tenancies(make, council, throttle, tmp_path, owner_engine)


@pytest.fixture
def library(clock: SetClock) -> FakeLibrary:
    """The library system of this test."""
    return FakeLibrary(clock)


@pytest.fixture
def files(clock: SetClock) -> FakeFileStore:
    """Where files lie in this test."""
    return FakeFileStore(clock)


@pytest.fixture
def scanner() -> FakeScanner:
    """Who looks for malware in this test."""
    return FakeScanner()


@pytest.fixture
def connectors(
    settings: Settings,
    council: Council,
    clock: SetClock,
    library: FakeLibrary,
    files: FakeFileStore,
    scanner: FakeScanner,
) -> Connectors:
    return replace(connect(settings, clock, zone=council.zone), library=library, files=files, scanner=scanner)


@pytest.fixture
def app(engine: Engine, settings: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    """The portal: shared, so that no test may add to it. Flask refuses what is added after its first page."""
    return portals.shared(settings, clock, engine, connectors)


@pytest.fixture
def own_app(engine: Engine, settings: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    """A portal that this test alone has, and may add to."""
    return portals.new(settings, clock, engine, connectors)


@pytest.fixture
def irish_app(engine: Engine, settings: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    return portals.shared(settings.model_copy(update={"council": IRISH_COUNCIL}), clock, engine, connectors)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


@pytest.fixture
def job_resources(
    engine: Engine,
    settings: Settings,
    council: Council,
    clock: SetClock,
    sealer: Sealer,
    connectors: Connectors,
) -> JobResources:
    """What the worker hands to jobs; e-mail goes out on the wire, to ``mail``."""
    return JobResources(settings, council, clock, engine, sealer, connectors)


@pytest.fixture(scope="session")
def jobs_app(database_url: str) -> App:
    """Made once a process, as in a worker: Procrastinate renames the tasks that it is given."""
    return make_app(database_url, modules=[service.jobs for service in SERVICES if service.jobs])


@pytest.fixture
def run_jobs(jobs_app: App, job_resources: JobResources) -> Callable[[], None]:
    """Run the jobs that wait, as the worker does, until none is left."""
    return partial(run_waiting, jobs_app, job_resources)


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT
