"""The council answers an application: a case takes a step, the person reads why, and is told that something happened.

What is done twice is done once: the same step isn't taken again, and the same words after it aren't written again.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.actions.telling import STEP, tell
from portal.blueprints.energy.models import EnergyCase, EnergyEvent, EnergyMessage
from portal.blueprints.energy.queries.afterwards import BODY
from portal.blueprints.energy.queries.sent import Sent
from portal.blueprints.energy.rules.progress import NEEDS_WORDS, State, can_go, steps_from
from portal.db import committing
from portal.identity import protected
from portal.party import Party, Permission
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Step:
    """Of the case of one scheme. due: until when the person is waited for, where evidence is needed; else None."""

    scheme: str
    then: State
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A step, words, or both."""

    step: Step | None
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """secret: keys what tells the same words from others. link: the whole address of the application's page. today: the
    council's day.
    """

    sealer: Sealer
    secret: bytes = field(repr=False)
    link: str
    today: date


class NotAllowed(Exception):
    """The member of staff may not answer applications."""


class NoSuchCase(Exception):
    """The application isn't for this scheme."""


class CannotGo(Exception):
    """The case can't go there from where it stands. possible: where it can."""

    def __init__(self, now: State, possible: Sequence[State]) -> None:
        super().__init__(now.value)
        self.now, self.possible = now, possible


class NeedsWords(Exception):
    """The person has to read why."""


class NeedsDue(Exception):
    """Until when the person is waited for: needed, after today, where evidence is; of no use elsewhere."""


def reply(db: Session, desk: Desk, party: Party, application: Sent, given: Reply, *, now: datetime) -> bool:
    """Answer an application. False if that was done already, word for word; then nothing happens.

    party: the member of staff, for the person whose application it is.
    Raises NotAllowed, portal.identity.protected.Protected, NoSuchCase, CannotGo, NeedsWords, NeedsDue.
    """
    if not party.may(Permission.ENERGY_READ):
        raise NotAllowed
    _expect_whole(desk, given)
    with committing(db):
        protected.expect_open(db, (), party.actor, party.subject, at=now)
        states = _locked(db, application.id)
        moved = given.step is not None and _moved(db, application.id, states, given.step, now=now)
        written = bool(given.words) and _written(db, desk, application.id, given, now=now)
        if not (moved or written):
            return False
        what: dict[str, Any] = {"scheme": given.step.scheme, "state": given.step.then.value} if given.step else {}
        object_ = f"application:{application.id}"
        record(db, party, "energy.reply", at=now, object=object_, moved=moved, written=written, **what)
        tell(db, desk.sealer, application.person, STEP, link=desk.link, at=now)
    return True


def _expect_whole(desk: Desk, given: Reply) -> None:
    step = given.step
    if not given.words and (step is None or step.then in NEEDS_WORDS):
        raise NeedsWords
    if step and (step.then is State.EVIDENCE_NEEDED) != (step.due is not None and step.due > desk.today):
        raise NeedsDue


def _locked(db: Session, application: UUID) -> dict[str, tuple[State, date | None]]:
    """Return where the cases stand, by scheme; none takes a step until this is done."""
    columns = (EnergyCase.scheme, EnergyCase.state, EnergyCase.due)
    of_it = select(*columns).where(EnergyCase.application_id == application).order_by(EnergyCase.scheme)
    return {row.scheme: (State(row.state), row.due) for row in db.execute(of_it.with_for_update())}


def _moved(
    db: Session, application: UUID, states: dict[str, tuple[State, date | None]], step: Step, *, now: datetime
) -> bool:
    """Take the step; False if the case stands there already."""
    if step.scheme not in states:
        raise NoSuchCase(step.scheme)
    stands, due = states[step.scheme]
    if (stands, due) == (step.then, step.due):
        return False
    if not can_go(stands, step.then):
        raise CannotGo(stands, steps_from(stands))
    take_step(db, (application, step.scheme), step.then, before=(stands,), by="council", at=now, due=step.due)
    return True


_NAMESPACE: Final = b"energy reply"


def _written(db: Session, desk: Desk, application: UUID, given: Reply, *, now: datetime) -> bool:
    """Write to the person; False if these words stand there already, after the same step and the same message."""
    after = (_last_step(db, application, given.step.scheme),) if given.step else _last_heard(db, application)
    said = "\x00".join((str(application), *map(str, after), given.words)).encode()
    key = UUID(bytes=hmac.digest(desk.secret, _NAMESPACE + said, hashlib.sha256)[:16])
    message = insert(EnergyMessage).values(
        id=uuid4(),
        application_id=application,
        from_council=True,
        kind="message",
        body=desk.sealer.seal(given.words, context=BODY),
        at=now,
        request_key=key,
    )
    once = message.on_conflict_do_nothing(index_elements=[EnergyMessage.request_key]).returning(EnergyMessage.id)
    return db.execute(once).one_or_none() is not None


def _last_step(db: Session, application: UUID, scheme: str | None = None) -> UUID | None:
    steps = select(EnergyEvent.id).where(EnergyEvent.application_id == application).order_by(EnergyEvent.at.desc())
    return db.scalar((steps.where(EnergyEvent.scheme == scheme) if scheme else steps).limit(1))


def _last_heard(db: Session, application: UUID) -> tuple[UUID | None, UUID | None]:
    """Return what the words answer: the last step, and the last message of the person's."""
    theirs = select(EnergyMessage.id).where(EnergyMessage.application_id == application, ~EnergyMessage.from_council)
    return _last_step(db, application), db.scalar(theirs.order_by(EnergyMessage.at.desc()).limit(1))
