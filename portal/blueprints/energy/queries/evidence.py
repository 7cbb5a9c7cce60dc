"""Files that were added to applications."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication, EnergyEvidence
from portal.blueprints.energy.queries.applications import theirs
from portal.party import Party
from portal.sealed import SealBroken, Sealer

NAME, KEY = "energy_evidence.name", "energy_evidence.key"
"""What is sealed for where."""
FileState = Literal["waiting", "clean", "infected"]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file without its content; see ``EnergyEvidence``. name: empty where no key opens it that we hold."""

    id: UUID
    kind: str
    name: str
    added_at: datetime
    state: FileState


@dataclass(frozen=True, slots=True)
class Stored:
    """What is needed to open a file. person: who added it, or for whom. key: sealed."""

    id: UUID
    application: UUID
    person: UUID
    kind: str
    media: str
    state: FileState
    key: bytes = field(repr=False)


def of_application(db: Session, sealer: Sealer, party: Party, application: UUID, *, at: datetime) -> list[FileView]:
    """Return the files of one of the subject's applications, in the order in which they were added."""
    columns = (
        EnergyEvidence.id,
        EnergyEvidence.kind,
        EnergyEvidence.name,
        EnergyEvidence.added_at,
        EnergyEvidence.state,
    )
    found = (
        select(*columns)
        .join(EnergyApplication, EnergyApplication.id == EnergyEvidence.application_id)
        .where(EnergyApplication.id == application, *theirs(party, at))
        .order_by(EnergyEvidence.added_at, EnergyEvidence.id)
    )
    return [
        FileView(row.id, row.kind, _name(sealer, row.name), row.added_at, row.state) for row in db.execute(found).all()
    ]


def stored(db: Session, party: Party, application: UUID, evidence: UUID, *, at: datetime) -> Stored | None:
    """Return one file of the subject's; None if there is none, or it isn't theirs."""
    of_subject = (EnergyApplication.id == application, *theirs(party, at))
    return _stored(db.execute(_one(evidence).where(*of_subject)).all())


def stored_for_staff(db: Session, evidence: UUID) -> Stored | None:
    """Return one file of an application that was sent: a draft is nobody's business."""
    return _stored(db.execute(_one(evidence).where(EnergyApplication.sent_at.is_not(None))).all())


def waiting(db: Session) -> list[UUID]:
    """Return the files that nobody has looked at for viruses yet, each time in another order."""
    is_waiting = EnergyEvidence.state == "waiting"
    return list(db.scalars(select(EnergyEvidence.id).where(is_waiting).order_by(func.random())).all())


def stored_waiting(db: Session, evidence: UUID) -> Stored | None:
    """Return one file that waits to be looked at; None if somebody has, or it is gone."""
    return _stored(db.execute(_one(evidence).where(EnergyEvidence.state == "waiting")).all())


def known(db: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these files are to be kept."""
    is_kept = (EnergyEvidence.id.in_(ids), EnergyEvidence.state != "infected")
    return set(db.scalars(select(EnergyEvidence.id).where(*is_kept)).all())


def _one(evidence: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            EnergyEvidence.id,
            EnergyEvidence.application_id,
            EnergyApplication.person_id,
            EnergyEvidence.kind,
            EnergyEvidence.media,
            EnergyEvidence.state,
            EnergyEvidence.key,
        )
        .join(EnergyApplication, EnergyApplication.id == EnergyEvidence.application_id)
        .where(EnergyEvidence.id == evidence)
    )


def _stored(found: Sequence[Row[*tuple[Any, ...]]]) -> Stored | None:
    return Stored(*found[0]) if found else None


def _name(sealer: Sealer, sealed: bytes) -> str:
    try:
        return sealer.unseal(sealed, context=NAME)
    except SealBroken:
        return ""
