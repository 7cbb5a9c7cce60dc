"""``portal energy evaluate`` and ``portal energy schemes …``."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from portal.blueprints.energy.schemes import checking, examples
from portal.blueprints.energy.schemes.catalogue import BUILT_IN, OF_COUNCIL, Ready, Scheme, schemes_of
from portal.blueprints.energy.schemes.clauses import Clause
from portal.blueprints.energy.schemes.engine import Assessment, Reason, Verdict, assess
from portal.blueprints.energy.schemes.household import HouseholdError, household_of
from portal.clock import SystemClock
from portal.council import Council, load_council
from portal.settings import load_settings

DAY = click.DateTime(formats=["%Y-%m-%d"])
ON = click.option("--on", "day", type=DAY, metavar="DATE", help="The day to answer for, 2026-11-24; today by default.")


@click.command()
@ON
@click.option("--scheme", "names", metavar="SCHEME", multiple=True, help="Only this one; may be given several times.")
@click.argument("file", type=click.File("rb"), default="-")
def evaluate(day: datetime | None, names: tuple[str, ...], file: BinaryIO) -> None:
    """Read households as JSON lines from FILE or standard input, and write what each could get, a line for each.

    Nothing is kept. A line that isn't a household is named on standard error and passed over; exit status 1 if there
    was one. docs/schemes.md says what a household may hold.
    """
    council = _council()
    schemes, on = _named(schemes_of(council), names), _day(day, council)
    number = wrong = 0
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            assessment = assess(schemes, household_of(_object(line)), on)
        except HouseholdError as error:
            wrong += 1
            click.echo(f"line {number}: {error}", err=True)
        else:
            click.echo(json.dumps(_as_json(assessment), ensure_ascii=False))
    if wrong:
        raise click.ClickException(f"{wrong} of {number} lines are no households.")


@click.group()
def schemes() -> None:
    """Look at schemes, and check their files."""


@schemes.command()
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=click.Path(exists=True, path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Read the files of schemes and try their examples: those at each PATH, or all that this council has.

    Exit status 1 if a file is wrong or an example gets another answer than it should; each fault names file, line and
    why. Without a PATH, what the council's file says of schemes is checked as well.
    """
    council = _council()
    every = [folder for folder in (BUILT_IN, council.folder / OF_COUNCIL) if folder.is_dir()]
    checked = checking.check(paths or every, beside=every)
    if not checked.faults and not paths:
        schemes_of(council)
    for fault in checked.faults:
        click.echo(fault, err=True)
    click.echo(f"{checked.files} files read, {checked.examples} examples tried, {len(checked.faults)} faults.")
    if checked.faults:
        sys.exit(1)


@schemes.command(name="list")
@ON
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def list_(day: datetime | None, *, as_json: bool) -> None:
    """List all schemes, each with the edition that holds and whether it can be asked for."""
    council = _council()
    on = _day(day, council)
    rows = [_row(scheme, on) for scheme in schemes_of(council)]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        until = f"until {row['until']}" if row["until"] else ""
        click.echo(
            f"{row['scheme']:36}{row['edition'] or '-':14}{row['kind']:17}{row['availability']:17}{until}".rstrip()
        )


@schemes.command()
@click.argument("name", metavar="SCHEME")
@ON
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(name: str, day: datetime | None, *, as_json: bool) -> None:
    """Show one scheme as it is on a day: who gets it, what, until when, and where that was read."""
    council = _council()
    (scheme,) = _named(schemes_of(council), (name,))
    on = _day(day, council)
    ready = scheme.on(on)
    if as_json:
        shown = ready.edition.model_dump(mode="json", exclude_defaults=True, exclude={"examples"}) if ready else None
        click.echo(json.dumps({**_row(scheme, on), "file": shown}, indent=2, ensure_ascii=False))
        return
    if ready is None:
        editions = ", ".join(one.edition.edition for one in scheme.editions)
        click.echo(f"{name}: no edition holds on {on}. There are {editions}.")
        return
    for line in _told(scheme, ready, on):
        click.echo(line)


def _council() -> Council:
    return load_council(load_settings().council)


def _named(schemes: tuple[Scheme, ...], names: tuple[str, ...]) -> tuple[Scheme, ...]:
    """Return the schemes of these names; all if none is given."""
    found = {scheme.slug: scheme for scheme in schemes}
    if unknown := [name for name in names if name not in found]:
        raise click.UsageError(f"There is no scheme {', '.join(unknown)}. See: portal energy schemes list")
    return tuple(found[name] for name in names) or schemes


def _day(day: datetime | None, council: Council) -> date:
    return day.date() if day else SystemClock().now().astimezone(council.zone).date()


def _object(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise HouseholdError("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise HouseholdError(f"is no JSON: {error.msg} at character {error.colno}") from None
    except (ValueError, RecursionError):
        raise HouseholdError("is no JSON that can be read") from None


def _as_json(assessment: Assessment) -> dict[str, Any]:
    """Return what ``evaluate`` writes of one household: its keys are an interface, and stay."""
    return {
        "on": assessment.on.isoformat(),
        "ask_next": assessment.ask_next,
        "schemes": [_verdict(verdict) for verdict in assessment.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "scheme": verdict.scheme.slug,
        "edition": verdict.ready.edition.edition if verdict.ready else None,
        "kind": verdict.kind,
        "answer": examples.ANSWERS[verdict.answer],
        "amount": verdict.amount.minor if verdict.amount else None,
        "availability": verdict.availability,
        "conditions": [_reason(reason) for reason in verdict.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"id": reason.id, "answer": examples.ANSWERS[reason.weighed.answer], "because": list(reason.weighed.because)}


def _row(scheme: Scheme, on: date) -> dict[str, Any]:
    ready = scheme.on(on)
    in_force = ready.edition.in_force if ready else None
    return {
        "scheme": scheme.slug,
        "edition": ready.edition.edition if ready else None,
        "kind": (ready or scheme.editions[-1]).edition.kind,
        "nations": list((ready or scheme.editions[-1]).edition.nations),
        "availability": scheme.available(on),
        "from": in_force.from_.isoformat() if in_force else None,
        "until": in_force.until.isoformat() if in_force and in_force.until else None,
    }


def _told(scheme: Scheme, ready: Ready, on: date) -> Iterator[str]:
    """Yield an edition in words, line by line, in English: for staff."""
    edition = ready.edition
    until = f" until {edition.in_force.until}" if edition.in_force.until else ""
    yield f"{edition.name['en']} ({scheme.slug}, edition {edition.edition}), in {', '.join(edition.nations)}"
    yield f"holds from {edition.in_force.from_}{until}; {scheme.available(on)}; {edition.kind}"
    yield f"gives: {edition.gives['en']}"
    yield from (f"condition {name}: {_who(ready, clause)}" for name, clause in ready.clauses.items())
    yield from (f"not confirmed: {words['en']}" for words in edition.unconfirmed)
    yield f"legal basis: {edition.basis}"
    for source in edition.sources:
        yield f"read {source.checked} [{source.mark}]: {source.address or source.says}"


def _who(ready: Ready, clause: Clause) -> str:
    """Return for whom a condition is, in its words."""
    told = clause.no["en"] if clause.no else ""
    return told.replace("{limit}", str(ready.limit_of(clause) or "a sum that the council sets"))
