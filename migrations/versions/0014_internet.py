"""Internet sessions: branches, computers, rules, bookings that can't overlap, minutes that can't be exceeded."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0014"
down_revision = "0013"

MOMENT = sa.DateTime(timezone=True)
KINDS = "('standard', 'adjustable', 'large-screen', 'scanner', 'quick', 'children')"
WHO = "('adult', 'child', 'guest')"
COUNT_DAY = """
create function internet_count_day(whose uuid, of_day date) returns void language plpgsql as $$
begin
    -- A statement of its own: the sum below must see what others committed while this waited.
    perform from internet_day where holder = whose and day = of_day for update;
    update internet_day set taken = (
        select coalesce(sum(ceil(extract(epoch from ends_at - starts_at) / 60)), 0)
        from internet_booking where holder = whose and day = of_day
    ) where holder = whose and day = of_day;
end $$
"""
COUNT_MINUTES = """
create function internet_count_minutes() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.holder is not null then
        perform internet_count_day(old.holder, old.day);
    end if;
    if tg_op <> 'DELETE' and new.holder is not null
        and (tg_op = 'INSERT' or (new.holder, new.day) is distinct from (old.holder, old.day)) then
        perform internet_count_day(new.holder, new.day);
    end if;
    return null;
end $$
"""
COUNTED = """
create trigger internet_booking_counted
after insert or delete or update of starts_at, ends_at, day, person_id, guest_id on internet_booking
for each row execute function internet_count_minutes()
"""


def upgrade() -> None:
    _rooms()
    _rules()
    _people()
    _bookings()
    _waiting()
    _programs()


def _rooms() -> None:
    op.create_table(
        "internet_branch",
        _id(),
        _text("code"),
        sa.Column("name", pg.JSONB(), nullable=False),
        _text("address"),
        sa.Column("phone", sa.String()),
        sa.Column("on_bank_holidays", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_internet_branch"),
        sa.UniqueConstraint("code", name="uq_internet_branch_code"),
    )
    op.create_table(
        "internet_opening",
        _id("branch_id"),
        _small("weekday"),
        _small("opens"),
        _small("closes"),
        sa.PrimaryKeyConstraint("branch_id", "weekday", "opens", name="pk_internet_opening"),
        _to_branch("internet_opening", ondelete="CASCADE"),
        sa.CheckConstraint("weekday between 0 and 6", name="ck_internet_opening_weekday"),
        sa.CheckConstraint("0 <= opens and opens < closes and closes <= 1440", name="ck_internet_opening_hours"),
        pg.ExcludeConstraint(
            ("branch_id", "="),
            ("weekday", "="),
            (sa.text("int4range(opens, closes)"), "&&"),
            using="gist",
            name="ex_internet_opening_once",
        ),
    )
    op.create_table(
        "internet_exception",
        _id("branch_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.SmallInteger()),
        sa.Column("closes", sa.SmallInteger()),
        sa.Column("why", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", "day", name="pk_internet_exception"),
        _to_branch("internet_exception", ondelete="CASCADE"),
        sa.CheckConstraint("(opens is null) = (closes is null)", name="ck_internet_exception_both"),
        sa.CheckConstraint("0 <= opens and opens < closes and closes <= 1440", name="ck_internet_exception_hours"),
    )
    op.create_table(
        "internet_computer",
        _id(),
        _id("branch_id"),
        _text("name"),
        _text("kind"),
        _text("status"),
        sa.PrimaryKeyConstraint("id", name="pk_internet_computer"),
        _to_branch("internet_computer"),
        sa.UniqueConstraint("branch_id", "name", name="uq_internet_computer_branch_id_name"),
        sa.CheckConstraint(f"kind in {KINDS}", name="ck_internet_computer_kind"),
        sa.CheckConstraint("status in ('in-service', 'out-of-order', 'retired')", name="ck_internet_computer_status"),
    )


def _rules() -> None:
    op.create_table(
        "internet_rule",
        _id(),
        sa.Column("branch_id", pg.UUID()),
        _text("who"),
        sa.Column("from_day", sa.Date(), nullable=False),
        _small("minutes_a_day"),
        _small("minutes_a_session"),
        _small("bookings_at_once"),
        _small("days_ahead"),
        _small("grace_minutes"),
        _small("stops_before"),
        _small("extend_by"),
        sa.Column("on_line", sa.Boolean(), nullable=False),
        sa.Column("kinds", pg.ARRAY(sa.String()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_internet_rule"),
        _to_branch("internet_rule", ondelete="CASCADE"),
        sa.UniqueConstraint(
            "branch_id",
            "who",
            "from_day",
            name="uq_internet_rule_branch_id_who_from_day",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(f"who in {WHO}", name="ck_internet_rule_who"),
        sa.CheckConstraint(
            "minutes_a_session between 5 and 720 and minutes_a_session <= minutes_a_day and minutes_a_day <= 1500",
            name="ck_internet_rule_minutes",
        ),
        sa.CheckConstraint(
            "bookings_at_once between 0 and 50 and days_ahead between 0 and 90", name="ck_internet_rule_ahead"
        ),
        sa.CheckConstraint("grace_minutes between 1 and 60", name="ck_internet_rule_grace"),
        sa.CheckConstraint("stops_before between 0 and 120", name="ck_internet_rule_stops_before"),
        sa.CheckConstraint("extend_by between 5 and 240", name="ck_internet_rule_extend_by"),
    )
    op.create_table(
        "internet_policy",
        _at("from_moment"),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("from_moment", name="pk_internet_policy"),
    )
    op.execute("revoke update, delete, truncate on internet_policy from portal_app")


def _people() -> None:
    op.create_table(
        "internet_member",
        _id("person_id"),
        sa.Column("last_branch_id", pg.UUID()),
        sa.Column("child_until", sa.Date()),
        sa.Column("blocked_until", MOMENT),
        sa.Column("blocked_why", pg.BYTEA()),
        sa.PrimaryKeyConstraint("person_id", name="pk_internet_member"),
        _to_person("internet_member", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["last_branch_id"],
            ["internet_branch.id"],
            name="fk_internet_member_last_branch_id_internet_branch",
            ondelete="SET NULL",
        ),
        sa.CheckConstraint("(blocked_until is null) = (blocked_why is null)", name="ck_internet_member_blocked"),
    )
    op.create_table(
        "internet_guest",
        _id(),
        _id("branch_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _small("minutes"),
        sa.Column("code_hash", pg.BYTEA()),
        _at("made_at"),
        sa.PrimaryKeyConstraint("id", name="pk_internet_guest"),
        _to_branch("internet_guest"),
        sa.UniqueConstraint("code_hash", name="uq_internet_guest_code_hash"),
    )
    op.create_table(
        "internet_day",
        _id("holder"),
        sa.Column("day", sa.Date(), nullable=False),
        _small("allowed"),
        _small("granted"),
        _small("taken"),
        sa.PrimaryKeyConstraint("holder", "day", name="pk_internet_day"),
        sa.CheckConstraint("taken <= allowed + granted", name="ck_internet_day_enough"),
        sa.CheckConstraint("allowed >= 0 and granted >= 0 and taken >= 0", name="ck_internet_day_minutes"),
    )
    op.create_index("ix_internet_day_day", "internet_day", ["day"])


def _bookings() -> None:
    op.create_table(
        "internet_booking",
        _id(),
        _id("computer_id"),
        sa.Column("person_id", pg.UUID()),
        sa.Column("guest_id", pg.UUID()),
        sa.Column("holder", pg.UUID(), sa.Computed("coalesce(person_id, guest_id)", persisted=True)),
        _text("how"),
        sa.Column("words", pg.BYTEA()),
        sa.Column("day", sa.Date(), nullable=False),
        _at("starts_at"),
        _at("ends_at"),
        sa.Column("held_until", MOMENT),
        sa.Column("checked_in_at", MOMENT),
        sa.Column("policy_from", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_why", sa.String()),
        _at("made_at"),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("request_key", pg.UUID()),
        sa.PrimaryKeyConstraint("id", name="pk_internet_booking"),
        _to("internet_booking", "computer_id", "internet_computer"),
        _to_person("internet_booking", ondelete="SET NULL"),
        _to("internet_booking", "guest_id", "internet_guest", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["holder", "day"],
            ["internet_day.holder", "internet_day.day"],
            name="fk_internet_booking_holder_day_internet_day",
        ),
        sa.UniqueConstraint("request_key", name="uq_internet_booking_request_key"),
        pg.ExcludeConstraint(
            ("computer_id", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_internet_booking_one_on_a_computer",
        ),
        pg.ExcludeConstraint(
            ("holder", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_internet_booking_one_at_a_time",
            where=sa.text("holder is not null"),
        ),
        *(
            sa.CheckConstraint(condition, name=f"ck_internet_booking_{name}")
            for name, condition in (
                ("span", "starts_at <= ends_at"),
                ("how", "how in ('booked', 'now', 'offer', 'block')"),
                ("one_holder", "person_id is null or guest_id is null"),
                ("block", "how <> 'block' or (person_id is null and guest_id is null)"),
                ("words", "(how = 'block') = (words is not null)"),
                ("held", "(how = 'block') = (held_until is null)"),
                ("checked_in", "(checked_in_at is null) = (policy_from is null)"),
                ("ended", "(ended_at is null) = (ended_why is null)"),
                (
                    "ended_why",
                    "ended_why in ('cancelled', 'missed', 'finished', 'by-staff', 'closed', 'out-of-order')",
                ),
            )
        ),
    )
    op.create_index("ix_internet_booking_person_id", "internet_booking", ["person_id"])
    op.create_index("ix_internet_booking_guest_id", "internet_booking", ["guest_id"])
    op.create_index("ix_internet_booking_ends_at", "internet_booking", ["ends_at"])
    op.create_index(
        "ix_internet_booking_held_until",
        "internet_booking",
        ["held_until"],
        postgresql_where=sa.text("checked_in_at is null and ended_at is null"),
    )
    for statement in (COUNT_DAY, COUNT_MINUTES, COUNTED):
        op.execute(statement)


def _waiting() -> None:
    op.create_table(
        "internet_waiting",
        _id(),
        _id("person_id"),
        _id("branch_id"),
        sa.Column("kind", sa.String()),
        _small("minutes"),
        sa.Column("day", sa.Date(), nullable=False),
        _at("asked_at"),
        sa.Column("left_at", MOMENT),
        sa.Column("booking_id", pg.UUID()),
        sa.PrimaryKeyConstraint("id", name="pk_internet_waiting"),
        _to_person("internet_waiting", ondelete="CASCADE"),
        _to_branch("internet_waiting"),
        _to("internet_waiting", "booking_id", "internet_booking", ondelete="SET NULL"),
        sa.CheckConstraint(f"kind in {KINDS}", name="ck_internet_waiting_kind"),
        sa.CheckConstraint("booking_id is null or left_at is not null", name="ck_internet_waiting_left"),
    )
    waits = sa.text("left_at is null")
    op.create_index(
        "uq_internet_waiting_person_id", "internet_waiting", ["person_id"], unique=True, postgresql_where=waits
    )
    op.create_index(
        "ix_internet_waiting_branch_id_asked_at",
        "internet_waiting",
        ["branch_id", "asked_at"],
        postgresql_where=waits,
    )
    op.create_table(
        "internet_count",
        _id("branch_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _small("hour"),
        _text("what"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", "day", "hour", "what", name="pk_internet_count"),
        _to_branch("internet_count"),
        sa.CheckConstraint("hour between 0 and 23", name="ck_internet_count_hour"),
        sa.CheckConstraint("what in ('turned-away', 'waited', 'offer-missed')", name="ck_internet_count_what"),
    )


def _programs() -> None:
    op.create_table(
        "internet_program",
        _id("computer_id"),
        sa.Column("code_hash", pg.BYTEA()),
        sa.Column("code_until", MOMENT),
        sa.Column("key", pg.BYTEA()),
        sa.Column("counter", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("enrolled_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("is_locked", sa.Boolean()),
        sa.Column("message", pg.BYTEA()),
        sa.Column("message_until", MOMENT),
        sa.PrimaryKeyConstraint("computer_id", name="pk_internet_program"),
        _to("internet_program", "computer_id", "internet_computer", ondelete="CASCADE"),
        sa.UniqueConstraint("code_hash", name="uq_internet_program_code_hash"),
        sa.CheckConstraint("(code_hash is null) = (code_until is null)", name="ck_internet_program_code"),
    )


def _id(name: str = "id") -> sa.Column[object]:
    return sa.Column(name, pg.UUID(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=False)


def _to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)


def _to_branch(table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return _to(table, "branch_id", "internet_branch", ondelete=ondelete)


def _to_person(table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return _to(table, "person_id", "person", ondelete=ondelete)
