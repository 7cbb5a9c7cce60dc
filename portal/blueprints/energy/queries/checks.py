"""What a person let energy help keep."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyCheck, EnergyPermission
from portal.db import rows
from portal.party import Party

ANSWERS = "energy_check.answers"
"""Context that kept answers are sealed for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A check that is kept; see ``EnergyCheck``."""

    kept_at: datetime
    answers: bytes
    with_health: bool
    look_again_on: date | None
    look_again_for: str | None


_KEPT = select(
    EnergyCheck.kept_at,
    EnergyCheck.answers,
    EnergyCheck.with_health,
    EnergyCheck.look_again_on,
    EnergyCheck.look_again_for,
).where(EnergyCheck.person_id == bindparam("person"))
_PERMISSION = select(EnergyPermission.given).where(EnergyPermission.person_id == bindparam("person"))


def kept(db: Session, party: Party) -> Kept | None:
    """Return the check that the party's subject has kept, if there is one."""
    found = rows(db, _KEPT, person=party.subject).one_or_none()
    return Kept(*found) if found else None


def permission(db: Session, party: Party) -> bool | None:
    """Tell whether facts of other services may be used. None: the subject wasn't asked yet, or took it back."""
    found = rows(db, _PERMISSION, person=party.subject).one_or_none()
    return found[0] if found else None
