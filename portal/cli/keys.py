"""``portal keys …``: a sealing key is changed by sealing anew what an older one sealed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import click
from sqlalchemy import ColumnElement, Connection, CursorResult, Row, SQLColumnExpression, func, select, update
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal import snapshots
from portal.audit import record
from portal.blueprints.account.actions import registering
from portal.blueprints.energy.models import (
    EnergyApplication,
    EnergyCheck,
    EnergyEvidence,
    EnergyMessage,
    EnergyWorks,
)
from portal.blueprints.internet.models import Booking, Member, Program
from portal.blueprints.library.models import LibraryCard, LibraryOutcome, LibraryPin
from portal.db import committing
from portal.identity import helping, second_factors
from portal.models import (
    Asked,
    Help,
    HelpChange,
    HelpExtension,
    HelpObjection,
    HelpRequest,
    OneTimeCode,
    OutboxMessage,
    Snapshot,
    TotpSecret,
)
from portal.sealed import SealBroken, Sealer
from portal.workplace import workplace

BATCH = 500
"""Values in one transaction."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column with sealed values. key: of its rows. context: what a value is sealed for, by its row's key.

    sealed: the value, as it is read out of the column; kept: as the column keeps it.
    """

    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[UUID]
    context: Callable[[UUID], str]
    sealed: SQLColumnExpression[Any]
    kept: Callable[[bytes], object] = bytes

    def is_old(self, sealer: Sealer) -> ColumnElement[bool]:
        """Match the rows whose value isn't sealed with the first key."""
        return func.substr(self.sealed, 1, len(sealer.mark)) != sealer.mark


def _plain(column: InstrumentedAttribute[Any], key: InstrumentedAttribute[UUID]) -> Place:
    """Return a column of values that are sealed for it, whosever they are."""
    context = f"{column.class_.__tablename__}.{column.key}"
    return Place(column, key, lambda _: context, column)


PLACES = (
    Place(TotpSecret.secret, TotpSecret.person_id, second_factors.context, TotpSecret.secret),
    _plain(OutboxMessage.address, OutboxMessage.id),
    _plain(OutboxMessage.fields, OutboxMessage.id),
    _plain(Asked.question, Asked.id),
    _plain(EnergyCheck.answers, EnergyCheck.person_id),
    _plain(EnergyApplication.answers, EnergyApplication.id),
    _plain(EnergyApplication.health, EnergyApplication.id),
    _plain(EnergyApplication.bank, EnergyApplication.id),
    _plain(EnergyMessage.body, EnergyMessage.id),
    _plain(EnergyEvidence.name, EnergyEvidence.id),
    _plain(EnergyEvidence.key, EnergyEvidence.id),
    _plain(EnergyWorks.home, EnergyWorks.id),
    _plain(EnergyWorks.signed_as, EnergyWorks.id),
    _plain(Booking.words, Booking.id),
    _plain(Member.blocked_why, Member.person_id),
    _plain(Program.key, Program.computer_id),
    _plain(Program.message, Program.computer_id),
    _plain(LibraryCard.number, LibraryCard.id),
    _plain(LibraryPin.pin, LibraryPin.id),
    _plain(LibraryOutcome.told, LibraryOutcome.id),
    _plain(Help.words, Help.id),
    _plain(Help.agreed, Help.id),
    Place(HelpExtension.words, HelpExtension.id, lambda _: helping.WORDS, HelpExtension.words),
    Place(HelpChange.old, HelpChange.id, lambda _: helping.CHANGE, HelpChange.old),
    Place(HelpChange.new, HelpChange.id, lambda _: helping.CHANGE, HelpChange.new),
    _plain(HelpRequest.words, HelpRequest.id),
    _plain(HelpObjection.words, HelpObjection.help_id),
    _plain(HelpObjection.finding, HelpObjection.help_id),
    Place(Snapshot.sealed, Snapshot.link_id, snapshots.context, Snapshot.sealed),
    Place(
        OneTimeCode.details,
        OneTimeCode.id,
        lambda _: registering.SEALED,
        func.decode(OneTimeCode.details["email"].astext, "base64", type_=BYTEA),
        registering.as_details,
    ),
)
"""All there are: whoever seals something else in the database adds it here."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew, and how many no key opens that we hold."""

    done: int = 0
    lost: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.done + other.done, self.lost + other.lost)


@click.group()
def keys() -> None:
    """Look after the keys that values in the database are sealed with."""


@keys.command(name="reseal")
def reseal_command() -> None:
    """Seal anew with the first key of PORTAL_SEALING_KEYS what an older one sealed.

    Can be interrupted and run again, while pages are served.
    """
    with workplace() as place:
        resealed = reseal(place.db, place.sealer)
        with committing(place.db):
            at = place.clock.now()
            record(place.db, None, "keys.reseal", at=at, authority="command", values=resealed.done)
    click.echo(f"Values sealed anew: {resealed.done}.")
    if resealed.lost:
        raise click.ClickException(f"values whose key is missing: {resealed.lost}")


def count_old(connection: Connection, sealer: Sealer) -> int:
    """Return how many values an older key than the first sealed."""
    counted = [select(func.count()).select_from(place.key.class_).where(place.is_old(sealer)) for place in PLACES]
    return sum(connection.execute(count).scalar_one() for count in counted)


def reseal(db: Session, sealer: Sealer, *, batch: int = BATCH) -> Resealed:
    """Seal anew with the first key what older ones sealed; each batch of values is one commit."""
    return sum((_in_place(db, sealer, place, batch) for place in PLACES), Resealed())


def _in_place(db: Session, sealer: Sealer, place: Place, batch: int) -> Resealed:
    resealed, after = Resealed(), UUID(int=0)
    while True:
        with committing(db):
            old = (
                select(place.key, place.sealed)
                .where(place.is_old(sealer), place.key > after)
                .order_by(place.key)
                .limit(batch)
            )
            rows = db.execute(old).all()
            resealed = sum((_one(db, sealer, place, row) for row in rows), resealed)
        if not rows:
            return resealed
        after = rows[-1][0]


def _one(db: Session, sealer: Sealer, place: Place, row: Row[UUID, bytes]) -> Resealed:
    key, sealed = row
    context = place.context(key)
    try:
        anew = sealer.seal(sealer.unseal(sealed, context=context), context=context)
    except SealBroken:
        return Resealed(lost=1)
    unchanged = update(place.key.class_).where(place.key == key, place.sealed == sealed)
    change = unchanged.values({place.column: place.kept(anew)}).execution_options(synchronize_session=False)
    changed = db.execute(change)
    return Resealed(done=cast(CursorResult[object], changed).rowcount)
