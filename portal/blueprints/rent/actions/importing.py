"""One night of the housing system's extract, all of it or nothing."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent.extract import merging, staging
from portal.blueprints.rent.extract.mapping import load_mapping
from portal.blueprints.rent.extract.merging import Merge
from portal.blueprints.rent.extract.night import Night, open_night
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentImport, RentImportRun, RentLine, RentTenant
from portal.blueprints.rent.queries import SERVICE
from portal.blueprints.rent.rules.calendar import last_charge
from portal.council import Council
from portal.db import committing
from portal.identity import links

PATIENCE: Final = timedelta(seconds=10)
"""How long an import waits for another: the server may still be taking back what one wrote that was killed."""
MOST_NAMED: Final = 5000
"""Accounts that don't reconcile are counted, and so many of them named: a night may be wrong in all of them."""
_LOCK = 7_204_118_361
"""Advisory lock, so that two imports don't run at once."""


class AlreadyImporting(Exception):
    """Another import is running."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a night, and what the portal holds of its source now.

    total_pence: the balances of all accounts together. new, changed, ended: accounts, each counted once. bad_lines:
    that were left out. doubtful: accounts whose stated balance isn't what their lines come to. links_ended: of
    residents whose tenant's row went. quarantined: the bad lines, and the doubtful accounts up to ``MOST_NAMED``.
    unknown: what the mapping should say, but doesn't.
    """

    source: str
    night: date
    accounts: int
    tenants: int
    lines: int
    total_pence: int
    new: int
    changed: int
    ended: int
    bad_lines: int
    doubtful: int
    links_ended: int
    quarantined: tuple[Complaint, ...]
    unknown: tuple[Complaint, ...]


def import_night(
    db: Session,
    folder: Path,
    *,
    source: str,
    council: Council,
    now: datetime,
    quarantine: int = 0,
    may_shrink: bool = False,
    patience: timedelta = PATIENCE,
    progress: staging.Progress = staging.unseen,
) -> Imported:
    """Load the night whose files are in ``folder``. A night that is loaded already is loaded again, to the same end.

    source: as ``load_mapping``. quarantine: how many bad lines may be left out. may_shrink: take a set that holds less
    than half of what was there. patience: how long to wait for another import. Links of tenants whose rows go end in
    the same transaction. Each run leaves a report, a refused one too.
    Raises MappingError, ExtractRefused (nothing is loaded), AlreadyImporting.
    """
    mapping = load_mapping(source)
    night = None
    try:
        night = open_night(folder, mapping, allowed=quarantine)
        with committing(db):
            _take_turns(db, patience)
            _refuse_earlier_night(db, night)
            imported = _load(db, night, council, now, may_shrink=may_shrink, progress=progress)
            _note(db, imported, now)
    except ExtractRefused as refused:
        _note_refusal(db, mapping.name, night.on if night else refused.night, refused, now)
        raise
    return imported


def _take_turns(db: Session, patience: timedelta) -> None:
    db.execute(text("select set_config('lock_timeout', :wait, true)"), {"wait": f"{patience // timedelta(seconds=1)}s"})
    try:
        db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise AlreadyImporting from None
        raise


def _refuse_earlier_night(db: Session, night: Night) -> None:
    of_source = RentImport.source == night.mapping.name
    newest = db.execute(select(func.max(RentImport.night)).where(of_source)).scalar_one()
    if newest and night.on < newest:
        why = f"is the night of {night.on}, but that of {newest} is loaded already"
        raise ExtractRefused([Complaint(night.name("accounts"), why)])


