"""What residents let energy help keep: answers of a check, and whether other services' facts may be used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "energy_check",
        sa.Column("person_id", pg.UUID(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", pg.BYTEA(), nullable=False),
        sa.Column("with_health", sa.Boolean(), nullable=False),
        sa.Column("look_again_on", sa.Date()),
        sa.Column("look_again_for", sa.String()),
        sa.PrimaryKeyConstraint("person_id", name="pk_energy_check"),
        _of_person("energy_check"),
        sa.CheckConstraint("look_again_for in ('season', 'birthday')", name="ck_energy_check_look_again_for"),
        sa.CheckConstraint("(look_again_on is null) = (look_again_for is null)", name="ck_energy_check_look_again"),
    )
    op.create_table(
        "energy_permission",
        sa.Column("person_id", pg.UUID(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_energy_permission"),
        _of_person("energy_permission"),
    )


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=f"fk_{table}_person_id_person", ondelete="CASCADE"
    )
