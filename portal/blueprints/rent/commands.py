"""``portal rent …``."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from portal.blueprints.rent.actions.importing import SOURCES, AlreadyImporting, Imported, import_night
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.workplace import workplace


@click.group()
def rent() -> None:
    """Look after rent accounts."""


@rent.command(name="import")
@click.argument("source", type=click.Choice(SOURCES))
@click.argument("folder", metavar="PATH", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def import_(source: str, folder: Path, *, as_json: bool) -> None:
    """Load one night of the housing system's extract: the folder that holds its files.

    All of it or nothing; a night that is loaded already may be loaded again. Exit status 1 if it is refused: then what
    was loaded before stands, and each complaint names file, line, column and why.
    """
    with workplace() as place:
        try:
            imported = import_night(place.db, folder, source=source, council=place.council, now=place.clock.now())
        except ExtractRefused as refused:
            for complaint in refused.complaints:
                click.echo(str(complaint), err=True)
            raise click.ClickException("Nothing was loaded.") from None
        except AlreadyImporting:
            raise click.ClickException("Another import is running. Nothing was loaded.") from None
    click.echo(_as_json(imported) if as_json else _in_words(imported))


def _as_json(imported: Imported) -> str:
    return json.dumps({**asdict(imported), "night": imported.night.isoformat()})


def _in_words(imported: Imported) -> str:
    return (
        f"The night of {imported.night} is loaded: {imported.accounts} accounts, {imported.tenants} tenants,"
        f" {imported.lines} lines. {imported.doubtful} accounts don't come to the balance that the housing system"
        f" states; {imported.links_ended} links have ended with their tenant."
    )
