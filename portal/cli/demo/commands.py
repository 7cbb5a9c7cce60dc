"""``portal demo generate`` and ``portal demo code``; ``portal demo run`` is ``running``'s."""

from datetime import date
from pathlib import Path

import click

from portal.cli.demo.extract import write_night
from portal.cli.demo.people import code_at
from portal.cli.demo.scenery import scenery_of
from portal.clock import SystemClock
from portal.council import load_council
from portal.settings import load_settings

SINCE = "2025-04-07"


def _a_day(_: click.Context, __: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("is not a day such as 2026-11-24") from None


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, writable=True, path_type=Path))
@click.option("--households", type=click.IntRange(1, 500_000), required=True, help="How many.")
@click.option(
    "--night", metavar="YYYY-MM-DD", required=True, callback=_a_day, help="The day that the extract tells of."
)
@click.option("--seed", default=1, show_default=True, help="Another one gives other households.")
@click.option(
    "--since", metavar="YYYY-MM-DD", default=SINCE, show_default=True, callback=_a_day, help="Where lines begin."
)
def generate(folder: Path, households: int, night: date, seed: int, since: date) -> None:
    """Write one night of rent into FOLDER, as the housing system of the council would: invented, all of it.

    The same call gives the same files. A later night of the same seed has the same households and all of the earlier
    one's lines, so nights may be imported one after the other.
    """
    if night < since:
        raise click.BadParameter(f"is before {since}, where lines begin (--since)", param_hint="--night")
    scenery = scenery_of(load_council(load_settings().council))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = write_night(folder, scenery, wanted=households, seed=seed, since=since, night=night)
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder} can't be written: {error.strerror}") from None
    click.echo(f"{folder}: {written.accounts} accounts, {written.lines} lines")


@click.command()
def code() -> None:
    """Print the present code of the demo staff's authenticators. A code signs somebody in once."""
    click.echo(code_at(SystemClock().now()))
