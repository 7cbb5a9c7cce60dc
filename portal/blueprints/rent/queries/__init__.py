"""Rent accounts as the tenants who are connected to them may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, column, select, table, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount, RentTenant
from portal.blueprints.rent.rules.arrangement import Arrangement
from portal.blueprints.rent.rules.benefit import Payment
from portal.db import rows
from portal.facts import Fact, FactKey
from portal.identity.links import links_of, open_links
from portal.models import Link
from portal.party import Level, Party

SERVICE = "rent"
ONE_OFF = ("court-costs", "repairs", "interest")
"""Labels of charges that are no rent: they are owed, but no week's charge."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which rent account it is. address: the tenant's own, its lines divided by line ends."""

    address: str
    id: UUID
    reference: str
    kind: str
    ends_on: date | None

    @property
    def home(self) -> str:
        """Return the first line of the address."""
        return self.address.partition("\n")[0]

    def is_former(self, day: date) -> bool:
        """Tell whether the tenancy is over on a day."""
        return self.kind == "former" or (self.ends_on is not None and self.ends_on < day)


@dataclass(frozen=True, slots=True)
class Account(Which):
    """One rent account. night: whose figures these are.

    peace_until: the end of the tenant's Breathing Space, which is for all that they owe, whichever account has it.
    charge_pence, benefit_pence: charged, but for what isn't rent (``ONE_OFF``), and brought in by benefit since
    charged_on. benefits: its last two payments of one kind, newest first. arrangement: the one in force. tenant: the
    subject's name, as the tenancy has it.
    """

    balance_pence: int
    charged_on: date
    is_doubtful: bool
    peace_until: date | None
    night: date
    charge_pence: int
    benefit_pence: int
    benefits: tuple[Payment, ...]
    benefit_is_universal_credit: bool
    arrangement: Arrangement | None
    tenant: str

    @property
    def is_rented(self) -> bool:
        """Tell whether rent is charged for something here, rather than costs alone."""
        return self.kind in ("home", "garage")


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody who holds an account, as the extract names them. address: its lines."""

    id: UUID
    name: str
    reference: str
    address: tuple[str, ...]


_COLUMNS = (
    *("id", "reference", "kind", "ends_on", "balance_pence", "charged_on", "is_doubtful", "breathing_space_until"),
    *("night", "charge_pence", "benefit_pence", "benefits", "arrangement"),
)
_SHOWN = table("rent_account_as_shown", *map(column, _COLUMNS))
_NAME = (RentTenant.first_name, RentTenant.last_name)
ACCOUNTS = (
    select(RentTenant.address, *_SHOWN.c, *_NAME)
    .join(RentTenant, RentTenant.account_id == _SHOWN.c.id)
    .join(Link, Link.target == RentTenant.id)
    .where(open_links(SERVICE, least=Level.MEDIUM))
    .order_by(_SHOWN.c.reference)
)

_LINKED = (
    select(
        Link.id.label("link"),
        RentTenant.address,
        RentAccount.id,
        RentAccount.reference,
        RentAccount.kind,
        RentAccount.ends_on,
    )
    .join(RentTenant, RentTenant.id == Link.target)
    .join(RentAccount, RentAccount.id == RentTenant.account_id)
    .where(open_links(SERVICE, least=Level.MEDIUM))
)
_BY_REFERENCE = (
    select(RentTenant.address, *_SHOWN.c, *_NAME)
    .join(RentTenant, RentTenant.account_id == _SHOWN.c.id)
    .where(_SHOWN.c.reference == bindparam("reference"))
    .order_by(RentTenant.last_name, RentTenant.first_name, RentTenant.id)
    .limit(1)
)


def accounts(db: Session | Connection, party: Party, *, at: datetime) -> list[Account]:
    """Return the accounts that the party's subject is connected to: homes first, former tenancies last."""
    found = {account.id: account for account in map(_account, rows(db, ACCOUNTS, **links_of(party, SERVICE, at=at)))}
    peace = max((one.peace_until for one in found.values() if one.peace_until), default=None)
    return sorted(
        (replace(account, peace_until=peace) for account in found.values()) if peace else found.values(),
        key=lambda one: (one.is_former(one.night), one.kind != "home", one.kind),
    )


def account(db: Session | Connection, party: Party, account_id: UUID, *, at: datetime) -> Account | None:
    """Return one account; None if there is none or the subject isn't connected to it: the same answer for both."""
    return next((one for one in accounts(db, party, at=at) if one.id == account_id), None)


