"""Each line of a rent account in its order, with the balance after it: what statements and charts read."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        create view rent_line_in_order as
        select line.account_id, posted_on, line.kind, label, description, amount_pence,
            row_number() over in_order as nth,
            (account.opening_pence + sum(amount_pence) over (in_order rows unbounded preceding))::bigint
                as balance_pence
        from rent_line as line join rent_account as account on account.id = line.account_id
        window in_order as (
            partition by line.account_id, account.opening_pence
            order by posted_on, line.kind <> 'charge', dated_on, code, amount_pence, occurrence
        )
        """
    )
