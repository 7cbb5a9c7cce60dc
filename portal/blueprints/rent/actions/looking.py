"""Looking at rent accounts, which the audit notes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent import queries
from portal.blueprints.rent.queries import Account, Month, Statement, Wanted
from portal.blueprints.rent.rules.calendar import last_charges_before, next_charge, year_start
from portal.council import WEEKDAYS, RentCalendar
from portal.db import committing
from portal.party import Party

EVERYTHING = 100_000
"""Entries of a statement that is taken away whole; no account has as many."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One account whole. charges: label and pence of what the last full charge was made of; empty where none is
    known. next_charge_on: None for a tenancy that has ended.
    months: of the present rent year.
    """

    account: Account
    charges: list[tuple[str | None, int]]
    next_charge_on: date | None
    months: list[Month]


def look(db: Session, party: Party, *, now: datetime) -> list[Account]:
    """Return the subject's accounts, as ``queries.accounts``, and note that the actor saw them."""
    found = queries.accounts(db, party, at=now)
    if found:
        with committing(db):
            for account in found:
                record(db, party, "rent.view", at=now, object=f"rent.account:{account.id}")
    return found


def look_at(
    db: Session, party: Party, account_id: UUID, *, calendar: RentCalendar, today: date, now: datetime
) -> Detail | None:
    """Return one account, and note that the actor saw it; None as ``queries.account``. today: the council's day."""
    account = queries.account(db, party, account_id, at=now)
    if account is None:
        return None
    begins_on = year_start(account.night, calendar)
    detail = Detail(
        account=account,
        charges=queries.last_charges(db, account, days=last_charges_before(account.night, calendar)),
        next_charge_on=_next_charge(account, today, calendar),
        months=queries.months(
            db, account, since=begins_on, until=account.night, weekday=WEEKDAYS.index(calendar.charged_on)
        ),
    )
    with committing(db):
        record(db, party, "rent.view", at=now, object=f"rent.account:{account.id}")
    return detail


def _next_charge(account: Account, today: date, calendar: RentCalendar) -> date | None:
    """Return when rent is charged next; None where none is, where nobody can say, or if that day is over."""
    if account.is_former(today) or not account.is_rented:
        return None
    following = next_charge(account.night, calendar)
    return following if following and following > today else None


def find(db: Session, party: Party, account_id: UUID, *, now: datetime) -> tuple[Account, date] | None:
    """Return one account and the day of its first line, for the choice of what to show; None as ``queries.account``."""
    account = queries.account(db, party, account_id, at=now)
    return (account, queries.begins_on(db, account)) if account else None


def read_statement(
    db: Session,
    party: Party,
    account: Account,
    wanted: Wanted,
    *,
    now: datetime,
    size: int = EVERYTHING,
    skipped: int = 0,
) -> Statement:
    """Return a page of a statement, or all of it, and note that the actor saw it. account: of ``find``."""
    found = queries.statement(db, account, wanted, size=size, skipped=skipped)
    with committing(db):
        record(db, party, "rent.statement", at=now, object=f"rent.account:{account.id}")
    return found
