"""From records to temporary tables by COPY, and a look at the set as a whole.

Everything here runs in the caller's transaction, and the tables go with it.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from sqlalchemy import column as column_of
from sqlalchemy import insert, table, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.extract.layouts import RECORDS, meaning
from portal.blueprints.rent.extract.night import MOST_COMPLAINTS, Night
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused


class Progress(Protocol):
    """Told now and then how many lines of which file were read. done: all of them."""

    def __call__(self, entity: str, lines: int, *, done: bool) -> None: ...


def unseen(entity: str, lines: int, *, done: bool) -> None:
    """Show nobody how far it is."""


STEP: Final = 1 << 14
SLACK: Final = 20
"""As many may be missing from a file whatever is held."""

_TYPES = {
    "starts_on": "date",
    "ends_on": "date",
    "breathing_space_until": "date",
    "posted_on": "date",
    "dated_on": "date",
    "first_due_on": "date",
    "agreed_on": "date",
    "stated_pence": "bigint",
    "amount_pence": "bigint",
    "by_court": "boolean",
}
"""Of the columns of staged tables; all others are texts."""

_JOINED_BY = {"transactions": "reference, code"}
"""Columns that the database has to know for its plans; of all others but the reference it need not know anything."""

_SETTINGS = (
    "set local statement_timeout = 0",  # a large night takes longer than a page may
    "set local client_connection_check_interval = '1s'",  # an importer that was killed leaves no statement behind
    "set local work_mem = '256MB'",  # two million lines are sorted and hashed without the disk, more in a few pieces
    "set local jit = off",
    "create temporary table bad_line (entity text not null, reference text) on commit drop",
    "create temporary table staged_code (code text, kind text, label text) on commit drop",
)


def stage(db: Session, night: Night, *, progress: Progress) -> list[Complaint]:
    """Copy a night's files into temporary tables ``staged_…``, and return the bad lines, as many as are allowed.

    What a bad line may have been about is noted in ``bad_line``. Raises ExtractRefused.
    """
    for statement in _SETTINGS:
        db.execute(text(statement))
    for entity in RECORDS:
        _make_table(db, entity)
        if entity in night.entities:
            _copy(db, entity, night, progress)
        db.execute(text(f"analyze staged_{entity} ({_JOINED_BY.get(entity, 'reference')})"))
    night.complaints += _of_the_set(db, night)
    complaints = [complaint for _, complaint in night.complaints]
    if len(complaints) > night.allowed:
        raise ExtractRefused(complaints[:MOST_COMPLAINTS])
    if not db.execute(text("select exists (select from staged_accounts)")).scalar_one():
        raise ExtractRefused([Complaint(night.name("accounts"), "holds no account")])
    _note_bad_lines(db, night)
    _note_codes(db, night)
    return complaints


def _make_table(db: Session, entity: str) -> None:
    columns = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in RECORDS[entity].split())
    db.execute(text(f"create temporary table staged_{entity} ({columns}, line int) on commit drop"))


def _copy(db: Session, entity: str, night: Night, progress: Progress) -> None:
    columns = ", ".join([*RECORDS[entity].split(), "line"])
    cursor = db.connection().connection.cursor()
    count = 0
    with cursor.copy(f"copy staged_{entity} ({columns}) from stdin") as copy:
        write = copy.write_row
        for count, record in enumerate(night.records(entity), start=1):
            write(record)
            if not count % STEP:
                progress(entity, count, done=False)
    progress(entity, count, done=True)


_TWICE = """
    select line, reference from (
        select *, row_number() over (partition by reference order by line) as nth from staged_{}
    ) as counted where nth > 1
"""
_WITHOUT = """
    select line, reference from staged_{} as one
    where not exists (select from staged_{} as other where other.reference = one.reference)
        and not exists (
            select from bad_line where entity in ('accounts', 'balances') and bad_line.reference = one.reference
        )
"""
_CHECKS = (
    ("accounts", "is there twice", _TWICE.format("accounts")),
    ("balances", "is there twice", _TWICE.format("balances")),
    (
        "transactions",
        "has the id of an earlier line",
        """
        select line, reference from (
            select *, row_number() over (partition by reference, source_id order by line) as nth
            from staged_transactions where source_id is not null
        ) as counted where nth > 1
        """,
    ),
    ("accounts", "has no balance", _WITHOUT.format("accounts", "balances")),
    ("balances", "is no account", _WITHOUT.format("balances", "accounts")),
    ("tenants", "is no account", _WITHOUT.format("tenants", "accounts")),
    ("transactions", "is no account", _WITHOUT.format("transactions", "accounts")),
    ("arrangements", "is no account", _WITHOUT.format("arrangements", "accounts")),
)
"""What can be wrong with references between the files. Who left an account out already isn't missed again."""


def _of_the_set(db: Session, night: Night) -> Iterator[tuple[str, Complaint]]:
    """Yield what is wrong between the files, a bad line each."""
    _note_bad_lines(db, night)
    for entity, why, query in _CHECKS:
        limited = text(f"{query} order by line limit {night.allowed + MOST_COMPLAINTS}")
        for line, reference in db.execute(limited).all() if entity in night.entities else ():
            yield entity, Complaint(night.name(entity), why, line, night.heading(entity), reference)


_COUNTS = {
    "accounts": """
        select (select count(*) from staged_accounts),
            (select count(*) from rent_account where source = :source and gone_on is null)
    """,
    "tenants": """
        select (select count(*) from staged_tenants),
            (select count(*) from rent_tenant as tenant join rent_account as account on account.id = tenant.account_id
             where source = :source and gone_on is null)
    """,
    "transactions": """
        select (select count(*) from staged_transactions where posted_on > :missing_after),
            (select count(*) from rent_line as line join rent_account as account on account.id = line.account_id
             where source = :source and gone_on is null and posted_on > :missing_after)
    """,
}


def expect_no_less(db: Session, night: Night) -> None:
    """Raise ExtractRefused if a file has less than half of what is held: it was cut off where it could be read on."""
    given = {"source": night.mapping.name, "missing_after": night.window_starts_after}
    for entity, query in _COUNTS.items():
        staged, held = db.execute(text(query), given).one()
        if held - staged > max(held / 2, SLACK):
            raise ExtractRefused([Complaint(night.name(entity), f"has {staged} lines, but {held} are held")])


def _note_bad_lines(db: Session, night: Night) -> None:
    db.execute(text("delete from bad_line"))
    if night.complaints:
        given = [{"entity": entity, "reference": complaint.account} for entity, complaint in night.complaints]
        db.execute(insert(table("bad_line", column_of("entity"), column_of("reference"))), given)


def _note_codes(db: Session, night: Night) -> None:
    codes = [(code, *meaning(night.mapping.codes, code)) for code in sorted(night.met.codes)]
    columns = ("code", "kind", "label")
    if codes:
        given = [dict(zip(columns, code, strict=True)) for code in codes]
        db.execute(insert(table("staged_code", *map(column_of, columns))), given)
    db.execute(text("analyze staged_code"))
