"""Files that were added: somebody looks at one, the scanner does, and those that nobody knows of are deleted."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyEvidence
from portal.blueprints.energy.queries import evidence as queries
from portal.blueprints.energy.queries.evidence import KEY, Stored
from portal.blueprints.energy.rules.desk import Desk
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable
from portal.connectors.scanner import JOB_WAITS_S, Infected
from portal.connectors.storage import FileStore, Missing
from portal.db import committing
from portal.identity import protected
from portal.identity.finding import Finder
from portal.logs import get_logger
from portal.messages import NoWayToReach, send
from portal.party import Party
from portal.sealed import SealBroken
from portal.uploads.envelope import EnvelopeBroken, decrypt

log = get_logger("portal.energy")

LEFT_FOR: Final = timedelta(hours=1)
"""How old a file without a record is, before it is taken for one that was left: none is under way for so long."""
_BATCH: Final = 500


class NotYet(Exception):
    """Nobody has looked for viruses in it."""


class NoSuchFile(Exception):
    """There is none, it had a virus, or it can't be opened any more."""


def look(
    db: Session,
    desk: Desk,
    party: Party,
    file: Stored | None,
    *,
    finders: Sequence[Finder] | None = None,
    now: datetime,
) -> bytes:
    """Return the content of a file, once it is on record that somebody looks at it.

    party: who looks; of staff, with the person who added it as the subject. finders: of staff, tell who is near them.
    Raises NoSuchFile, NotYet, portal.identity.protected.Protected; Unavailable if it can't be read just now.
    """
    db.rollback()  # no transaction is open while the store is asked
    if file is None or file.state == "infected":
        raise NoSuchFile
    if file.state == "waiting":
        raise NotYet
    data = _opened(desk, file)
    with committing(db):
        if finders is not None:
            protected.expect_open(db, finders, party.actor, party.subject, at=now)
        record(db, party, "energy.look-at-file", at=now, object=f"evidence:{file.id}")
    return data


def _opened(desk: Desk, file: Stored) -> bytes:
    """Raises Unavailable, NoSuchFile."""
    try:
        key = desk.sealer.unseal(file.key, context=KEY)
        return decrypt(desk.store.get(file.id), key=key, file_id=file.id)
    except (Missing, SealBroken, EnvelopeBroken) as error:
        log.exception("evidence.lost", evidence=str(file.id), why=type(error).__name__)
        raise NoSuchFile from None


def scan_waiting(db: Session, desk: Desk, *, base_url: str, now: datetime) -> None:
    """Have all files looked at that wait for it. If the scanner is left alone by now, the others go on waiting.

    They come in any order: the scanner may fail at the same few each time, and the others mustn't stand behind them.
    """
    ids = queries.waiting(db)
    for evidence in ids:
        file = queries.stored_waiting(db, evidence)
        db.rollback()
        try:
            if file:
                _scan(db, desk, file, base_url=base_url, now=now)
        except NoSuchFile:
            continue  # said in the log; one file doesn't keep the others waiting
        except (Refused, Garbled) as error:
            log.warning("evidence.not_scanned", evidence=str(evidence), outcome=error.code)
        except Unavailable as away:
            if away.reason is Away.RESTING:
                break


def _scan(db: Session, desk: Desk, file: Stored, *, base_url: str, now: datetime) -> None:
    verdict = desk.scan(_opened(desk, file), within_s=JOB_WAITS_S)
    state = "infected" if isinstance(verdict, Infected) else "clean"
    with committing(db):
        is_waiting = (EnergyEvidence.id == file.id, EnergyEvidence.state == "waiting")
        settled = update(EnergyEvidence).where(*is_waiting).values(state=state, scanned_at=now)
        if db.execute(settled.returning(EnergyEvidence.id)).one_or_none() is None:
            return
        about = f"evidence:{file.id}"
        record(db, None, "energy.scan-file", at=now, object=about, outcome=state, subject=file.person)
        if isinstance(verdict, Infected):
            log.warning("evidence.infected", signature=verdict.signature)
            _tell(db, desk, file, base_url=base_url, now=now)
    if state == "infected":
        _deleted(desk.store, [file.id])


def _tell(db: Session, desk: Desk, file: Stored, *, base_url: str, now: datetime) -> None:
    link = f"{base_url}/energy/applications/{file.application}/evidence"
    try:
        send(
            db,
            person_id=file.person,
            template="energy-file",
            fields={"link": link},
            at=now,
            sealer=desk.sealer,
        )
    except NoWayToReach:
        log.info("evidence.nobody_told")


def sweep(db: Session, desk: Desk, *, now: datetime) -> int:
    """Delete files that have no record, or one that says that they had a virus; return how many.

    They are left where the portal was stopped in between, and by applications that were deleted. Raises Unavailable.
    """
    deleted = desk.store.sweep(now - LEFT_FOR)
    old = desk.store.older_than(now - LEFT_FOR)
    while ids := list(islice(old, _BATCH)):
        known = queries.known(db, ids)
        db.rollback()
        deleted += _deleted(desk.store, (one for one in ids if one not in known))
    if deleted:
        log.info("evidence.swept", files=deleted)
    return deleted


def _deleted(store: FileStore, ids: Iterator[UUID] | list[UUID]) -> int:
    """Delete files and return how many; those that can't be now are deleted by the next sweep."""
    count = 0
    for one in ids:
        try:
            store.delete(one)
            count += 1
        except OutsideError as error:
            log.warning("evidence.not_deleted", outcome=error.code)
    return count
