"""What the account's tests ask of a database and of the outbox, and staff who help."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.db import committing, defer
from portal.models import AuditEvent, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in
from tests.support.outbox import Outbox

Browser = Callable[[], CheckingClient]
Later = Callable[[timedelta], None]


@pytest.fixture
def outbox(db: Session, sealer: Sealer) -> Outbox:
    return Outbox(db, sealer)


@pytest.fixture
def acts(db: Session) -> Callable[[], list[tuple[str, str]]]:
    """Return what the audit says was done: act and outcome, oldest first. Pages seen or refused are left out."""

    def read() -> list[tuple[str, str]]:
        done = select(AuditEvent.act, AuditEvent.outcome)
        done = done.where(AuditEvent.act.not_in(("access.refused", "page.view")))
        rows = db.execute(done.order_by(AuditEvent.id)).all()
        db.rollback()
        return [(row.act, row.outcome) for row in rows]

    return read


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def john(make: Factory) -> Person:
    return make.resident(email="john@example.org", name="John Example")


@pytest.fixture
def browser(app: Flask) -> Callable[[], CheckingClient]:
    """Open another browser."""

    def open_one() -> CheckingClient:
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        return client

    return open_one


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def helping(client: CheckingClient, mary: Person, tom: Person, clock: SetClock) -> CheckingClient:
    clock.advance(timedelta(minutes=1))  # contacts are listed by their age
    help_in(client, tom, mary)
    return client


@pytest.fixture
def at_home(browser: Browser, mary: Person) -> CheckingClient:
    return browser().sign_in(mary)


@pytest.fixture
def later(db: Session, run_jobs: Callable[[], None], clock: SetClock) -> Later:
    """Let time pass, and the job run."""

    def wait(span: timedelta) -> None:
        clock.advance(span)
        db.rollback()
        with committing(db):
            defer(db, "account:contacts", timestamp=0)
        run_jobs()

    return wait
