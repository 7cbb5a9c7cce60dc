"""What staff set up at branches, with what has been and what is to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Computer, OpeningException, Policy
from portal.blueprints.internet.queries.rooms import PolicyText
from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind


@dataclass(frozen=True, slots=True)
class ComputerRow:
    """One computer, of whatever status. See ``models.Computer``."""

    id: UUID
    branch_id: UUID
    name: str
    kind: Kind
    status: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day with other hours; None: it is closed. why: by language."""

    day: date
    hours: Hours | None
    why: Mapping[str, str]


_COMPUTERS = select(Computer.id, Computer.branch_id, Computer.name, Computer.kind, Computer.status).order_by(
    Computer.status == "retired", func.length(Computer.name), Computer.name
)


def computers(db: Session, branch_id: UUID) -> list[ComputerRow]:
    """Return all computers of a branch by name, those that are retired last."""
    return [_computer(*row) for row in db.execute(_COMPUTERS.where(Computer.branch_id == branch_id))]


def computer(db: Session, branch_id: UUID, computer_id: UUID) -> ComputerRow | None:
    """Return one computer of a branch; None if it has no such."""
    return next((one for one in computers(db, branch_id) if one.id == computer_id), None)


def days(db: Session, branch_id: UUID, *, since: date) -> list[DayRow]:
    """Return the days with other hours from one on, earliest first."""
    found = db.execute(
        select(OpeningException.day, OpeningException.opens, OpeningException.closes, OpeningException.why)
        .where(OpeningException.branch_id == branch_id, OpeningException.day >= since)
        .order_by(OpeningException.day)
    )
    return [DayRow(day, _hours(opens, closes), why) for day, opens, closes, why in found]


def policies(db: Session) -> list[PolicyText]:
    """Return every text of the acceptable-use policy that staff wrote, the latest first."""
    found = db.execute(select(Policy.from_moment, Policy.body).order_by(Policy.from_moment.desc()))
    return [PolicyText(since, body) for since, body in found]


def _computer(id_: UUID, branch_id: UUID, name: str, kind: str, status: str) -> ComputerRow:
    return ComputerRow(id_, branch_id, name, Kind(kind), status)


def _hours(opens: int | None, closes: int | None) -> Hours | None:
    return None if opens is None or closes is None else Hours(opens, closes)