def _load(
    db: Session, night: Night, council: Council, now: datetime, *, may_shrink: bool, progress: staging.Progress
) -> Imported:
    bad_lines = staging.stage(db, night, progress=progress)
    if not may_shrink:
        staging.expect_no_less(db, night)
    merge = Merge(
        source=night.mapping.name,
        night=night.on,
        missing_after=night.window_starts_after,
        charged_on=last_charge(night.on, council.rent.calendar),
        by_id=night.mapping.transactions.columns.id is not None,
    )
    merging.merge_accounts(db, merge)
    merging.note_last_nights(db, merge)
    gone = merging.tenants_that_went(db, merge)
    ended = links.end_targets(db, SERVICE, gone, why="tenant-row-gone", at=now)
    merging.merge_tenants(db, merge, gone=gone)
    if night.mapping.arrangements:
        merging.merge_arrangements(db, merge)
    merging.merge_lines(db, merge)
    merging.settle(db, merge)
    return _count(db, night, bad_lines, len(ended))


def _count(db: Session, night: Night, bad_lines: list[Complaint], links_ended: int) -> Imported:
    of_source = RentAccount.source == night.mapping.name
    held = select(
        func.count(),
        func.coalesce(func.sum(RentAccount.balance_pence), 0),
        func.count().filter(RentAccount.is_doubtful),
    )
    accounts, total_pence, doubtful = db.execute(held.where(of_source, RentAccount.gone_on.is_(None))).one()
    tenants = select(func.count()).select_from(RentTenant).join(RentAccount, RentAccount.id == RentTenant.account_id)
    lines = select(func.count()).select_from(RentLine).join(RentAccount, RentAccount.id == RentLine.account_id)
    outcomes = merging.outcomes(db)
    return Imported(
        source=night.mapping.name,
        night=night.on,
        accounts=accounts,
        tenants=db.execute(tenants.where(of_source)).scalar_one(),
        lines=db.execute(lines.where(of_source)).scalar_one(),
        total_pence=int(total_pence),
        new=outcomes.get("new", 0),
        changed=outcomes.get("changed", 0),
        ended=outcomes.get("ended", 0),
        bad_lines=len(bad_lines),
        doubtful=doubtful,
        links_ended=links_ended,
        quarantined=(*bad_lines, *_doubtful(db, night)),
        unknown=tuple(night.unknown()),
    )


def _doubtful(db: Session, night: Night) -> Iterator[Complaint]:
    """Yield the accounts that don't reconcile, as many as anybody would read."""
    references = (
        select(RentAccount.reference)
        .where(RentAccount.source == night.mapping.name, RentAccount.gone_on.is_(None), RentAccount.is_doubtful)
        .order_by(RentAccount.reference)
        .limit(MOST_NAMED)
    )
    for reference in db.scalars(references):
        yield Complaint(night.name("balances"), "states a balance that its lines don't come to", account=reference)


def _note(db: Session, imported: Imported, now: datetime) -> None:
    counts = {name: getattr(imported, name) for name in ("accounts", "tenants", "lines", "doubtful")}
    row = upsert(RentImport).values(source=imported.source, night=imported.night, loaded_at=now, **counts)
    db.execute(row.on_conflict_do_update(index_elements=["source", "night"], set_={"loaded_at": now, **counts}))
    results = ("new", "changed", "ended", "accounts", "tenants", "lines", "total_pence")
    db.execute(
        insert(RentImportRun).values(
            source=imported.source,
            night=imported.night,
            at=now,
            outcome="loaded",
            complaints=[asdict(complaint) for complaint in (*imported.quarantined, *imported.unknown)],
            **{name: getattr(imported, name) for name in results},
        )
    )
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


def _note_refusal(db: Session, source: str, night: date | None, refused: ExtractRefused, now: datetime) -> None:
    """Keep the report of a run that was refused, in a transaction of its own."""
    numbers = ("new", "changed", "ended", "accounts", "tenants", "lines", "total_pence")
    complaints = [asdict(complaint) for complaint in refused.complaints]
    with committing(db):
        db.execute(
            insert(RentImportRun).values(
                source=source,
                night=night,
                at=now,
                outcome="refused",
                complaints=complaints,
                **dict.fromkeys(numbers, 0),
            )
        )
        record(
            db,
            None,
            "rent.import",
            at=now,
            object=f"rent.import:{source}:{night or 'unknown'}",
            outcome="refused",
            authority="command",
            complaints=len(complaints),
        )
