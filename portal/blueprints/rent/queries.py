"""Rent accounts as the tenants who are connected to them may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount, RentArrangement, RentImport, RentLine, RentTenant
from portal.blueprints.rent.rules.arrangement import Arrangement
from portal.blueprints.rent.rules.benefit import Payment
from portal.db import rows
from portal.facts import Fact, FactKey
from portal.identity.links import links_of, open_links
from portal.models import Link
from portal.party import Level, Party

SERVICE = "rent"
BENEFIT_LOOKED_BACK_DAYS = 75
"""Two payments by the month lie within this, whatever the day."""


@dataclass(frozen=True, slots=True)
class Account:
    """One rent account. night: whose figures these are. address: the tenant's own, its lines divided by
    line ends.

    Amounts and days: as ``RentAccount``. benefits: the last two payments of benefit straight to the account, newest
    first. arrangement: the one in force.
    """

    id: UUID
    reference: str
    kind: str
    address: str
    ends_on: date | None
    balance_pence: int
    week_pence: int
    charged_on: date
    is_doubtful: bool
    breathing_space_until: date | None
    night: date
    benefits: tuple[Payment, ...]
    benefit_is_universal_credit: bool
    arrangement: Arrangement | None

    @property
    def home(self) -> str:
        """Return the first line of the address."""
        return self.address.partition("\n")[0]

    def is_former(self, today: date) -> bool:
        return self.ends_on is not None and self.ends_on <= today


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody who holds an account, as the extract names them. address: its lines."""

    id: UUID
    name: str
    reference: str
    address: tuple[str, ...]


_LAST_BENEFITS = (
    select(RentLine.posted_on, func.sum(-RentLine.amount_pence).label("pence"), func.min(RentLine.kind).label("kind"))
    .where(
        RentLine.account_id == RentAccount.id,
        RentLine.kind.in_(("benefit", "universal-credit")),
        RentLine.posted_on > RentAccount.charged_on - BENEFIT_LOOKED_BACK_DAYS,
    )
    .group_by(RentLine.posted_on)
    .order_by(RentLine.posted_on.desc())
    .limit(2)
    .correlate(RentAccount)
    .subquery()
)

_OWED_WHEN_AGREED = (
    select(RentAccount.opening_pence + func.coalesce(func.sum(RentLine.amount_pence), 0))
    .where(RentLine.account_id == RentArrangement.account_id, RentLine.posted_on <= RentArrangement.agreed_on)
    .correlate(RentAccount, RentArrangement)
    .scalar_subquery()
)
_ARRANGEMENT = (
    select(
        func.jsonb_build_object(
            *("frequency", RentArrangement.frequency),
            *("amount_pence", RentArrangement.amount_pence),
            *("first_due_on", RentArrangement.first_due_on),
            *("ends_on", RentArrangement.ends_on),
            *("owed_pence", _OWED_WHEN_AGREED),
            *("by_court", RentArrangement.by_court),
        )
    )
    .where(
        RentArrangement.account_id == RentAccount.id,
        or_(RentArrangement.ends_on.is_(None), RentArrangement.ends_on > RentAccount.charged_on),
    )
    .order_by(RentArrangement.by_court.desc(), RentArrangement.agreed_on.desc())
    .limit(1)
    .correlate(RentAccount)
    .scalar_subquery()
)
"""The one in force: a court's before one that was agreed since, the newest of its kind."""

_ACCOUNTS = (
    select(
        RentAccount.id,
        RentAccount.reference,
        RentAccount.kind,
        RentTenant.address,
        RentAccount.ends_on,
        RentAccount.balance_pence,
        RentAccount.week_pence,
        RentAccount.charged_on,
        RentAccount.is_doubtful,
        RentAccount.breathing_space_until,
        select(func.max(RentImport.night)).where(RentImport.source == RentAccount.source).scalar_subquery(),
        select(
            func.jsonb_agg(
                func.jsonb_build_array(_LAST_BENEFITS.c.posted_on, _LAST_BENEFITS.c.pence, _LAST_BENEFITS.c.kind)
            )
        ).scalar_subquery(),
        _ARRANGEMENT,
    )
    .join(RentTenant, RentTenant.account_id == RentAccount.id)
    .join(Link, Link.target == RentTenant.id)
    .where(open_links(SERVICE, least=Level.MEDIUM))
    .order_by(RentAccount.ends_on.is_not(None), RentAccount.kind != "home", RentAccount.kind, RentAccount.reference)
)
_ACCOUNT = _ACCOUNTS.where(RentAccount.id == bindparam("account_id"))


