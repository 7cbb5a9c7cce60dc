"""What the tests of the programs say again and again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.internet.actions import booking, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.queries.rooms import BEFORE_ALL
from portal.models import AuditEvent
from tests.support.programs import END, ENROL, HEARTBEAT
from tests.support.rooms import Rooms

PATHS = (ENROL, HEARTBEAT, END)
CodeOf = Callable[[UUID], str]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


def computers(db: Session, branch: UUID) -> list[UUID]:
    found = list(db.scalars(select(Computer.id).where(Computer.branch_id == branch).order_by(Computer.name)))
    db.rollback()
    return found


def book(rooms: Rooms, person: UUID, branch: UUID, starts_at: datetime | None = None, minutes: int = 60) -> UUID:
    return booking.book(rooms.turn(person), Wanted(branch, None, starts_at, minutes), key=uuid4())


def sit(rooms: Rooms, person: UUID, branch: UUID, minutes: int = 60) -> UUID:
    kept = book(rooms, person, branch, minutes=minutes)
    sitting.check_in(rooms.turn(person), kept, code=None, policy_from=BEFORE_ALL)
    return kept


def problem(response: TestResponse) -> dict[str, Any]:
    """Return the problem details of an answer."""
    assert response.mimetype == "application/problem+json", response.text
    details: dict[str, Any] = response.get_json()
    assert details["status"] == response.status_code
    assert details["type"] == "about:blank"
    return details


def why(response: TestResponse) -> tuple[int, str]:
    return response.status_code, problem(response)["code"]


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(AuditEvent.act).order_by(AuditEvent.at, AuditEvent.id)))
