"""The portal as it runs: ``portal serve`` on a port of this machine, ``portal worker``, each in its own process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from portal.settings import PROJECT

STARTS_WITHIN_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Served:
    """A portal that is served. pid: of the process that its workers are children of."""

    address: str
    pid: int


@contextmanager
def serving(database_url: str, **settings: str) -> Iterator[str]:
    """Serve the portal on ``database_url``; yield its address. settings: further ``PORTAL_…`` variables, lower case."""
    with served(database_url, **settings) as portal:
        yield portal.address


@contextmanager
def served(database_url: str, **settings: str) -> Iterator[Served]:
    """As ``serving``, and yield what it runs in, too."""
    port = free_port()
    address = f"http://localhost:{port}"
    environ = environ_of(database_url=database_url, **{"base_url": address, **settings})
    with _running(environ, "serve", "--port", str(port)) as process:
        _wait(address, process)
        yield Served(address, process.pid)


@contextmanager
def working(database_url: str, **settings: str) -> Iterator[None]:
    """Run a worker on ``database_url``; it begins a moment later. settings: as ``serving``."""
    with _running(environ_of(database_url=database_url, **settings), "worker"):
        yield


def environ_of(**settings: str) -> dict[str, str]:
    """Return what a process of the portal's is started with: none of the settings that this one was given."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return environ | {f"PORTAL_{name.upper()}": value for name, value in {"profile": "test", **settings}.items()}


@contextmanager
def _running(environ: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "portal.cli", *command], cwd=PROJECT, env=environ)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urlopen(f"{address}/health/live", timeout=2):  # noqa: S310 -- our own address
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the server did not begin to answer")
