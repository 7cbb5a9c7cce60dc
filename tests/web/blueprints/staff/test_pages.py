"""The first page of staff, and staff accounts: who gets there, and what is shown and changed."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.clock import SetClock
from portal.identity import staff
from portal.models import AuditEvent, Person, SignInSession
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find

PAGES = ("/staff", "/staff/audit", "/staff/access", "/staff/access/invite")


@pytest.fixture
def officer(make: Factory) -> Person:
    return make.staff(email="officer@example.org", name="Officer Example", roles=(Role.HOUSING_OFFICER,))


def newest(db: Session) -> AuditEvent:
    """Return what was done last; pages that were seen since are left out."""
    db.rollback()
    done = select(AuditEvent).where(AuditEvent.act != "page.view")
    return db.execute(done.order_by(AuditEvent.id.desc()).limit(1)).scalar_one()


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_sent_to_sign_in(client: CheckingClient, address: str) -> None:
    assert client.get(address).location == f"/sign-in?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_for_residents_there_is_nothing(client: CheckingClient, make: Factory, address: str) -> None:
    client.sign_in(make.resident(), level=Level.HIGH)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_a_password_alone_is_not_enough(client: CheckingClient, boss: Person, address: str) -> None:
    client.sign_in(boss, level=Level.MEDIUM)
    assert client.get(address).status_code == 303


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.ADMINISTRATOR, PAGES),
        (Role.AUDITOR, ("/staff", "/staff/audit")),
        (Role.HOUSING_OFFICER, ("/staff",)),
    ],
)
def test_a_role_opens_its_own_pages_and_no_others(
    client: CheckingClient, make: Factory, role: Role, allowed: tuple[str, ...]
) -> None:
    client.sign_in(make.staff(roles=(role,)), level=Level.HIGH)
    assert [address for address in PAGES if client.get(address).status_code == 200] == list(allowed)
    assert all(client.get(address).status_code == 403 for address in PAGES if address not in allowed)


def test_the_first_page_says_who_i_am_and_links_what_i_may_do(client: CheckingClient, make: Factory) -> None:
    page = client.sign_in(make.staff(roles=(Role.AUDITOR,)), level=Level.HIGH).get("/staff").text
    assert "You are signed in as Sam Example" in page
    assert "Reads the audit" in page
    links = find(page, "//main//a/@href")
    assert "/staff/audit" in links and "/staff/access" not in links


def test_staff_accounts_are_listed_with_roles_and_last_sign_in(
    administrator: CheckingClient, db: Session, officer: Person, clock: SetClock, make: Factory
) -> None:
    record(db, make.party(officer), staff.SECOND_FACTOR, at=clock.now())
    db.commit()
    page = administrator.get("/staff/access").text
    assert "Officer Example" in page and "officer@example.org" in page and "Housing officer" in page
    assert "Last signed in Tuesday 24 November 2026, 10am" in page
    assert "Has never signed in" in page


def test_inviting_sends_a_link_and_lists_the_newcomer(administrator: CheckingClient, db: Session, boss: Person) -> None:
    form = {"name": "New Example", "email": "new@example.org", "roles": ["auditor", "housing-officer"]}
    response = administrator.submit("/staff/access/invite", form)
    assert (response.status_code, response.location) == (303, "/staff/access")
    page = administrator.get("/staff/access").text
    assert "Has not set up their account yet" in page and "New Example" in page
    event = newest(db)
    assert (event.act, event.actor_id, event.details) == ("staff.invite", boss.id, {"roles": "auditor housing-officer"})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Enter their full name"),
        ({"name": "   "}, "Enter their full name"),
        ({"email": "nonsense"}, "Enter an e-mail address in the right form"),
        ({"email": "boss@example.org"}, "This address can&#39;t be used"),
        ({"roles": []}, "Select at least one role"),
        ({"roles": ["king"]}, "There is a problem"),
    ],
)
def test_an_invitation_that_is_wrong_sends_nothing(
    administrator: CheckingClient, db: Session, wrong: dict[str, str | list[str]], message: str
) -> None:
    form = {"name": "New Example", "email": "new@example.org", "roles": ["auditor"], **wrong}
    response = administrator.submit("/staff/access/invite", form)
    assert response.status_code == 422
    assert message in response.text
    assert len(staff.members(db)) == 1


def test_changing_roles_signs_the_person_out(administrator: CheckingClient, db: Session, officer: Person) -> None:
    other = administrator.application.test_client()
    assert isinstance(other, CheckingClient)
    other.sign_in(officer, level=Level.HIGH)
    assert other.get("/staff").status_code == 200
    administrator.submit(f"/staff/access/{officer.id}", {"roles": ["auditor"]})
    member = staff.member(db, officer.id)
    assert member and member.roles == {Role.AUDITOR}
    assert other.get("/staff").status_code == 303


def test_ending_access_asks_first_and_then_ends_it_everywhere(
    administrator: CheckingClient, db: Session, officer: Person
) -> None:
    other = administrator.application.test_client()
    assert isinstance(other, CheckingClient)
    other.sign_in(officer, level=Level.HIGH)
    assert administrator.get(f"/staff/access/{officer.id}/end").status_code == 200
    assert staff.member(db, officer.id)
    administrator.send(f"/staff/access/{officer.id}/end")
    db.rollback()
    assert staff.member(db, officer.id) is None
    assert other.get("/staff").status_code == 303
    assert administrator.get(f"/staff/access/{officer.id}").status_code == 404


def test_the_last_administrator_stays(administrator: CheckingClient, db: Session, boss: Person) -> None:
    response = administrator.submit(f"/staff/access/{boss.id}", {"roles": ["auditor"]})
    assert response.status_code == 409
    administrator.send(f"/staff/access/{boss.id}/end")
    assert "Nothing was changed" in administrator.get("/staff/access").text
    assert staff.member(db, boss.id)


def test_a_new_link_signs_them_out_and_is_on_record(
    administrator: CheckingClient, db: Session, officer: Person
) -> None:
    administrator.get(f"/staff/access/{officer.id}")
    assert administrator.send(f"/staff/access/{officer.id}/authenticator").status_code == 303
    event = newest(db)
    assert (event.act, event.subject_id) == ("staff.reset-second-factor", officer.id)
    member = staff.member(db, officer.id)
    assert member and not member.has_joined


@pytest.mark.parametrize("end", ["", "/end"])
def test_only_staff_are_changed_here(administrator: CheckingClient, make: Factory, end: str) -> None:
    for person in (make.resident().id, uuid4()):
        assert administrator.get(f"/staff/access/{person}{end}").status_code == 404


def test_changes_ask_who_it_is_again_after_a_while(
    client: CheckingClient, db: Session, boss: Person, officer: Person
) -> None:
    client.sign_in(boss, level=Level.HIGH, fresh=False)
    client.get("/staff/access")
    for address in ("invite", f"{officer.id}", f"{officer.id}/end"):
        assert client.get(f"/staff/access/{address}").status_code == 303
    assert client.send(f"/staff/access/{officer.id}/end").status_code == 303
    assert staff.member(db, officer.id)
    assert db.execute(select(SignInSession)).scalars().all()
