"""The demo as a start fills it, with a few households."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.cli.demo import loading
from portal.cli.demo.logins import DemoLogin
from portal.clock import SetClock
from portal.settings import Settings
from portal.web.current import resources_of
from tests.support.kept_rows import KeptRows

Load = Callable[[], list[DemoLogin]]
HOUSEHOLDS = 12
_EMPTY = text("select not exists (select from person) and not exists (select from audit_event)")

_kept: dict[tuple[Path, datetime], tuple[KeptRows, list[DemoLogin]]] = {}
"""What a first start left, by council and moment."""


@pytest.fixture
def load(database_url: str, settings: Settings, clock: SetClock, engine: Engine, owner_engine: Engine) -> Load:
    """Fills the demo as each start does; the database is emptied after the test.

    The first start of a council at a moment is made once in a process. Dozens of tests look at what it leaves.
    """
    assert engine.url.database
    return partial(_start, settings.model_copy(update={"database_url": database_url}), clock, owner_engine)


@pytest.fixture
def load_irish(database_url: str, irish_app: Flask, clock: SetClock, owner_engine: Engine) -> Load:
    irish = resources_of(irish_app).settings.model_copy(update={"database_url": database_url})
    return partial(_start, irish, clock, owner_engine)


def _start(settings: Settings, clock: SetClock, owner: Engine) -> list[DemoLogin]:
    first = settings.council, clock.now()
    with owner.connect() as connection:
        is_first = connection.scalar(_EMPTY)
    if is_first and first in _kept:
        rows, logins = _kept[first]
        rows.bring_back(owner)
        return list(logins)
    logins = loading.load(settings, clock=clock, households=HOUSEHOLDS)
    if is_first:
        _kept[first] = KeptRows(owner), logins
    return list(logins)
