"""``portal person …``: what staff at a terminal do for residents' accounts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO
from uuid import UUID

import click

from portal.audit import record
from portal.blueprints.rent.actions import inviting
from portal.blueprints.rent.queries import Tenant
from portal.blueprints.rent.rules.connecting import as_reference
from portal.db import committing
from portal.i18n import LANGUAGES, format_date, use_locale
from portal.identity import contacts, links, persons, resets
from portal.identity.mailing import Mailing
from portal.identity.persons import Account, BadUsername, Details, NameTaken
from portal.models import Channel, Kind
from portal.workplace import Workplace, workplace

_PERSON = "EMAIL|USERNAME|ID"


def _a_text(_: click.Context, __: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("is empty")
    return value.strip()


def _texts(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    return [_a_text(context, parameter, value) for value in values]


@click.group()
def person() -> None:
    """Look after residents' accounts. PERSON is an e-mail address, a username or an id."""


@person.command()
@click.argument("reference")
@click.option("--tenant", "number", type=click.IntRange(min=1), help="Which one, where several hold the account.")
@click.option(
    "--pdf",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the letter to a new file, to hand it over, instead of sending it by post.",
)
def invite(reference: str, number: int | None, pdf: Path | None) -> None:
    """Write a letter with a code to one tenant of the rent account with this payment REFERENCE.

    With the code they connect the account to their own. It stands in the letter and nowhere else. Codes that they were
    sent before stop working; the account's other tenants are not told.
    """
    with workplace() as place:
        tenant = _chosen(inviting.tenants(place.db, reference=as_reference(reference)), number)
        with _private_file(pdf) if pdf else nullcontext() as file:
            invitation = inviting.invite(
                place.db,
                place.sealer,
                tenant=tenant.id,
                council=place.council,
                base_url=place.settings.base_url,
                now=place.clock.now(),
                by_post=file is None,
            )
            if file:
                file.write(invitation.letter)
        with use_locale("en", place.council.zone):
            until = format_date(invitation.until)
    if pdf:
        click.echo(f"The letter to {tenant.name} is in {pdf}. It isn't sent: hand it over yourself.")
    else:
        click.echo(f"A letter to {', '.join((tenant.name, *tenant.address))} waits for the print room.")
    click.echo(f"Its code works until {until}.")


@person.command()
@click.option("--name", required=True, callback=_a_text, help="Their full name.")
@click.option("--username", required=True, help="What they will sign in with.")
@click.option(
    "--address",
    multiple=True,
    required=True,
    callback=_texts,
    help="A line of their postal address; give each, in order.",
)
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="What they read; else the council's first.")
def add(name: str, username: str, address: list[str], language: str | None) -> None:
    """Make an account for somebody without e-mail, and send them a letter with a code to choose a password."""
    with workplace() as place:
        if language and language not in place.council.languages:
            raise click.BadParameter(f"the council doesn't offer {LANGUAGES[language]}", param_hint="--language")
        try:
            _add(place, name, username, address, language or place.council.languages[0])
        except BadUsername:
            why = "a username has 3 to 40 letters, digits, dots, hyphens and underscores"
            raise click.BadParameter(why, param_hint="--username") from None
        except NameTaken:
            raise click.ClickException(f"somebody else signs in as {username}") from None
    click.echo(f"{name} has an account. The letter waits for the print room; its code works for 21 days.")
    click.echo(f"They sign in as {username}: tell them, the letter doesn't.")


@person.command()
@click.argument("who", metavar=_PERSON)
def restrict(who: str) -> None:
    """Hide a person at risk from all staff who lack a permission of its own."""
    with workplace() as place:
        _restrict(place, _account(place, who), restricted=True)
    click.echo("They are hidden from staff.")


@person.command()
@click.argument("who", metavar=_PERSON)
def unrestrict(who: str) -> None:
    """Show a person to staff again."""
    with workplace() as place:
        _restrict(place, _account(place, who), restricted=False)
    click.echo("Staff see them again.")


@person.command(name="end-sessions")
@click.argument("who", metavar=_PERSON)
def end_sessions(who: str) -> None:
    """Sign a person out everywhere at once, and nothing else."""
    with workplace() as place:
        account = _account(place, who)
        with committing(place.db):
            persons.end_sessions(place.db, account.id, at=place.clock.now())
    click.echo("They are signed out everywhere.")


