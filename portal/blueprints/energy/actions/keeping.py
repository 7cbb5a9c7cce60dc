"""Keeping the answers of a check, looking at them again, deleting them, sending what was found."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyCheck
from portal.blueprints.energy.queries import checks
from portal.blueprints.energy.rules.again import Again
from portal.blueprints.energy.rules.answers import Answers
from portal.db import committing
from portal.identity import contacts, helping
from portal.messages import send
from portal.models import Channel
from portal.party import Party
from portal.sealed import SealBroken, Sealer


class NoSuchContact(Exception):
    """It isn't a contact of the person, or not a confirmed one that anything is sent to."""


def keep(
    db: Session,
    sealer: Sealer,
    party: Party,
    answers: Answers,
    *,
    again: Again | None,
    with_health: bool,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Keep answers, in the place of those that were kept before. with_health: the person said yes to that.

    zone: the council's. Of a help only the days are noted: answers are gone when the person deletes them.
    """
    kept = answers if with_health else answers.without_health()
    has_health = with_health and answers.has_health
    values = {
        "kept_at": now,
        "answers": sealer.seal(kept.text, context=checks.ANSWERS),
        "with_health": has_health,
        "look_again_on": again.on if again else None,
        "look_again_for": again.because if again else None,
    }
    with committing(db):
        added = insert(EnergyCheck).values(person_id=party.subject, **values)
        before = _kept_on(db, party, zone)
        db.execute(added.on_conflict_do_update(index_elements=[EnergyCheck.person_id], set_=values))
        what = "energy.keep.health" if has_health else "energy.keep"
        helping.note_change(db, sealer, party, what, old=before, new=_day(now, zone), at=now)
        record(db, party, "energy.keep", at=now, health=has_health)


def open_kept(db: Session, sealer: Sealer, party: Party, none: Answers, *, now: datetime) -> Answers | None:
    """Return the answers that are kept, and note that somebody looked; None if there are none that can be read.

    none: the answers of somebody who hasn't said anything.
    """
    found = checks.kept(db, party)
    if found is None or none.household.nation is None:
        return None
    with committing(db):
        record(db, party, "energy.look", at=now)
    try:
        text = sealer.unseal(found.answers, context=checks.ANSWERS)
    except SealBroken:
        return None
    return Answers.from_text(text, none.household.nation)


def forget(db: Session, sealer: Sealer, party: Party, *, zone: ZoneInfo, now: datetime) -> bool:
    """Delete what is kept. False if nothing was. zone: the council's."""
    with committing(db):
        before = _kept_on(db, party, zone)
        gone = delete(EnergyCheck).where(EnergyCheck.person_id == party.subject).returning(EnergyCheck.person_id)
        if db.execute(gone).one_or_none() is None:
            return False
        helping.note_change(db, sealer, party, "energy.delete", old=before, new=None, at=now)
        record(db, party, "energy.delete", at=now)
    return True


def _kept_on(db: Session, party: Party, zone: ZoneInfo) -> str | None:
    found = checks.kept(db, party)
    return _day(found.kept_at, zone) if found else None


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def send_to(
    db: Session, sealer: Sealer, party: Party, contact: UUID, *, text: str, link: str, language: str, now: datetime
) -> None:
    """Send what was found to one of the person’s own confirmed contacts. text: paragraphs, a line each.

    Raises NoSuchContact.
    """
    ways = ways_of(db, party)
    way = next((way for way in ways if way.id == contact), None)
    if way is None:
        raise NoSuchContact(str(contact))
    with committing(db):
        send(
            db,
            person_id=party.subject,
            template="energy-result",
            fields={"text": text, "link": link},
            at=now,
            sealer=sealer,
            to=(way.channel, way.value),
            language=language,
        )
        sent_to = ", ".join(way.value.splitlines())
        helping.note_change(db, sealer, party, "energy.send", old=None, new=sent_to, at=now)
        record(db, party, "energy.send", at=now, object=f"contact:{contact}", channel=way.channel.value)


def ways_of(db: Session, party: Party) -> list[contacts.Way]:
    """Return the contacts that a result can be sent to: confirmed, by e-mail or by post."""
    sent_to = (Channel.EMAIL, Channel.POST)
    return [way for way in contacts.of_person(db, party.subject) if way.confirmed and way.channel in sent_to]
