"""Both servers of a comparison: granian with the same flags, on the same database; and what runs beside them."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from portal.cli.serving import THREADS
from portal.settings import PROJECT

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 20


@contextmanager
def serving(target: str, port: int, environ: Mapping[str, str], *options: str) -> Iterator[str]:
    """Serve a WSGI application with one process, as production does, and yield its address. target: ``module:name``."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", str(THREADS), "--log-level", "error", *options, target]
    with subprocess.Popen(  # noqa: S603 -- no shell, and nothing in it comes from outside
        command, cwd=PROJECT, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(f"http://localhost:{port}/health/live")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


@contextmanager
def working(environ: Mapping[str, str]) -> Iterator[int]:
    """Run the portal's worker, and yield its process id. Raises RuntimeError if it doesn't end well when told to."""
    command = [sys.executable, "-m", "portal.cli", "worker"]
    with subprocess.Popen(  # noqa: S603 -- ours
        command, cwd=PROJECT, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process.pid
            process.terminate()
            if process.wait(STOPS_WITHIN_S):
                raise RuntimeError(f"the worker ended with status {process.returncode}")
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Simulator:
    """An invented library in a process of its own. port: where it speaks SIP2."""

    port: int
    control: str

    def hang(self) -> None:
        """Take every question from now on, and answer none."""
        fault = json.dumps({"kind": "silent", "times": None}).encode()
        urllib.request.urlopen(f"{self.control}/faults", fault, timeout=STARTS_WITHIN_S).close()  # noqa: S310 -- ours


@contextmanager
def lending() -> Iterator[Simulator]:
    """Run the simulator of a library until the block ends."""
    command = [sys.executable, "-m", "simulators.library", "--port", "0", "--control-port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 -- ours
        try:
            if process.stdout is None:
                raise RuntimeError("it says on its output where it is")
            ports = json.loads(process.stdout.readline())
            yield Simulator(ports["port"], f"http://127.0.0.1:{ports['control_port']}")
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 -- our own address
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
