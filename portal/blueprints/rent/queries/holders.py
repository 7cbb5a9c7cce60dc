"""Who holds a rent account, for staff who look for them and make sure who asks. Nothing of it is shown to a tenant."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select, text, union
from sqlalchemy.orm import Session, aliased

from portal.blueprints.rent.models import RentAccount, RentTenant
from portal.blueprints.rent.queries import SERVICE
from portal.blueprints.rent.rules.knowing import Known
from portal.db import rows
from portal.identity.finding import Clue, Clues, Trace
from portal.identity.identifying import Question
from portal.identity.names import compact, is_name_of, plain
from portal.models import Link

_LAST_PAYMENT = text(
    """
    select -amount_pence from rent_line
    where account_id = :account and kind = 'payment' and amount_pence < 0
    order by posted_on desc, id desc limit 1
    """
)
_LAST_RENT = text(
    """
    select sum(amount_pence)::bigint from rent_line
    where account_id = :account and label = 'rent' and posted_on = (
        select max(posted_on) from rent_line where account_id = :account and label = 'rent' and amount_pence > 0
    )
    """
)


def find(db: Session, clues: Clues, at: datetime) -> Iterator[Trace]:
    """Yield a trace for each tenant, with an account here or without, of whom a fact other than the name is so."""
    meant = _meant(clues)
    if not meant:
        return
    found = db.execute(_tenants(at).where(RentTenant.id.in_(union(*meant).subquery().select()))).all()
    names = _names(db, {row.account_id for row in found})
    for row in found:
        name = _name(row.first_name, row.last_name)
        yield Trace(
            person=row.person_id,
            matches=frozenset(_matches(clues, row, name)),
            service=SERVICE,
            holder=row.id,
            name=name,
            born_on=date.fromisoformat(row.born) if row.born else None,
            address=tuple(row.address.splitlines()),
            reference=row.reference_key,
            together=frozenset(plain(other) for tenant, other in names[row.account_id] if tenant != row.id),
        )


def questions(db: Session, holder: UUID) -> frozenset[Question]:
    """Return what a tenant can be asked; nothing if there is no such tenant."""
    known = _known(db, holder)
    return known.questions() if known else frozenset()


def count_right(db: Session, holder: UUID, answers: Mapping[Question, str]) -> int:
    """Return how many answers are right. None of them is kept or told."""
    known = _known(db, holder)
    return sum(known.is_right(question, answer) for question, answer in answers.items()) if known else 0


def _known(db: Session, holder: UUID) -> Known | None:
    found = db.execute(
        select(RentTenant.id, RentTenant.account_id, RentTenant.born, RentTenant.postcode, RentAccount.starts_on)
        .join(RentAccount, RentAccount.id == RentTenant.account_id)
        .where(RentTenant.id == holder)
    ).one_or_none()
    if found is None:
        return None
    others = _names(db, {found.account_id})[found.account_id]
    return Known(
        born_on=date.fromisoformat(found.born) if found.born else None,
        postcode=found.postcode,
        since=found.starts_on.year,
        rent_pence=rows(db, _LAST_RENT, account=found.account_id).scalar(),
        paid_pence=rows(db, _LAST_PAYMENT, account=found.account_id).scalar(),
        together=tuple(name for tenant, name in others if tenant != holder),
    )


def _tenants(at: datetime) -> Select[*tuple[Any, ...]]:
    holds = and_(
        Link.service == SERVICE,
        Link.target == RentTenant.id,
        Link.ended_at.is_(None),
        or_(Link.until.is_(None), Link.until > at),
    )
    return (
        select(
            RentTenant.id,
            RentTenant.account_id,
            RentTenant.first_name,
            RentTenant.last_name,
            RentTenant.born,
            RentTenant.postcode,
            RentTenant.address,
            RentAccount.reference_key,
            Link.person_id,
        )
        .join(RentAccount, RentAccount.id == RentTenant.account_id)
        .outerjoin(Link, holds)
    )


def _meant(clues: Clues) -> list[Select[UUID]]:
    """Return a selection for each fact, so that each takes its own index."""
    meant = []
    if clues.born_on:
        meant.append(select(RentTenant.id).where(RentTenant.born == clues.born_on.isoformat()))
    if postcode := compact(clues.postcode):
        meant.append(select(RentTenant.id).where(RentTenant.postcode == postcode))
    if reference := compact(clues.reference):
        of_account = select(RentTenant.id).join(RentAccount, RentAccount.id == RentTenant.account_id)
        meant.append(of_account.where(RentAccount.reference_key == reference))
    if clues.persons:
        linked = select(Link.target).where(Link.service == SERVICE, Link.ended_at.is_(None))
        meant.append(linked.where(Link.person_id.in_(clues.persons)))
    if clues.holders:
        meant += [select(RentTenant.id).where(RentTenant.id.in_(clues.holders)), _same_human(clues.holders)]
    return meant


def _same_human(holders: frozenset[UUID]) -> Select[UUID]:
    """Select what whoever holds these rows holds besides: who has the same name was born on the same day."""
    one, other = aliased(RentTenant), aliased(RentTenant)
    same = and_(other.born == one.born, other.identity == one.identity)
    return select(other.id).join(one, same).where(one.id.in_(holders))


def _names(db: Session, accounts: set[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return the tenants of accounts, and what they are called."""
    found: dict[UUID, list[tuple[UUID, str]]] = {account: [] for account in accounts}
    tenants = select(RentTenant.account_id, RentTenant.id, RentTenant.first_name, RentTenant.last_name)
    for account, tenant, first_name, last_name in db.execute(tenants.where(RentTenant.account_id.in_(accounts))):
        found[account].append((tenant, _name(first_name, last_name)))
    return found


def _matches(clues: Clues, row: Any, name: str) -> Iterator[Clue]:
    given = {
        Clue.NAME: is_name_of(clues.name, name),
        Clue.BORN: clues.born_on is not None and row.born == clues.born_on.isoformat(),
        Clue.POSTCODE: compact(clues.postcode) == row.postcode,
        Clue.REFERENCE: compact(clues.reference) == row.reference_key,
    }
    return (clue for clue, fits in given.items() if fits)


def _name(first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}".strip()
