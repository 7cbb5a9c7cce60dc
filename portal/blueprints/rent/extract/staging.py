"""From records to tables: COPY into staging, look at the set as a whole, merge what differs.

Everything here runs in the caller's transaction, and staging tables go with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.extract.rentsense import RentSenseNight
from portal.blueprints.rent.extract.table import MOST_COMPLAINTS

_TABLES = {
    "accounts": "reference text, tenancy_reference text, kind text, starts_on date, ends_on date,"
    " breathing_space_until date, line int",
    "balances": "reference text, stated_pence bigint, line int",
    "tenants": "reference text, identity text, title text, first_name text, last_name text, address text, line int",
    "lines": "reference text, posted_on date, dated_on date, code text, kind text, description text,"
    " amount_pence bigint, line int",
}


def stage(db: Session, extract: RentSenseNight) -> None:
    """Copy a night's files into temporary tables, and check the set. Raises ExtractRefused."""
    db.execute(text("set local statement_timeout = 0"))  # a large night takes longer than a page may
    sources: dict[str, Iterable[Any]] = {
        "accounts": extract.accounts(),
        "balances": extract.balances(),
        "tenants": extract.tenants(),
        "lines": extract.lines(),
    }
    for name, records in sources.items():
        db.execute(text(f"create temporary table staged_{name} ({_TABLES[name]}) on commit drop"))
        _copy(db, name, records)
        db.execute(text(f"analyze staged_{name}"))
    complaints = extract.complaints or list(_of_the_set(db, extract))
    if complaints:
        raise ExtractRefused(complaints[:MOST_COMPLAINTS])


def _copy(db: Session, name: str, records: Iterable[Any]) -> None:
    columns = [column.split()[0] for column in _TABLES[name].split(", ")]
    cursor = db.connection().connection.cursor()
    with cursor.copy(f"copy staged_{name} ({', '.join(columns)}) from stdin") as copy:
        for record in records:
            copy.write_row([getattr(record, column) for column in columns])


_TWICE = (
    "select line from (select line, row_number() over (partition by reference order by line) as nth from {}) as counted"
    " where nth > 1"
)
_WITHOUT = "select line from {} as one where not exists (select from {} as other where other.reference = one.reference)"

_CHECKS = (
    ("accounts", "AccountReference", "is there twice", _TWICE.format("staged_accounts")),
    ("balances", "AccountReference", "is there twice", _TWICE.format("staged_balances")),
    ("accounts", "AccountReference", "has no balance", _WITHOUT.format("staged_accounts", "staged_balances")),
    ("balances", "AccountReference", "is no account", _WITHOUT.format("staged_balances", "staged_accounts")),
    ("tenants", "AccountReference", "is no account", _WITHOUT.format("staged_tenants", "staged_accounts")),
    ("transactions", "AccountReference", "is no account", _WITHOUT.format("staged_lines", "staged_accounts")),
)


def _of_the_set(db: Session, extract: RentSenseNight) -> Iterator[Complaint]:
    """Yield what is wrong between the files."""
    if db.execute(text("select count(*) from staged_accounts")).scalar_one() == 0:
        yield Complaint(extract.files["accounts"].name, "holds no account")
    for entity, column, why, query in _CHECKS:
        for line in db.scalars(text(f"{query} order by line limit {MOST_COMPLAINTS}")):
            yield Complaint(extract.files[entity].name, why, line, column)


def merge_accounts(db: Session, *, source: str, night: date) -> None:
    """Bring accounts in step with the staged ones. Who is new has no balance yet: ``settle_balances`` works it out."""
    given = {"source": source, "night": night}
    db.execute(
        text(
            """
            insert into rent_account as held (
                id, source, reference, tenancy_reference, kind, starts_on, ends_on, breathing_space_until,
                opening_pence, balance_pence, stated_pence, week_pence, charged_on
            )
            select gen_random_uuid(), :source, reference, tenancy_reference, kind, starts_on, ends_on,
                breathing_space_until, 0, 0, stated_pence, 0, :night
            from staged_accounts join staged_balances using (reference)
            on conflict (source, reference) do update set
                tenancy_reference = excluded.tenancy_reference, kind = excluded.kind, starts_on = excluded.starts_on,
                ends_on = excluded.ends_on, breathing_space_until = excluded.breathing_space_until,
                stated_pence = excluded.stated_pence, gone_on = null
            where (held.tenancy_reference, held.kind, held.starts_on, held.ends_on, held.breathing_space_until,
                   held.stated_pence, held.gone_on)
                is distinct from (excluded.tenancy_reference, excluded.kind, excluded.starts_on, excluded.ends_on,
                                  excluded.breathing_space_until, excluded.stated_pence, null::date)
            """
        ),
        given,
    )
    db.execute(
        text(
            """
            update rent_account set gone_on = :night where source = :source and gone_on is null
                and reference not in (select reference from staged_accounts)
            """
        ),
        given,
    )


def tenants_that_went(db: Session, *, source: str) -> Sequence[UUID]:
    """Return the tenants whom the portal holds and the night no longer has; of accounts that went, all."""
    _number_tenants(db, source=source)
    return db.scalars(
        text(
            """
            select tenant.id from rent_tenant as tenant join rent_account as account on account.id = tenant.account_id
            where account.source = :source and not exists (
                select from numbered_tenants as now
                where now.account_id = tenant.account_id and now.identity = tenant.identity
            )
            """
        ),
        {"source": source},
    ).all()


