"""Connecting a rent account with the code from a letter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent import queries
from portal.blueprints.rent.actions.inviting import PURPOSE
from portal.blueprints.rent.rules.connecting import as_reference, of_connecting
from portal.db import committing
from portal.identity import codes, links
from portal.identity.codes import CodeWrong
from portal.identity.links import AlreadyLinked
from portal.identity.throttle import Throttle
from portal.party import Level, Party


def connect(
    db: Session, throttle: Throttle, party: Party, *, reference: str, code: str, address: str, now: datetime
) -> UUID:
    """Link the party's subject to the tenant whom a code was sent to, and return the link's id.

    reference, code: as typed. address: of the network. Whoever was connected as this tenant before is so no longer: the
    letter went to the tenant.
    Raises Throttled, AlreadyLinked, and CodeWrong, whatever is wrong: nobody is told which.
    """
    throttle.ask(db, of_connecting(throttle, person=str(party.actor), address=address), at=now)
    try:
        with committing(db):
            tenant = _tenant_of(db, reference, code, now)
            return _link(db, party, tenant, now)
    except CodeWrong:
        with committing(db):
            codes.count_wrong(db, PURPOSE, code)
            record(db, party, "rent.connect", at=now, outcome="refused")
        raise


def _tenant_of(db: Session, reference: str, code: str, now: datetime) -> UUID:
    opened = codes.redeem(db, PURPOSE, code, at=now)
    tenant = queries.tenant(db, UUID(opened.details["tenant"]))
    if tenant is None or as_reference(tenant.reference) != as_reference(reference):
        raise CodeWrong(PURPOSE)
    return tenant.id


def _link(db: Session, party: Party, tenant: UUID, now: datetime) -> UUID:
    if links.is_linked(db, party, queries.SERVICE, tenant, at=now):
        raise AlreadyLinked
    links.end_targets(db, queries.SERVICE, [tenant], why="connected-by-another", at=now)
    return links.create(
        db, party, service=queries.SERVICE, target=tenant, how="activation-code", level=Level.MEDIUM, at=now
    )
