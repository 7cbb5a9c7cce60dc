"""What is asked of the database while something runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


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
