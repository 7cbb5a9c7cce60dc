"""Both servers of a comparison: granian with the same flags, on the same database."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from portal.cli.serving import THREADS
from portal.settings import PROJECT

STARTS_WITHIN_S = 30


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
