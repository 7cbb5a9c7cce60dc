"""``portal library …``."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from portal.blueprints.library.actions import minding
from portal.blueprints.library.rules.keeping import as_values
from portal.connectors.calling import REFRESHER_WAITS_S
from portal.connectors.errors import OutsideError, Refused, Unavailable
from portal.connectors.library import Card, LibrarySystem
from portal.workplace import other_systems, workplace

PARTS = ("account", "loans", "holds", "charges")


@click.group()
def library() -> None:
    """Look after the library."""


@library.command(name="try")
@click.option("--card", "number", metavar="CARD", required=True, help="Number of the card, as it stands on it.")
@click.option("--renew", "item", metavar="ITEM", help="Renew one loan, by its bar code.")
@click.option("--renew-all", is_flag=True, help="Renew every loan, one after the other.")
@click.option("--cancel-hold", "hold", metavar="ID", help="Cancel one hold, by its id.")
@click.pass_context
def try_(context: click.Context, number: str, item: str | None, hold: str | None, *, renew_all: bool) -> None:
    """Ask the library system of PORTAL_LIBRARY_URL what is on a card, and print it as JSON.

    The PIN is read from standard input, or asked for; without one the system is asked all the same, which some refuse.
    With --renew, --renew-all or --cancel-hold that is done first, and "outcome" or "items" say what came of it. Nothing
    is kept, and the database isn't needed. Exit status 1 if the system didn't answer, or refused to say what is on the
    card.
    """
    if sum(map(bool, (item, renew_all, hold))) > 1:
        raise click.UsageError("Choose one of --renew, --renew-all and --cancel-hold.")
    system = other_systems().library
    if system is None:
        raise click.ClickException("PORTAL_LIBRARY_URL is not set: there is no library system to ask.")
    card = _card(number)
    printed = ask(system, card, item=item, hold=hold, renew_all=renew_all)
    click.echo(json.dumps(printed, ensure_ascii=False))
    if printed.get("account") is None or printed.get("outcome") in ("unavailable", "unknown"):
        context.exit(1)


def _card(number: str) -> Card:
    if sys.stdin.isatty():
        pin = click.prompt("PIN", default="", hide_input=True, show_default=False, err=True)
    else:
        pin = sys.stdin.readline()
    try:
        return Card(number.strip(), pin.strip() or None)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def ask(
    system: LibrarySystem, card: Card, *, item: str | None = None, hold: str | None = None, renew_all: bool = False
) -> dict[str, Any]:
    """Return what is printed: what came of the one thing that was to be done, and what is on the card afterwards."""
    try:
        if card.pin:
            system.sign_in(card, within_s=REFRESHER_WAITS_S)
        items = [loan.item for loan in system.read(card, within_s=REFRESHER_WAITS_S).loans] if renew_all else []
    except OutsideError as error:
        return {**_outcome(error), **dict.fromkeys(PARTS)}
    done: dict[str, Any] = {}
    if item:
        done = _came_of("renewed", lambda: system.renew(card, item, within_s=REFRESHER_WAITS_S))
    elif hold:
        done = _came_of("cancelled", lambda: system.cancel_hold(card, hold, within_s=REFRESHER_WAITS_S))
    elif renew_all:
        done = {"items": [_renewed(system, card, one) for one in items]}
    try:
        return {**done, **as_values(system.read(card, within_s=REFRESHER_WAITS_S))}
    except OutsideError as error:
        return {**(done or _outcome(error)), **dict.fromkeys(PARTS)}


def _renewed(system: LibrarySystem, card: Card, item: str) -> dict[str, Any]:
    came = _came_of("renewed", lambda: system.renew(card, item, within_s=REFRESHER_WAITS_S))
    return {"item": item, "outcome": came["outcome"], "reason": came.get("reason")}


def _came_of(done: str, ask: Callable[[], object]) -> dict[str, Any]:
    try:
        ask()
    except OutsideError as error:
        return _outcome(error)
    return {"outcome": done}


def _outcome(error: OutsideError) -> dict[str, Any]:
    """Return what came of it where it wasn't done. An answer that isn't understood is as good as none: unknown."""
    match error:
        case Refused():
            return {"outcome": "refused", "reason": str(error.reason)}
        case Unavailable():
            return {"outcome": "unavailable", "reason": str(error.reason)}
        case _:
            return {"outcome": "unknown"}


@library.command()
def rehash() -> None:
    """Find cards by their numbers again after PORTAL_SECRET_KEY was changed, which keys what they are found by."""
    with workplace() as place:
        secret = place.settings.secret_key.get_secret_value().encode()
        count = minding.rehash(place.db, place.sealer, secret, now=place.clock.now())
    click.echo(f"Cards: {count}.")
