"""What staff see of the imports. Reports name accounts, so looking at one is on record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent.extract.records import Complaint
from portal.blueprints.rent.models import RentImportRun
from portal.db import committing, rows
from portal.party import Party

RUNS_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the import. Numbers: as ``RentImportRun``. complaints: how many."""

    id: UUID
    source: str
    night: date | None
    at: datetime
    is_loaded: bool
    new: int
    changed: int
    ended: int
    accounts: int
    tenants: int
    lines: int
    total_pence: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Runs:
    """One page of runs, newest first. last: number of the last page, from 1."""

    runs: list[Run]
    last: int


@dataclass(frozen=True, slots=True)
class Report:
    """A run, and what was wrong with its night."""

    run: Run
    complaints: list[Complaint]


_RUNS = select(
    RentImportRun.id,
    RentImportRun.source,
    RentImportRun.night,
    RentImportRun.at,
    RentImportRun.outcome == "loaded",
    RentImportRun.new,
    RentImportRun.changed,
    RentImportRun.ended,
    RentImportRun.accounts,
    RentImportRun.tenants,
    RentImportRun.lines,
    RentImportRun.total_pence,
    func.jsonb_array_length(RentImportRun.complaints),
)
_NEWEST = (
    _RUNS.order_by(RentImportRun.at.desc(), RentImportRun.id).limit(bindparam("size")).offset(bindparam("skipped"))
)
_ONE = _RUNS.add_columns(RentImportRun.complaints).where(RentImportRun.id == bindparam("run"))


def runs(db: Session, *, page: int) -> Runs:
    """Return a page of all runs, newest first. page: from 1."""
    count = db.execute(select(func.count()).select_from(RentImportRun)).scalar_one()
    found = rows(db, _NEWEST, size=RUNS_A_PAGE, skipped=RUNS_A_PAGE * (page - 1))
    return Runs([Run(*row) for row in found], max(1, -(-count // RUNS_A_PAGE)))


def look_at_report(db: Session, party: Party, run_id: UUID, *, now: datetime) -> Report | None:
    """Return the report of one run, None if there is no such run, and note that the actor saw it."""
    row = rows(db, _ONE, run=run_id).one_or_none()
    if row is None:
        return None
    run, complaints = row[:-1], row[-1]
    with committing(db):
        record(db, party, "rent.import.view", at=now, object=f"rent.import:{run_id}", complaints=len(complaints))
    return Report(Run(*run), [Complaint(**one) for one in complaints])
