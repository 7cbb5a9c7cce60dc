"""Jobs, deferred by name inside the caller's transaction. What a name does is registered in ``portal.jobs``."""

from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy.orm import Session

_by_name = App(connector=SyncPsycopgConnector())
"""Knows no task: it only writes rows on connections that it is given."""


def defer(db: Session, task: str, **arguments: Any) -> None:
    """Write a job into the caller's transaction; it runs after the commit, or never if there is none.

    task: the name under which it is registered. arguments: JSON values; ids, no personal data.
    """
    connection = db.connection().connection.driver_connection
    _by_name.configure_task(task, connection=connection).defer(**arguments)
