"""Looking at rent accounts, which the audit notes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent import queries
from portal.blueprints.rent.queries import Account, Month, Statement, Wanted
from portal.blueprints.rent.rules import balance, benefit
from portal.blueprints.rent.rules.balance import Standing
from portal.blueprints.rent.rules.benefit import Expected
from portal.blueprints.rent.rules.calendar import last_charges_before, next_charge, period_ends, year_start
from portal.council import WEEKDAYS, RentCalendar
from portal.db import at_once, committing
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


@dataclass(frozen=True, slots=True)
class Stand:
    """How an account stands. coming: the benefit payment that should come next. pay_by: the last day of what was
    charged last; None once it is over.
    """

    standing: Standing
    coming: Expected | None
    pay_by: date | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One account as its tenant would see it, without the words: all of it, and all its lines."""

    detail: Detail
    stand: Stand
    statement: Statement


def stand(account: Account, *, calendar: RentCalendar, today: date) -> Stand:
    """Return how an account stands, by the day that its figures tell of: nothing is held against anybody that may have
    come in since. today: the council's day.
    """
    coming = benefit.expected(account.benefits, today=account.night)
    ends_on = period_ends(account.charged_on, calendar)
    standing = balance.standing(
        balance.Figures(
            balance_pence=account.balance_pence,
            charge_pence=0 if account.is_former(today) else account.charge_pence,
            benefit_pence=account.benefit_pence,
            period_days=(ends_on - account.charged_on).days + 1,
            is_doubtful=account.is_doubtful,
        ),
        has_breathing_space=account.peace_until is not None and account.peace_until >= today,
        day=account.night,
        benefit=coming,
        arrangement=account.arrangement,
    )
    return Stand(standing, coming, ends_on if ends_on >= today else None)


def show(db: Session, reference: str, *, calendar: RentCalendar, today: date, now: datetime) -> Shown | None:
    """Return an account as its tenant would see it, None if there is none, and note that somebody saw it; for commands.

    today: the council's day.
    """
    account = queries.account_as_shown(db, reference=reference)
    if account is None:
        return None
    everything = Wanted(since=queries.begins_on(db, account), until=date.max, together=False)
    shown = Shown(
        detail=_detail(db, account, calendar, today),
        stand=stand(account, calendar=calendar, today=today),
        statement=queries.statement(db, account, everything, size=EVERYTHING),
    )
    with committing(db):
        record(db, None, "rent.show", at=now, object=f"rent.account:{account.id}", authority="command")
    return shown


def look(db: Session, party: Party, *, now: datetime) -> list[Account]:
    """Return the subject's accounts, as ``queries.accounts``, and note that the actor saw them."""
    with at_once(db) as connection:
        found = queries.accounts(connection, party, at=now)
        for account in found:
            record(connection, party, "rent.view", at=now, object=f"rent.account:{account.id}")
    return found


def look_at(
    db: Session, party: Party, account_id: UUID, *, calendar: RentCalendar, today: date, now: datetime
) -> Detail | None:
    """Return one account, and note that the actor saw it; None as ``queries.account``. today: the council's day."""
    account = queries.account(db, party, account_id, at=now)
    if account is None:
        return None
    detail = _detail(db, account, calendar, today)
    with committing(db):
        record(db, party, "rent.view", at=now, object=f"rent.account:{account.id}")
    return detail


def _detail(db: Session, account: Account, calendar: RentCalendar, today: date) -> Detail:
    begins_on = year_start(account.night, calendar)
    return Detail(
        account=account,
        charges=queries.last_charges(db, account, days=last_charges_before(account.night, calendar)),
        next_charge_on=_next_charge(account, today, calendar),
        months=queries.months(
            db, account, since=begins_on, until=account.night, weekday=WEEKDAYS.index(calendar.charged_on)
        ),
    )


def _next_charge(account: Account, today: date, calendar: RentCalendar) -> date | None:
    """Return when rent is charged next; None where none is, where nobody can say, or if that day is over."""
    if account.is_former(today) or not account.is_rented:
        return None
    following = next_charge(account.night, calendar)
    return following if following and following > today else None


def find(db: Session, party: Party, account_id: UUID, *, now: datetime) -> tuple[Account, date] | None:
    """Return one account and the day of its first line, for the choice of what to show; None as ``queries.account``."""
    with at_once(db) as connection:
        account = queries.account(connection, party, account_id, at=now)
        return (account, queries.begins_on(connection, account)) if account else None


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
    with at_once(db) as connection:
        found = queries.statement(connection, account, wanted, size=size, skipped=skipped)
        record(connection, party, "rent.statement", at=now, object=f"rent.account:{account.id}")
    return found
