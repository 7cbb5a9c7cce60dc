"""Helps are kept for six years, and no longer."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.account.actions import objecting
from portal.blueprints.assist.actions import tidying
from portal.clock import SetClock
from portal.db import committing
from portal.identity import helping
from portal.identity.visits import KEPT_FOR
from portal.models import Help, HelpObjection, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.helps import past_help


def test_helps_are_deleted_after_six_years_with_all_that_came_of_them(
    db: Session, sealer: Sealer, make: Factory, tom: Person, mary: Person, clock: SetClock
) -> None:
    old = past_help(db, sealer, tom, mary, at=clock.now() - KEPT_FOR)
    young = past_help(db, sealer, tom, mary, at=clock.now() - KEPT_FOR + timedelta(hours=1))
    assert objecting.object_to(db, sealer, make.party(mary), old, words="I never called", now=clock.now())
    with committing(db):
        helping.note_for(db, sealer, old, "account.language", old="English", new="Cymraeg", at=clock.now())
    tidying.delete_old(db, now=clock.now())
    assert list(db.scalars(select(Help.id))) == [young]
    assert db.scalars(select(HelpObjection)).all() == []
