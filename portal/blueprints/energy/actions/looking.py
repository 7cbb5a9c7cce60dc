"""Staff look at what tenants told about works; each look is on record with the tenant."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.queries import works
from portal.blueprints.energy.queries.works import Answered
from portal.db import committing
from portal.identity import protected
from portal.identity import staff as accounts
from portal.party import Level, Party, Permission, permissions_of
from portal.sealed import Sealer


class NotAllowed(Exception):
    """Whoever is named isn't a member of staff who may read this."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer. is_protected: the tenant is protected from whoever looks, who may not see whose it is."""

    answered: Answered
    is_protected: bool


def works_of_everybody(db: Session, sealer: Sealer, staff: str, *, scheme: str | None, now: datetime) -> list[Shown]:
    """Return what tenants told and didn't take back, the oldest first. staff: who looks, by address.

    scheme: only of this one. Raises NotAllowed.
    """
    member = accounts.member_by_email(db, staff)
    if member is None or not member.has_joined or Permission.ENERGY_READ not in permissions_of(member.roles):
        raise NotAllowed(staff)
    with committing(db):
        found = [
            Shown(answered, protected.why_hidden(db, (), member.id, answered.person_id, at=now) is not None)
            for answered in works.of_everybody(db, sealer, scheme)
        ]
        for one in found:
            if not one.is_protected:
                party = Party(subject=one.answered.person_id, actor=member.id, level=Level.HIGH)
                record(db, party, "energy.works-list", at=now, object=f"scheme:{one.answered.scheme}")
    return found
