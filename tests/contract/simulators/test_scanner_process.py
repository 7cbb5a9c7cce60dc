"""The scanner as a process: its ports, and its control over HTTP."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest

from portal.clock import SetClock
from portal.connectors.calling import System
from portal.connectors.errors import Garbled
from portal.connectors.scanner import Infected
from portal.connectors.scanner.clamd import Clamd
from portal.settings import PROJECT
from simulators.scanner.control import Control
from simulators.scanner.daemon import Behaviour, ScannerSimulator
from simulators.scanner.looking import EICAR


def call(port: int, method: str, body: str | None = None) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, "/", body)
        answer = connection.getresponse()
        read = answer.read()
        return answer.status, json.loads(read) if answer.status == 200 else None
    finally:
        connection.close()


@contextmanager
def process() -> Iterator[dict[str, int]]:
    command = [sys.executable, "-m", "simulators.scanner", "--port=0", "--control-port=0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield json.loads(running.stdout.readline())
        finally:
            running.terminate()
        assert running.wait(10) == 0


def test_a_process_prints_its_ports_looks_and_can_be_made_to_fail(clock: SetClock) -> None:
    with process() as ports:
        scanner = Clamd(f"clamd://127.0.0.1:{ports['port']}", System("scanner", clock=clock))
        assert isinstance(scanner.scan(EICAR), Infected)
        assert call(ports["control_port"], "GET")[1]["seen"] == {"looked": 1, "found": 1}
        assert call(ports["control_port"], "POST", '{"garbled": true}')[0] == 200
        with pytest.raises(Garbled):
            scanner.scan(EICAR)
        assert call(ports["control_port"], "POST", "{}")[0] == 200
        assert isinstance(scanner.scan(EICAR), Infected)


@pytest.mark.parametrize("body", ["nonsense", "[]", '{"away": 1}', '{"slow_s": "long"}', '{"explode": true}'])
def test_what_it_doesnt_know_it_says(body: str) -> None:
    with ScannerSimulator() as scanner, Control(scanner) as control:
        assert call(control.port, "POST", body)[0] == 400
        assert scanner.behaviour == Behaviour()