def accounts(db: Session, party: Party, *, at: datetime) -> list[Account]:
    """Return the accounts that the party's subject is connected to: homes first, former tenancies last."""
    return [_account(*row) for row in rows(db, _ACCOUNTS, **links_of(party, SERVICE, at=at))]


def account(db: Session, party: Party, account_id: UUID, *, at: datetime) -> Account | None:
    """Return one account; None if there is none or the subject isn't connected to it: the same answer for both."""
    row = rows(db, _ACCOUNT, account_id=account_id, **links_of(party, SERVICE, at=at)).one_or_none()
    return _account(*row) if row else None


def facts(db: Session, party: Party, at: datetime) -> list[Fact]:
    """Return what other services may learn of the home that the subject rents now; nothing where there is none."""
    home = next((one for one in accounts(db, party, at=at) if one.kind == "home" and one.ends_on is None), None)
    if home is None:
        return []
    known: dict[FactKey, bool | int | str] = {
        FactKey.TENANCY: True,
        FactKey.LANDLORD: "council",
        FactKey.ADDRESS: home.address,
        FactKey.RENT_BENEFIT: home.benefits[0].amount_pence if home.benefits else 0,
    }
    charged = rows(db, _LAST_RENT, account=home.id).one_or_none()
    if charged:
        known |= {FactKey.RENT: charged.rent_pence, FactKey.HEATING_CHARGE: charged.heating_pence}
    as_of = datetime.combine(home.night, time.min, UTC)
    return [Fact(key, value, SERVICE, as_of) for key, value in known.items()]


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


def _account(*row: Any) -> Account:
    *columns, benefits, agreed = row
    payments = tuple(Payment(date.fromisoformat(day), pence) for day, pence, _ in benefits or ())
    by_credit = bool(benefits) and benefits[0][2] == "universal-credit"
    values: Any = (*columns, payments, by_credit, _arrangement(agreed) if agreed else None)
    return Account(*values)


def _arrangement(agreed: dict[str, Any]) -> Arrangement:
    days = {name: date.fromisoformat(agreed[name]) for name in ("first_due_on", "ends_on") if agreed[name]}
    return Arrangement(**{**agreed, **days})


def _tenants() -> Select[UUID, str, str, str, str]:
    return select(
        RentTenant.id, RentTenant.first_name, RentTenant.last_name, RentAccount.reference, RentTenant.address
    ).join(RentAccount, RentAccount.id == RentTenant.account_id)


