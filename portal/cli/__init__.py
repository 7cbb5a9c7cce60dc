"""The command line: ``portal …``. Each group has a module of its own; a service's own group comes by its manifest."""

import sys

import click

from portal.cli import check, keys, messages, person, serving, staff, translations, worker
from portal.cli.database import database
from portal.cli.demo.commands import code, generate
from portal.council import CouncilError
from portal.db.embedded import EmbeddedError
from portal.registry import SERVICES
from portal.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def portal() -> None:
    """The resident portal: serve it, look after its data, find out what is wrong."""


def _assemble() -> None:
    demo = click.Group("demo", commands=[serving.run, generate, code], help="Serve the demo council, or make its data.")
    for command in (
        serving.serve,
        worker.worker,
        demo,
        database,
        person.person,
        staff.staff,
        messages.messages,
        keys.keys,
        translations.translations,
        check.check,
    ):
        portal.add_command(command)
    for service in SERVICES:
        if service.commands:
            portal.add_command(service.commands)


_assemble()


def main() -> None:
    """Run the command line. Exit status 0 if all went well, 1 if something failed, 2 if the call was wrong."""
    try:
        portal(prog_name="portal")
    except (SettingsError, CouncilError, EmbeddedError) as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(2)
