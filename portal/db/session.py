"""The one way to commit, and the quick way to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable


@contextmanager
def committing(db: Session) -> Iterator[None]:
    """Commit what the block wrote, or roll all of it back if it raises.

    Raises RuntimeError inside another ``committing`` block: actions don't call actions.
    """
    if db.info.get("committing"):
        raise RuntimeError("actions do not call actions: share a helper instead")
    db.info["committing"] = True
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise
    finally:
        db.info.pop("committing")


def rows(db: Session, statement: Executable, **given: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that was built once, on the session's own connection, with the values of its parameters.

    For what every page reads or writes: building the statement and the ORM's part of running it take three times as
    long as the rest (``docs/performance.md``).
    """
    return db.connection().execute(statement, given)
