"""What other systems last said of people, sealed, and how those systems do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("link_id", pg.UUID(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("sealed", pg.BYTEA()),
        sa.Column("taken_at", MOMENT),
        sa.Column("wanted_at", MOMENT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("retry_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("failure", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("link_id", name="pk_snapshot"),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name="fk_snapshot_link_id_link", ondelete="CASCADE"),
        sa.CheckConstraint("(sealed is null) = (taken_at is null)", name="ck_snapshot_taken"),
        sa.CheckConstraint(
            "(failed_at is null) = (failure is null) and (failed_at is null) = (failures = 0)",
            name="ck_snapshot_failed",
        ),
        sa.CheckConstraint("retry_at is null or failed_at is not null", name="ck_snapshot_retried"),
        sa.CheckConstraint("reason is null or failure = 'refused'", name="ck_snapshot_refused"),
    )
    op.create_index(
        "ix_snapshot_due",
        "snapshot",
        ["service"],
        postgresql_where=sa.text("wanted_at is not null or retry_at is not null"),
    )
    # whatever ends a link, what was fetched by it goes in the same transaction
    op.execute(
        """
        create function snapshot_goes_with_its_link() returns trigger language plpgsql as $$
        begin
            delete from snapshot where link_id = new.id;
            return null;
        end $$
        """
    )
    op.execute(
        "create trigger snapshot_goes_with_its_link after update of ended_at on link"
        " for each row when (new.ended_at is not null) execute function snapshot_goes_with_its_link()"
    )
    op.create_table(
        "outside_system",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("failure", sa.String()),
        sa.PrimaryKeyConstraint("name", name="pk_outside_system"),
        sa.CheckConstraint("(failed_at is null) = (failure is null)", name="ck_outside_system_failed"),
    )
