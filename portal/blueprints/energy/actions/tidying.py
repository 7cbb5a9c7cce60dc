"""Applications are deleted when their time is over, by ``rules/retention``: rows here, files by the store's sweep."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvent, EnergyEvidence, EnergyWorks
from portal.blueprints.energy.rules.progress import OPEN, State
from portal.blueprints.energy.rules.retention import RULES, UNDECIDED, UNPAID
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH
from portal.db import committing

BATCH: Final = 200
"""Applications in one transaction: nobody waits long for what is being deleted."""
_Is: TypeAlias = ColumnElement[bool]


def tidy(db: Session, *, now: datetime, batch: int = BATCH) -> dict[str, int]:
    """Delete what has had its time. Return how many rows were touched, by the rule's name.

    Each batch is on record with its numbers. Twice is as good as once; a case that is open is never deleted.
    """
    total: Counter[str] = Counter()
    while True:
        with committing(db):
            done = _a_batch(db, now=now, batch=batch)
            if done:
                numbers: dict[str, Any] = {name.replace("-", "_"): number for name, number in done.items()}
                record(db, None, "energy.tidy", at=now, **numbers)
        total.update(done)
        if batch not in done.values():
            return dict(total)


def _a_batch(db: Session, *, now: datetime, batch: int) -> dict[str, int]:
    """Apply the rules in order, as far as one rule has a whole batch: what goes as a whole isn't gone through first."""
    done: dict[str, int] = {}
    for name, step in _STEPS.items():
        if number := step(db, _over(name, now), batch):
            done[name] = number
        if number == batch:
            break
    return done


def _over(name: str, now: datetime) -> _Is:
    """Match the rows that a rule holds for, and whose time by it is over: applications, but for works."""
    before = now - RULES[name].kept
    if name == "draft":
        return and_(EnergyApplication.sent_at.is_(None), EnergyApplication.expires_at <= now)
    if name == "works":
        return EnergyWorks.taken_back_at <= before
    at_rest = (EnergyApplication.sent_at.is_not(None), _last_step() <= before, not_(_any_in(OPEN)))
    return and_(*at_rest, *_ONLY.get(name, ()))


def _last_step() -> ColumnElement[datetime]:
    """Return when the last case took its last step; at the latest when the form was sent."""
    of_it = select(func.max(EnergyEvent.at)).where(EnergyEvent.application_id == EnergyApplication.id)
    return func.greatest(of_it.correlate(EnergyApplication).scalar_subquery(), EnergyApplication.sent_at)


def _any_in(states: Collection[State]) -> _Is:
    return exists().where(EnergyCase.application_id == EnergyApplication.id, EnergyCase.state.in_(states))


def _all_in(states: Collection[State]) -> _Is:
    return not_(exists().where(EnergyCase.application_id == EnergyApplication.id, EnergyCase.state.not_in(states)))


_ABOUT_HEALTH: Final = (
    EnergyEvidence.application_id == EnergyApplication.id,
    EnergyEvidence.kind.in_(SHOWS_HEALTH),
)
_ONLY: Final[dict[str, tuple[_Is, ...]]] = {
    "withdrawn": (_all_in((State.WITHDRAWN,)),),
    "closed": (_all_in(UNDECIDED),),
    "health": (or_(EnergyApplication.health.is_not(None), exists().where(*_ABOUT_HEALTH)),),
    "bank": (EnergyApplication.bank.is_not(None), not_(_any_in(UNPAID))),
    "bank-unpaid": (EnergyApplication.bank.is_not(None),),
}
"""What a rule looks at beside the time; the others hold for every application."""


def _locked(db: Session, over: _Is, batch: int) -> list[UUID]:
    """Return what is over, with its cases and rows locked: nobody takes a step between this look and the deletion.

    Looked at again once the cases are locked: a step may have come first. In the order in which a step locks them, and
    what somebody else holds is left for the next time.
    """
    found = db.scalars(select(EnergyApplication.id).where(over).limit(batch)).all()
    cases = select(EnergyCase.scheme).where(EnergyCase.application_id.in_(found))
    db.execute(cases.order_by(EnergyCase.application_id, EnergyCase.scheme).with_for_update())
    still = select(EnergyApplication.id).where(EnergyApplication.id.in_(found), over)
    return list(db.scalars(still.with_for_update(skip_locked=True)))


def _delete(db: Session, over: _Is, batch: int) -> int:
    found = _locked(db, over, batch)
    db.execute(delete(EnergyApplication).where(EnergyApplication.id.in_(found)), execution_options=_PLAIN)
    return len(found)


def _forget_health(db: Session, over: _Is, batch: int) -> int:
    found = _locked(db, over, batch)
    about = (EnergyEvidence.application_id.in_(found), EnergyEvidence.kind.in_(SHOWS_HEALTH))
    db.execute(delete(EnergyEvidence).where(*about), execution_options=_PLAIN)
    _forget(db, found, health=None)
    return len(found)


def _forget_bank(db: Session, over: _Is, batch: int) -> int:
    found = _locked(db, over, batch)
    _forget(db, found, bank=None)
    return len(found)


def _delete_works(db: Session, over: _Is, batch: int) -> int:
    found = db.scalars(select(EnergyWorks.id).where(over).limit(batch)).all()
    db.execute(delete(EnergyWorks).where(EnergyWorks.id.in_(found)), execution_options=_PLAIN)
    return len(found)


def _forget(db: Session, applications: list[UUID], **values: Any) -> None:
    these = update(EnergyApplication).where(EnergyApplication.id.in_(applications))
    db.execute(these.values(**values), execution_options=_PLAIN)


_PLAIN: Final = {"synchronize_session": False}
_STEPS: Final[dict[str, Callable[[Session, _Is, int], int]]] = {
    "draft": _delete,
    "withdrawn": _delete,
    "closed": _delete,
    "decided": _delete,
    "health": _forget_health,
    "bank": _forget_bank,
    "bank-unpaid": _forget_bank,
    "works": _delete_works,
}
"""By the rule's name; what goes as a whole first."""
