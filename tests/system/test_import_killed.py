"""``portal rent import``, killed at random points and run again: there is the old night whole, or the new one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.importing import import_night
from portal.cli.demo.chance import seeded
from portal.clock import SetClock
from portal.council import Council
from portal.settings import PROJECT
from tests.support.nights import Nights, unpack

KILLS = 20 if os.environ.get("SOAK") else 3
PATIENCE_S = 60
LOCKED = """
    select exists (
        select from pg_locks join pg_database on pg_database.oid = database
        where locktype = 'advisory' and datname = current_database()
    )
"""
TABLES = ("rent_account", "rent_tenant", "rent_line", "rent_arrangement")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    return unpack("rentsense", tmp_path_factory.mktemp("nights"))


@contextmanager
def importing(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start an import in a process of its own."""
    command = [sys.executable, "-m", "portal.cli", "rent", "import", "rentsense", str(folder), "--json"]
    environ = {**os.environ, "PORTAL_DATABASE_URL": url}
    with subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE) as process:
        yield process


def state(engine: Engine) -> list[str]:
    """Return a digest of each table that an import writes."""
    digest = "select coalesce(md5(string_agg(one::text, '|' order by one::text)), '') from {} as one"
    with engine.connect() as connection:
        return [str(connection.scalar(text(digest.format(table)))) for table in TABLES]


def is_under_way(engine: Engine) -> bool:
    """Tell whether an import holds its lock."""
    with engine.connect() as connection:
        return bool(connection.scalar(text(LOCKED)))


def wait_until_under_way(engine: Engine, *, wanted: bool) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while is_under_way(engine) is not wanted:
        assert time.monotonic() < deadline, "not within a minute"
        time.sleep(0.005)


@pytest.fixture
def lasts_s(db: Session, nights: Nights, council: Council, clock: SetClock) -> float:
    """Load the first night, and return how long that took."""
    begin = time.monotonic()
    import_night(db, nights.folder / nights.dates[0], source="rentsense", council=council, now=clock.now())
    return time.monotonic() - begin


def test_a_kill_at_any_moment_leaves_a_whole_night(
    engine: Engine, database_url: str, nights: Nights, lasts_s: float
) -> None:
    folder = nights.folder / nights.dates[1]
    chance = seeded(KILLS)
    old, found = state(engine), []
    for number in range(KILLS):
        with importing(database_url, folder) as process:
            wait_until_under_way(engine, wanted=True)
            time.sleep(lasts_s * (number + chance.random()) / KILLS)
            process.kill()
        wait_until_under_way(engine, wanted=False)
        found.append(state(engine))

    with importing(database_url, folder) as process:
        assert process.wait(PATIENCE_S) == 0
    new = state(engine)

    assert old != new
    assert old in found, "none of the kills came in time"
    assert [one for one in found if one not in (old, new)] == []
    expected = nights.expected[nights.dates[1]]
    with engine.connect() as connection:
        balances = connection.execute(text("select reference, balance_pence from rent_account")).all()
        assert {row.reference: row.balance_pence for row in balances} == expected["balances"]
        assert connection.scalar(text("select count(*) from rent_line")) == expected["lines"]
        assert connection.scalar(text("select count(*) from rent_tenant")) == expected["tenants"]
