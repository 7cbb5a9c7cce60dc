"""Protected persons: those at risk, one's own record, one's household. Nothing of them without a second one's yes."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import giving
from portal.blueprints.rent.queries import holders
from portal.clock import SetClock
from portal.identity import persons
from portal.identity.helping import NotPossible
from portal.models import AuditEvent, Channel, Help, Person, StaffHome, StaffRelation
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import HOME, Tenancies
from tests.support.client import CheckingClient
from tests.support.finding import INDEX, find, shown
from tests.support.helps import wanted
from tests.web.blueprints.assist.test_starting import GIVEN

MARY = {"name": "Mary Example", "born_on": "1980-02-01"}
JOHN = {"name": "John Example", "born_on": "1979-04-03"}
FINDERS = (holders.find,)

pytestmark = pytest.mark.usefixtures("connected")


def restrict(db: Session, clock: SetClock, person: Person, *, restricted: bool = True) -> None:
    persons.restrict(db, person.id, restricted=restricted, at=clock.now())
    db.commit()


def near(db: Session, clock: SetClock, staff: Person, to: Person | str) -> None:
    """Note that a resident, or a rent account, is a member of staff's own or of their household."""
    now = clock.now()
    if isinstance(to, str):
        db.add(StaffHome(staff_id=staff.id, reference=to, noted_at=now))
    else:
        db.add(StaffRelation(staff_id=staff.id, subject_id=to.id, noted_at=now))
    db.commit()


def acts(db: Session, *, subject: Person) -> list[tuple[str, UUID | None, str]]:
    found = select(AuditEvent.act, AuditEvent.actor_id, AuditEvent.outcome).where(
        AuditEvent.subject_id == subject.id, AuditEvent.act.startswith("assist.")
    )
    return [(row.act, row.actor_id, row.outcome) for row in db.execute(found.order_by(AuditEvent.id))]


class TestHidden:
    def test_who_is_at_risk_from_everybody(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        told_nothing(find(client, tom, **MARY).text, mary)
        assert acts(db, subject=mary) == []

    def test_ones_own_record(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        near(db, clock, tom, mary)
        told_nothing(find(client, tom, **MARY).text, mary)

    def test_whoever_has_the_same_full_name(self, client: CheckingClient, make: Factory) -> None:
        staff = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="mary EXAMPLE")
        assert shown(find(client, staff, **MARY)) == []

    def test_ones_household_whose_account_is_noted(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        near(db, clock, tom, HOME)
        told_nothing(find(client, tom, **MARY).text, mary)

    def test_ones_household_by_ones_own_record(
        self, client: CheckingClient, connected: Tenancies, make: Factory, mary: Person, db: Session, clock: SetClock
    ) -> None:
        john = make.resident(name="John Example", email="john@example.org")
        connected.connect(john, HOME, 0)
        staff = make.staff(roles=(Role.CUSTOMER_SERVICES,))
        near(db, clock, staff, john)
        told_nothing(find(client, staff, **MARY).text, mary)

    def test_ones_household_by_ones_own_name_on_the_account(
        self, client: CheckingClient, make: Factory, mary: Person
    ) -> None:
        told_nothing(find(client, make.staff(roles=(Role.CUSTOMER_SERVICES,), name="John Example"), **MARY).text, mary)

    def test_somebody_near_without_an_account_is_left_to_a_colleague(
        self, client: CheckingClient, tom: Person, db: Session, clock: SetClock
    ) -> None:
        near(db, clock, tom, HOME)
        response = find(client, tom, **JOHN)
        assert shown(response) == []
        assert "Let a colleague register them" in response.text
        assert client.get("/staff/assist/ask").location == INDEX

    def test_nobody_is_hidden_from_a_colleague_who_is_not_near(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        db: Session,
        clock: SetClock,
        make: Factory,
    ) -> None:
        near(db, clock, tom, mary)
        colleague = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Another One", email="another@example.org")
        assert shown(find(client, colleague, **MARY)) == ["Mary Example"]

    @pytest.mark.parametrize("postcode", ["ZZ1 1AA", "ZZ9 9ZZ"])
    def test_where_somebody_at_risk_lives_is_not_found_by_trying(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        db: Session,
        clock: SetClock,
        postcode: str,
    ) -> None:
        restrict(db, clock, mary)
        for facts in ({"name": "Mary Example"}, {"born_on": "1980-02-01"}, {"reference": HOME}):
            text = find(client, tom, postcode=postcode, **facts).text
            assert "1 record is protected" in text, facts

    def test_how_many_is_the_same_whatever_they_hold(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        """The garage, which isn't connected, is hidden with her."""
        restrict(db, clock, mary)
        response = find(client, tom, **MARY)
        assert "1 record is protected" in response.text
        assert shown(response) == []


def told_nothing(text: str, person: Person) -> None:
    """Fail if a page tells anything of somebody who is protected."""
    main = text.split("<main")[1].split("</form>", 1)[1].partition("</main")[0]  # behind what was typed
    assert "1 record is protected" in main
    assert "matches" not in main
    for told in ("Example", "Weavers", "1980", "Rent", str(person.id)):
        assert told not in main, told


class TestBetweenSearchAndStart:
    def test_who_is_restricted_meanwhile_is_not_shown_any_more(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        find(client, tom, **MARY)
        restrict(db, clock, mary)
        address = f"/staff/assist/{mary.id}/start"
        response = client.get(address)
        assert response.location == "/staff/assist/ask"
        assert "Mary" not in client.get("/staff/assist/ask").text
        assert client.get(address).status_code == 404

    def test_nor_helped(self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock) -> None:
        find(client, tom, **MARY)
        client.get(f"/staff/assist/{mary.id}/start")
        restrict(db, clock, mary)
        response = client.send(f"/staff/assist/{mary.id}/start", GIVEN)
        assert response.location == "/staff/assist/ask"
        assert db.execute(select(Help)).first() is None

    def test_and_the_help_itself_looks_again(
        self, make: Factory, mary: Person, tom: Person, sealer: Sealer, db: Session, clock: SetClock
    ) -> None:
        party = make.party(tom, level=Level.HIGH)
        restrict(db, clock, mary)
        with pytest.raises(NotPossible, match="protected"):
            giving.start(db, sealer, FINDERS, party, wanted(mary), now=clock.now())
        restrict(db, clock, mary, restricted=False)
        assert giving.start(db, sealer, FINDERS, party, wanted(mary), now=clock.now())


def test_a_restricted_person_whom_no_letter_reaches_is_found_by_name_and_any_post_code(
    client: CheckingClient, make: Factory, tom: Person
) -> None:
    """Else whoever knows the name would learn which post codes are wrong."""
    hidden = make.resident(name="Quilla Hidden", email="quilla@example.org", restricted=True)
    make.contact(hidden, Channel.POST, "2 Mill Lane\nZZ4 4DD")
    assert "1 record is protected" in find(client, tom, name="Quilla Hidden", postcode="ZZ7 7GG").text
