"""Protected persons: those at risk, one's own record, one's household. Nothing of them without a second one's yes."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import giving
from portal.blueprints.rent.queries import holders
from portal.clock import SetClock
from portal.identity import persons
from portal.identity.helping import NotPossible
from portal.models import AuditEvent, Channel, Help, HelpRequest, Person, StaffHome, StaffRelation
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import HOME, Tenancies
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.finding import INDEX, find, shown
from tests.support.helps import wanted
from tests.web.blueprints.assist.test_starting import GIVEN

MARY = {"name": "Mary Example", "born_on": "1980-02-01"}
JOHN = {"name": "John Example", "born_on": "1979-04-03"}
REQUESTS = "/staff/assist/requests"
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


def asked(client: CheckingClient, staff: Person, **facts: str) -> None:
    """Let a member of staff ask for a yes about whom they looked for."""
    find(client, staff, **facts)
    assert client.submit("/staff/assist/ask", {"why": "She is at the desk"}).location == INDEX


def answer(client: CheckingClient, staff: Person, said: str) -> int:
    """Let a member of staff answer the first request that they see; return the status."""
    client.sign_in(staff, level=Level.HIGH)
    (address,) = pages.find(client.get(REQUESTS).text, "//form[contains(@action, 'requests')]/@action")
    return client.send(address, {"answer": said}).status_code


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


class TestAsking:
    def test_wants_a_reason(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        find(client, tom, **MARY)
        response = client.submit("/staff/assist/ask", {"why": " "})
        assert response.status_code == 422
        assert "Say in a few words why" in response.text
        assert db.execute(select(HelpRequest)).first() is None

    def test_a_yes_opens_it_for_half_an_hour_to_whoever_asked(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        make: Factory,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        assert "Nobody has answered yet" in client.get(INDEX).text
        client.sign_in(ada, level=Level.HIGH)
        page = client.get(REQUESTS).text
        for told in ("Mary Example", "Tom Reyes asked", "She is at the desk", "They are at risk"):
            assert told in page
        assert answer(client, ada, "yes") == 303
        assert "Nobody is waiting" in client.get(REQUESTS).text
        assert shown(find(client, tom, **MARY))[0] == "Mary Example"
        assert client.get(f"/staff/assist/{mary.id}/start").status_code == 200
        other = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Another One", email="another@example.org")
        assert "Mary Example" not in shown(find(client, other, **MARY))
        clock.advance(timedelta(minutes=30))
        assert "Mary Example" not in shown(find(client, tom, **MARY))
        assert acts(db, subject=mary) == [
            ("assist.request", tom.id, "done"),
            ("assist.request.view", ada.id, "done"),
            ("assist.request.view", ada.id, "done"),
            ("assist.request.answer", ada.id, "done"),
            ("assist.found", tom.id, "done"),
        ]

    def test_a_yes_leads_straight_on(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        answer(client, ada, "yes")
        client.sign_in(tom, level=Level.HIGH)
        (address,) = pages.find(client.get(INDEX).text, "//form[contains(@action, 'asked')]/@action")
        assert client.send(address).location == f"/staff/assist/{mary.id}/start"
        assert client.submit(f"/staff/assist/{mary.id}/start", GIVEN).location == "/"
        assert db.execute(select(Help.subject_id)).scalar_one() == mary.id
        assert acts(db, subject=mary)[-1] == ("assist.found", tom.id, "done")

    def test_a_no_opens_nothing(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        answer(client, ada, "no")
        told_nothing(find(client, tom, **MARY).text.replace("They said no", ""), mary)
        assert "They said no." in client.get(INDEX).text
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"/staff/assist/asked/{request}").status_code == 404

    def test_it_is_asked_once_at_a_time_and_again_after_an_answer(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        asked(client, tom, **MARY)
        assert len(db.execute(select(HelpRequest.id)).all()) == 1
        answer(client, ada, "no")
        asked(client, tom, **MARY)
        assert len(db.execute(select(HelpRequest.id)).all()) == 2

    def test_nobody_answers_themselves(
        self, client: CheckingClient, mary: Person, tom: Person, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        assert "Nobody is waiting" in client.get(REQUESTS).text
        request = db.execute(select(HelpRequest)).scalar_one()
        assert client.send(f"{REQUESTS}/{request.id}", {"answer": "yes"}).status_code == 404
        request.answered_at, request.answered_by, request.answer = clock.now(), tom.id, "yes"
        request.good_until = clock.now() + timedelta(minutes=30)
        with pytest.raises(IntegrityError, match="ck_help_request_second"):
            db.commit()

    def test_nor_by_a_second_account_of_theirs(
        self, client: CheckingClient, mary: Person, tom: Person, make: Factory, db: Session, clock: SetClock
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        second = make.staff(roles=(Role.MANAGER,), name="TOM Reyes", email="tom2@example.org")
        page = client.sign_in(second, level=Level.HIGH).get(REQUESTS).text
        assert "Nobody is waiting" in page
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"{REQUESTS}/{request}", {"answer": "yes"}).status_code == 404

    def test_nor_about_their_own_household(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        near(db, clock, ada, HOME)
        client.sign_in(ada, level=Level.HIGH)
        page = client.get(REQUESTS).text
        assert "Nobody is waiting" in page and "Mary Example" not in page
        request = db.execute(select(HelpRequest.id)).scalar_one()
        assert client.send(f"{REQUESTS}/{request}", {"answer": "yes"}).status_code == 404
        assert db.execute(select(HelpRequest.answer)).scalar_one() is None

    def test_after_a_day_it_has_to_be_asked_again(
        self,
        client: CheckingClient,
        mary: Person,
        tom: Person,
        ada: Person,
        db: Session,
        clock: SetClock,
    ) -> None:
        restrict(db, clock, mary)
        asked(client, tom, **MARY)
        clock.advance(timedelta(days=1))
        client.sign_in(ada, level=Level.HIGH)
        assert "Nobody is waiting" in client.get(REQUESTS).text
        asked(client, tom, **MARY)
        assert answer(client, ada, "yes") == 303

    def test_an_answer_is_yes_or_no(self, client: CheckingClient, ada: Person) -> None:
        client.sign_in(ada, level=Level.HIGH).get("/staff/account/password")
        assert client.send(f"{REQUESTS}/{uuid4()}", {"answer": "perhaps"}).status_code == 400


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
