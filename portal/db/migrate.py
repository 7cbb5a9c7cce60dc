"""Bringing a database to the current form."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from portal.settings import PROJECT

_LOCK = 7_204_118_360
"""Advisory lock, so that two deployments don't migrate at once."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to ``revision``, in one transaction; nothing happens if it is there already.

    url: a login that owns the tables, ``postgresql+psycopg://…``.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def head() -> str:
    """Return the newest revision that this release knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_behind(connection: Connection) -> bool:
    """Tell whether the database lacks something that this release needs.

    One that a newer release has brought further isn't behind: migrations are safe beside the previous release.
    """
    return current(connection) in _older()


@cache
def _older() -> frozenset[str]:
    """Return the revisions before the newest, and the empty one."""
    revisions = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return frozenset(revisions - {head()} | {""})


def current(connection: Connection) -> str:
    """Return the revision that the database is at; empty if it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""
