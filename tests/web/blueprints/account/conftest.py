"""What the account's tests ask of a database and of the outbox."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.outbox import Outbox


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
