"""From staged tables to the portal's own: what differs is written, and nothing else.

Everything here runs in the caller's transaction. What a bad line may have been about stays as it was: an account whose
own line or balance is bad, with all it has; and in other files whatever would go because it isn't there.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Merge:
    """What the steps need to know. missing_after: as ``Night.window_starts_after``. charged_on: the last day of charge.

    by_id: lines have ids of the housing system's own that stay the same.
    """

    source: str
    night: date
    missing_after: date
    charged_on: date
    by_id: bool

    def run(self, db: Session, *statements: str) -> None:
        for statement in statements:
            db.execute(text(statement), asdict(self))


def merge_accounts(db: Session, merge: Merge) -> None:
    """Bring accounts in step with the staged ones. Who is new has no balance yet: ``settle`` works it out.

    Leaves a temporary table ``merged``: each account that the night tells of, or has lost (not is_there), and what
    became of it: ``new``, ``changed``, ``ended`` or ``same``. Its indexes come before all that looks into it: the
    database may take ``rent_account`` for nearly empty, and would go through ``merged`` once for each account.
    """
    merge.run(
        db,
        """
        delete from staged_accounts using bad_line
        where entity in ('accounts', 'balances') and bad_line.reference = staged_accounts.reference
        """,
        """
        create temporary table merged on commit drop as
        select coalesce(held.id, gen_random_uuid()) as account_id, staged.reference,
            case
                when held.id is null then 'new'
                when held.ends_on is null and staged.ends_on is not null then 'ended'
                when (held.tenancy_reference, held.kind, held.starts_on, held.ends_on, held.breathing_space_until,
                      held.stated_pence, held.gone_on)
                    is distinct from (staged.tenancy_reference, staged.kind, staged.starts_on, staged.ends_on,
                                      staged.breathing_space_until, stated_now.stated_pence, null)
                then 'changed'
                else 'same'
            end as outcome,
            true as is_there
        from staged_accounts as staged
        join staged_balances as stated_now on stated_now.reference = staged.reference
        left join rent_account as held on held.source = :source and held.reference = staged.reference
        """,
        "create unique index on merged (account_id)",
        "create unique index on merged (reference)",
        "analyze merged",
        """
        insert into rent_account (
            id, source, reference, tenancy_reference, kind, starts_on, ends_on, breathing_space_until,
            opening_pence, balance_pence, stated_pence, charged_on
        )
        select account_id, :source, reference, tenancy_reference, kind, starts_on, ends_on, breathing_space_until,
            0, 0, stated_pence, :charged_on
        from merged join staged_accounts using (reference) join staged_balances using (reference)
        where outcome = 'new'
        """,
        """
        update rent_account as held set
            tenancy_reference = staged.tenancy_reference, kind = staged.kind, starts_on = staged.starts_on,
            ends_on = staged.ends_on, breathing_space_until = staged.breathing_space_until,
            stated_pence = stated_now.stated_pence, gone_on = null
        from merged
        join staged_accounts as staged on staged.reference = merged.reference
        join staged_balances as stated_now on stated_now.reference = merged.reference
        where held.id = merged.account_id and outcome in ('changed', 'ended')
        """,
        """
        with gone as (
            update rent_account set gone_on = :night
            where source = :source and gone_on is null
                and not exists (select from merged where merged.account_id = rent_account.id)
                and not exists (
                    select from bad_line
                    where entity in ('accounts', 'balances')
                        and (bad_line.reference is null or bad_line.reference = rent_account.reference)
                )
            returning id, reference
        )
        insert into merged select id, reference, 'ended', false from gone
        """,
    )


def note_last_nights(db: Session, merge: Merge) -> None:
    """Note which night told last of the accounts that tonight doesn't tell of: the newest that is loaded until now."""
    merge.run(
        db,
        """
        update rent_account set told_on = (select max(night) from rent_import where source = :source)
        where source = :source and told_on is null
            and not exists (select from merged where account_id = rent_account.id and is_there)
        """,
        """
        update rent_account as held set told_on = null
        from merged where held.id = account_id and is_there and told_on is not null
        """,
    )


