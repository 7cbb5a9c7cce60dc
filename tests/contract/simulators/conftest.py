"""The library on the wire at ten o'clock on a Tuesday, and a terminal that has signed in."""

from collections.abc import Iterator

import pytest

from simulators.library.simulator import LibrarySimulator
from tests.support.terminal import LOGIN, NOW, Terminal


@pytest.fixture
def library() -> Iterator[LibrarySimulator]:
    with LibrarySimulator(clock=lambda: NOW) as simulator:
        yield simulator


@pytest.fixture
def terminal(library: LibrarySimulator) -> Iterator[Terminal]:
    with Terminal(library.port) as connected:
        assert connected.ask(LOGIN) == "941"
        yield connected
