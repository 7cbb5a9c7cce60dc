"""The audit trail sealed: seals, the leaves that they hold, heads; and deletion by rule, the only one there is.

``portal_app`` adds to these tables and changes nothing in them. It deletes records by one function alone, which belongs
to the tables' owner and takes none before the day that was sealed with it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0012"
down_revision = "0011"

TABLES = ("audit_seal", "audit_leaf", "audit_head")


def upgrade() -> None:
    _tables()
    for table in TABLES:
        op.execute(f"revoke update, delete, truncate on {table} from portal_app")
    _append_only()
    _deletion_by_rule()


def _tables() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        _bytes("root"),
        _bytes("hash"),
        sa.Column("key", sa.String(), nullable=False),
        _bytes("signature"),
        sa.PrimaryKeyConstraint("number", name="pk_audit_seal"),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        _bytes("digest"),
        sa.Column("salt", pg.BYTEA(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name="pk_audit_leaf"),
        _of_seal("audit_leaf"),
    )
    op.create_index("ix_audit_leaf_seal_event_id", "audit_leaf", ["seal", "event_id"])
    op.create_index(
        "ix_audit_leaf_delete_on", "audit_leaf", ["delete_on"], postgresql_where=sa.text("salt is not null")
    )
    op.create_table(
        "audit_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        _bytes("hash"),
        sa.Column("key", sa.String(), nullable=False),
        _bytes("signature"),
        sa.PrimaryKeyConstraint("day", name="pk_audit_head"),
        _of_seal("audit_head"),
    )


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, pg.BYTEA(), nullable=False)


def _of_seal(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["seal"], ["audit_seal.number"], name=f"fk_{table}_seal_audit_seal")


def _append_only() -> None:
    """A record goes only after its leaf was marked; a leaf is only marked, and only when its day has come."""
    op.execute(
        """
        create or replace function audit_event_is_append_only() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                if exists (select from audit_leaf where event_id = old.id and salt is null) then
                    return old;
                end if;
            end if;
            raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege';
        end $$
        """
    )
    op.execute(
        """
        create function audit_trail_is_append_only() returns trigger language plpgsql as $$
        begin
            if tg_op = 'UPDATE' and tg_table_name = 'audit_leaf' then
                if new.salt is null and old.delete_on <= current_date
                    and (new.event_id, new.seal, new.delete_on, new.digest)
                        = (old.event_id, old.seal, old.delete_on, old.digest)
                then
                    return new;
                end if;
            end if;
            raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
        end $$
        """
    )
    for table in TABLES:
        op.execute(
            f"create trigger append_only before update or delete on {table}"
            " for each row execute function audit_trail_is_append_only()"
        )
        op.execute(
            f"create trigger append_only_whole before truncate on {table}"
            " for each statement execute function audit_trail_is_append_only()"
        )


def _deletion_by_rule() -> None:
    """on_day: of the portal's clock. It and the database's have to agree that the day has come."""
    op.execute(
        """
        create function audit_delete_due(on_day date, most integer) returns integer
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            due bigint[];
        begin
            select array_agg(event_id) into due from (
                select event_id from audit_leaf
                where salt is not null and delete_on <= least(on_day, current_date)
                order by delete_on limit most for update skip locked
            ) as those;
            update audit_leaf set salt = null where event_id = any(due);
            delete from audit_event where id = any(due);
            return coalesce(cardinality(due), 0);
        end $$
        """
    )
    op.execute("revoke all on function audit_delete_due(date, integer) from public")
    op.execute("grant execute on function audit_delete_due(date, integer) to portal_app")