def tenants_that_went(db: Session, merge: Merge) -> Sequence[UUID]:
    """Return the tenants whom the portal holds and the night no longer has; of accounts that went, all.

    Two tenants of one account with the same name and birth date are told apart by number.
    """
    merge.run(
        db,
        """
        create temporary table numbered_tenants on commit drop as
        select account_id, title, first_name, last_name, address,
            identity || case when nth = 1 then '' else '#' || nth end as identity
        from (
            select *, row_number() over (partition by reference, identity order by line) as nth from staged_tenants
        ) as staged
        join merged using (reference)
        """,
        "analyze numbered_tenants",
    )
    return db.scalars(
        text(
            """
            select tenant.id from rent_tenant as tenant join merged using (account_id)
            where not exists (
                    select from numbered_tenants as now
                    where now.account_id = tenant.account_id and now.identity = tenant.identity
                )
                and not exists (
                    select from bad_line
                    where entity = 'tenants' and (bad_line.reference is null or bad_line.reference = merged.reference)
                )
            """
        )
    ).all()


def merge_tenants(db: Session, merge: Merge, *, gone: Sequence[UUID]) -> None:
    """Bring tenants in step with the staged ones. gone: those of ``tenants_that_went``."""
    db.execute(
        text(
            """
            with gone as (delete from rent_tenant where id = any(:gone) returning account_id)
            update merged set outcome = 'changed' from gone
            where merged.account_id = gone.account_id and outcome = 'same'
            """
        ),
        {"gone": list(gone)},
    )
    merge.run(
        db,
        """
        with written as (
            insert into rent_tenant as held (id, account_id, identity, title, first_name, last_name, address)
            select gen_random_uuid(), account_id, identity, title, first_name, last_name, address from numbered_tenants
            on conflict (account_id, identity) do update set
                title = excluded.title, first_name = excluded.first_name, last_name = excluded.last_name,
                address = excluded.address
            where (held.title, held.first_name, held.last_name, held.address)
                is distinct from (excluded.title, excluded.first_name, excluded.last_name, excluded.address)
            returning account_id
        )
        update merged set outcome = 'changed' from written
        where merged.account_id = written.account_id and outcome = 'same'
        """,
    )


def merge_arrangements(db: Session, merge: Merge) -> None:
    """Bring arrangements in step with the staged ones: those of an account are one set, and have no names."""
    merge.run(
        db,
        """
        create temporary table differing_arrangements on commit drop as
        with now as (
            select distinct account_id, starts_on, ends_on, frequency, by_court, amount_pence, first_due_on, agreed_on
            from staged_arrangements join merged using (reference)
        ), held as (
            select held.* from rent_arrangement as held join merged using (account_id)
            where not exists (
                select from bad_line
                where entity = 'arrangements' and (bad_line.reference is null or bad_line.reference = merged.reference)
            )
        )
        select held.id as gone, now.* from now full join held
            on (held.account_id, held.starts_on, held.frequency, held.by_court, held.amount_pence, held.first_due_on,
                held.agreed_on, coalesce(held.ends_on, 'infinity'))
             = (now.account_id, now.starts_on, now.frequency, now.by_court, now.amount_pence, now.first_due_on,
                now.agreed_on, coalesce(now.ends_on, 'infinity'))
        where held.id is null or now.account_id is null
        """,
        """
        with gone as (
            delete from rent_arrangement as held using differing_arrangements as differing
            where held.id = differing.gone returning held.account_id
        ), added as (
            insert into rent_arrangement
                (id, account_id, starts_on, ends_on, frequency, by_court, amount_pence, first_due_on, agreed_on)
            select gen_random_uuid(), account_id, starts_on, ends_on, frequency, by_court, amount_pence, first_due_on,
                agreed_on
            from differing_arrangements where gone is null
            returning account_id
        )
        update merged set outcome = 'changed' from (table gone union table added) as written
        where merged.account_id = written.account_id and outcome = 'same'
        """,
    )


_NUMBERED = """
    select account_id, posted_on, dated_on, staged.code, amount_pence,
        row_number() over (
            partition by account_id, posted_on, dated_on, staged.code, amount_pence order by source_id, description
        )::int as occurrence,
        meaning.kind, meaning.label, description, source_id
    from staged_transactions as staged
    join merged using (reference)
    join staged_code as meaning on meaning.code = staged.code
"""
"""A line is what it says, and its number among equal ones."""