def linked(db: Session, party: Party, *, at: datetime) -> dict[UUID, Which]:
    """Return which account each of the subject's links leads to, by the link's id."""
    return {link: Which(*which) for link, *which in rows(db, _LINKED, **links_of(party, SERVICE, at=at))}


def account_as_shown(db: Session, *, reference: str) -> Account | None:
    """Return an account as the first of its tenants would see it; None if it has none. For commands, not for pages."""
    found = rows(db, _BY_REFERENCE, reference=reference).first()
    return _account(found) if found else None


def facts(db: Session, party: Party, at: datetime) -> list[Fact]:
    """Return what other services may learn of the home that the subject rents now; nothing where there is none."""
    mine = accounts(db, party, at=at)
    home = next((one for one in mine if one.kind == "home" and not one.is_former(one.night)), None)
    if home is None:
        return []
    known: dict[FactKey, bool | int | str] = {
        FactKey.TENANCY: True,
        FactKey.LANDLORD: "council",
        FactKey.ADDRESS: home.address,
        FactKey.TENANT: home.tenant,
        FactKey.RENT_BENEFIT: home.benefits[0].amount_pence if home.benefits else 0,
    }
    since = rows(db, _SINCE_AND_LAST_RENT, account=home.id).one()
    known[FactKey.TENANCY_SINCE] = since.starts_on.isoformat()
    if since.rent_pence is not None:
        known |= {FactKey.RENT: since.rent_pence, FactKey.HEATING_CHARGE: since.heating_pence}
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


def _account(row: Any) -> Account:
    *columns, benefits, agreed, first_name, last_name = row
    newest = benefits[0][2] if benefits else ""
    payments = [Payment(date.fromisoformat(day), pence) for day, pence, kind in benefits or () if kind == newest]
    values: Any = (
        *columns,
        tuple(payments[:2]),
        newest == "universal-credit",
        _arrangement(agreed) if agreed else None,
        _whole_name(first_name, last_name),
    )
    return Account(*values)


def _arrangement(agreed: dict[str, Any]) -> Arrangement:
    days = {name: date.fromisoformat(agreed[name]) for name in ("first_due_on", "ends_on") if agreed[name]}
    return Arrangement(**{**agreed, **days})


def _tenants() -> Select[UUID, str, str, str, str]:
    return select(
        RentTenant.id, RentTenant.first_name, RentTenant.last_name, RentAccount.reference, RentTenant.address
    ).join(RentAccount, RentAccount.id == RentTenant.account_id)


def _tenant(tenant_id: UUID, first_name: str, last_name: str, reference: str, address: str) -> Tenant:
    return Tenant(tenant_id, _whole_name(first_name, last_name), reference, tuple(address.splitlines()))


def _whole_name(first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}".strip()


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

    label: key of ``extract.labels``, None where there is none or the lines' differ. amount_pence: positive where it
    adds to what is owed. is_charged: whether it counts as charged, else as paid in. balance_pence: what was owed
    afterwards, all lines counted.
    """

    posted_on: date
    kind: str
    label: str | None
    description: str
    amount_pence: int
    is_charged: bool
    balance_pence: int
    lines: int

    @property
    def charged_pence(self) -> int | None:
        """Negative where a charge was taken back; None for what isn't charged."""
        return self.amount_pence if self.is_charged else None

    @property
    def paid_pence(self) -> int | None:
        """Negative where a payment was taken back; None for what isn't paid in."""
        return None if self.is_charged else -self.amount_pence


@dataclass(frozen=True, slots=True)
class Statement:
    """entries: of the page that was asked for, newest first. count: of all that were chosen.

    before_pence, after_pence: what was owed before and after the days chosen, whatever kinds are. charged_pence,
    paid_pence: of all the entries chosen, as theirs.
    """

    entries: list[Entry]
    count: int
    before_pence: int
    after_pence: int
    charged_pence: int
    paid_pence: int


@dataclass(frozen=True, slots=True)
class Month:
    """What came in the rent weeks that ended in a month. first: its first day. left_pence: owed at the end of them.

    charged_pence, benefit_pence, paid_pence: negative where more was taken back. other_pence: what is none of them
    (corrections, a balance from before, unknown codes); positive where it adds to what is owed.
    """

    first: date
    charged_pence: int
    benefit_pence: int
    paid_pence: int
    other_pence: int
    left_pence: int


