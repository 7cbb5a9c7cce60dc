"""What is asked of the database while something runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

_ROWS_READ = text(
    "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_all_tables"
    " where schemaname not like all (array['pg_catalog', 'pg_toast%', 'information_schema'])"
)


@dataclass
class Statements:
    """selects, writes: each statement, in order."""

    selects: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


@contextmanager
def reads(engine: Engine) -> Iterator[Statements]:
    """Note every statement on ``engine`` during a block."""
    noted = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        (noted.selects if statement.lstrip().lower().startswith("select") else noted.writes).append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def rows_read(db: Session) -> Iterator[dict[str, int]]:
    """Note how many rows a block read of each table in the transaction that it commits last, again each time."""
    noted: dict[str, int] = {}

    def note(session: Session) -> None:
        noted.clear()
        noted.update((table, rows) for table, rows in session.execute(_ROWS_READ))

    event.listen(db, "before_commit", note)
    try:
        yield noted
    finally:
        event.remove(db, "before_commit", note)
