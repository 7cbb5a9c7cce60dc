"""Library systems by others, each served once in a session, and as new for each test."""

from collections.abc import Iterator

import pytest

from tests.support import counterparts
from tests.support.counterparts import Counterpart


@pytest.fixture(scope="session", params=sorted(counterparts.DIALECTS))
def running_counterpart(request: pytest.FixtureRequest) -> Iterator[Counterpart]:
    with counterparts.serving(request.param) as running:
        yield running


@pytest.fixture
def counterpart(running_counterpart: Counterpart) -> Counterpart:
    running_counterpart.begin_again()
    return running_counterpart
