"""The command line: ``portal …``. Each group has a module of its own; a service's is its ``commands.py``."""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from portal import blueprints, logs
from portal.clock import SystemClock
from portal.errors import Misconfigured


class Commands(click.Group):
    """A group whose commands' modules are imported when they are asked for: a night's import has no use for pages.

    paths: of the commands by their names, ``module:attribute``.
    """

    def __init__(self, name: str, paths: Mapping[str, str], *, help: str) -> None:
        super().__init__(name, help=help, context_settings={"help_option_names": ["-h", "--help"]})
        self._paths = paths

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- as click declares it
        return sorted(self._paths)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as above
        path = self._paths.get(cmd_name)
        if path is None:
            return None
        module, attribute = path.split(":")
        gc.disable()  # what is imported stays: looking through it again and again is an eighth of a start
        command: click.Command = getattr(import_module(module), attribute)
        gc.enable()
        return command


def _of_services() -> dict[str, str]:
    """Return the groups of those services that have one: ``commands`` in their folder, with a group of its name."""
    folders = [path for folder in blueprints.__path__ for path in Path(folder).iterdir()]
    names = [
        path.name for path in folders if any((path / one).is_file() for one in ("commands.py", "commands/__init__.py"))
    ]
    return {name: f"{blueprints.__name__}.{name}.commands:{name}" for name in names}


demo_group = Commands(  # not demo: that is the package of its own commands
    "demo",
    {
        "run": "portal.cli.demo.running:run",
        "generate": "portal.cli.demo.commands:generate",
        "code": "portal.cli.demo.commands:code",
    },
    help="Serve the demo council, or make its data.",
)
portal = Commands(
    "portal",
    {
        "serve": "portal.cli.serving:serve",
        "worker": "portal.cli.worker:worker",
        "demo": "portal.cli:demo_group",
        "db": "portal.cli.database:database",
        "person": "portal.cli.person:person",
        "staff": "portal.cli.staff:staff",
        "messages": "portal.cli.messages:messages",
        "keys": "portal.cli.keys:keys",
        "audit": "portal.cli.audit:audit",
        "translations": "portal.cli.translations:translations",
        "check": "portal.cli.check:check",
        **_of_services(),
    },
    help="The resident portal: serve it, look after its data, find out what is wrong.",
)


def main() -> None:
    """Run the command line. Exit status 0 if all went well, 1 if something failed, 2 if the call was wrong.

    Standard output is the command's alone; log lines go to standard error.
    """
    logs.configure(readable=True, clock=SystemClock())
    try:
        portal(prog_name="portal")
    except Misconfigured as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(2)
    finally:
        gc.freeze()  # what is left ends with the process: looking through it once more is a sixth of a short command
