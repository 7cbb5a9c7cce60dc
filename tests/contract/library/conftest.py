"""Library systems by others: each is started once in a session, when first asked for, and as new for each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.support import counterparts
from tests.support.counterparts import Counterpart, Serve


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    with ExitStack() as running:
        started = cache(lambda name: running.enter_context(counterparts.serving(name)))

        def as_new(name: str) -> Counterpart:
            counterpart: Counterpart = started(name)
            counterpart.tell("begin_again")
            return counterpart

        yield as_new


@pytest.fixture(params=list(counterparts.SETTINGS))
def counterpart(request: pytest.FixtureRequest, serve: Serve) -> Counterpart:
    return serve(request.param)
