"""What a tenant tells the council as landlord: whether they would like works, and agree to them; taken back."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyWorks
from portal.blueprints.energy.queries import works
from portal.db import committing
from portal.identity import helping
from portal.messages import NoWayToReach, send
from portal.models import Person
from portal.party import Party
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells. edition: of the scheme. home: the lines of its address. words: what they read, a paragraph
    each. said: their answer, as they read it. language: of both.
    """

    scheme: str
    edition: str
    interested: bool
    agrees: bool
    home: tuple[str, ...]
    signed_as: str
    words: tuple[str, ...]
    said: str
    language: str


def tell(db: Session, sealer: Sealer, party: Party, told: Told, *, link: str, now: datetime) -> None:
    """Keep what a tenant tells in the place of what they told before, and send a receipt without details.

    link: to the page that shows it. Told twice with the same words, it is kept once.
    """
    text = "\n".join((*told.words, told.said))
    with committing(db):
        before = _lock(db, sealer, party, told.scheme)
        if before and _is_same(before, told):
            return
        if before:
            _end(db, before, now)
        db.execute(
            insert(EnergyWorks).values(
                id=uuid4(),
                person_id=party.subject,
                scheme=told.scheme,
                edition=told.edition,
                interested=told.interested,
                agrees=told.agrees,
                home=sealer.seal("\n".join(told.home), context=works.HOME),
                signed_as=sealer.seal(told.signed_as, context=works.SIGNED_AS),
                words=text,
                language=told.language,
                at=now,
                actor_id=party.actor,
                help_id=party.help,
            )
        )
        old = before.said if before else None
        helping.note_change(db, sealer, party, "energy.works", old=old, new=told.said, at=now)
        answer = works.code(interested=told.interested, agrees=told.agrees)
        record(db, party, "energy.works", at=now, object=f"scheme:{told.scheme}", answer=answer)
        _send_receipt(db, sealer, party, link, now)


def take_back(db: Session, sealer: Sealer, party: Party, scheme: str, *, link: str, now: datetime) -> bool:
    """Take back what a tenant told under a scheme. False if there was nothing."""
    with committing(db):
        before = _lock(db, sealer, party, scheme)
        if before is None:
            return False
        _end(db, before, now)
        helping.note_change(db, sealer, party, "energy.works-back", old=before.said, new=None, at=now)
        record(db, party, "energy.works-back", at=now, object=f"scheme:{scheme}")
        _send_receipt(db, sealer, party, link, now)
    return True


def _lock(db: Session, sealer: Sealer, party: Party, scheme: str) -> works.Answered | None:
    """Return what stands under a scheme, of which nothing else becomes until this is kept."""
    db.execute(select(Person.id).where(Person.id == party.subject).with_for_update())
    return works.mine(db, sealer, party).get(scheme)


def _is_same(before: works.Answered, told: Told) -> bool:
    return (before.home, before.signed_as, before.words, before.said) == (
        told.home,
        told.signed_as,
        told.words,
        told.said,
    )


def _end(db: Session, before: works.Answered, now: datetime) -> None:
    db.execute(update(EnergyWorks).where(EnergyWorks.id == before.id).values(taken_back_at=now))


def _send_receipt(db: Session, sealer: Sealer, party: Party, link: str, now: datetime) -> None:
    with suppress(NoWayToReach):
        send(db, person_id=party.subject, template="energy-works", fields={"link": link}, at=now, sealer=sealer)
