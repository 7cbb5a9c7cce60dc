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
from portal.models import HelpObjection, HelpRequest, Person, StaffHome
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import HOME
from tests.support.client import CheckingClient
from tests.support.helps import past_help
from tests.support.pages import find
from tests.web.blueprints.assist.conftest import MONDAY, Give, Object
from tests.web.blueprints.assist.test_reviewing import text_of


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


class TestLists:
    """What opening refuses is in no list: whose it is would be told by day, reason and who helped."""

    @pytest.fixture
    def near(self, request: pytest.FixtureRequest, make: Factory, mary: Person, db: Session, clock: SetClock) -> Person:
        """A manager whom Mary is near to, in one of three ways."""
        name = {"by her name": mary.name, "by a name on her account": "John Example"}.get(request.param, "Mona")
        manager = make.staff(roles=(Role.MANAGER,), name=name, email="near@example.org")
        if request.param == "by an account that is noted":
            db.add(StaffHome(staff_id=manager.id, reference=HOME, noted_at=clock.now()))
            db.commit()
        return manager

    @pytest.mark.usefixtures("connected")
    @pytest.mark.parametrize(
        "near", ["by her name", "by a name on her account", "by an account that is noted"], indirect=True
    )
    def test_leave_out_what_opening_refuses(
        self,
        client: CheckingClient,
        give: Give,
        object_to: Object,
        near: Person,
        tom: Person,
        make: Factory,
    ) -> None:
        object_to(give())
        rose = make.resident(name="Rose Other", email="rose@example.org")
        client.sign_in(near, level=Level.HIGH)
        assert "Nobody has objected to a help." in client.get("/staff/assist/objections").text
        month = text_of(client, "/staff/assist/review?month=2026-10")
        assert "none of it is for you" in month and "waits for an answer" not in month
        give(tom, rose, at=MONDAY - timedelta(days=40))
        sample = client.get("/staff/assist/review?month=2026-08").text
        assert len(find(sample, "//main//h3")) == 1

    @pytest.mark.usefixtures("connected")
    def test_show_the_others_what_they_may_open(
        self, client: CheckingClient, give: Give, object_to: Object, ada: Person
    ) -> None:
        object_to(give())
        client.sign_in(ada, level=Level.HIGH)
        assert len(find(client.get("/staff/assist/objections").text, "//main//h2")) == 1
        assert len(find(client.get("/staff/assist/review?month=2026-10").text, "//main//h3")) == 1
