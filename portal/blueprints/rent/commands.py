"""``portal rent …``."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from portal.blueprints.rent.actions import looking
from portal.blueprints.rent.actions.importing import AlreadyImporting, Imported, import_night
from portal.blueprints.rent.actions.looking import Shown
from portal.blueprints.rent.extract import checking
from portal.blueprints.rent.extract.checking import Checked
from portal.blueprints.rent.extract.mapping import BUILT_IN, MappingError, load_mapping
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.extract.staging import unseen
from portal.blueprints.rent.rules.arrangement import Arrangement
from portal.blueprints.rent.rules.connecting import as_reference
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


@rent.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(reference: str, *, as_json: bool) -> None:
    """Print a rent account as its tenant would see it: what is owed, why, what comes next, and every line.

    REFERENCE is the payment reference. Amounts are in pence in JSON; a positive one is owed. Looking is on record.
    """
    with workplace() as place:
        now = place.clock.now()
        today = now.astimezone(place.council.zone).date()
        found = looking.show(
            place.db, as_reference(reference), calendar=place.council.rent.calendar, today=today, now=now
        )
    if found is None:
        raise click.ClickException(f"There is no account {reference} with a tenant.")
    shown = _account(found, today)
    click.echo(json.dumps(shown) if as_json else "\n".join(_account_in_words(shown)))


def _account(found: Shown, today: date) -> dict[str, Any]:
    account, standing = found.detail.account, found.stand.standing
    return {
        "reference": account.reference,
        "kind": account.kind,
        "address": account.address.splitlines(),
        "is_former": account.is_former(today),
        "as_of": account.night.isoformat(),
        "balance_pence": account.balance_pence,
        "situation": standing.situation.value,
        "asks_for_money": standing.situation.may_ask_for_money,
        "benefit_pence": standing.benefit_pence,
        "last_pence": standing.last_pence,
        "before_pence": standing.before_pence,
        "pay_by": _iso(found.stand.pay_by),
        "next_charge_on": _iso(found.detail.next_charge_on),
        "last_charge": [{"label": label, "pence": pence} for label, pence in found.detail.charges],
        "arrangement": _arrangement(account.arrangement),
        "lines": [
            {
                "posted_on": entry.posted_on.isoformat(),
                "kind": entry.kind,
                "label": entry.label,
                "charged_pence": entry.charged_pence,
                "paid_pence": entry.paid_pence,
                "balance_pence": entry.balance_pence,
            }
            for entry in found.statement.entries
        ],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _arrangement(agreed: Arrangement | None) -> dict[str, Any] | None:
    if agreed is None:
        return None
    return {
        "frequency": agreed.frequency,
        "amount_pence": agreed.amount_pence,
        "first_due_on": agreed.first_due_on.isoformat(),
        "ends_on": _iso(agreed.ends_on),
        "by_court": agreed.by_court,
    }


def _account_in_words(shown: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown.items():
        if name != "lines":
            yield f"{name}: {value}"
    for line in shown["lines"]:
        yield "  " + ", ".join(f"{name} {value}" for name, value in line.items() if value is not None)


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
