"""Staff help a resident: helps and what came of them, second opinions, teams, changed contacts that wait, and what
residents are found by.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
LAST_LINE = "regexp_replace(lower(substring({} from '[^\\n]*$')), '[^0-9a-z]', '', 'g')"
"""Of an address: the post code, in letters and digits alone."""
CHANGE = {
    "help": "words, agreed, ends_at, ended_why, told_at",
    "help_change": "old, new",
    "help_extension": "words",
    "help_objection": "words, settled_at, settled_by, finding",
    "help_sample": "seen_at, seen_by",
}
"""Columns that the application may change."""


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")  # ids beside times in one exclusion constraint
    _teams()
    _helps()
    _what_came_of_them()
    _rights()
    _second_opinions()
    _changed_contacts()
    _what_residents_are_found_by()
    op.create_index(
        "uq_link_by_staff",
        "link",
        ["service", "target"],
        unique=True,
        postgresql_where=sa.text("how = 'staff' and ended_at is null"),
    )
    op.add_column("sign_in_session", sa.Column("help_id", pg.UUID()))
    op.create_foreign_key(
        "fk_sign_in_session_help_id_help", "sign_in_session", "help", ["help_id"], ["id"], ondelete="CASCADE"
    )


def _teams() -> None:
    op.create_table(
        "staff_team",
        sa.Column("person_id", pg.UUID(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_staff_team"),
        _to_person("staff_team", "person_id", ondelete="CASCADE"),
    )
    op.create_table(
        "staff_relation",
        sa.Column("staff_id", pg.UUID(), nullable=False),
        sa.Column("subject_id", pg.UUID(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "subject_id", name="pk_staff_relation"),
        _to_person("staff_relation", "staff_id", ondelete="CASCADE"),
        _to_person("staff_relation", "subject_id", ondelete="CASCADE"),
    )
    op.create_table(
        "staff_home",
        sa.Column("staff_id", pg.UUID(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "reference", name="pk_staff_home"),
        _to_person("staff_home", "staff_id", ondelete="CASCADE"),
    )


def _helps() -> None:
    op.create_table(
        "help",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("subject_id", pg.UUID(), nullable=False),
        sa.Column("staff_id", pg.UUID(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", pg.BYTEA(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("agreed", pg.BYTEA(), nullable=False),
        sa.Column("agreed_until", sa.Date()),
        sa.Column("services", pg.ARRAY(sa.String()), nullable=False),
        sa.Column("acts", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("ended_why", sa.String()),
        sa.Column("told_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_help"),
        _to_person("help", "subject_id"),
        _to_person("help", "staff_id"),
        sa.CheckConstraint("subject_id <> staff_id", name="ck_help_oneself"),
        sa.CheckConstraint("agreement in ('in-person', 'phone', 'standing', 'legal')", name="ck_help_agreement"),
        sa.CheckConstraint("(agreement in ('standing', 'legal')) = (agreed_until is not null)", name="ck_help_until"),
        sa.CheckConstraint("cardinality(services) > 0", name="ck_help_services"),
        sa.CheckConstraint("ends_at between started_at and started_at + interval '60 minutes'", name="ck_help_length"),
        sa.CheckConstraint(
            "ended_why in ('finished', 'signed-out', 'access-ended', 'closed', 'restricted')", name="ck_help_ended_why"
        ),
        pg.ExcludeConstraint(
            ("staff_id", "="),
            (sa.text("tstzrange(started_at, ends_at)"), "&&"),
            using="gist",
            name="ex_help_one_at_a_time",
        ),
    )
    op.create_index("ix_help_subject_id_started_at", "help", ["subject_id", "started_at"])
    op.create_index("ix_help_started_at", "help", ["started_at"])
    op.create_index("ix_help_ends_at_untold", "help", ["ends_at"], postgresql_where=sa.text("told_at is null"))


def _what_came_of_them() -> None:
    op.create_table(
        "help_change",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("help_id", pg.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("old", pg.BYTEA()),
        sa.Column("new", pg.BYTEA()),
        sa.PrimaryKeyConstraint("id", name="pk_help_change"),
        _to_help("help_change"),
    )
    op.create_index("ix_help_change_help_id", "help_change", ["help_id"])
    op.create_table(
        "help_extension",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("help_id", pg.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("words", pg.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_help_extension"),
        _to_help("help_extension"),
    )
    op.create_index("ix_help_extension_help_id", "help_extension", ["help_id"])
    op.create_table(
        "help_objection",
        sa.Column("help_id", pg.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", pg.BYTEA(), nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", pg.UUID()),
        sa.Column("finding", pg.BYTEA()),
        sa.PrimaryKeyConstraint("help_id", name="pk_help_objection"),
        _to_help("help_objection"),
        _to_person("help_objection", "settled_by"),
        sa.CheckConstraint(
            "(settled_at is null) = (settled_by is null) and (settled_at is null) = (finding is null)",
            name="ck_help_objection_settled",
        ),
    )
    op.create_table(
        "help_sample",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("help_id", pg.UUID(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("seen_by", pg.UUID()),
        sa.PrimaryKeyConstraint("month", "place", name="pk_help_sample"),
        sa.UniqueConstraint("help_id", name="uq_help_sample_help_id"),
        _to_help("help_sample"),
        _to_person("help_sample", "seen_by"),
        sa.CheckConstraint("extract(day from month) = 1", name="ck_help_sample_month"),
        sa.CheckConstraint("place between 1 and 10", name="ck_help_sample_place"),
        sa.CheckConstraint("(seen_at is null) = (seen_by is null)", name="ck_help_sample_seen"),
    )


def _rights() -> None:
    """Let nobody rewrite what was agreed, or delete what came of a help but with the help itself.

    Sealed columns can be sealed anew under another key.
    """
    for table, columns in CHANGE.items():
        op.execute(f"revoke update, truncate on {table} from portal_app")
        op.execute(f"grant update ({columns}) on {table} to portal_app")
    for table in CHANGE.keys() - {"help"}:
        op.execute(f"revoke delete on {table} from portal_app")


def _second_opinions() -> None:
    op.create_table(
        "help_request",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("staff_id", pg.UUID(), nullable=False),
        sa.Column("subject_id", pg.UUID(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("words", pg.BYTEA(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("answered_by", pg.UUID()),
        sa.Column("answer", sa.String()),
        sa.Column("good_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_help_request"),
        _to_person("help_request", "staff_id", ondelete="CASCADE"),
        _to_person("help_request", "subject_id", ondelete="CASCADE"),
        _to_person("help_request", "answered_by"),
        sa.CheckConstraint("why in ('restricted', 'own', 'household')", name="ck_help_request_why"),
        sa.CheckConstraint("answer in ('yes', 'no')", name="ck_help_request_answer"),
        sa.CheckConstraint("answered_by not in (staff_id, subject_id)", name="ck_help_request_second"),
        sa.CheckConstraint(
            "(answered_at is null) = (answer is null) and (answered_at is null) = (answered_by is null)",
            name="ck_help_request_answered",
        ),
        sa.CheckConstraint(
            "(answer is not distinct from 'yes') = (good_until is not null)", name="ck_help_request_good"
        ),
    )
    op.create_index(
        "uq_help_request_open",
        "help_request",
        ["staff_id", "subject_id"],
        unique=True,
        postgresql_where=sa.text("answered_at is null"),
    )


def _changed_contacts() -> None:
    op.create_table(
        "contact_change",
        sa.Column("id", pg.UUID(), nullable=False),
        sa.Column("contact_id", pg.UUID(), nullable=False),
        sa.Column("help_id", pg.UUID(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("takes_effect_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_contact_change"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_contact_change_contact_id_contact", ondelete="CASCADE"
        ),
        _to_help("contact_change"),
        sa.UniqueConstraint("contact_id", name="uq_contact_change_contact_id"),
        sa.CheckConstraint("kind in ('add', 'remove')", name="ck_contact_change_kind"),
    )
    op.create_index("ix_contact_change_takes_effect_at", "contact_change", ["takes_effect_at"])


def _what_residents_are_found_by() -> None:
    """A name is compared with those whom another fact has found; it needs no index."""
    _generate("rent_account", "reference_key", "regexp_replace(lower(reference), '[^0-9a-z]', '', 'g')")
    _generate("rent_tenant", "born", r"substring(identity from '\|(\d{4}-\d{2}-\d{2})(?:#\d+)?$')", nullable=True)
    _generate("rent_tenant", "postcode", LAST_LINE.format("address"))
    postcode = f"case when channel = 'post' then {LAST_LINE.format('value')} end"
    op.create_index("ix_person_id_restricted", "person", ["id"], postgresql_where=sa.text("restricted is true"))
    _generate("contact", "postcode", postcode, nullable=True, where="postcode is not null")


def _generate(table: str, column: str, expression: str, *, nullable: bool = False, where: str | None = None) -> None:
    op.add_column(table, sa.Column(column, sa.String(), sa.Computed(expression, persisted=True), nullable=nullable))
    op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=sa.text(where) if where else None)


def _to_person(table: str, column: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=f"fk_{table}_{column}_person", ondelete=ondelete)


def _to_help(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["help_id"], ["help.id"], name=f"fk_{table}_help_id_help", ondelete="CASCADE")
