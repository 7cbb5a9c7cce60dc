"""The one way to commit, and the quick way to read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Select, TextClause
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase


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


Statement: TypeAlias = Select[*tuple[Any, ...]] | UpdateBase | TextClause


def rows(db: Session | Connection, statement: Statement, **given: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that was built once, on the session's own connection, with the values of its parameters.

    For what every page reads or writes: building the statement, the ORM's part of running it and finding its SQL again
    take three times as long as the rest (``docs/performance.md``). So its SQL is kept, and what the driver returns is
    returned as it is: raises TypeError for a statement with a column that SQLAlchemy would have to convert.
    """
    connection = db.connection() if isinstance(db, Session) else db
    sql, fixed, adapters = _as_sql(statement, connection.dialect, frozenset(given))
    values = fixed | given
    for name, adapt in adapters.items():
        values[name] = adapt(values[name])
    return connection.exec_driver_sql(sql, values)


@lru_cache(maxsize=1024)
def _as_sql(
    statement: Statement, dialect: Dialect, names: frozenset[str]
) -> tuple[str, dict[str, Any], dict[str, Callable[[Any], Any]]]:
    """Return a statement's SQL, the values that are part of it, and what makes values into what the driver takes."""
    for column in () if isinstance(statement, TextClause) else statement.exported_columns:
        if column.type.dialect_impl(dialect).result_processor(dialect, None):
            raise TypeError(f"the driver's {column.name} is not what {column.type!r} returns")
    compiled = statement.compile(dialect=dialect, column_keys=sorted(names))
    parameters = {name: compiled.binds[name] for name in compiled.params}
    fixed = {name: one.effective_value for name, one in parameters.items() if not one.required}
    adapters = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in parameters.items()}
    return str(compiled), fixed, {name: adapt for name, adapt in adapters.items() if adapt}
