"""Who did what to whose data. Rows are only ever added; the database sees to that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.db import committing, rows
from portal.logs import request_id
from portal.models import Asked, AuditEvent
from portal.party import Party
from portal.sealed import Sealer

Answer = TypeVar("Answer")

_ADD = insert(AuditEvent).inline()
_recorded: ContextVar[str] = ContextVar("recorded", default="")
"""Id of the request that left a record last."""


def record(
    db: Session | Connection,
    party: Party | None,
    act: str,
    *,
    at: datetime,
    object: str = "",
    outcome: str = "done",
    authority: str | None = None,
    subject: UUID | None = None,
    **details: int | str | bool,
) -> None:
    """Add one audit record, in the caller's transaction.

    act: ``service.verb``. object: kind and id. party: None for the system itself, a command or somebody unknown; then
    ``authority`` says which and ``subject`` whose data it was. What staff do in a help has ``help:<id>``. details:
    counts and codes, no personal data.
    """
    if authority is None:
        authority = _authority(party)
    rows(
        db,
        _ADD,
        at=at,
        actor_id=party.actor if party else None,
        subject_id=party.subject if party else subject,
        authority=authority,
        act=act,
        object=object,
        outcome=outcome,
        request_id=request_id.get(),
        details=details,
    )
    _recorded.set(request_id.get())


def has_recorded() -> bool:
    """Tell whether the request that is being answered left a record already."""
    return _recorded.get() == request_id.get()


def _authority(party: Party | None) -> str:
    if party is None:
        return "system"
    if party.help:
        return f"help:{party.help}"
    return "self" if party.actor == party.subject else "staff"


class AlreadyAsked(Exception):
    """The same thing is being asked, or its answer was lost and nobody has found out yet."""


class Asking:
    """One question to another system, while it is under way."""

    def __init__(self) -> None:
        self.outcome = "unknown"
        self._then: Callable[[], None] | None = None

    def settled(self, answer: Answer, outcome: str = "done") -> Answer:
        """Note that the other system answered, and return the answer."""
        self.outcome = outcome
        return answer

    def then(self, work: Callable[[], None]) -> None:
        """Have something written in the commit of the outcome, whatever that is."""
        self._then = work

    def finish(self) -> None:
        if self._then:
            self._then()


@contextmanager
def asking(
    db: Session,
    party: Party,
    act: str,
    *,
    at: datetime,
    object: str,
    question: str,
    sealer: Sealer,
    about: bytes | None = None,
    first: Callable[[], None] | None = None,
) -> Iterator[Asking]:
    """Commit that another system is being asked to do something, then commit what came of it.

    question: what is needed to find out later what became of it; sealed, and gone once the outcome is known. An
    exception with a ``settles`` attribute (such as a refusal) settles it too; after any other the row stays for a job.
    about: HMAC of what may not be asked for twice at a time; the second one raises AlreadyAsked. first: a last look
    once no other can be asking; what it raises ends the matter, and nothing was asked.
    No transaction is open inside the block.
    """
    asked = uuid4()
    with committing(db):
        sealed = sealer.seal(question, context="asked.question")
        row = upsert(Asked).values(
            id=asked, person_id=party.subject, act=act, question=sealed, asked_at=at, about=about
        )
        once = row.on_conflict_do_nothing(index_elements=[Asked.about]).returning(Asked.id)
        if db.execute(once).one_or_none() is None:
            raise AlreadyAsked(act)
        if first:
            first()
        record(db, party, act, at=at, object=object, outcome="asked")
    asking = Asking()
    try:
        yield asking
    except Exception as error:
        asking.outcome = getattr(error, "settles", asking.outcome)
        raise
    finally:
        with committing(db):
            if asking.outcome != "unknown":
                db.execute(delete(Asked).where(Asked.id == asked))
            record(db, party, act, at=at, object=object, outcome=asking.outcome)
            asking.finish()
