"""The portal served in this process, by a clock that stands at Tuesday 24 November 2026, 10am, until a test moves it:
what is booked then doesn't depend on the hour at which the tests run.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from threading import Thread

import pytest
from sqlalchemy import Engine
from werkzeug.serving import make_server

from portal.app import create_app
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.settings import Settings
from tests.conftest import TUESDAY
from tests.e2e.conftest import Served, council_file


@pytest.fixture
def clock() -> SetClock:
    return SetClock(TUESDAY)


@pytest.fixture
def served(engine: Engine, settings: Settings, clock: SetClock, connectors: Connectors) -> Iterator[Served]:
    with ExitStack() as stack:

        @cache
        def address(council: str) -> str:
            given = settings.model_copy(update={"council": council_file(council)})
            app = create_app(given, clock=clock, engine=engine, connectors=connectors)
            server = make_server("127.0.0.1", 0, app, threaded=True)
            serving = Thread(target=server.serve_forever)
            serving.start()
            for end in (server.server_close, serving.join, server.shutdown):
                stack.callback(end)
            return f"http://localhost:{server.port}"

        yield address
