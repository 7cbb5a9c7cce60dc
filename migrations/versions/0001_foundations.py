"""People, sign-in, links, audit, outbox.

The application role ``portal_app`` may do with each table what the portal does with it, and no more. It is made here if
the server doesn't have it yet (which needs a login that may create roles, or a role made beforehand).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def _id(name: str = "id") -> sa.Column[object]:
    return sa.Column(name, pg.UUID(), nullable=False)


def _person(nullable: bool = False) -> sa.Column[object]:
    return sa.Column("person_id", pg.UUID(), nullable=nullable)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=f"fk_{table}_person_id_person", ondelete="CASCADE"
    )


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def upgrade() -> None:
    _role()
    _people()
    _credentials()
    _links_and_sessions()
    _audit()
    _messages()
    op.execute("grant usage on schema public to portal_app")
    op.execute("grant select, insert, update, delete on all tables in schema public to portal_app")
    op.execute("revoke update, delete, truncate on audit_event from portal_app")
    op.execute("alter default privileges in schema public grant select, insert, update, delete on tables to portal_app")
    op.execute("alter default privileges in schema public grant usage, select on sequences to portal_app")


def _role() -> None:
    op.execute(
        """
        do $$ begin
            if not exists (select from pg_roles where rolname = 'portal_app') then
                create role portal_app nologin;
            end if;
        exception when duplicate_object or unique_violation then null;
        end $$
        """
    )
    op.execute(
        """
        do $$ begin
            if not pg_has_role(current_user, 'portal_app', 'member') then
                execute format('grant portal_app to %I', current_user);
            end if;
        end $$
        """
    )


def _people() -> None:
    op.create_table(
        "person",
        _id(),
        _text("kind"),
        _text("name"),
        _text("language"),
        sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false()),
        _at("created_at"),
        _at("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.CheckConstraint("kind in ('resident', 'staff')", name="ck_person_kind"),
        sa.CheckConstraint("language in ('en', 'ga', 'cy')", name="ck_person_language"),
    )
    op.create_table(
        "contact",
        _id(),
        _person(),
        _text("channel"),
        _text("value"),
        _at("created_at"),
        _at("confirmed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        _of_person("contact"),
        sa.CheckConstraint("channel in ('email', 'text', 'post')", name="ck_contact_channel"),
    )
    op.create_index("ix_contact_person_id", "contact", ["person_id"])
    op.create_index(
        "uq_contact_confirmed_email",
        "contact",
        [sa.text("lower(value)")],
        unique=True,
        postgresql_where=sa.text("channel = 'email' and confirmed_at is not null"),
    )
    op.create_table(
        "staff_role",
        _person(),
        _text("role"),
        _at("given_at"),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_staff_role"),
        _of_person("staff_role"),
    )


def _credentials() -> None:
    op.create_table(
        "password",
        _person(),
        _text("username", nullable=True),
        _text("hash", nullable=True),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("person_id", name="pk_password"),
        _of_person("password"),
    )
    op.create_index("uq_password_username", "password", [sa.text("lower(username)")], unique=True)
    op.create_table(
        "totp_secret",
        _person(),
        sa.Column("secret", pg.BYTEA(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        _at("created_at"),
        _at("confirmed_at", nullable=True),
        sa.PrimaryKeyConstraint("person_id", name="pk_totp_secret"),
        _of_person("totp_secret"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("hash", pg.BYTEA(), nullable=False),
        _person(),
        _at("used_at", nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_recovery_code"),
        _of_person("recovery_code"),
    )
    op.create_index("ix_recovery_code_person_id", "recovery_code", ["person_id"])
    op.create_table(
        "one_time_code",
        _id(),
        _text("purpose"),
        sa.Column("hash", pg.BYTEA(), nullable=False),
        _person(nullable=True),
        sa.Column("details", pg.JSONB(), nullable=False),
        _text("name", nullable=True),
        sa.Column("tries_left", sa.Integer(), nullable=True),
        _at("created_at"),
        _at("expires_at"),
        _at("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_code"),
        sa.UniqueConstraint("hash", name="uq_one_time_code_hash"),
        _of_person("one_time_code"),
        sa.CheckConstraint("tries_left >= 0", name="ck_one_time_code_tries_left"),
    )
    op.create_index("ix_one_time_code_person_id", "one_time_code", ["person_id"])
    op.create_index("ix_one_time_code_expires_at", "one_time_code", ["expires_at"])
    op.create_index("ix_one_time_code_name", "one_time_code", ["name"])
    op.create_table(
        "attempt",
        sa.Column("key", pg.BYTEA(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _at("window_ends_at"),
        sa.PrimaryKeyConstraint("key", name="pk_attempt"),
    )
    op.create_index("ix_attempt_window_ends_at", "attempt", ["window_ends_at"])


def _links_and_sessions() -> None:
    op.create_table(
        "link",
        _id(),
        _person(),
        _text("service"),
        _id("target"),
        _text("how"),
        sa.Column("level", sa.Integer(), nullable=False),
        _at("since"),
        _at("until", nullable=True),
        _at("ended_at", nullable=True),
        _text("ended_why", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        _of_person("link"),
        sa.CheckConstraint("level between 1 and 3", name="ck_link_level"),
        sa.CheckConstraint("(ended_at is null) = (ended_why is null)", name="ck_link_ended"),
    )
    still_open = sa.text("ended_at is null")
    op.create_index(
        "uq_link_open", "link", ["person_id", "service", "target"], unique=True, postgresql_where=still_open
    )
    op.create_index("ix_link_target", "link", ["service", "target"], postgresql_where=still_open)
    op.create_table(
        "sign_in_session",
        sa.Column("hash", pg.BYTEA(), nullable=False),
        _id(),
        _person(nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        _at("created_at"),
        _at("seen_at"),
        _at("proven_at", nullable=True),
        _at("expires_at"),
        sa.Column("data", pg.JSONB(), nullable=False),
        _text("device"),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_session"),
        sa.UniqueConstraint("id", name="uq_sign_in_session_id"),
        _of_person("sign_in_session"),
    )
    op.create_index("ix_sign_in_session_person_id", "sign_in_session", ["person_id"])
    op.create_index("ix_sign_in_session_expires_at", "sign_in_session", ["expires_at"])


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _at("at"),
        sa.Column("actor_id", pg.UUID(), nullable=True),
        sa.Column("subject_id", pg.UUID(), nullable=True),
        _text("authority"),
        _text("act"),
        _text("object"),
        _text("outcome"),
        _text("request_id"),
        sa.Column("details", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_subject_id_at", "audit_event", ["subject_id", "at"])
    op.create_index("ix_audit_event_actor_id_at", "audit_event", ["actor_id", "at"])
    op.create_index("ix_audit_event_at", "audit_event", ["at"], postgresql_using="brin")
    op.execute(
        """
        create function audit_event_is_append_only() returns trigger language plpgsql as $$
        begin
            raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege';
        end $$
        """
    )
    op.execute(
        "create trigger append_only before update or delete on audit_event"
        " for each row execute function audit_event_is_append_only()"
    )
    op.execute(
        "create trigger append_only_whole before truncate on audit_event"
        " for each statement execute function audit_event_is_append_only()"
    )
    op.create_table(
        "asked",
        _id(),
        _person(),
        _text("act"),
        sa.Column("question", pg.BYTEA(), nullable=False),
        _at("asked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_asked"),
        _of_person("asked"),
    )
    op.create_index("ix_asked_person_id", "asked", ["person_id"])
    op.create_index("ix_asked_asked_at", "asked", ["asked_at"])


def _messages() -> None:
    op.create_table(
        "outbox_message",
        _id(),
        _person(nullable=True),
        _text("channel"),
        _text("template"),
        _text("language"),
        sa.Column("address", pg.BYTEA(), nullable=False),
        sa.Column("fields", pg.BYTEA(), nullable=False),
        _at("created_at"),
        _text("state"),
        _at("done_at", nullable=True),
        _text("batch", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_message"),
        _of_person("outbox_message"),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="ck_outbox_message_state"),
        sa.CheckConstraint("channel in ('email', 'post')", name="ck_outbox_message_channel"),
    )
    op.create_index("ix_outbox_message_person_id", "outbox_message", ["person_id"])
    op.create_index(
        "ix_outbox_message_waiting",
        "outbox_message",
        ["channel", "created_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
