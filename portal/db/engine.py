"""The engine. The portal's own connections take on the application role, which may not change what is append-only."""

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

APPLICATION_ROLE = "portal_app"
"""Made by the first migration; has the rights that the portal needs, and no more."""


def make_engine(url: str, *, pool_size: int = 10, role: str | None = APPLICATION_ROLE) -> Engine:
    """Return an engine for ``url`` (``postgresql+psycopg://…``).

    role: what connections become; None keeps the login's own rights (migrations).
    Statements end after 15 s and waits for locks after 5 s, so that nothing holds a worker for longer.
    """
    options = "-c timezone=UTC -c statement_timeout=15000 -c lock_timeout=5000"
    if role:
        options += f" -c role={role}"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=4,
        pool_use_lifo=True,
        skip_autocommit_rollback=True,  # where each statement is a transaction of its own there is nothing to roll back
        hide_parameters=True,  # an error that is logged names the statement, not the values
        connect_args={"options": options, "connect_timeout": 5, "application_name": "portal"},
    )
    event.listen(engine, "connect", _prepare_statements)
    return engine


def _prepare_statements(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Prepare a statement at its second use: pages repeat the same few."""
    connection.prepare_threshold = 1
