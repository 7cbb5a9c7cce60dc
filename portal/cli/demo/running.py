"""``portal demo run``."""

import errno
import http
import http.client
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

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

READY_S = 30
LAST_PORT = 65535

Start = Callable[[str, Sequence[str]], str | None]
"""Starts a part of the run by its name and command; returns what it says once it is ready, None if it never is."""


@dataclass(frozen=True, slots=True)
class Invented:
    """A simulator that the demo brings along. port: the first of its ports, or the next free one. options: for them."""

    name: str
    module: str
    port: int
    options: tuple[str, ...] = ("--port", "--control-port")


LIBRARY = Invented("library", library.SIMULATOR, library.PORT)
SCANNER = Invented("scanner", "simulators.scanner", 6005)
"""Looks for malware in files, and finds nothing but a test."""
ROOM = Invented("computers", "simulators.room", 6003, ("--port",))
"""Whose screens are shown there."""


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
    return library.settings_of(start_invented(LIBRARY, _hearing(processes, environ)))


def _start_scanner(processes: Processes, environ: Mapping[str, str]) -> str:
    """Start an invented scanner for malware, and return its address."""
    return f"clamd://127.0.0.1:{start_invented(SCANNER, _hearing(processes, environ))}"


def _start_room(processes: Processes, environ: Mapping[str, str], codes: Mapping[str, str], portal_port: int) -> str:
    """Start the invented computers of a library, and return where their screens are shown; empty if it has none."""
    if not codes:
        return ""
    computers = [f"{name}={code}" for name, code in codes.items()]
    given = [f"--portal=http://127.0.0.1:{portal_port}", *computers]
    return f"http://localhost:{start_invented(ROOM, _hearing(processes, environ), given)}"


def start_invented(invented: Invented, start: Start, given: Sequence[str] = ()) -> int:
    """Start an invented system, with what it is given besides, and return its port.

    Another demo that starts at this moment may take a port after it was found free: then any are taken.
    Raises ClickException if it doesn't start.
    """
    free, port = [], invented.port
    for option in invented.options:
        port = _free_port(port)
        free.append(f"{option}={port}")
        port += 1
    for ports in (free, [f"{option}=0" for option in invented.options]):
        if said := start(invented.name, [sys.executable, "-m", invented.module, *ports, *given]):
            return int(json.loads(said)["port"])
    raise click.ClickException(f"The {invented.name} doesn't start.")


def _hearing(processes: Processes, environ: Mapping[str, str]) -> Start:
    return partial(processes.start_and_hear, environ=environ, within_s=READY_S)


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
