"""``portal internet …``."""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from portal.blueprints.internet.actions import settling
from portal.blueprints.internet.actions.arranging import Keeper
from portal.blueprints.internet.actions.importing import Imported, import_sheet
from portal.blueprints.internet.models import Booking, Computer
from portal.blueprints.internet.queries import bookings, kept, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Where
from portal.blueprints.internet.rules.sheet import SheetRefused, read_sheet
from portal.blueprints.internet.rules.standing import OPEN, State
from portal.blueprints.internet.rules.written import write_hours
from portal.workplace import Workplace, workplace


@click.group()
def internet() -> None:
    """Look after libraries' computers."""


@internet.command()
@click.argument("code", metavar="[BRANCH]", required=False)
@click.option("--day", type=click.DateTime(formats=["%Y-%m-%d"]), metavar="DATE", help="2026-11-24; today by default.")
def show(code: str | None, day: datetime | None) -> None:
    """Print when branches are open, and how many of their computers are in use, booked or out of order. No names.

    BRANCH is a branch's code; all by default.
    """
    with workplace() as place:
        desk, now = _desk(place), place.clock.now()
        on = day.date() if day else desk.where.day(now)
        found = [one for one in rooms.branches(place.db, since=on) if code in (None, one.code)]
        if code and not found:
            raise click.ClickException(f"There is no branch {code}.")
        for one in found:
            for line in _lines(place, desk, one, on, now):
                click.echo(line)


def _lines(place: Workplace, desk: Desk, branch: BranchView, on: date, now: datetime) -> list[str]:
    """Return a branch's day in words."""
    hours = write_hours(branch.opening.hours(on, desk.where)) or "closed"
    computers = kept.computers(place.db, branch.id)
    whole = desk.where.whole_day(on)
    of_day = (Computer.branch_id == branch.id, Booking.starts_at < whole.end, Booking.ends_at > whole.start)
    held = [one for one in bookings.held(place.db, *of_day) if one.state(now) in OPEN]
    in_use = {one.computer_id for one in held if one.state(now) is State.IN_USE}
    by_status = {status: sum(one.status == status for one in computers) for status in ("in-service", "out-of-order")}
    booked = sum(one.state(now) is not State.IN_USE and one.how != "block" for one in held)
    blocked = sum(one.how == "block" for one in held)
    working, broken = by_status["in-service"], by_status["out-of-order"]
    return [
        f"{branch.code}  {branch.called('en')}, {on}: {hours}",
        f"  computers: {working} in service, {broken} out of order; {len(in_use)} in use now",
        f"  bookings to come: {booked}; blocks: {blocked}",
    ]


@internet.command(name="import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option(
    "--touching",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many bookings may be moved, shortened or cancelled by it.",
)
def import_(file: Path, *, dry_run: bool, touching: int) -> None:
    """Bring in branches, opening hours and computers from FILE (CSV, as docs/branches.md describes it).

    All of it or nothing; what the file doesn't name stays as it is. People whose booking is touched are told. Exit
    status 1 if it is refused: each fault names line, column and why.
    """
    with workplace() as place:
        keeper = Keeper(place.db, _desk(place), None, place.clock.now())
        languages = place.council.languages
        try:
            sheet = read_sheet(file.read_bytes(), languages)
            agreed = None if dry_run else touching
            imported = import_sheet(keeper, sheet, languages=languages, agreed=agreed)
        except SheetRefused as refused:
            for fault in refused.faults:
                click.echo(str(fault), err=True)
            raise click.ClickException("Nothing was imported.") from None
    for line in _in_words(imported):
        click.echo(line)
    if not imported.is_done and not dry_run:
        number = imported.touched.bookings
        raise click.ClickException(f"Nothing was imported: it touches bookings. To go on: --touching {number}")


def _in_words(imported: Imported) -> list[str]:
    touched = imported.touched
    bookings = f"moved or shortened: {touched.changed}, cancelled: {touched.cancelled}, sitting: {touched.sitting}"
    return [*map(str, imported.steps), f"Changes: {len(imported.steps)}. Bookings {bookings}."]


@internet.command()
def settle() -> None:
    """Give up what nobody came for and offer what is free, as the worker does each minute. Exit status 1 if a branch
    couldn't be settled; the others are.
    """
    with workplace() as place:
        try:
            settling.settle_everywhere(place.db, _desk(place), now=place.clock.now())
        except ExceptionGroup as failed:
            for error in failed.exceptions:
                click.echo(f"{type(error).__name__}: {error}", err=True)
            sys.exit(1)
    click.echo("Settled.")


def _desk(place: Workplace) -> Desk:
    secret = place.settings.secret_key.get_secret_value().encode()
    return Desk(Where(place.council.zone, place.council.nation), place.sealer, secret, place.settings.base_url)
