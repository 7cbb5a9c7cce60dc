"""``portal rent …``."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from portal.blueprints.rent.actions.importing import AlreadyImporting, Imported, import_night
from portal.blueprints.rent.extract import checking
from portal.blueprints.rent.extract.checking import Checked
from portal.blueprints.rent.extract.mapping import BUILT_IN, MappingError, load_mapping
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.extract.staging import unseen
from portal.workplace import workplace

SOURCE = click.argument("source", metavar=f"{'|'.join(BUILT_IN)}|FILE")
FOLDER = click.argument("folder", metavar="PATH", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def rent() -> None:
    """Look after rent accounts."""


@rent.command(name="import")
@SOURCE
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option(
    "--quarantine",
    metavar="N",
    type=click.IntRange(0, 10_000),
    default=0,
    show_default=True,
    help="How many bad lines may be left out.",
)
@click.option("--shrunk", is_flag=True, help="Load it though it has less than half of what there was before.")
def import_(source: str, folder: Path, *, as_json: bool, quarantine: int, shrunk: bool) -> None:
    """Load one night of a housing system's extract: the folder that holds its files.

    The source is a mapping: one that comes with the portal, or a file of your own. All of the night or nothing; one
    that is loaded already may be loaded again. Exit status 1 if it is refused: then what was loaded before stands, and
    each complaint names file, line, column and why.
    """
    with workplace() as place:
        try:
            imported = import_night(
                place.db,
                folder,
                source=source,
                council=place.council,
                now=place.clock.now(),
                quarantine=quarantine,
                may_shrink=shrunk,
                progress=_show if sys.stdout.isatty() and not as_json else unseen,
            )
        except MappingError as error:
            raise click.UsageError(str(error)) from None
        except ExtractRefused as refused:
            for complaint in refused.complaints:
                click.echo(str(complaint), err=True)
            raise click.ClickException("Nothing was loaded.") from None
        except AlreadyImporting:
            raise click.ClickException("Another import is running. Nothing was loaded.") from None
    click.echo(_as_json(imported) if as_json else _in_words(imported))


@rent.group()
def mapping() -> None:
    """Look after mappings, which say how to read a housing system's files."""


@mapping.command()
@SOURCE
@FOLDER
@click.pass_context
def check(context: click.Context, source: str, folder: Path) -> None:
    """Say what a mapping would read from one night's files: the first lines, and every doubt. Nothing is loaded.

    People's names and addresses are hidden. Exit status 1 if the import would refuse the night.
    """
    try:
        report = checking.check(folder, load_mapping(source))
    except MappingError as error:
        raise click.UsageError(str(error)) from None
    except ExtractRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"Night of {report.night}")
    for file in report.files:
        click.echo("\n".join(_file_in_words(file)))
    for title, found in (("Doubts", report.doubts), ("Complaints", [*map(str, report.complaints)])):
        click.echo("\n".join([f"\n{title}:", *(f"  {one}" for one in found or ["none"])]))
    click.echo(f"\nThe import would {'refuse' if report.complaints else 'load'} this night.")
    if report.complaints:
        context.exit(1)


def _file_in_words(file: Checked) -> Iterator[str]:
    yield f"\n{file.name}: {file.count} lines of {file.entity}"
    for said, headings in (("Reads", file.reads), ("Passes over", file.passes_over), ("Drops", file.drops)):
        if headings:
            yield f"  {said}: {', '.join(headings)}"
    for line in file.lines:
        yield "  " + ", ".join(f"{name} {value}" for name, value in line.items() if value)


def _show(entity: str, lines: int, *, done: bool) -> None:
    click.echo(f"\r{entity}: {lines:,} lines", nl=done)


def _as_json(imported: Imported) -> str:
    return json.dumps(
        {
            "source": imported.source,
            "night": imported.night.isoformat(),
            "accounts": imported.accounts,
            "tenants": imported.tenants,
            "lines": imported.lines,
            "total_pence": imported.total_pence,
            "new": imported.new,
            "changed": imported.changed,
            "ended": imported.ended,
            "quarantined": [asdict(complaint) for complaint in imported.quarantined],
        }
    )


def _in_words(imported: Imported) -> str:
    complaints = (*imported.quarantined, *imported.unknown)
    said = (
        f"The night of {imported.night} is loaded: {imported.accounts} accounts, {imported.tenants} tenants,"
        f" {imported.lines} lines.\n"
        f"Of the accounts {imported.new} are new, {imported.changed} have changed, {imported.ended} have ended;"
        f" {imported.links_ended} links have ended with their tenant.\n"
        f"{imported.bad_lines} bad lines were left out; {imported.doubtful} accounts don't"
        " come to the balance that the housing system states."
    )
    return "\n".join([said, *(f"  {complaint}" for complaint in complaints)])
