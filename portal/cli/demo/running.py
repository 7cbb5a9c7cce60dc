"""``portal demo run``."""

import errno
import http
import http.client
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import click

from portal.cli.demo import library
from portal.cli.demo.loading import codes_of_room, load
from portal.cli.demo.logins import DemoLogin
from portal.cli.supervisor import AlreadyRunning, Processes, only_run, stop_like_ctrl_c
from portal.council import load_council
from portal.db.embedded import EmbeddedServer, ensure_server
from portal.db.migrate import upgrade
from portal.settings import PROJECT, load_settings, needed_database
from portal.workplace import database_name

ROOM, ROOM_PORT = "simulators.room", 6003
"""The invented computers, and where their screens are shown; or the next free port."""
SCANNER, SCANNER_PORT = "simulators.scanner", 6005
"""Who looks for malware in files, and finds nothing but a test; or the next free port, and one more for its control."""
READY_S = 30
LAST_PORT = 65535


@click.command()
@click.option("--port", default=8000, show_default=True, help="If it is taken, the next free one.")
def run(port: int) -> None:
    """Serve the demo until Ctrl-C: database, pages, jobs, and an invented library unless PORTAL_LIBRARY_URL names one.

    Its database is in .portal, unless PORTAL_DATABASE_URL names another; so are the files that people send, unless
    PORTAL_FILES_FOLDER does. An invented scanner looks into them, unless PORTAL_SCANNER_URL names one.
    """
    stop_like_ctrl_c()
    try:
        _run(port)
    except AlreadyRunning as other:
        where = f"runs already, at {other}" if str(other) else "is starting already"
        raise click.ClickException(f"The portal {where}. Stop that one first.") from None
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _run(wanted_port: int) -> None:
    logging.getLogger("portal.connectors").setLevel(logging.WARNING)  # what the demo itself asks is no news
    settings = load_settings()
    if settings.profile == "production":
        raise click.UsageError("production runs 'portal serve' and 'portal worker'")
    council = load_council(settings.council)
    with ExitStack() as stack:
        note = stack.enter_context(only_run(PROJECT))
        server = None if settings.database_url else stack.enter_context(_embedded())
        processes = stack.enter_context(Processes(PROJECT))
        port = _free_port(wanted_port)
        if port != wanted_port:
            click.echo(f"Port {wanted_port} is taken, so this is {port}.")
        environ = {"PORTAL_BASE_URL": f"http://localhost:{port}", **os.environ}
        if server:
            processes.watch("database", server.process)
            environ["PORTAL_DATABASE_URL"] = server.database(database_name(settings))
        if library.is_simulated(settings, council.services):
            environ |= _start_library(processes, environ)
        if settings.files_folder is None:
            environ["PORTAL_FILES_FOLDER"] = str(PROJECT / ".portal" / "files" / database_name(settings))
        if settings.scanner_url is None:
            environ["PORTAL_SCANNER_URL"] = _start_scanner(processes, environ)
        settings = load_settings(environ)
        upgrade(settings.owner_url or needed_database(settings))
        logins = load(settings)
        portal = [sys.executable, "-m", "portal.cli"]
        processes.start("web server", [*portal, "serve", f"--port={port}"], environ)
        processes.start("worker", [*portal, "worker"], environ)
        _wait_until(lambda: _answers(port), "web server", processes)
        screens = _start_room(processes, environ, codes_of_room(settings), port)
        note.write(settings.base_url)
        note.flush()
        for line in greeting(council.name[council.languages[0]], settings.base_url, logins, screens):
            click.echo(line)
        raise click.ClickException(f"The {processes.wait()} has ended.")


def _start_library(processes: Processes, environ: Mapping[str, str]) -> dict[str, str]:
    """Start an invented library on the wire, and return the settings by which the portal asks it."""
    port = _free_port(library.PORT)
    control_port = _free_port(max(port + 1, library.CONTROL_PORT))
    command = [sys.executable, "-m", library.SIMULATOR, f"--port={port}", f"--control-port={control_port}"]
    processes.start("library", command, environ, quiet=True)
    _wait_until(lambda: not _is_free(port), "library", processes)
    return library.settings_of(port)


def _start_scanner(processes: Processes, environ: Mapping[str, str]) -> str:
    """Start an invented scanner for malware, and return its address."""
    port = _free_port(SCANNER_PORT)
    control_port = _free_port(port + 1)
    command = [sys.executable, "-m", SCANNER, f"--port={port}", f"--control-port={control_port}"]
    processes.start("scanner", command, environ, quiet=True)
    _wait_until(lambda: not _is_free(port), "scanner", processes)
    return f"clamd://127.0.0.1:{port}"


def _start_room(processes: Processes, environ: Mapping[str, str], codes: Mapping[str, str], portal_port: int) -> str:
    """Start the invented computers of a library, and return where their screens are shown; empty if it has none."""
    if not codes:
        return ""
    port = _free_port(ROOM_PORT)
    computers = [f"{name}={code}" for name, code in codes.items()]
    command = [sys.executable, "-m", ROOM, f"--portal=http://127.0.0.1:{portal_port}", f"--port={port}", *computers]
    processes.start("computers", command, environ, quiet=True)
    _wait_until(lambda: not _is_free(port), "computers", processes)
    return f"http://localhost:{port}"


@contextmanager
def _embedded() -> Iterator[EmbeddedServer]:
    server = ensure_server(PROJECT)
    try:
        yield server
    finally:
        server.stop()


def _free_port(wanted: int) -> int:
    for port in range(wanted, LAST_PORT):
        if _is_free(port):
            return port
    raise click.ClickException(f"No port from {wanted} on is free.")


def _is_free(port: int) -> bool:
    """Tell whether nobody listens at ``localhost``, in either family: browsers ask the one, then the other."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
    return True


def _wait_until(is_ready: Callable[[], bool], name: str, processes: Processes) -> None:
    deadline = time.monotonic() + READY_S
    while not is_ready():
        if ended := processes.ended():
            raise click.ClickException(f"The {ended} doesn't start.")
        if time.monotonic() > deadline:
            raise click.ClickException(f"The {name} doesn't answer within {READY_S} seconds.")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def greeting(council: str, address: str, logins: list[DemoLogin], screens: str = "") -> Iterator[str]:
    """Yield the lines that say where the demo is and whom to sign in as. They fit into 80 columns.

    screens: where those of the library's computers are shown; empty if there are none.
    """
    yield f"\n{council} is at {address}\n"
    yield "Sign in as"
    for login in logins:
        yield f"  {login.sign_in}  {login.password}"
        yield f"      {login.name}: {login.what}"
        yield from (f"      {line}" for line in login.more)
    if screens:
        yield f"\nThe library's computers show their screens, with the codes to check in, at\n{screens}."
    yield f"\nWhat it would send lies at {address}/demo/outbox."
    yield "Ctrl-C stops it."