def merge_lines(db: Session, merge: Merge) -> None:
    """Bring lines in step with the staged ones. A line that is missing goes if it is inside the window.

    Where ids stay, one that stands there with something else is a correction, however old it is. New accounts have no
    lines to compare with, so theirs come in at once.
    """
    merge.run(
        db,
        f"""
        insert into rent_line
            (account_id, posted_on, dated_on, code, amount_pence, occurrence, kind, label, description, source_id)
        {_NUMBERED} where outcome = 'new'
        """,
        f"""
        create temporary table differing_lines on commit drop as
        with now as (
            {_NUMBERED} where outcome <> 'new'
        ), held as (
            select held.* from rent_line as held join merged using (account_id)
            where is_there and outcome <> 'new' and (
                :by_id or posted_on > :missing_after
                or posted_on >= (select min(posted_on) from staged_transactions)
            )
        )
        select held.id as held, account_id, posted_on, dated_on, code, amount_pence, occurrence,
            now.kind, now.label, now.description, now.source_id, held.source_id as held_source_id
        from now full join held using (account_id, posted_on, dated_on, code, amount_pence, occurrence)
        where held.id is null or now.kind is null
            or (held.kind, held.label, held.description, held.source_id)
                is distinct from (now.kind, now.label, now.description, now.source_id)
        """,  # noqa: S608 -- nothing in it comes from outside
        """
        delete from differing_lines as differing using merged
        where kind is null and merged.account_id = differing.account_id
            and (
                exists (
                    select from bad_line
                    where entity = 'transactions'
                        and (bad_line.reference is null or bad_line.reference = merged.reference)
                )
                or posted_on <= :missing_after and not (
                    :by_id and exists (
                        select from staged_transactions as staged
                        where staged.reference = merged.reference and staged.source_id = held_source_id
                    )
                )
            )
        """,
        "analyze differing_lines (account_id, held, kind)",
        "delete from rent_line using differing_lines where rent_line.id = held and differing_lines.kind is null",
        """
        update rent_line as line set kind = now.kind, label = now.label, description = now.description,
            source_id = now.source_id
        from differing_lines as now
        where line.id = now.held and now.kind is not null
            and now.held is not null -- the join says so, but only this tells the planner how few there are
        """,
        """
        insert into rent_line
            (account_id, posted_on, dated_on, code, amount_pence, occurrence, kind, label, description, source_id)
        select account_id, posted_on, dated_on, code, amount_pence, occurrence, kind, label, description, source_id
        from differing_lines where held is null
        """,
        """
        update merged set outcome = 'changed' from (select distinct account_id from differing_lines) as differing
        where merged.account_id = differing.account_id and outcome = 'same'
        """,
    )


def settle(db: Session, merge: Merge) -> None:
    """Work out balances by the lines, and note the last day of charge.

    An account that comes in tonight opens with nothing if it began inside the window. If it began earlier its first
    lines may be missing, so it opens with what is stated less the lines.
    """
    merge.run(
        db,
        """
        with unsettled as (
            select account_id from differing_lines union select account_id from merged where outcome = 'new'
        ), sums as (
            select account_id, coalesce(sum(amount_pence), 0) as lines_pence
            from unsettled left join rent_line using (account_id) group by account_id
        ), opened as (
            select account_id, lines_pence,
                case
                    when outcome <> 'new' then opening_pence
                    when starts_on > :missing_after then 0
                    else stated_pence - lines_pence
                end as opening_pence
            from sums join merged using (account_id) join rent_account on rent_account.id = account_id
        )
        update rent_account as held set
            opening_pence = now.opening_pence, balance_pence = now.opening_pence + lines_pence
        from opened as now where held.id = now.account_id
        """,
        """
        update rent_account as held set charged_on = :charged_on
        from merged where held.id = account_id and is_there and charged_on <> :charged_on
        """,
    )


def outcomes(db: Session) -> dict[str, int]:
    """Return how many accounts are ``new``, ``changed``, ``ended`` and ``same``."""
    found = db.execute(text("select outcome, count(*) from merged group by outcome"))
    return {str(outcome): int(count) for outcome, count in found}
