"""``portal db …``."""

import click

from portal.db.migrate import head, upgrade
from portal.settings import load_settings, needed_database
from portal.workplace import with_database


@click.group(name="db")
def database() -> None:
    """Look after the database."""


@database.command(name="upgrade")
def upgrade_command() -> None:
    """Bring the database to the form that this release needs. Safe to run again."""
    with with_database(load_settings()) as settings:
        upgrade(settings.owner_url or needed_database(settings))
    click.echo(f"The database is at revision {head()}.")
