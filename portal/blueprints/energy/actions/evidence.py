"""Files are added to an application, and removed from it. Each file stands by itself.

What the file is cleaned, looked at and written with takes seconds: no transaction is open meanwhile. A file is written
before its record is committed, and a record deleted before its file, so that a kill leaves files without a record,
which ``files.sweep`` deletes, and never a record without its file.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal import uploads
from portal.audit import record
from portal.blueprints.energy.actions.drafting import KEPT
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvidence
from portal.blueprints.energy.queries.applications import theirs
from portal.blueprints.energy.queries.evidence import KEY, NAME
from portal.blueprints.energy.rules.desk import Desk
from portal.blueprints.energy.rules.evidence import MOST_BYTES, MOST_FILES, takes_more
from portal.blueprints.energy.rules.progress import State
from portal.connectors.calling import Deadline
from portal.connectors.errors import Garbled, OutsideError, Refused, Unavailable
from portal.connectors.scanner import Infected
from portal.db import committing
from portal.identity import helping
from portal.logs import get_logger
from portal.party import Party
from portal.uploads import Cleaned
from portal.uploads.envelope import encrypt

log = get_logger("portal.energy")

Clean = Callable[[bytes], Cleaned]
LEAST_FOR_SCAN_S: Final = 0.5
"""With less time than this left a file isn't looked at now."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came. name: fit to be shown."""

    kind: str
    name: str
    data: bytes = field(repr=False)


class Added(StrEnum):
    CLEAN = "clean"
    WAITING = "waiting"
    """It is kept, and nobody has looked for viruses in it yet."""
    BEFORE = "before"
    """The same file was there."""


class NotKept(Exception):
    """Nothing was kept of this file."""


class NotThere(NotKept):
    """The application isn't there, isn't the person's, or takes no files any more."""


class Full(NotKept):
    """The application has as many files, or as much in them, as it may."""


class HasVirus(NotKept):
    """The scanner found something in it."""


class _Before(NotKept):
    """It is there already."""


def add(
    db: Session,
    desk: Desk,
    party: Party,
    application: UUID,
    sent: Sent,
    *,
    deadline: Deadline,
    now: datetime,
    clean: Clean = uploads.clean,
) -> Added:
    """Add one file to one of the subject's applications, sent or not.

    deadline: until when the scanner is waited for. clean: for tests.
    Raises NotThere, Full, HasVirus; NotAccepted and Busy as ``uploads.clean``; Unavailable if it can't be kept now.
    """
    digest = desk.digest(sent.data)
    try:
        _look_whether_it_fits(db, party, application, sent.kind, digest, now=now)
        cleaned = clean(sent.data)
        file_id = uuid4()
        envelope = encrypt(cleaned.data, file_id=file_id)
        desk.store.put(file_id, envelope.data)
        try:
            state = _state(desk, cleaned.data, deadline)
            row = {
                "id": file_id,
                "application_id": application,
                "kind": sent.kind,
                "name": desk.sealer.seal(sent.name, context=NAME),
                "media": cleaned.media,
                "size": len(cleaned.data),
                "key": desk.sealer.seal(envelope.key, context=KEY),
                "digest": digest,
                "added_at": now,
                "state": state,
                "scanned_at": now if state is Added.CLEAN else None,
            }
            _keep(db, desk, party, row, now=now)
        except NotKept:
            _delete_file(desk, file_id)
            raise  # whatever else went wrong, the commit may have been done: then it is left to the sweep
    except _Before:
        return Added.BEFORE
    except HasVirus:
        with committing(db):
            record(db, party, "energy.add-file", at=now, object=f"application:{application}", outcome="virus")
        raise
    return state


