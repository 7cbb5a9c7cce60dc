"""The one way to commit, and the quick way to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine
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


@contextmanager
def at_once(db: Session) -> Iterator[Connection]:
    """Yield another connection, on which each statement is a transaction of its own: for what stands by itself, such as
    one read and the note that it was made. An explicit transaction costs two exchanges with the database more.

    The session's own transaction, in which something was read, ends: nobody holds two connections.
    Raises RuntimeError inside a ``committing`` block, whose writes it wouldn't see.
    """
    if db.info.get("committing"):
        raise RuntimeError("what is being committed is not seen by another connection")
    if db.in_transaction():
        db.rollback()
    with _in_autocommit(db.get_bind().engine).connect() as connection:
        yield connection


@lru_cache(maxsize=8)
def _in_autocommit(engine: Engine) -> Engine:
    """Return the engine with another isolation level; it shares the pool. Kept: making it takes as long as a read."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def rows(db: Session | Connection, statement: Executable, **given: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that was built once, on the session's own connection, with the values of its parameters.

    For what every page reads or writes: building the statement and the ORM's part of running it take three times as
    long as the rest (``docs/performance.md``).
    """
    connection = db.connection() if isinstance(db, Session) else db
    return connection.execute(statement, given)
