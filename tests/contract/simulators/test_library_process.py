"""The library as a process: its ports, its control over HTTP, TLS."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from portal.settings import PROJECT
from simulators.library.control import Control
from simulators.library.simulator import LibrarySimulator
from tests.support.certificates import certificate
from tests.support.terminal import FERRY, LOGIN, NEVER, ROWAN, THEN, WHO, Terminal, values


def call(control: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Return status and JSON of what the control answers."""
    connection = HTTPConnection("127.0.0.1", control, timeout=5)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@contextmanager
def process(*options: str) -> Iterator[dict[str, int]]:
    """Yield the ports of a library of its own."""
    command = [sys.executable, "-m", "simulators.library", "--port", "0", "--control-port", "0", *options]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield json.loads(running.stdout.readline())
        finally:
            running.terminate()
        assert running.wait(10) == 0


def test_a_process_prints_its_ports_and_can_be_changed() -> None:
    with process("--dialect", "koha", "--set", "page=3", "--set", "greeting=Hello.") as ports:
        with Terminal(ports["port"], encoding="utf-8") as terminal:
            assert terminal.ask(LOGIN) == "941"
            assert values(terminal.ask(f"63001{THEN}  Y       {WHO}"), "AF") == ["Hello."]
        assert call(ports["control_port"], "GET", "/dialect")[1]["page"] == 3


@pytest.fixture
def control(library: LibrarySimulator) -> Iterator[int]:
    with Control(library) as running:
        yield running.port


def test_state_and_journal(control: int, terminal: Terminal) -> None:
    terminal.ask(f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|")
    _, state = call(control, "GET", f"/state?card={ROWAN}")
    [rowan] = state["borrowers"]
    [ferry] = [loan for loan in rowan["loans"] if loan["item"] == FERRY]
    assert ferry["renewed"] == 1 and ferry["due"] == "2026-12-15T23:59:00+00:00"
    assert [hold["place"] for hold in rowan["holds"]] == [0, 0, 3, 1] and state["connections"] == 1
    _, entries = call(control, "GET", f"/journal?item={FERRY}")
    assert [one["outcome"] for one in entries] == ["renewed"]
    assert call(control, "GET", f"/journal?after={entries[-1]['number']}") == (200, [])


def test_faults_come_and_go(control: int, terminal: Terminal) -> None:
    status, planned = call(control, "POST", "/faults", {"kind": "ask-again", "times": None, "messages": ["99"]})
    assert status == 200 and [one["kind"] for one in planned] == ["ask-again"]
    assert terminal.ask("9900802.00").startswith("96")
    assert call(control, "DELETE", "/faults") == (200, [])
    assert terminal.ask("9900802.00").startswith("98")


def test_dialect_pin_and_reset(control: int, library: LibrarySimulator) -> None:
    assert call(control, "POST", "/dialect", {"name": "sierra", "page": 7})[0] == 200
    assert (library.dialect.name, library.dialect.page, library.dialect.zone) == ("sierra", 7, "0000")
    assert call(control, "POST", "/pin", {"card": ROWAN, "pin": "1111"})[0] == 200
    assert library.account(ROWAN).pin == "1111"
    assert call(control, "POST", "/reset") == (200, {})
    assert library.account(ROWAN).pin == "2580"


def test_a_restart_by_control(control: int, terminal: Terminal) -> None:
    assert call(control, "POST", "/restart", {"seconds": 0.1}) == (200, {})
    assert terminal.ends()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("POST", "/nowhere", {}, 404),
        ("DELETE", "/state", None, 404),
        ("GET", "/journal?after=x", None, 400),
        ("POST", "/faults", {"kind": "rain"}, 400),
        ("POST", "/faults", {"kind": "slow", "seconds": "x"}, 400),
        ("POST", "/faults", ["slow"], 400),
        ("POST", "/dialect", {"name": "klingon"}, 400),
        ("POST", "/dialect", [], 400),
        ("POST", "/pin", {"card": ROWAN}, 400),
        ("POST", "/pin", {"card": "1", "pin": "2"}, 400),
        ("POST", "/restart", {"seconds": "soon"}, 400),
    ],
)
def test_what_the_control_refuses(control: int, method: str, path: str, body: object, status: int) -> None:
    assert call(control, method, path, body)[0] == status


def _trusting(authority: Path, own: Sequence[Path] = ()) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority))
    if own:
        context.load_cert_chain(*map(str, own))
    return context


def test_tls_with_a_certificate_of_the_client(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "localhost"), certificate(tmp_path, "portal")
    options = ("--tls-cert", str(server[0]), "--tls-key", str(server[1]), "--client-ca", str(client[0]))
    with process(*options) as ports:
        with Terminal(ports["port"], tls=_trusting(server[0], client)) as terminal:
            assert terminal.ask(LOGIN) == "941"
        with pytest.raises((ssl.SSLError, EOFError)), Terminal(ports["port"], tls=_trusting(server[0])) as stranger:
            stranger.ask(LOGIN)
        with pytest.raises(ssl.SSLError):
            Terminal(ports["port"], tls=_trusting(client[0]))
        with Terminal(ports["port"]) as plain:
            plain.send(LOGIN)
            assert plain.ends() or not plain.hear_packet().startswith(b"94")