def _look_whether_it_fits(
    db: Session, party: Party, application: UUID, kind: str, digest: bytes, *, now: datetime
) -> None:
    """Spare the work for a file that can't be kept. What counts is asked again, once the row is locked."""
    try:
        is_theirs = (EnergyApplication.id == application, *theirs(party, now))
        if db.scalar(select(EnergyApplication.id).where(*is_theirs)) is None:
            raise NotThere
        same = (EnergyEvidence.application_id == application, EnergyEvidence.kind == kind)
        if state := db.scalar(select(EnergyEvidence.state).where(*same, EnergyEvidence.digest == digest)):
            raise HasVirus if state == "infected" else _Before
        _refuse_what_does_not_fit(db, application, 0)
    finally:
        db.rollback()


def _refuse_what_does_not_fit(db: Session, application: UUID, size: int) -> None:
    states = db.scalars(select(EnergyCase.state).where(EnergyCase.application_id == application)).all()
    if not takes_more([State(state) for state in states]):
        raise NotThere
    kept = select(func.count(), func.coalesce(func.sum(EnergyEvidence.size), 0))
    files, bytes_ = db.execute(kept.where(EnergyEvidence.application_id == application)).one()
    if files >= MOST_FILES or bytes_ + size > MOST_BYTES:
        raise Full


def _state(desk: Desk, data: bytes, deadline: Deadline) -> Added:
    """Return what the scanner says of a file. Raises HasVirus."""
    left_s = deadline.left()
    if left_s < LEAST_FOR_SCAN_S:
        return Added.WAITING
    try:
        verdict = desk.scan(data, within_s=left_s)
    except (Unavailable, Refused, Garbled) as error:
        log.info("evidence.not_scanned", outcome=error.code)
        return Added.WAITING
    if isinstance(verdict, Infected):
        log.warning("evidence.infected", signature=verdict.signature)
        raise HasVirus
    return Added.CLEAN


def _keep(db: Session, desk: Desk, party: Party, row: dict[str, object], *, now: datetime) -> None:
    """Commit the record of a file that is written. Raises NotKept: then it certainly wasn't."""
    application = row["application_id"]
    with committing(db):
        is_theirs = (EnergyApplication.id == application, *theirs(party, now))
        lock = select(EnergyApplication.id, EnergyApplication.sent_at).where(*is_theirs).with_for_update()
        found = db.execute(lock).one_or_none()
        if found is None:
            raise NotThere
        _refuse_what_does_not_fit(db, found.id, int(str(row["size"])))
        added = upsert(EnergyEvidence).values(**row).on_conflict_do_nothing().returning(EnergyEvidence.id)
        if db.execute(added).one_or_none() is None:
            raise _Before
        if found.sent_at is None:
            goes_on = {"changed_at": now, "expires_at": now + KEPT, "reminded_at": None}
            db.execute(update(EnergyApplication).where(EnergyApplication.id == found.id).values(**goes_on))
        record(db, party, "energy.add-file", at=now, object=f"evidence:{row['id']}", outcome=str(row["state"]))
        helping.note_change(db, desk.sealer, party, "energy.add-file", old=None, new=None, at=now)


def remove(db: Session, desk: Desk, party: Party, application: UUID, evidence: UUID, *, now: datetime) -> str:
    """Remove a file from a draft: its record, then the file. Return of which kind it was.

    Raises NotThere, also once the application is sent.
    """
    with committing(db):
        is_draft = (EnergyApplication.id == application, EnergyApplication.sent_at.is_(None), *theirs(party, now))
        if db.scalar(select(EnergyApplication.id).where(*is_draft).with_for_update()) is None:
            raise NotThere
        one = (EnergyEvidence.id == evidence, EnergyEvidence.application_id == application)
        kind: str | None = db.scalar(delete(EnergyEvidence).where(*one).returning(EnergyEvidence.kind))
        if kind is None:
            raise NotThere
        record(db, party, "energy.remove-file", at=now, object=f"evidence:{evidence}")
        helping.note_change(db, desk.sealer, party, "energy.remove-file", old=None, new=None, at=now)
    _delete_file(desk, evidence)
    return kind


def _delete_file(desk: Desk, evidence: UUID) -> None:
    """Delete a file that has no record; if that can't be done now, the sweep does it."""
    try:
        desk.store.delete(evidence)
    except OutsideError as error:
        log.warning("evidence.not_deleted", outcome=error.code)