@person.command()
@click.argument("who", metavar=_PERSON)
def close(who: str) -> None:
    """Close an account at once: its sessions and links end, and nobody signs in to it again."""
    with workplace() as place:
        account = _account(place, who)
        with committing(place.db):
            persons.close(place.db, account.id, at=place.clock.now())
    click.echo("The account is closed.")


@person.command()
@click.argument("who", metavar=_PERSON)
def show(who: str) -> None:
    """Show what the portal knows of a person; the audit notes it. Closed accounts are found by their id."""
    with workplace() as place:
        details = _details(place, who)
        with committing(place.db):
            now = place.clock.now()
            about = f"person:{details.id}"
            record(place.db, None, "person.show", at=now, object=about, authority="command", subject=details.id)
        for line in _in_lines(place, details):
            click.echo(line)


def _chosen(tenants: list[Tenant], number: int | None) -> Tenant:
    """Return the tenant with a number, or the only one."""
    if not tenants:
        raise click.ClickException("nobody holds a rent account with that payment reference")
    if number is None and len(tenants) == 1:
        return tenants[0]
    if number is not None and number <= len(tenants):
        return tenants[number - 1]
    listed = "\n".join(f"  {place}  {tenant.name}" for place, tenant in enumerate(tenants, start=1))
    raise click.ClickException(f"choose one of the account's tenants by --tenant:\n{listed}")


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that nobody else can read; it goes if the block fails."""
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}") from None
    try:
        with file:
            yield file
    except BaseException:
        path.unlink()
        raise


def _add(place: Workplace, name: str, username: str, address: list[str], language: str) -> None:
    db, now = place.db, place.clock.now()
    with committing(db):
        account = persons.add(db, name=name, language=language, username=username, at=now)
        persons.add_postal_address(db, account.id, address, at=now)
        record(db, None, "person.add", at=now, object=f"person:{account.id}", authority="command", subject=account.id)
        to = (Channel.POST, "\n".join(address))
        mailing = Mailing(place.sealer, place.settings.base_url)
        resets.send(db, mailing, person_id=account.id, to=to, at=now, username=username)


def _restrict(place: Workplace, account: Account, *, restricted: bool) -> None:
    with committing(place.db):
        persons.restrict(place.db, account.id, restricted=restricted, at=place.clock.now())


def _account(place: Workplace, who: str) -> Account:
    """Return a resident's account that isn't closed."""
    known = _as_id(who)
    found = persons.by_id(place.db, known) if known else persons.find(place.db, who)
    if found is None:
        raise click.ClickException("there is no account of that name that is open")
    if found.kind is not Kind.RESIDENT:
        raise click.ClickException("that is a member of staff: see portal staff")
    return found


def _details(place: Workplace, who: str) -> Details:
    """Return a resident's details, of a closed account as well if it is named by its id."""
    known = _as_id(who) or _account(place, who).id
    found = persons.details(place.db, known)
    if found is None or found.kind != Kind.RESIDENT:
        raise click.ClickException("there is no resident with that id")
    return found


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _in_lines(place: Workplace, details: Details) -> Iterator[str]:
    """Yield what ``show`` prints: what it is, and after a tab its value."""
    yield f"id\t{details.id}"
    yield f"name\t{details.name}"
    yield f"language\t{details.language}"
    yield f"username\t{details.username or 'none'}"
    yield f"password\t{'chosen' if details.has_password else 'none'}"
    yield f"restricted\t{'yes' if details.restricted else 'no'}"
    yield f"since\t{details.created_at:%Y-%m-%d %H:%M} UTC"
    if details.closed_at:
        yield f"closed\t{details.closed_at:%Y-%m-%d %H:%M} UTC"
    for way in contacts.of_person(place.db, details.id):
        yield f"{way.channel}\t{', '.join(way.value.splitlines())}{'' if way.confirmed else ' (not confirmed)'}"
    for link in links.of_subject(place.db, persons.themselves(details.id), at=place.clock.now()):
        yield f"connected\t{link.service}, since {link.since:%Y-%m-%d %H:%M} UTC"
