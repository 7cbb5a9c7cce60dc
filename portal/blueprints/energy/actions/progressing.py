"""A case takes a step: the one place where its state changes. Works in its caller's transaction."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyCase, EnergyEvent
from portal.blueprints.energy.rules.progress import State

By = Literal["resident", "council", "clock"]


class NoSuchStep(Exception):
    """The case isn't there, or can't go there from where it stands. Nothing was changed."""


def take_step(
    db: Session,
    case: tuple[UUID, str],
    then: State,
    *,
    before: Collection[State],
    by: By,
    at: datetime,
    due: date | None = None,
) -> None:
    """Take a case to its next state, and keep when and by whom. Of two who do so at once, one finds it changed.

    case: application and scheme. before: where it may stand. due: until when the person is waited for, where evidence
    is needed. Raises NoSuchStep.
    """
    application, scheme = case
    these = (EnergyCase.application_id == application, EnergyCase.scheme == scheme, EnergyCase.state.in_(before))
    moved = update(EnergyCase).where(*these).values(state=then, due=due).returning(EnergyCase.scheme)
    if db.execute(moved).one_or_none() is None:
        raise NoSuchStep(f"{scheme}: {then}")
    event = insert(EnergyEvent).values(
        id=uuid4(), application_id=application, scheme=scheme, state=then, at=at, by=by, due=due
    )
    db.execute(event)
