"""A simulator whose port somebody else has ends with a line that says so."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from portal.settings import PROJECT


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("library", ["--port={taken}", "--control-port=0"]),
        ("library", ["--port=0", "--control-port={taken}"]),
        ("scanner", ["--port={taken}", "--control-port=0"]),
        ("scanner", ["--port=0", "--control-port={taken}"]),
        ("room", ["--port={taken}", "--portal=http://127.0.0.1:1", "1=code"]),
    ],
)
def test_a_taken_port_is_said(name: str, options: list[str], taken: int) -> None:
    command = [sys.executable, "-m", f"simulators.{name}", *(option.format(taken=taken) for option in options)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stdout == "" and "Traceback" not in ended.stderr
    assert " start: Address already in use" in ended.stderr.splitlines()[-1]