def _tenant(tenant_id: UUID, first_name: str, last_name: str, reference: str, address: str) -> Tenant:
    return Tenant(tenant_id, f"{first_name} {last_name}".strip(), reference, tuple(address.splitlines()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of an account are asked for. since, until: days, inclusive.

    kinds: as ``RentLine.kind``, None for all. together: a day's charges as one entry.
    """

    since: date
    until: date
    kinds: tuple[str, ...] | None = None
    together: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement, or a day's charges together. lines: how many it stands for.

    label: key of ``extract.labels``, None where there is none or the lines' differ. amount_pence: positive where
    charged. balance_pence: what was owed afterwards, all lines counted.
    """

    posted_on: date
    kind: str
    label: str | None
    description: str
    amount_pence: int
    balance_pence: int
    lines: int


@dataclass(frozen=True, slots=True)
class Statement:
    """entries: of the page that was asked for, newest first. count: of all that were chosen.

    before_pence, after_pence: what was owed before and after the days chosen, whatever kinds are. charged_pence,
    paid_pence: of the entries chosen, both positive.
    """

    entries: list[Entry]
    count: int
    before_pence: int
    after_pence: int
    charged_pence: int
    paid_pence: int


@dataclass(frozen=True, slots=True)
class Month:
    """What came in the rent weeks that ended in a month. first: its first day. left_pence: owed at the end of them."""

    first: date
    charged_pence: int
    benefit_pence: int
    paid_pence: int
    left_pence: int


_ENTRIES = text(
    """
    select posted_on, min(kind), case when min(label) = max(label) then min(label) end, min(description),
        sum(amount_pence)::bigint, (array_agg(balance_pence order by nth desc))[1], count(*)
    from rent_line_in_order
    where account_id = :account
        and posted_on between :since and :until and (cast(:kinds as text[]) is null or kind = any(:kinds))
    group by posted_on, case when :together and kind = 'charge' then 0 else nth end
    order by max(nth) desc limit :size offset :skipped
    """
)
_TOTALS = text(
    """
    with line as (
        select * from rent_line_in_order where account_id = :account
    ), chosen as (
        select * from line
        where posted_on between :since and :until and (cast(:kinds as text[]) is null or kind = any(:kinds))
    ), entry as (
        select sum(amount_pence) as amount_pence from chosen
        group by posted_on, case when :together and kind = 'charge' then 0 else nth end
    ), owed as (select opening_pence from rent_account where id = :account)
    select count(*),
        coalesce((select balance_pence from line where posted_on < :since order by nth desc limit 1),
            (select opening_pence from owed)),
        coalesce((select balance_pence from line where posted_on <= :until order by nth desc limit 1),
            (select opening_pence from owed)),
        coalesce(sum(amount_pence) filter (where amount_pence > 0), 0)::bigint,
        coalesce(-sum(amount_pence) filter (where amount_pence < 0), 0)::bigint
    from entry
    """
)
_LAST_CHARGES = text(
    """
    select label, min(description), sum(amount_pence)::bigint from rent_line
    where account_id = :account and kind = 'charge' and posted_on = (
        select posted_on from rent_line
        where account_id = :account and kind = 'charge' and posted_on = any(:days)
        group by posted_on having sum(amount_pence) > 0 order by posted_on desc limit 1
    )
    group by label, case when label is null then description end having sum(amount_pence) <> 0
    order by sum(amount_pence) desc
    """
)
_MONTHS = text(
    """
    with week as (
        select *, posted_on + (6 - (extract(isodow from posted_on)::int - 1 - :weekday + 7) % 7) as ends_on
        from rent_line_in_order where account_id = :account
    )
    select date_trunc('month', ends_on)::date,
        coalesce(sum(amount_pence) filter (where kind = 'charge'), 0)::bigint,
        coalesce(-sum(amount_pence) filter (where kind in ('benefit', 'universal-credit')), 0)::bigint,
        coalesce(-sum(amount_pence) filter (where kind not in ('charge', 'benefit', 'universal-credit')), 0)::bigint,
        (array_agg(balance_pence order by nth desc))[1]
    from week where posted_on >= :since and ends_on <= :until group by 1 order by 1
    """
)
_LAST_RENT = text(
    """
    select sum(amount_pence) filter (where label = 'rent')::bigint as rent_pence,
        coalesce(sum(amount_pence) filter (where label in ('heating', 'hot-water')), 0)::bigint as heating_pence
    from rent_line
    where account_id = :account and posted_on = (
        select max(posted_on) from rent_line where account_id = :account and label = 'rent' and amount_pence > 0
    )
    group by account_id
    """
)
_FIRST_LINE = text("select min(posted_on) from rent_line where account_id = :account")


def statement(db: Session, account: Account, wanted: Wanted, *, size: int, skipped: int = 0) -> Statement:
    """Return a page of an account's statement. account: as this party may see it (``account``). size: entries."""
    given = {
        "account": account.id,
        "since": wanted.since,
        "until": wanted.until,
        "kinds": list(wanted.kinds) if wanted.kinds else None,
        "together": wanted.together,
    }
    entries = [Entry(*row) for row in rows(db, _ENTRIES, size=size, skipped=skipped, **given)]
    return Statement(entries, *rows(db, _TOTALS, **given).one())


def begins_on(db: Session, account: Account) -> date:
    """Return the day of the first line that is held of an account; of one without lines, the night's."""
    return rows(db, _FIRST_LINE, account=account.id).scalar_one() or account.night


def last_charges(db: Session, account: Account, *, days: Sequence[date]) -> list[tuple[str | None, str, int]]:
    """Return label, description and pence of what was charged on the newest of ``days`` that has a charge.

    days: of charge, in any order; days on which something else was charged don't count as a week's rent.
    """
    return [
        (label, words, pence) for label, words, pence in rows(db, _LAST_CHARGES, account=account.id, days=list(days))
    ]


def months(db: Session, account: Account, *, since: date, until: date, weekday: int) -> list[Month]:
    """Return the months of a rent year, oldest first. weekday: on which rent weeks begin, 0 for Monday."""
    given = {"account": account.id, "since": since, "until": until, "weekday": weekday}
    return [Month(*row) for row in rows(db, _MONTHS, **given)]
