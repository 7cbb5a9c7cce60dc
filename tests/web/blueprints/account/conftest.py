"""What the account's tests ask of a database and of the outbox."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, OutboxMessage, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient


class Outbox:
    """What was written to people, opened: template, address, fields; oldest first."""

    def __init__(self, db: Session, sealer: Sealer) -> None:
        self._db, self._sealer = db, sealer

    def all(self) -> list[tuple[str, str, dict[str, str]]]:
        rows = self._db.execute(select(OutboxMessage).order_by(OutboxMessage.created_at)).scalars().all()
        self._db.rollback()
        return [
            (
                row.template,
                self._sealer.unseal(row.address, context="outbox_message.address"),
                json.loads(self._sealer.unseal(row.fields, context="outbox_message.fields")),
            )
            for row in rows
        ]

    def sent(self) -> list[tuple[str, str]]:
        """Return the template and address of each message."""
        return sorted((template, address) for template, address, _ in self.all())

    def path(self, template: str) -> str:
        """Return the path of the link in the newest message of a template."""
        links = [fields["link"] for name, _, fields in self.all() if name == template]
        return re.sub(r"^http://localhost", "", links[-1])

    def code(self) -> str:
        """Return the code in the newest letter."""
        return [fields["code"] for _, _, fields in self.all() if "code" in fields][-1]


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