def _number_tenants(db: Session, *, source: str) -> None:
    """Two tenants of one account with the same name and birth date are told apart by number."""
    db.execute(
        text(
            """
            create temporary table numbered_tenants on commit drop as
            select account.id as account_id, title, first_name, last_name, address,
                identity || case when nth = 1 then '' else '#' || nth end as identity
            from (
                select *, row_number() over (partition by reference, identity order by line) as nth from staged_tenants
            ) as staged
            join rent_account as account on account.source = :source and account.reference = staged.reference
            """
        ),
        {"source": source},
    )


def merge_tenants(db: Session, *, gone: Sequence[UUID]) -> None:
    """Bring tenants in step with the staged ones. gone: those of ``tenants_that_went``."""
    db.execute(text("delete from rent_tenant where id = any(:gone)"), {"gone": list(gone)})
    db.execute(
        text(
            """
            insert into rent_tenant as held (id, account_id, identity, title, first_name, last_name, address)
            select gen_random_uuid(), account_id, identity, title, first_name, last_name, address from numbered_tenants
            on conflict (account_id, identity) do update set
                title = excluded.title, first_name = excluded.first_name, last_name = excluded.last_name,
                address = excluded.address
            where (held.title, held.first_name, held.last_name, held.address)
                is distinct from (excluded.title, excluded.first_name, excluded.last_name, excluded.address)
            """
        )
    )


def merge_lines(db: Session, *, source: str, missing_after: date) -> None:
    """Bring lines in step with the staged ones. A line that is missing goes if it is of a later day than this."""
    db.execute(
        text(
            """
            create temporary table numbered_lines on commit drop as
            select account.id as account_id, posted_on, dated_on, code, staged.kind, description, amount_pence,
                row_number() over (
                    partition by account.id, posted_on, dated_on, code, amount_pence order by description
                )::int as occurrence
            from staged_lines as staged
            join rent_account as account on account.source = :source and account.reference = staged.reference
            """
        ),
        {"source": source},
    )
    db.execute(
        text("create unique index on numbered_lines (account_id, posted_on, dated_on, code, amount_pence, occurrence)")
    )
    db.execute(text("analyze numbered_lines"))
    db.execute(
        text(
            """
            insert into rent_line as held
                (account_id, posted_on, dated_on, code, kind, description, amount_pence, occurrence)
            select account_id, posted_on, dated_on, code, kind, description, amount_pence, occurrence
            from numbered_lines
            on conflict (account_id, posted_on, dated_on, code, amount_pence, occurrence)
                do update set kind = excluded.kind, description = excluded.description
                where (held.kind, held.description) is distinct from (excluded.kind, excluded.description)
            """
        )
    )
    db.execute(
        text(
            """
            delete from rent_line as held using rent_account as account
            where account.id = held.account_id and account.source = :source and account.gone_on is null
                and held.posted_on > :missing_after
                and not exists (
                    select from numbered_lines as now
                    where now.account_id = held.account_id and now.posted_on = held.posted_on
                        and now.dated_on = held.dated_on and now.code = held.code
                        and now.amount_pence = held.amount_pence and now.occurrence = held.occurrence
                )
            """
        ),
        {"source": source, "missing_after": missing_after},
    )


def new_accounts(db: Session, *, source: str) -> Sequence[str]:
    """Return the references of staged accounts that the portal doesn't hold yet."""
    return db.scalars(
        text("select reference from staged_accounts except select reference from rent_account where source = :source"),
        {"source": source},
    ).all()


def settle_balances(
    db: Session, *, source: str, new: Sequence[str], history_begins_after: date, charged_on: date
) -> None:
    """Work out balances by the lines, and the net charge of the present week.

    new: accounts that come in tonight. If they began before ``history_begins_after``, lines from before may be missing,
    so they open with what is stated less the lines; all others open with nothing. charged_on: the last day of charge.
    """
    db.execute(
        text(
            """
            with sums as (
                select account.id, coalesce(sum(line.amount_pence), 0) as lines_pence,
                    coalesce(sum(line.amount_pence) filter (
                        where line.posted_on >= :charged_on and line.kind in ('charge', 'benefit')
                    ), 0) as week_pence
                from rent_account as account left join rent_line as line on line.account_id = account.id
                where account.source = :source and account.gone_on is null
                group by account.id
            ), worked_out as (
                select account.id, sums.week_pence,
                    case
                        when account.reference <> all(:new) then opening_pence
                        when account.starts_on > :history_begins_after then 0
                        else stated_pence - lines_pence
                    end as opening_pence,
                    lines_pence
                from rent_account as account join sums on sums.id = account.id
            )
            update rent_account as held set
                opening_pence = now.opening_pence, balance_pence = now.opening_pence + now.lines_pence,
                week_pence = now.week_pence, charged_on = :charged_on
            from worked_out as now
            where held.id = now.id and (held.opening_pence, held.balance_pence, held.week_pence, held.charged_on)
                is distinct from (
                    now.opening_pence, now.opening_pence + now.lines_pence, now.week_pence, cast(:charged_on as date)
                )
            """
        ),
        {"source": source, "new": list(new), "history_begins_after": history_begins_after, "charged_on": charged_on},
    )
