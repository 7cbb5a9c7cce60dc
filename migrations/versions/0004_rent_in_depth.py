"""Rent in depth: arrangements, what lines mean, and every run of the import, refused ones too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0004"
down_revision = "0003"

ACCOUNTS = "kind in ('home', 'garage', 'former', 'court-costs', 'recharge', 'other')"
LINES = "kind in ('charge', 'benefit', 'universal-credit', 'payment', 'adjustment', 'opening', 'other')"


def upgrade() -> None:
    _widen("rent_account", ACCOUNTS)
    _widen("rent_line", LINES)
    op.add_column("rent_line", sa.Column("label", sa.String(), nullable=True))
    op.add_column("rent_line", sa.Column("source_id", sa.String(), nullable=True))
    op.create_table(
        "rent_arrangement",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("account_id", pg.UUID(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("by_court", sa.Boolean(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rent_arrangement"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rent_account.id"], name="fk_rent_arrangement_account_id_rent_account", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "frequency in ('weekly', 'fortnightly', 'four-weekly', 'monthly', 'once')",
            name="ck_rent_arrangement_frequency",
        ),
    )
    op.create_index("ix_rent_arrangement_account_id", "rent_arrangement", ["account_id"])
    op.create_table(
        "rent_import_run",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("tenants", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("complaints", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rent_import_run"),
        sa.CheckConstraint("outcome in ('loaded', 'refused')", name="ck_rent_import_run_outcome"),
    )
    op.create_index("ix_rent_import_run_at", "rent_import_run", ["at"])


def _widen(table: str, kinds: str) -> None:
    """Let a kind be more than it was; the previous release goes on writing the kinds that it knows."""
    op.drop_constraint(f"ck_{table}_kind", table, type_="check")
    op.create_check_constraint(f"ck_{table}_kind", table, kinds)
