"""``portal energy works …``: what tenants told the council as their landlord, until casework has pages."""

import json

import click

from portal.blueprints.energy.actions import looking
from portal.blueprints.energy.actions.looking import Shown
from portal.blueprints.energy.queries.works import Answered
from portal.workplace import workplace

_UNREADABLE = "unreadable"


@click.group()
def works() -> None:
    """Look at what tenants told the council as their landlord about works on their homes."""


@works.command(name="list")
@click.option("--scheme", metavar="SCHEME", help="Only this one.")
@click.option("--as", "email", metavar="EMAIL", required=True, help="The member of staff who looks.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with the words that each tenant read.")
def list_(scheme: str | None, email: str, *, as_json: bool) -> None:
    """List what tenants told and didn't take back, the oldest first: when, scheme, answer, home, name under it.

    For staff with the permission energy.read. Each look is on record, and the tenant sees it. Of somebody who is
    protected from this member of staff only that there is an answer; "unreadable" stands for what no key opens.
    """
    with workplace() as place:
        try:
            found = looking.works_of_everybody(place.db, place.sealer, email, scheme=scheme, now=place.clock.now())
        except looking.NotAllowed:
            raise click.ClickException(f"{email} has no role with energy.read.") from None
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        click.echo(_line(one))


def _line(one: Shown) -> str:
    day = one.answered.at.isoformat(timespec="minutes")
    whose = ("protected",) if one.is_protected else _whose(one.answered)
    return "\t".join((day, one.answered.scheme, one.answered.code, *whose))


def _whose(answered: Answered) -> tuple[str, str]:
    home = _UNREADABLE if answered.home is None else ", ".join(answered.home)
    return home, _UNREADABLE if answered.signed_as is None else answered.signed_as


def _as_json(one: Shown) -> dict[str, object]:
    answered = one.answered
    shown = {"at": answered.at.isoformat(), "scheme": answered.scheme, "answer": answered.code}
    if one.is_protected:
        return shown | {"protected": True}
    whose = {"home": answered.home, "signed_as": answered.signed_as, "in_help": answered.in_help}
    return shown | whose | {"language": answered.language, "words": [*answered.words, answered.said]}
