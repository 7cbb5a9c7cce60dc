"""Proving it again where it matters: the page asks, and the person comes back to what they were doing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import contacts, sessions
from portal.models import Channel, Person, SignInSession
from portal.party import Level
from portal.settings import Settings
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient

Browser = Callable[[], CheckingClient]


def prove(client: CheckingClient, address: str) -> str | None:
    """Give the password where the portal asks for it; return where it leads."""
    return client.submit(address, {"password": PASSWORD}).location


def test_a_page_that_needs_it_is_shown_afterwards_with_all_of_its_address(client: CheckingClient, mary: Person) -> None:
    client.sign_in(mary, fresh=False)
    asked = client.get("/account/contacts/add?from=letter").location
    assert asked == "/sign-in/again?next=/account/contacts/add?from%3Dletter"
    assert prove(client, asked) == "/account/contacts/add?from=letter"
    assert client.get("/account/contacts/add").status_code == 200


def test_a_form_that_needs_it_leads_back_to_its_page_and_then_works(
    client: CheckingClient, browser: Browser, db: Session, mary: Person, clock: SetClock
) -> None:
    other = browser().sign_in(mary)
    client.sign_in(mary, fresh=False).get("/account/devices")
    form = {"session": str(next(one.id for one in sessions.devices(db, mary.id, at=clock.now())))}
    db.rollback()
    asked = client.send("/account/devices", form).location
    assert asked == "/sign-in/again?next=/account/devices"
    assert other.get("/account").status_code == 200
    assert prove(client, asked) == "/account/devices"
    client.get("/account/devices")
    assert client.send("/account/devices", {}).status_code == 303
    assert other.get("/account").status_code == 303


def test_htmx_is_sent_there_whole_and_comes_back_to_the_page_that_it_was_on(
    client: CheckingClient, mary: Person
) -> None:
    client.sign_in(mary, fresh=False).get("/account/contacts")
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account/contacts?page=2"}
    answer = client.send("/account/contacts", {"contact": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in/again?next=/account/contacts?page%3D2"


def test_it_lasts_for_a_while(client: CheckingClient, mary: Person, clock: SetClock, settings: Settings) -> None:
    client.sign_in(mary, fresh=False)
    prove(client, "/sign-in/again")
    clock.advance(settings.fresh_for)
    assert client.get("/account/contacts/add").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert client.get("/account/contacts/add").status_code == 303


def test_it_does_not_make_a_session_last_longer(
    client: CheckingClient, mary: Person, clock: SetClock, settings: Settings
) -> None:
    client.sign_in(mary)
    for _ in range(int(settings.resident_absolute / timedelta(minutes=20))):
        assert client.get("/account").status_code == 200
        clock.advance(timedelta(minutes=20))
        client.submit("/sign-in/again", {"password": PASSWORD})
    assert client.get("/account").location == "/sign-in?next=/account"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_it_leads_to_no_other_site(client: CheckingClient, mary: Person, elsewhere: str) -> None:
    client.sign_in(mary, fresh=False)
    assert prove(client, f"/sign-in/again?next={elsewhere}") == "/"


def test_a_weaker_sign_in_is_raised_and_a_stronger_one_is_not_lowered(
    client: CheckingClient, db: Session, mary: Person
) -> None:
    for before, after in ((Level.LOW, Level.MEDIUM), (Level.HIGH, Level.HIGH)):
        client.sign_in(mary, level=before, fresh=False)
        prove(client, "/sign-in/again")
        assert db.execute(select(SignInSession.level)).scalar_one() == after
        sessions.end_all(db, mary.id)
        db.commit()


def test_a_session_that_was_revoked_meanwhile_does_not_go_on(client: CheckingClient, db: Session, mary: Person) -> None:
    client.sign_in(mary, fresh=False).get("/sign-in/again")
    sessions.end_all(db, mary.id)
    db.commit()
    assert client.send("/sign-in/again", {"password": PASSWORD}).status_code == 400
    assert client.get("/account").status_code == 303


def test_somebody_elses_password_is_not_enough(client: CheckingClient, make: Factory, mary: Person) -> None:
    make.resident(email="john@example.org", password="another horse battery")
    client.sign_in(mary, fresh=False)
    assert client.submit("/sign-in/again", {"password": "another horse battery"}).status_code == 422


def test_removing_a_contact_after_it_happens_only_when_asked_again(
    client: CheckingClient, db: Session, make: Factory, mary: Person
) -> None:
    """What was sent before the password is not done behind the person's back."""
    second = make.contact(mary, Channel.EMAIL, "second@example.org")
    client.sign_in(mary, fresh=False).get("/account/contacts")
    asked = client.send("/account/contacts", {"contact": str(second.id)}).location or ""
    prove(client, asked)
    client.get("/account/contacts")
    assert len(contacts.of_person(db, mary.id)) == 2
