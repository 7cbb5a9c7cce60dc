"""After a form was sent: writing about it, saying what has changed, withdrawing it."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.actions.progressing import NoSuchStep, take_step
from portal.blueprints.energy.actions.telling import STEP, tell
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyMessage
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.afterwards import BODY
from portal.blueprints.energy.rules.progress import FOLLOWED, WITHDRAWS, State
from portal.db import committing
from portal.identity import helping
from portal.party import Party
from portal.sealed import SealBroken, Sealer

Kind = Literal["message", "change"]


class NoSuchApplication(Exception):
    """It isn't there, isn't the person's, or wasn't sent."""


class NotNow(Exception):
    """Where the case stands now, this can't be done any more. Nothing was changed."""


class SentBefore(Exception):
    """Something else was written in this form before. Nothing was changed."""


def write(
    db: Session, sealer: Sealer, party: Party, application: UUID, body: str, *, kind: Kind, key: UUID, now: datetime
) -> None:
    """Write to the council. kind: ``change`` for what has changed in the person's life. key: of the form that it was
    written in; what is sent twice is written once.

    Raises NoSuchApplication; NotNow for a change where nobody goes by what was told any more; SentBefore where
    something else was written in that form.
    """
    with committing(db):
        states = _locked(db, party, application, now=now)
        added = insert(EnergyMessage).values(
            id=uuid4(),
            application_id=application,
            from_council=False,
            kind=kind,
            body=sealer.seal(body, context=BODY),
            at=now,
            request_key=key,
        )
        once = added.on_conflict_do_nothing(index_elements=[EnergyMessage.request_key])
        if db.execute(once.returning(EnergyMessage.id)).one_or_none() is None:
            if not _is_there(db, sealer, application, body, key):
                raise SentBefore(str(application))
            return
        if kind == "change" and FOLLOWED.isdisjoint(states.values()):
            raise NotNow(str(application))
        record(db, party, "energy.write", at=now, object=f"application:{application}", kind=kind)
        helping.note_change(db, sealer, party, "energy.write", old=None, new=None, at=now)


def _is_there(db: Session, sealer: Sealer, application: UUID, body: str, key: UUID) -> bool:
    """Tell whether what is kept under a key is this, as far as it can be read."""
    those = (EnergyMessage.request_key == key, EnergyMessage.application_id == application)
    sealed = db.scalar(select(EnergyMessage.body).where(*those))
    try:
        return sealed is not None and sealer.unseal(sealed, context=BODY) == body
    except SealBroken:
        return False


def mark_read(db: Session, party: Party, application: UUID, *, until: datetime, now: datetime) -> None:
    """Note that the person has read what the council wrote; in a help nothing is noted: somebody else reads it, too.

    application: one of the subject's. until: when the newest was written that they saw.
    """
    if party.help:
        return
    with committing(db):
        new = (EnergyMessage.application_id == application, EnergyMessage.from_council, EnergyMessage.read_at.is_(None))
        db.execute(update(EnergyMessage).where(*new, EnergyMessage.at <= until).values(read_at=now))
        record(db, party, "energy.read", at=now, object=f"application:{application}")


def withdraw(
    db: Session,
    sealer: Sealer,
    party: Party,
    application: UUID,
    schemes: Collection[str],
    *,
    link: str,
    now: datetime,
) -> None:
    """Withdraw the cases of some schemes: all of them, or none. What was withdrawn before stays so.

    link: the whole address of the application's page. Raises NoSuchApplication; NotNow where one was decided meanwhile.
    """
    with committing(db):
        states = _locked(db, party, application, now=now)
        going = [scheme for scheme in sorted(schemes) if states.get(scheme) is not State.WITHDRAWN]
        for scheme in going:
            try:
                take_step(db, (application, scheme), State.WITHDRAWN, before=WITHDRAWS, by="resident", at=now)
            except NoSuchStep as error:
                raise NotNow(str(application)) from error
        if going:
            tell(db, sealer, party.subject, STEP, link=link, at=now)
            record(db, party, "energy.withdraw", at=now, object=f"application:{application}", schemes=len(going))
            helping.note_change(db, sealer, party, "energy.withdraw", old=None, new=None, at=now)


def _locked(db: Session, party: Party, application: UUID, *, now: datetime) -> dict[str, State]:
    """Return where the cases of a sent application stand, by scheme; none takes a step until this is done."""
    mine = (
        *applications.theirs(party, now),
        EnergyApplication.id == application,
        EnergyApplication.sent_at.is_not(None),
    )
    cases = (
        select(EnergyCase.scheme, EnergyCase.state)
        .join(EnergyApplication, EnergyApplication.id == EnergyCase.application_id)
        .where(*mine)
        .order_by(EnergyCase.scheme)
    )
    found = db.execute(cases.with_for_update()).all()
    if not found:
        raise NoSuchApplication(str(application))
    return {scheme: State(state) for scheme, state in found}
