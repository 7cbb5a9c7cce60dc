"""Library cards, PINs for as long as a session, what came of questions, reminders; questions asked once at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("asked", sa.Column("about", pg.BYTEA()))
    op.create_unique_constraint("uq_asked_about", "asked", ["about"])
    op.create_table(
        "library_card",
        _id(),
        _id("person_id"),
        _bytes("number"),
        _bytes("number_hash"),
        sa.Column("last_four", sa.String(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("child_name", sa.String()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_card"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_library_card_person_id_person", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "number_hash", name="uq_library_card_person_id_number_hash"),
        sa.CheckConstraint(
            "is_own = (child_name is null) and is_own = (ends_on is null)", name="ck_library_card_child"
        ),
    )
    for name, column in (("number", "number_hash"), ("person", "person_id")):
        op.create_index(
            f"uq_library_card_own_{name}", "library_card", [column], unique=True, postgresql_where=sa.text("is_own")
        )
    _ends_with_its_link()
    op.create_table(
        "library_pin",
        _id(),
        _id("card_id"),
        sa.Column("session_id", pg.UUID()),
        _bytes("pin"),
        sa.PrimaryKeyConstraint("id", name="pk_library_pin"),
        _of_card("library_pin"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sign_in_session.id"],
            name="fk_library_pin_session_id_sign_in_session",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "card_id", "session_id", name="uq_library_pin_card_id_session_id", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_library_pin_session_id", "library_pin", ["session_id"])
    op.create_table(
        "library_outcome",
        _id(),
        _id("card_id"),
        _bytes("thing"),
        _bytes("told"),
        _at("at"),
        _at("shown_until"),
        sa.PrimaryKeyConstraint("id", name="pk_library_outcome"),
        _of_card("library_outcome"),
        sa.UniqueConstraint("card_id", "thing", name="uq_library_outcome_card_id_thing"),
    )
    op.create_index("ix_library_outcome_shown_until", "library_outcome", ["shown_until"])
    op.create_table(
        "library_reminder",
        _id("card_id"),
        _bytes("thing"),
        _at("sent_at"),
        sa.PrimaryKeyConstraint("card_id", "thing", name="pk_library_reminder"),
        _of_card("library_reminder"),
    )
    op.create_index("ix_library_reminder_sent_at", "library_reminder", ["sent_at"])


def _ends_with_its_link() -> None:
    op.execute(
        """
        create function library_card_ends_with_its_link() returns trigger language plpgsql as $$
        begin
            delete from library_card where id = new.target;
            return null;
        end $$
        """
    )
    op.execute(
        """
        create trigger library_card_ends after update of ended_at on link
        for each row when (new.service = 'library' and old.ended_at is null and new.ended_at is not null)
        execute function library_card_ends_with_its_link()
        """
    )


def _id(name: str = "id") -> sa.Column[object]:
    return sa.Column(name, pg.UUID(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, pg.BYTEA(), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_card(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_card_id_library_card"
    return sa.ForeignKeyConstraint(["card_id"], ["library_card.id"], name=name, ondelete="CASCADE")
