"""``portal worker`` as a process of its own, killed in the middle of its work; and how its work is done by another."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from procrastinate import App
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from portal import messages
from portal.clock import SetClock
from portal.db import committing, defer
from portal.jobs.app import WAITS_FOR_CONNECTION_S
from portal.models import OutboxMessage
from portal.sealed import Sealer
from portal.settings import PROJECT
from tests.factories import Factory
from tests.support import databases
from tests.support.mail import MailSink

STARTS_WITHIN_S = 30
SLACK_S = 20
"""On a machine that does much else."""
STALLED = "stalled:retry"


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """A mail server that takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(STARTS_WITHIN_S)
        yield listener


def started(database_url: str, mail_url: str) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environ |= {"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url, "PORTAL_MESSAGES_URL": mail_url}
    return subprocess.Popen([sys.executable, "-m", "portal.cli", "worker"], cwd=PROJECT, env=environ)


def run_until_killed(database_url: str, server: socket.socket) -> None:
    """Run a worker that sends mail to ``server``; as soon as it calls there, kill it."""
    process = started(database_url, f"smtp://127.0.0.1:{server.getsockname()[1]}")
    try:
        conversation, _ = server.accept()
        with conversation:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)
    finally:
        process.kill()


def wait_until_at_work(database_url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    engine = create_engine(database_url)
    with engine.connect() as connection:
        while not connection.scalar(text("select count(*) from procrastinate_workers")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    engine.dispose()


def test_one_whose_database_is_gone_ends_within_seconds() -> None:
    with databases.copy_of_template("vanishing") as url:
        process = started(url, "outbox:")
        wait_until_at_work(url)
    try:
        assert process.wait(timeout=WAITS_FOR_CONNECTION_S + SLACK_S) == 1
    finally:
        process.kill()
        process.wait()


def test_mail_that_a_worker_was_killed_over_is_delivered_by_another(
    db: Session,
    make: Factory,
    clock: SetClock,
    sealer: Sealer,
    database_url: str,
    silent_server: socket.socket,
    run_jobs: Callable[[], None],
    mail: MailSink,
) -> None:
    person, fields = make.resident(), {"reset": "http://localhost/reset"}
    with committing(db):
        message_id = messages.send(
            db, person_id=person.id, template="password-changed", fields=fields, at=clock.now(), sealer=sealer
        )

    run_until_killed(database_url, silent_server)

    assert status_of(db, messages.DELIVER) == "doing"
    with committing(db):
        db.execute(text("update procrastinate_workers set last_heartbeat = now() - interval '31 seconds'"))
        defer(db, STALLED, timestamp=0)
    run_jobs()
    run_jobs()
    assert [email["Message-ID"] for email in mail.received] == [f"<{message_id}@example.org>"]
    assert db.scalars(select(OutboxMessage.state)).all() == ["delivered"]


def test_the_work_of_a_worker_that_lives_is_left_to_it(db: Session, run_jobs: Callable[[], None]) -> None:
    with committing(db):
        living = db.execute(text("insert into procrastinate_workers default values returning id")).scalar_one()
        db.execute(
            text(
                "insert into procrastinate_jobs (queue_name, task_name, status, worker_id)"
                " values ('mail', :name, 'doing', :worker)"
            ),
            {"name": messages.DELIVER, "worker": living},
        )
        defer(db, STALLED, timestamp=0)
    run_jobs()
    assert status_of(db, messages.DELIVER) == "doing"


def test_stalled_work_is_looked_for_each_minute(jobs_app: App) -> None:
    crons = {name: task.cron for (name, _), task in jobs_app.periodic_registry.periodic_tasks.items()}
    assert crons[STALLED] == "* * * * *"


def status_of(db: Session, task: str) -> str:
    found = db.execute(text("select status::text from procrastinate_jobs where task_name = :name"), {"name": task})
    status = str(found.scalar_one())
    db.rollback()
    return status
