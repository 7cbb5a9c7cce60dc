"""Rent accounts, their tenants and lines. A link ends in the transaction in which its tenant's row goes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "rent_import",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("tenants", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rent_import"),
        sa.UniqueConstraint("source", "night", name="uq_rent_import_source_night"),
    )
    op.create_table(
        "rent_account",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("tenancy_reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("breathing_space_until", sa.Date(), nullable=True),
        sa.Column("opening_pence", sa.BigInteger(), nullable=False),
        sa.Column("balance_pence", sa.BigInteger(), nullable=False),
        sa.Column("stated_pence", sa.BigInteger(), nullable=False),
        sa.Column("week_pence", sa.BigInteger(), nullable=False),
        sa.Column("charged_on", sa.Date(), nullable=False),
        sa.Column(
            "is_doubtful", sa.Boolean(), sa.Computed("balance_pence <> stated_pence", persisted=True), nullable=False
        ),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rent_account"),
        sa.UniqueConstraint("source", "reference", name="uq_rent_account_source_reference"),
        sa.CheckConstraint("kind in ('home', 'garage', 'other')", name="ck_rent_account_kind"),
    )
    op.create_table(
        "rent_tenant",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("account_id", pg.UUID(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rent_tenant"),
        sa.UniqueConstraint("account_id", "identity", name="uq_rent_tenant_account_id_identity"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rent_account.id"], name="fk_rent_tenant_account_id_rent_account", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "rent_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", pg.UUID(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rent_line"),
        sa.UniqueConstraint(
            "account_id",
            "posted_on",
            "dated_on",
            "code",
            "amount_pence",
            "occurrence",
            name="uq_rent_line_what_it_says",
        ),
        sa.CheckConstraint("kind in ('charge', 'benefit', 'payment', 'other')", name="ck_rent_line_kind"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["rent_account.id"], name="fk_rent_line_account_id_rent_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_rent_line_posted_on", "rent_line", ["posted_on"])
    op.execute(
        """
        create function rent_tenant_ends_links() returns trigger language plpgsql as $$
        begin
            update link set ended_at = now(), ended_why = 'tenant-row-gone'
            where service = 'rent' and target = old.id and ended_at is null;
            return null;
        end $$
        """
    )
    op.execute(
        "create trigger ends_links after delete on rent_tenant for each row execute function rent_tenant_ends_links()"
    )
