"""One night of the housing system's extract, all of it or nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent.extract import staging
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.extract.rentsense import NAME, RentSenseNight, open_night
from portal.blueprints.rent.models import RentAccount, RentImport, RentLine, RentTenant
from portal.blueprints.rent.queries import SERVICE
from portal.blueprints.rent.rules.calendar import last_charge
from portal.council import Council
from portal.db import committing
from portal.identity import links

SOURCES = (NAME,)
_LOCK = 7_204_118_361
"""Advisory lock, so that two imports don't run at once."""


class AlreadyImporting(Exception):
    """Another import is running."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What the portal holds of a source after a night was loaded.

    total_pence: the balances of all accounts together. doubtful: accounts whose stated balance isn't what their lines
    come to. links_ended: of residents whose tenant's row went.
    """

    source: str
    night: date
    accounts: int
    tenants: int
    lines: int
    total_pence: int
    doubtful: int
    links_ended: int


def import_night(db: Session, folder: Path, *, source: str, council: Council, now: datetime) -> Imported:
    """Load the night whose files are in ``folder``. A night that is loaded already is loaded again, to the same end.

    source: one of ``SOURCES``. Links of tenants whose rows go end in the same transaction.
    Raises ExtractRefused (nothing is loaded), AlreadyImporting.
    """
    extract = open_night(folder)
    with committing(db):
        _take_turns(db)
        _refuse_earlier_night(db, source, extract)
        staging.stage(db, extract)
        ended = _merge(db, source, extract, council, now)
        imported = _count(db, source, extract.night, ended)
        _note(db, imported, now)
    return imported


def _take_turns(db: Session) -> None:
    if not db.execute(text("select pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}).scalar_one():
        raise AlreadyImporting


def _refuse_earlier_night(db: Session, source: str, extract: RentSenseNight) -> None:
    newest = db.execute(select(func.max(RentImport.night)).where(RentImport.source == source)).scalar_one()
    if newest and extract.night < newest:
        why = f"is the night of {extract.night}, but that of {newest} is loaded already"
        raise ExtractRefused([Complaint(extract.files["accounts"].name, why)])


def _merge(db: Session, source: str, extract: RentSenseNight, council: Council, now: datetime) -> int:
    """Bring the tables in step with what is staged, and return how many links ended."""
    new = staging.new_accounts(db, source=source)
    staging.merge_accounts(db, source=source, night=extract.night)
    gone = staging.tenants_that_went(db, source=source)
    ended = links.end_targets(db, SERVICE, gone, why="tenant-row-gone", at=now)
    staging.merge_tenants(db, gone=gone)
    staging.merge_lines(db, source=source, missing_after=extract.window_starts_after)
    staging.settle_balances(
        db,
        source=source,
        new=new,
        history_begins_after=extract.window_starts_after,
        charged_on=last_charge(extract.night, council.rent.calendar),
    )
    return len(ended)


def _count(db: Session, source: str, night: date, ended: int) -> Imported:
    of_source = RentAccount.source == source
    held = select(
        func.count(),
        func.coalesce(func.sum(RentAccount.balance_pence), 0),
        func.count().filter(RentAccount.is_doubtful),
    ).where(of_source, RentAccount.gone_on.is_(None))
    accounts, total_pence, doubtful = db.execute(held).one()
    tenants = select(func.count()).select_from(RentTenant).join(RentAccount, RentAccount.id == RentTenant.account_id)
    lines = select(func.count()).select_from(RentLine).join(RentAccount, RentAccount.id == RentLine.account_id)
    return Imported(
        source=source,
        night=night,
        accounts=accounts,
        tenants=db.execute(tenants.where(of_source)).scalar_one(),
        lines=db.execute(lines.where(of_source)).scalar_one(),
        total_pence=int(total_pence),
        doubtful=doubtful,
        links_ended=ended,
    )


def _note(db: Session, imported: Imported, now: datetime) -> None:
    counts = {name: getattr(imported, name) for name in ("accounts", "tenants", "lines", "doubtful")}
    row = insert(RentImport).values(source=imported.source, night=imported.night, loaded_at=now, **counts)
    db.execute(row.on_conflict_do_update(index_elements=["source", "night"], set_={"loaded_at": now, **counts}))
    record(
        db,
        None,
        "rent.import",
        at=now,
        object=f"rent.import:{imported.source}:{imported.night}",
        authority="command",
        links_ended=imported.links_ended,
        **counts,
    )
