"""Databases for tests: one server, one migrated template, one copy of it for each worker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

from portal.db.embedded import ensure_server
from portal.db.migrate import upgrade
from portal.settings import PROJECT, load_settings

ADDRESS = "TEST_TEMPLATE_URL"
"""Tells the workers where the template is; set by the process that made it."""


@contextmanager
def template() -> Iterator[None]:
    """Make a migrated template on the server that is configured, or on an embedded one that ends with the tests."""
    url = load_settings().owner_url
    server = None if url else ensure_server(PROJECT, purpose="test")
    url = url or server_url(server.url if server else "")
    name = f"portal_test_{os.getpid()}"
    try:
        _execute(url, f'create database "{name}"')
        template_url = make_url(url).set(database=name).render_as_string(hide_password=False)
        upgrade(template_url)
        _execute(template_url, NEVER_VACUUMED)
        os.environ[ADDRESS] = template_url
        yield
        _execute(url, f'drop database "{name}" with (force)')
    finally:
        os.environ.pop(ADDRESS, None)
        if server:
            server.stop()


def server_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def copy_of_template(worker: str) -> Iterator[str]:
    """Make this worker's own database and yield its address."""
    template_url = make_url(os.environ[ADDRESS])
    name = f"{template_url.database}_{worker}"
    maintenance = template_url.set(database="postgres").render_as_string(hide_password=False)
    _execute(maintenance, f'create database "{name}" template "{template_url.database}"')
    yield template_url.set(database=name).render_as_string(hide_password=False)
    _execute(maintenance, f'drop database "{name}" with (force)')


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


NEVER_VACUUMED = """
do $$
declare
    name text;
begin
    for name in select format('%I', relname) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    loop
        execute format('alter table %s set (autovacuum_enabled = off)', name);
    end loop;
end $$
"""
"""Lets no room be used again: rows lie in the order in which a test wrote them, whatever earlier ones deleted."""

EMPTY_ALL = """
do $$
declare
    name text;
    is_large boolean;
begin
    set local session_replication_role = replica;
    for name, is_large in
        select format('%I', relname), pg_relation_size(oid) > 65536 from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'
    loop
        execute case when is_large then 'truncate ' || name || ' cascade' else 'delete from ' || name end;
    end loop;
end $$
"""
"""Deletes all rows. For the few that a test writes that takes a tenth of a truncation, which makes files anew; tables
that have grown are truncated, since the next test's statements are planned by their size.

As a replica, so that neither keys of other tables nor what is append-only forbid it; that takes a superuser.
"""
