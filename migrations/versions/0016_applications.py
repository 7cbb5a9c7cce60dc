"""Applications for energy help, their evidence, what becomes of them; what tenants agree to about works."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)
STATES = (
    "('draft', 'sent', 'checking', 'evidence-needed', 'assessing', 'referred', 'approved', 'partly-approved', 'paid',"
    " 'refused', 'closed', 'withdrawn', 'review-asked', 'review-decided')"
)
STAYS_AS_SENT = """
create function energy_application_stays_as_sent() returns trigger language plpgsql as $$
begin
    if old.sent_at is null then
        return new;
    end if;
    if (new.id, new.person_id, new.begun_at, new.sent_at, new.reference, new.home)
        is distinct from (old.id, old.person_id, old.begun_at, old.sent_at, old.reference, old.home)
        or new.answers <> old.answers and energy_sealed_by(new.answers) = energy_sealed_by(old.answers)
        or new.health <> old.health and energy_sealed_by(new.health) = energy_sealed_by(old.health)
        or new.bank <> old.bank and energy_sealed_by(new.bank) = energy_sealed_by(old.bank)
        or old.health is null and new.health is not null
        or old.bank is null and new.bank is not null
    then
        raise exception 'an application that was sent stays as it was' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""
SEALED_BY = """
create function energy_sealed_by(value bytea) returns bytea language sql immutable as
$$ select substr(value, 1, 2 + get_byte(value, 1)) $$
"""
"""The mark of a sealed value's key (``portal/sealed.py``): it may be sealed anew under another one."""


def upgrade() -> None:
    _applications()
    _afterwards()
    _evidence()
    _works()


def _applications() -> None:
    op.create_table(
        "energy_application",
        _id(),
        _id("person_id"),
        _at("begun_at"),
        _at("changed_at"),
        sa.Column("expires_at", MOMENT),
        sa.Column("reminded_at", MOMENT),
        sa.Column("answers", pg.BYTEA(), nullable=False),
        sa.Column("health", pg.BYTEA()),
        sa.Column("bank", pg.BYTEA()),
        sa.Column("sent_at", MOMENT),
        sa.Column("reference", sa.String()),
        sa.Column("home", pg.BYTEA()),
        sa.PrimaryKeyConstraint("id", name="pk_energy_application"),
        _to("energy_application", "person_id", "person", ondelete="CASCADE"),
        sa.UniqueConstraint("reference", name="uq_energy_application_reference"),
        sa.CheckConstraint("(sent_at is null) = (expires_at is not null)", name="ck_energy_application_expires"),
        sa.CheckConstraint("(sent_at is null) = (reference is null)", name="ck_energy_application_reference"),
        sa.CheckConstraint("sent_at is not null or home is null", name="ck_energy_application_home"),
    )
    is_draft = sa.text("sent_at is null")
    op.create_index(
        "uq_energy_application_draft", "energy_application", ["person_id"], unique=True, postgresql_where=is_draft
    )
    op.create_index("ix_energy_application_person_id_begun_at", "energy_application", ["person_id", "begun_at"])
    op.create_index(
        "ix_energy_application_home", "energy_application", ["home"], postgresql_where=sa.text("home is not null")
    )
    op.create_index("ix_energy_application_expires_at", "energy_application", ["expires_at"], postgresql_where=is_draft)
    op.execute(SEALED_BY)
    op.execute(STAYS_AS_SENT)
    op.execute(
        "create trigger energy_application_stays before update on energy_application"
        " for each row execute function energy_application_stays_as_sent()"
    )
    op.create_table(
        "energy_case",
        _id("application_id"),
        _text("scheme"),
        _text("edition"),
        _text("state"),
        sa.Column("due", sa.Date()),
        sa.PrimaryKeyConstraint("application_id", "scheme", name="pk_energy_case"),
        _to_application("energy_case"),
        sa.CheckConstraint(f"state in {STATES}", name="ck_energy_case_state"),
        sa.CheckConstraint("(state = 'evidence-needed') = (due is not null)", name="ck_energy_case_due"),
    )
    op.create_table(
        "energy_declaration",
        _id("application_id"),
        _at("at"),
        _id("actor_id"),
        sa.Column("help_id", pg.UUID()),
        _text("language"),
        _text("words"),
        sa.PrimaryKeyConstraint("application_id", name="pk_energy_declaration"),
        _to_application("energy_declaration"),
        _to("energy_declaration", "actor_id", "person"),
        _to("energy_declaration", "help_id", "help", ondelete="SET NULL"),
    )
    _only_added("energy_declaration")


