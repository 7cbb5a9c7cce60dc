"""``portal staff …``: the accounts of staff, among them the first one, which nobody could invite from a page."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from email_validator import EmailNotValidError, validate_email

from portal.identity import staff as accounts
from portal.identity.staff import Member, Reason, StaffRefused
from portal.party import Role
from portal.workplace import Workplace, workplace

ROLES = click.Choice([role.value for role in Role])

IN_WORDS = {
    Reason.UNKNOWN: "there is no member of staff with that address",
    Reason.NO_ROLE: "give at least one --role",
    Reason.EMAIL_TAKEN: "that address is taken: an account has it already",
    Reason.LAST_ADMINISTRATOR: "nobody else could look after staff accounts: make somebody else an administrator first",
}


def _an_address(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.BadParameter(str(error)) from None


@click.group()
def staff() -> None:
    """Look after the accounts of staff."""


@staff.command()
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be given several times.")
@click.option("--name", required=True, help="Their full name.")
@click.option("--email", required=True, callback=_an_address, help="Their work e-mail address.")
@click.option("--print", "prints", is_flag=True, help="Print the link as well: for the first account.")
def invite(roles: tuple[str, ...], name: str, email: str, prints: bool) -> None:
    """Make an account and send its owner a link: they choose a password and set up an authenticator app."""
    with _place() as place:
        link = accounts.invite(
            place.db,
            None,
            name=name,
            email=email,
            roles=_roles(roles),
            sealer=place.sealer,
            base_url=place.settings.base_url,
            at=place.clock.now(),
        )
    _say_sent(link, prints=prints)


@staff.command(name="list")
def list_() -> None:
    """List staff: address, name, roles, state, team."""
    with _place() as place:
        for member in accounts.members(place.db):
            state = "joined" if member.has_joined else "invited"
            roles = ",".join(sorted(member.roles))
            click.echo(f"{member.email}\t{member.name}\t{roles}\t{state}\t{member.team or 'no team'}")


@staff.command()
@click.argument("email")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be given several times.")
def roles(email: str, roles: tuple[str, ...]) -> None:
    """Replace the roles of the account with this address. Signs its owner out."""
    with _place() as place:
        accounts.set_roles(place.db, None, _member(place, email).id, _roles(roles), at=place.clock.now())
    click.echo("The roles are changed.")


@staff.command()
@click.argument("email")
@click.argument("team")
def team(email: str, team: str) -> None:
    """Put the account with this address into a TEAM, a code of the council's file; "" for none."""
    with _place() as place:
        if team and team not in place.council.staff.teams:
            known = ", ".join(place.council.staff.teams) or "none"
            raise click.BadParameter(f"the council's file has no such team: {known}", param_hint="TEAM")
        accounts.set_team(place.db, None, _member(place, email).id, team, at=place.clock.now())
    click.echo("The team is changed.")


@staff.command(name="reset-second-factor")
@click.argument("email")
@click.option("--print", "prints", is_flag=True, help="Print the link as well.")
def reset_second_factor(email: str, prints: bool) -> None:
    """Send a new link to somebody who lost their authenticator, or whose link has expired. Signs them out."""
    with _place() as place:
        link = accounts.reset_second_factor(
            place.db,
            None,
            _member(place, email).id,
            sealer=place.sealer,
            base_url=place.settings.base_url,
            at=place.clock.now(),
        )
    _say_sent(link, prints=prints)


@staff.command(name="end-sessions")
@click.argument("email")
def end_sessions(email: str) -> None:
    """Sign somebody out everywhere at once, and nothing else."""
    with _place() as place:
        accounts.end_sessions(place.db, None, _member(place, email).id, at=place.clock.now())
    click.echo("They are signed out everywhere.")


@staff.command()
@click.argument("email")
def remove(email: str) -> None:
    """End somebody's access at once."""
    with _place() as place:
        accounts.remove(place.db, None, _member(place, email).id, at=place.clock.now())
    click.echo("Their access has ended.")


@contextmanager
def _place() -> Iterator[Workplace]:
    """Open what a command needs; a refusal becomes one line and exit status 1."""
    with workplace() as place:
        try:
            yield place
        except StaffRefused as refused:
            raise click.ClickException(IN_WORDS[refused.reason]) from None


def _member(place: Workplace, email: str) -> Member:
    found = accounts.member_by_email(place.db, email)
    if found is None:
        raise StaffRefused(Reason.UNKNOWN)
    return found


def _roles(given: tuple[str, ...]) -> frozenset[Role]:
    return frozenset(Role(role) for role in given)


def _say_sent(link: str, *, prints: bool) -> None:
    click.echo("The link is on its way to them. It works for 48 hours.")
    if prints:
        click.echo(link)
