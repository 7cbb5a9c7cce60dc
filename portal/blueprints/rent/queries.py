"""Rent accounts as the tenants who are connected to them may see them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount, RentImport, RentTenant
from portal.db import rows
from portal.facts import Fact, FactKey
from portal.identity.links import links_of, open_links
from portal.models import Link
from portal.party import Level, Party

SERVICE = "rent"


@dataclass(frozen=True, slots=True)
class Account:
    """One rent account. night: whose figures these are. home: the first line of the tenant's own address.

    Amounts and days: as ``RentAccount``.
    """

    id: UUID
    reference: str
    kind: str
    home: str
    ends_on: date | None
    balance_pence: int
    week_pence: int
    charged_on: date
    is_doubtful: bool
    breathing_space_until: date | None
    night: date


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody who holds an account, as the extract names them. address: its lines."""

    id: UUID
    name: str
    reference: str
    address: tuple[str, ...]


_ACCOUNTS = (
    select(
        RentAccount.id,
        RentAccount.reference,
        RentAccount.kind,
        func.split_part(RentTenant.address, "\n", 1),
        RentAccount.ends_on,
        RentAccount.balance_pence,
        RentAccount.week_pence,
        RentAccount.charged_on,
        RentAccount.is_doubtful,
        RentAccount.breathing_space_until,
        select(func.max(RentImport.night)).where(RentImport.source == RentAccount.source).scalar_subquery(),
    )
    .join(RentTenant, RentTenant.account_id == RentAccount.id)
    .join(Link, Link.target == RentTenant.id)
    .where(open_links(SERVICE, least=Level.MEDIUM))
    .order_by(RentAccount.ends_on.is_not(None), RentAccount.kind != "home", RentAccount.kind, RentAccount.reference)
)
_ACCOUNT = _ACCOUNTS.where(RentAccount.id == bindparam("account_id"))


def accounts(db: Session, party: Party, *, at: datetime) -> list[Account]:
    """Return the accounts that the party's subject is connected to: homes first, former tenancies last."""
    return [Account(*row) for row in rows(db, _ACCOUNTS, **links_of(party, SERVICE, at=at))]


def account(db: Session, party: Party, account_id: UUID, *, at: datetime) -> Account | None:
    """Return one account; None if there is none or the subject isn't connected to it: the same answer for both."""
    row = rows(db, _ACCOUNT, account_id=account_id, **links_of(party, SERVICE, at=at)).one_or_none()
    return Account(*row) if row else None


def facts(db: Session, party: Party, at: datetime) -> list[Fact]:
    """Return what other services may learn: that the subject has a tenancy of a home now, or nothing."""
    homes = [one for one in accounts(db, party, at=at) if one.kind == "home" and one.ends_on is None]
    return [Fact(FactKey.TENANCY, True, SERVICE, datetime.combine(one.night, time.min, UTC)) for one in homes[:1]]


def tenants(db: Session, *, reference: str) -> list[Tenant]:
    """Return who holds the account with a payment reference, in order of their names; for commands, not for pages."""
    found = db.execute(
        _tenants()
        .where(RentAccount.reference == reference, RentAccount.gone_on.is_(None))
        .order_by(RentTenant.last_name, RentTenant.first_name, RentTenant.id)
    )
    return [_tenant(*row) for row in found]


def tenant(db: Session, tenant_id: UUID) -> Tenant | None:
    """Return one tenant; for commands and for what follows from a code, not for pages."""
    row = db.execute(_tenants().where(RentTenant.id == tenant_id)).one_or_none()
    return _tenant(*row) if row else None


def _tenants() -> Select[UUID, str, str, str, str]:
    return select(
        RentTenant.id, RentTenant.first_name, RentTenant.last_name, RentAccount.reference, RentTenant.address
    ).join(RentAccount, RentAccount.id == RentTenant.account_id)


def _tenant(tenant_id: UUID, first_name: str, last_name: str, reference: str, address: str) -> Tenant:
    return Tenant(tenant_id, f"{first_name} {last_name}".strip(), reference, tuple(address.splitlines()))