_CHOSEN = """
    with line as (
        select *,
            case when kind = 'charge' then true
                when kind in ('payment', 'benefit', 'universal-credit') then false
                else amount_pence >= 0 end as is_charged,
            case when :together and kind = 'charge' then 0 else nth end as part
        from rent_line_in_order where account_id = :account
    ), chosen as (
        select * from line
        where posted_on between :since and :until and (cast(:kinds as text[]) is null or kind = any(:kinds))
    )
"""
"""is_charged: by what a line is, so that a charge that was taken back lessens what was charged, and a returned payment
what was paid in; what is neither goes by its sign. part: which lines of a day are one entry.
"""
_ENTRIES = text(
    _CHOSEN  # noqa: S608 -- joined from constants alone
    + """
    select posted_on, min(kind), case when count(label) = count(*) and min(label) = max(label) then min(label) end,
        min(description), sum(amount_pence)::bigint, bool_and(is_charged),
        (array_agg(balance_pence order by nth desc))[1], count(*)
    from chosen group by posted_on, part
    order by max(nth) desc limit :size offset :skipped
    """
)
_TOTALS = text(
    _CHOSEN  # noqa: S608 -- joined from constants alone
    + """, owed as (select opening_pence from rent_account where id = :account)
    select count(distinct (posted_on, part)),
        coalesce((select balance_pence from line where posted_on < :since order by nth desc limit 1),
            (select opening_pence from owed)),
        coalesce((select balance_pence from line where posted_on <= :until order by nth desc limit 1),
            (select opening_pence from owed)),
        coalesce(sum(amount_pence) filter (where is_charged), 0)::bigint,
        coalesce(-sum(amount_pence) filter (where not is_charged), 0)::bigint
    from chosen
    """
)
_LAST_CHARGES = text(
    """
    select label, sum(amount_pence)::bigint from rent_line
    where account_id = :account and kind = 'charge' and coalesce(label, '') <> all(:one_off) and posted_on = (
        select posted_on from rent_line
        where account_id = :account and kind = 'charge' and coalesce(label, '') <> all(:one_off)
            and posted_on = any(:days)
        group by posted_on having sum(amount_pence) > 0 order by posted_on desc limit 1
    )
    group by label having sum(amount_pence) <> 0
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
        coalesce(-sum(amount_pence) filter (where kind = 'payment'), 0)::bigint,
        coalesce(sum(amount_pence) filter (where kind in ('adjustment', 'opening', 'other')), 0)::bigint,
        (array_agg(balance_pence order by nth desc))[1]
    from week where posted_on >= :since and ends_on <= :until group by 1 order by 1
    """
)
_SINCE_AND_LAST_RENT = text(
    """
    select starts_on, sum(amount_pence) filter (where label = 'rent')::bigint as rent_pence,
        coalesce(sum(amount_pence) filter (where label in ('heating', 'hot-water')), 0)::bigint as heating_pence
    from rent_account left join rent_line on account_id = rent_account.id and posted_on = (
        select max(posted_on) from rent_line where account_id = :account and label = 'rent' and amount_pence > 0
    )
    where rent_account.id = :account
    group by starts_on
    """
)
_FIRST_LINE = text("select min(posted_on) from rent_line where account_id = :account")


def statement(db: Session | Connection, account: Account, wanted: Wanted, *, size: int, skipped: int = 0) -> Statement:
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


def begins_on(db: Session | Connection, account: Account) -> date:
    """Return the day of the first line that is held of an account; of one without lines, the night's."""
    return rows(db, _FIRST_LINE, account=account.id).scalar_one() or account.night


def last_charges(db: Session, account: Account, *, days: Sequence[date]) -> list[tuple[str | None, int]]:
    """Return label and pence of what was charged on the newest of ``days`` that has a charge, the largest first.

    days: of charge, in any order. What is charged once (``ONE_OFF``) is no part of it.
    """
    given = {"account": account.id, "days": list(days), "one_off": list(ONE_OFF)}
    return [(label, pence) for label, pence in rows(db, _LAST_CHARGES, **given)]


def months(db: Session, account: Account, *, since: date, until: date, weekday: int) -> list[Month]:
    """Return the months of a rent year, oldest first. weekday: on which rent weeks begin, 0 for Monday."""
    given = {"account": account.id, "since": since, "until": until, "weekday": weekday}
    return [Month(*row) for row in rows(db, _MONTHS, **given)]
