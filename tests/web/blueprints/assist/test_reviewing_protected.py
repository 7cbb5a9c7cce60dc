"""Managers look into helps of people who are protected from them, or near to them, whoever has said yes."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.account.actions import objecting
from portal.clock import SetClock
from portal.db import committing
from portal.identity import helping
from portal.identity.protected import Why
from portal.models import HelpObjection, HelpRequest, Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import past_help


@pytest.fixture
def help_id(db: Session, sealer: Sealer, make: Factory, tom: Person, mary: Person, clock: SetClock) -> UUID:
    """A help of Mary's, in which an address was to be added, and which she objects to."""
    help_id = past_help(db, sealer, tom, mary, at=clock.now() - timedelta(days=2))
    with committing(db):
        new = "mary.new@example.org"
        helping.note_for(db, sealer, help_id, "account.contact.add", old=None, new=new, at=clock.now())
    assert objecting.object_to(db, sealer, make.party(mary), help_id, words="I never called", now=clock.now())
    return help_id


def yes(db: Session, clock: SetClock, by: Person, to: Person, about: Person, why: Why) -> None:
    """Let a second member of staff have said yes a moment ago."""
    now = clock.now()
    db.add(
        HelpRequest(
            id=uuid4(),
            staff_id=to.id,
            subject_id=about.id,
            why=why,
            words=b"",
            asked_at=now,
            answered_at=now,
            answered_by=by.id,
            answer="yes",
            good_until=now + timedelta(minutes=30),
        )
    )
    db.commit()


def test_what_was_changed_of_somebody_at_risk_is_told_without_old_and_new(
    client: CheckingClient, help_id: UUID, ada: Person, tom: Person, mary: Person, db: Session, clock: SetClock
) -> None:
    address = f"/staff/assist/visits/{help_id}"
    client.sign_in(ada, level=Level.HIGH)
    assert "mary.new@example.org" in client.get(address).text
    mary.restricted = True
    db.commit()
    text = client.get(address).text
    assert "An e-mail address to be added" in text
    assert "mary.new@example.org" not in text and "Mary" not in text
    yes(db, clock, tom, ada, mary, Why.RESTRICTED)
    assert "mary.new@example.org" in client.get(address).text


def test_a_yes_to_see_ones_own_record_is_none_to_judge(
    client: CheckingClient, help_id: UUID, make: Factory, tom: Person, mary: Person, db: Session, clock: SetClock
) -> None:
    namesake = make.staff(roles=(Role.MANAGER, Role.CUSTOMER_SERVICES), name=mary.name, email="m@example.org")
    yes(db, clock, tom, namesake, mary, Why.OWN)
    client.sign_in(namesake, level=Level.HIGH)
    assert client.get(f"/staff/assist/visits/{help_id}").status_code == 404
    client.get("/staff/account/password")
    client.send(f"/staff/assist/visits/{help_id}/finding", {"words": "All was well"})
    assert db.scalars(select(HelpObjection.settled_at)).one() is None
