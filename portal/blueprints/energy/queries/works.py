"""What tenants told the council as their landlord about works."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyWorks
from portal.db import rows
from portal.models import Person
from portal.party import Party
from portal.sealed import SealBroken, Sealer

HOME = "energy_works.home"
SIGNED_AS = "energy_works.signed_as"
"""What is sealed for where."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody told under a scheme, which stands; see ``EnergyWorks``. home: the lines of the address; it and
    signed_as are None where no key opens them that we hold.

    words: what was read. said: the answer to it, in the same language.
    """

    id: UUID
    person_id: UUID
    scheme: str
    interested: bool
    agrees: bool
    home: tuple[str, ...] | None
    signed_as: str | None
    words: tuple[str, ...]
    said: str
    language: str
    at: datetime
    in_help: bool

    @property
    def code(self) -> str:
        """Return the answer as records have it: ``agrees``, ``interested`` or ``no``."""
        return code(interested=self.interested, agrees=self.agrees)


def code(*, interested: bool, agrees: bool) -> str:
    return "agrees" if agrees else "interested" if interested else "no"


_STANDING = select(
    EnergyWorks.id,
    EnergyWorks.person_id,
    EnergyWorks.scheme,
    EnergyWorks.interested,
    EnergyWorks.agrees,
    EnergyWorks.home,
    EnergyWorks.signed_as,
    EnergyWorks.words,
    EnergyWorks.language,
    EnergyWorks.at,
    EnergyWorks.help_id,
    EnergyWorks.actor_id,
).where(EnergyWorks.taken_back_at.is_(None))
_MINE = _STANDING.where(EnergyWorks.person_id == bindparam("person")).order_by(EnergyWorks.at.desc())
_ALL = (
    _STANDING.join(Person, Person.id == EnergyWorks.person_id)
    .where(Person.closed_at.is_(None))
    .order_by(EnergyWorks.at, EnergyWorks.id)
)


def mine(db: Session, sealer: Sealer, party: Party) -> dict[str, Answered]:
    """Return what the party's subject has told and not taken back, by scheme, the newest first."""
    return {row.scheme: _answered(sealer, row) for row in rows(db, _MINE, person=party.subject)}


def of_everybody(db: Session, sealer: Sealer, scheme: str | None) -> list[Answered]:
    """Return what all tenants told and didn't take back, the oldest first; for commands, not for pages.

    scheme: only of this one. Of whose account is closed there is nothing: nobody asks them any more.
    """
    return [_answered(sealer, row) for row in rows(db, _ALL) if scheme in (None, row.scheme)]


def _answered(sealer: Sealer, row: Any) -> Answered:
    *words, said = row.words.splitlines()
    home, signed_as = _opened(sealer, row.home, HOME), _opened(sealer, row.signed_as, SIGNED_AS)
    return Answered(
        id=row.id,
        person_id=row.person_id,
        scheme=row.scheme,
        interested=row.interested,
        agrees=row.agrees,
        home=None if home is None else tuple(home.splitlines()),
        signed_as=signed_as,
        words=tuple(words),
        said=said,
        language=row.language,
        at=row.at,
        in_help=row.actor_id != row.person_id,
    )


def _opened(sealer: Sealer, sealed: bytes, context: str) -> str | None:
    try:
        return sealer.unseal(sealed, context=context)
    except SealBroken:
        return None
