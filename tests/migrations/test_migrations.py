"""The database's form: from empty, from each earlier revision with data in it, and as the models say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

import portal.registry
from portal.db import Base, make_engine
from portal.db.migrate import current, head, upgrade
from portal.settings import PROJECT

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory(str(PROJECT / "migrations")).walk_revisions()))
]
DATA = Path(__file__).parent / "data"


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    """Address of a database with nothing in it, beside this worker's own."""
    url = make_url(database_url)
    name = f"{url.database}_empty"
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f'drop database "{name}" with (force)'))
    server.dispose()


def test_there_is_one_line_of_revisions_numbered_without_a_gap() -> None:
    assert [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_models_and_migrations_agree(owner_engine: Engine) -> None:
    assert portal.registry.SERVICES  # whose models are part of the metadata
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or not is_of_jobs(str(name))}
        )
        assert compare_metadata(context, Base.metadata) == []


def is_of_jobs(table: str) -> bool:
    return table.startswith("procrastinate_")


def test_upgrading_again_changes_nothing(empty: str) -> None:
    upgrade(empty)
    upgrade(empty)
    engine = create_engine(empty)
    with engine.connect() as connection:
        assert current(connection) == head()
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_was_there_survives_every_later_revision(empty: str, revision: str) -> None:
    upgrade(empty, revision)
    engine = create_engine(empty)
    with engine.begin() as connection:
        connection.execute(text((DATA / f"{revision}.sql").read_text("utf-8")))
    upgrade(empty)
    with engine.connect() as connection:
        assert connection.scalar(text("select name from person")) == "Mary Example"
        assert connection.scalar(text("select act from audit_event")) == "sign-in"
    engine.dispose()


def test_every_earlier_revision_has_data_to_be_tried_with() -> None:
    assert {path.stem for path in DATA.glob("*.sql")} >= set(REVISIONS[:-1])


class TestTheApplicationRole:
    """The portal's own connections may do what it does, and no more."""

    @pytest.mark.parametrize(
        "statement", ["update audit_event set act = 'x'", "delete from audit_event", "truncate audit_event"]
    )
    def test_can_not_change_the_audit(self, engine: Engine, statement: str) -> None:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(statement))

    def test_can_not_change_the_form_of_a_table(self, engine: Engine) -> None:
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
            connection.execute(text("alter table audit_event disable trigger all"))

    def test_can_not_make_tables(self, engine: Engine) -> None:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("create table mine (id int)"))

    def test_is_what_every_connection_of_the_portal_has(self, database_url: str) -> None:
        engine = make_engine(database_url)
        with engine.connect() as connection:
            assert connection.scalar(text("select current_user")) == "portal_app"
        engine.dispose()


@pytest.mark.parametrize(
    "statement", ["update audit_event set act = 'x'", "delete from audit_event", "truncate audit_event"]
)
def test_not_even_the_owner_changes_the_audit_by_mistake(engine: Engine, owner_engine: Engine, statement: str) -> None:
    add = "insert into audit_event (at, authority, act, object, outcome, request_id, details)"
    with engine.begin() as connection:
        connection.execute(text(add + " values (now(), 'self', 'sign-in', '', 'done', '', '{}')"))
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
