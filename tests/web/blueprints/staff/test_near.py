"""A member of staff's team, and what is noted as their own: kept by administrators, on record."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Person, StaffHome, StaffRelation, StaffTeam
from portal.party import Level, Role
from tests.factories import Factory
from tests.factories.rent import HOME, RENT, Night, Tenancies
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.finding import find, shown


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


@pytest.fixture
def boss(make: Factory) -> Person:
    return make.staff(email="boss@example.org", name="Boss Example")


@pytest.fixture
def administrator(client: CheckingClient, boss: Person) -> CheckingClient:
    return client.sign_in(boss, level=Level.HIGH)


def send(client: CheckingClient, staff: Person, what: str, **given: str) -> int:
    client.get(f"/staff/access/{staff.id}")
    return client.send(f"/staff/access/{staff.id}/{what}", given).status_code


def record(db: Session) -> tuple[str, object, object, dict[str, object]]:
    event = db.execute(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).scalar_one()
    return event.act, event.actor_id, event.subject_id, event.details


class TestTeam:
    def test_is_given_with_an_invitation(self, administrator: CheckingClient, db: Session) -> None:
        given = {"name": "New One", "email": "new@example.org", "roles": "customer-services", "team": "libraries"}
        assert administrator.submit("/staff/access/invite", given).location == "/staff/access"
        assert db.execute(select(StaffTeam.team)).scalar_one() == "libraries"
        assert "Customer services; Libraries" in " ".join(administrator.get("/staff/access").text.split())

    def test_is_changed_without_signing_anybody_out(
        self, administrator: CheckingClient, boss: Person, tom: Person, db: Session
    ) -> None:
        assert send(administrator, tom, "team", team="rent-team") == 303
        assert record(db) == ("staff.team", boss.id, tom.id, {"before": "", "team": "rent-team"})
        assert pages.find(administrator.get(f"/staff/access/{tom.id}").text, "//option[@selected]/@value") == [
            "rent-team"
        ]
        assert send(administrator, tom, "team", team="") == 303
        assert db.execute(select(StaffTeam)).first() is None

    def test_is_one_of_the_councils(self, administrator: CheckingClient, tom: Person, db: Session) -> None:
        assert send(administrator, tom, "team", team="unheard-of") == 422
        assert db.execute(select(StaffTeam)).first() is None


class TestOwnRecords:
    def test_a_rent_account_is_noted_by_its_reference_whoever_has_an_account(
        self, administrator: CheckingClient, boss: Person, tom: Person, tenancies: Tenancies, db: Session
    ) -> None:
        tenancies.load(Night().account(RENT))
        assert send(administrator, tom, "near", record="7204 0118 36") == 303
        assert db.execute(select(StaffHome.staff_id, StaffHome.reference)).one() == (tom.id, HOME)
        assert record(db) == ("staff.near", boss.id, tom.id, {"what": "rent"})
        assert HOME in administrator.get(f"/staff/access/{tom.id}").text
        assert shown(find(administrator, tom, name="Example", born_on="1980-02-01")) == []

    @pytest.mark.parametrize("typed", ["MARY@example.org", "mary1"])
    def test_a_residents_account_by_what_they_sign_in_with(
        self, administrator: CheckingClient, tom: Person, make: Factory, db: Session, typed: str
    ) -> None:
        mary = make.resident(username="mary1")
        assert send(administrator, tom, "near", record=typed) == 303
        assert send(administrator, tom, "near", record=typed) == 303  # once
        assert db.execute(select(StaffRelation.subject_id)).scalar_one() == mary.id
        text = administrator.get(f"/staff/access/{tom.id}").text
        assert "A resident’s account" in text and "Mary" not in text

    @pytest.mark.parametrize("typed", ["0000", "nobody@example.org", "boss@example.org", " "])
    def test_what_is_nobodys_is_refused(
        self, administrator: CheckingClient, tom: Person, db: Session, typed: str
    ) -> None:
        assert send(administrator, tom, "near", record=typed) == 422
        for table in (StaffHome, StaffRelation):
            assert db.execute(select(table)).first() is None

    def test_is_taken_away_on_record(
        self, administrator: CheckingClient, boss: Person, tom: Person, make: Factory, db: Session
    ) -> None:
        mary = make.resident()
        send(administrator, tom, "near", record="mary@example.org")
        assert send(administrator, tom, "near/end", person=str(mary.id)) == 303
        assert db.execute(select(StaffRelation)).first() is None
        assert record(db) == ("staff.near.end", boss.id, tom.id, {"what": "account"})
        assert send(administrator, tom, "near/end", person=str(mary.id)) == 404
        assert send(administrator, tom, "near/end", person="x") == 404
        assert send(administrator, tom, "near/end", reference=HOME) == 404

    def test_nobody_takes_away_their_own(
        self, administrator: CheckingClient, boss: Person, make: Factory, db: Session
    ) -> None:
        mary = make.resident()
        send(administrator, boss, "near", record="mary@example.org")
        send(administrator, boss, "near/end", person=str(mary.id))
        assert "somebody else has to take away" in administrator.get("/staff/access").text
        assert db.execute(select(StaffRelation.subject_id)).scalar_one() == mary.id

    def test_goes_with_whoever_leaves(
        self, administrator: CheckingClient, tom: Person, make: Factory, tenancies: Tenancies, db: Session
    ) -> None:
        tenancies.load(Night().account(RENT))
        make.resident()
        send(administrator, tom, "near", record=HOME)
        send(administrator, tom, "near", record="mary@example.org")
        send(administrator, tom, "team", team="rent-team")
        send(administrator, tom, "end")
        for table in (StaffHome, StaffRelation, StaffTeam):
            assert db.execute(select(table)).first() is None
