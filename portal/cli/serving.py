"""``portal serve``."""

import os
import sys
import tempfile

import click

from portal.connectors.dialling import is_this_machine
from portal.settings import PROJECT, load_settings, needed_database

THREADS = 8
"""In each process: slow clients and calls to other systems hold a few, and the others serve pages."""

STOP_S = 5


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True)
@click.option("--processes", default=1, show_default=True, help=f"Each has {THREADS} threads.")
def serve(host: str, port: int, processes: int) -> None:
    """Serve the portal's pages, to a proxy in front of it. Outside production, to this machine alone."""
    settings = load_settings()
    needed_database(settings)
    if settings.profile != "production" and not is_this_machine(host):
        why = "a page there shows every message with its links, so this is for production or for this machine alone"
        raise click.BadParameter(f"the profile is {settings.profile!r}: {why}", param_hint="--host")
    if processes > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="portal-metrics-"))
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(processes), "--blocking-threads", str(THREADS)),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(STOP_S), "--log-level", "error"),
        *("--working-dir", str(PROJECT), "wsgi:app"),
    ]
    os.execv(command[0], command)  # noqa: S606 -- this process becomes the server, so that signals reach it
