"""Starting the demo's invented systems."""

from collections.abc import Sequence

import click
import pytest

from portal.cli.demo.running import Invented, Start, start_invented
from tests.support.server import free_port


@pytest.fixture
def library() -> Invented:
    return Invented("library", "simulators.library", free_port())


def ready(port: int) -> str:
    return f'{{"port": {port}, "control_port": 1}}\n'


def taken_unless_any(name: str, command: Sequence[str]) -> str | None:
    """Start what another program was quicker than."""
    assert name == "library"
    return ready(7) if {"--port=0", "--control-port=0"} <= set(command) else None


def test_takes_the_port_that_it_wants_and_a_later_one(library: Invented) -> None:
    asked: list[Sequence[str]] = []

    def start(_: str, command: Sequence[str]) -> str:
        asked.append(command[1:])
        return ready(library.port)

    assert start_invented(library, start, ["--seed=1"]) == library.port
    [[*begin, port, control_port, end]] = asked
    assert (begin, port, end) == (["-m", "simulators.library"], f"--port={library.port}", "--seed=1")
    assert int(control_port.removeprefix("--control-port=")) > library.port


def test_takes_any_where_its_port_was_taken_meanwhile(library: Invented) -> None:
    start: Start = taken_unless_any
    assert start_invented(library, start) == 7


def test_is_named_if_it_does_not_start(library: Invented) -> None:
    with pytest.raises(click.ClickException, match="The library doesn't start"):
        start_invented(library, lambda _name, _command: None)
