"""``portal messages …``: letters for the print room, and what lies in the outbox."""

from pathlib import Path

import click
from sqlalchemy import func, select

from portal.messages.print_room import hand_over
from portal.models import OutboxMessage
from portal.workplace import workplace


@click.group()
def messages() -> None:
    """Look after messages to people."""


@messages.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def letters(folder: Path) -> None:
    """Hand the letters that wait to the print room, once each.

    They come as PDF files into a new folder inside FOLDER, with a list of them. If this is interrupted, the next call
    finishes the same batch first.
    """
    with workplace() as place:
        batches = hand_over(place.db, folder, council=place.council, sealer=place.sealer, at=place.clock.now())
    for batch in batches:
        click.echo(f"{batch.folder}: {batch.letters} letters")
    if not batches:
        click.echo("No letters wait.")


@messages.command(name="list")
def list_() -> None:
    """Count the messages of the outbox by channel and state."""
    with workplace() as place:
        counts = place.db.execute(
            select(OutboxMessage.channel, OutboxMessage.state, func.count())
            .group_by(OutboxMessage.channel, OutboxMessage.state)
            .order_by(OutboxMessage.channel, OutboxMessage.state)
        ).all()
    for channel, state, count in counts:
        click.echo(f"{channel:<6} {state:<10} {count}")
