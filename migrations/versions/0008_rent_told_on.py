"""Which night told of a rent account last, where that isn't its source's newest; its week's charge is no longer kept.

``week_pence`` goes at once: nothing is released that writes it. Later on, a column goes a release after its last use.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("rent_account", sa.Column("told_on", sa.Date(), nullable=True))
    op.drop_column("rent_account", "week_pence")
    op.execute(
        """
        create or replace view rent_account_as_shown as
        select account.id, account.reference, account.kind, account.ends_on, account.balance_pence, account.charged_on,
            account.is_doubtful, account.breathing_space_until,
            imported.night,
            since.charge_pence, since.benefit_pence,
            -- the last payments of benefit, newest first: two by the month lie within 75 days, whatever the day
            (
                select jsonb_agg(jsonb_build_array(posted_on, pence, kind))
                from (
                    select posted_on, kind, sum(-amount_pence) as pence from rent_line
                    where account_id = account.id and kind in ('benefit', 'universal-credit') and amount_pence < 0
                        and label is distinct from 'housing-benefit-adjustment'
                        and posted_on > account.charged_on - 75
                    group by posted_on, kind order by posted_on desc limit 4
                ) as payment
            ) as benefits,
            -- the arrangement in force: a court's before one that was agreed since, the newest of its kind; what was
            -- owed is null where the lines that are held begin after it was agreed
            (
                select jsonb_build_object(
                    'frequency', frequency, 'amount_pence', amount_pence, 'first_due_on', first_due_on,
                    'ends_on', ends_on, 'by_court', by_court,
                    'owed_pence', (
                        select case when count(*) > 0 then account.opening_pence + sum(amount_pence) end
                        from rent_line where account_id = account.id and posted_on <= arrangement.agreed_on
                    )
                )
                from rent_arrangement as arrangement
                where account_id = account.id and starts_on <= imported.night
                    and (ends_on is null or ends_on >= imported.night)
                order by by_court desc, agreed_on desc limit 1
            ) as arrangement
        from rent_account as account
        cross join lateral (
            select coalesce(account.told_on, max(night)) as night from rent_import where source = account.source
        ) as imported
        cross join lateral (
            -- court costs, repairs and interest are owed, but are no week's rent
            select coalesce(sum(amount_pence) filter (
                    where kind = 'charge' and coalesce(label, '') not in ('court-costs', 'repairs', 'interest')
                ), 0)::bigint as charge_pence,
                coalesce(-sum(amount_pence) filter (where kind in ('benefit', 'universal-credit')), 0)::bigint
                    as benefit_pence
            from rent_line where account_id = account.id and posted_on >= account.charged_on
        ) as since
        """
    )