def _afterwards() -> None:
    op.create_table(
        "energy_event",
        _id(),
        _id("application_id"),
        _text("scheme"),
        _text("state"),
        _at("at"),
        _text("by"),
        sa.Column("due", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_energy_event"),
        _to_application("energy_event"),
        sa.CheckConstraint(f"state in {STATES}", name="ck_energy_event_state"),
        sa.CheckConstraint("by in ('resident', 'council', 'clock')", name="ck_energy_event_by"),
    )
    op.create_index("ix_energy_event_application_id_at", "energy_event", ["application_id", "at"])
    _only_added("energy_event")
    op.create_table(
        "energy_message",
        _id(),
        _id("application_id"),
        sa.Column("from_council", sa.Boolean(), nullable=False),
        _text("kind"),
        sa.Column("body", pg.BYTEA(), nullable=False),
        _at("at"),
        sa.Column("read_at", MOMENT),
        sa.Column("request_key", pg.UUID()),
        sa.PrimaryKeyConstraint("id", name="pk_energy_message"),
        _to_application("energy_message"),
        sa.UniqueConstraint("request_key", name="uq_energy_message_request_key"),
        sa.CheckConstraint("kind in ('message', 'change')", name="ck_energy_message_kind"),
        sa.CheckConstraint("kind = 'message' or not from_council", name="ck_energy_message_change"),
    )
    op.create_index("ix_energy_message_application_id_at", "energy_message", ["application_id", "at"])


def _evidence() -> None:
    op.create_table(
        "energy_evidence",
        _id(),
        _id("application_id"),
        _text("kind"),
        sa.Column("name", pg.BYTEA(), nullable=False),
        _text("media"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", pg.BYTEA(), nullable=False),
        sa.Column("digest", pg.BYTEA(), nullable=False),
        _at("added_at"),
        _text("state"),
        sa.Column("scanned_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_energy_evidence"),
        _to_application("energy_evidence"),
        sa.UniqueConstraint("application_id", "kind", "digest", name="uq_energy_evidence_application_id_kind_digest"),
        sa.CheckConstraint("state in ('waiting', 'clean', 'infected')", name="ck_energy_evidence_state"),
        sa.CheckConstraint("(state = 'waiting') = (scanned_at is null)", name="ck_energy_evidence_scanned"),
        sa.CheckConstraint("media in ('image/jpeg', 'application/pdf')", name="ck_energy_evidence_media"),
        sa.CheckConstraint("size between 1 and 10485760", name="ck_energy_evidence_size"),
    )
    op.create_index(
        "ix_energy_evidence_waiting", "energy_evidence", ["added_at"], postgresql_where=sa.text("state = 'waiting'")
    )


def _works() -> None:
    op.create_table(
        "energy_works",
        _id(),
        _id("person_id"),
        _text("scheme"),
        _text("edition"),
        sa.Column("interested", sa.Boolean(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("home", pg.BYTEA(), nullable=False),
        sa.Column("signed_as", pg.BYTEA(), nullable=False),
        _text("words"),
        _text("language"),
        _at("at"),
        _id("actor_id"),
        sa.Column("help_id", pg.UUID()),
        sa.Column("taken_back_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_energy_works"),
        _to("energy_works", "person_id", "person", ondelete="CASCADE"),
        _to("energy_works", "actor_id", "person"),
        _to("energy_works", "help_id", "help", ondelete="SET NULL"),
        sa.CheckConstraint("interested or not agrees", name="ck_energy_works_agrees"),
    )
    op.create_index(
        "uq_energy_works_person_id_scheme",
        "energy_works",
        ["person_id", "scheme"],
        unique=True,
        postgresql_where=sa.text("taken_back_at is null"),
    )
    op.execute("revoke update, truncate on energy_works from portal_app")
    op.execute("grant update (taken_back_at, home, signed_as) on energy_works to portal_app")


def _only_added(table: str) -> None:
    """Rows go with their application, and don't change."""
    op.execute(f"revoke update, delete, truncate on {table} from portal_app")


def _id(name: str = "id") -> sa.Column[object]:
    return sa.Column(name, pg.UUID(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=False)


def _to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)


def _to_application(table: str) -> sa.ForeignKeyConstraint:
    return _to(table, "application_id", "energy_application", ondelete="CASCADE")
