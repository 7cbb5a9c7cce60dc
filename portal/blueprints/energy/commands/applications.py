"""``portal energy applications …``: applications handed to staff and answered, until casework has pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import click
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import exporting, replying
from portal.blueprints.energy.actions.exporting import Office, Wanted
from portal.blueprints.energy.actions.replying import Reply, Step
from portal.blueprints.energy.queries import sent
from portal.blueprints.energy.queries.sent import Sent, SentCase
from portal.blueprints.energy.rules.form import Unreadable
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.connectors.errors import OutsideError
from portal.identity.protected import Protected
from portal.identity.staff import Member, member_by_email
from portal.party import Level, Party, permissions_of
from portal.workplace import Workplace, workplace

_STATES = click.Choice([state.value for state in State if state is not State.DRAFT])
_AS = click.option("--as", "email", metavar="EMAIL", required=True, help="The member of staff who does it.")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def applications() -> None:
    """Hand applications to staff, and their answers back. REFERENCE is what the person was given when it was sent."""


@applications.command(name="list")
@click.option("--state", type=_STATES, help="Only cases that stand there.")
@click.option("--scheme", metavar="SCHEME", help="Only cases of this scheme.")
def list_(state: str | None, scheme: str | None) -> None:
    """List the case of each scheme of every application that was sent, the earliest first. No names.

    Reference, scheme, state, sent when, until when the person is waited for, files, and which other person's
    application may be the same household's.
    """
    with workplace() as place:
        found = sent.cases(place.db)
        doubles = sent.doubles(found, schemes_of(place.council), place.council.zone)
        for case in found:
            if state in (None, case.state.value) and scheme in (None, case.scheme):
                click.echo(_line(place, case, doubles.get((case.application, case.scheme), [])))


def _line(place: Workplace, case: SentCase, doubles: list[str]) -> str:
    day = case.sent_at.astimezone(place.council.zone).date()
    files = f"{case.files} files" + (f", {case.waiting} not looked at yet" if case.waiting else "")
    double = f"possible double of {', '.join(doubles)}" if doubles else ""
    due = f"due {case.due}" if case.due else "-"
    return "\t".join((case.reference, case.scheme, case.state.value, str(day), due, files, double)).rstrip()


@applications.command()
@click.argument("reference", required=False)
@click.option("--all", "every", is_flag=True, help="All that were sent and aren't in the folder yet.")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="An existing folder; each application gets one of its own in it.",
)
@click.option(
    "--health", is_flag=True, help="With what was said of health; the member of staff has to have energy.health."
)
@click.option("--bank", is_flag=True, help="With bank details, where something is to be paid.")
@_AS
def export(*, reference: str | None, folder: Path, email: str, every: bool, health: bool, bank: bool) -> None:
    """Write an application as JSON, as PDF and with its files into a folder. Each is on record, also with the person.

    Without --health nothing of health is in it but one yes or no for each scheme that counts it. Exit status 1 if one
    couldn't be exported; it is named, with why, and the others are.
    """
    if (reference is None) != every:
        raise click.UsageError("Give a REFERENCE, or --all.")
    with _place(email) as (place, member):
        office = Office(place.council, schemes_of(place.council), place.sealer, place.connectors().files)
        which = sent.every(place.db) if every else [_known(place.db, reference or "")]
        place.db.rollback()
        failed = 0
        for application in which:
            if every and (folder / application.reference).exists():
                continue
            try:
                party, wanted = _party(member, application), Wanted(health=health, bank=bank)
                path = exporting.export(place.db, office, party, application, wanted, to=folder, now=place.clock.now())
            except (Protected, OutsideError, Unreadable, exporting.NoStore, exporting.AlreadyThere) as error:
                failed += 1
                click.echo(f"{application.reference}: {_why(error)}", err=True)
            else:
                click.echo(path)
        if failed:
            raise click.ClickException(f"{failed} of {len(which)} weren't exported.")


@applications.command()
@click.argument("reference")
@click.option("--scheme", metavar="SCHEME", help="Whose case takes the step.")
@click.option("--state", type=_STATES, help="Where it goes.")
@click.option("--due", type=_DAY, metavar="DATE", help="Until when evidence is waited for: 2026-12-24.")
@click.option("--message", type=click.File("r", encoding="utf-8"), metavar="FILE|-", help="What the person reads.")
@_AS
def reply(
    reference: str,
    *,
    scheme: str | None,
    state: str | None,
    due: datetime | None,
    message: IO[str] | None,
    email: str,
) -> None:
    """Answer an application: take the case of a scheme to a state, write to the person, or both. They are told.

    Decisions, and asking for evidence, need a message that says why. Done twice, it is done once.
    """
    if (scheme is None) != (state is None):
        raise click.UsageError("Give --scheme and --state together.")
    with _place(email) as (place, member):
        application = _known(place.db, reference)
        step = Step(scheme, State(state), due.date() if due else None) if scheme and state else None
        given = Reply(step, message.read().strip() if message else "")
        now = place.clock.now()
        desk = replying.Desk(
            place.sealer,
            place.settings.secret_key.get_secret_value().encode(),
            f"{place.settings.base_url}/energy/applications/{application.id}",
            now.astimezone(place.council.zone).date(),
        )
        try:
            done = replying.reply(place.db, desk, _party(member, application), application, given, now=now)
        except replying.CannotGo as error:
            possible = ", ".join(error.possible) or "nowhere: only the person can do something"
            raise click.ClickException(f"It is {error.now}, and can go to: {possible}.") from None
        except replying.NoSuchCase:
            raise click.ClickException(f"{application.reference} isn't for {scheme}.") from None
        except replying.NeedsWords:
            raise click.ClickException("The person has to read why: give a --message.") from None
        except replying.NeedsDue:
            raise click.ClickException("--due belongs to evidence-needed, and is a day after today.") from None
        except Protected as error:
            raise click.ClickException(_why(error)) from None
    click.echo("Done; they are told." if done else "It is already so. Nothing was changed.")


@contextmanager
def _place(email: str) -> Iterator[tuple[Workplace, Member]]:
    """Open what a command needs for a named member of staff."""
    with workplace() as place:
        member = member_by_email(place.db, email)
        if member is None or not member.has_joined:
            raise click.ClickException(f"There is no member of staff {email}.")
        try:
            yield place, member
        except (exporting.NotAllowed, replying.NotAllowed) as refused:
            permission = str(refused) or "energy.read"
            raise click.ClickException(f"{email} has no role with {permission}.") from None


def _known(db: Session, reference: str) -> Sent:
    found = sent.one(db, reference)
    if found is None:
        raise click.ClickException(f"There is no application {reference}.")
    return found


def _party(member: Member, application: Sent) -> Party:
    return Party(application.person, member.id, Level.HIGH, permissions=permissions_of(member.roles))


def _why(error: Exception) -> str:
    match error:
        case Protected():
            return "is protected from this member of staff: a colleague has to say yes, at /staff/assist/requests"
        case exporting.AlreadyThere():
            return f"is in the folder already: move {error} away first"
        case exporting.NoStore():
            return "has files, and no store is set: PORTAL_FILES_FOLDER"
        case Unreadable():
            return "can't be opened: is its sealing key still among PORTAL_SEALING_KEYS?"
        case _:
            return f"its files can't be read just now ({type(error).__name__})"
