"""Ways to reach a person: added, confirmed, removed. What one person does here tells nothing of another."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.account import rules
from portal.blueprints.account.actions import changing
from portal.clock import SetClock
from portal.db.jobs import defer
from portal.identity import contacts
from portal.models import Channel, Person
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.observing import calls_of, statements
from tests.support.outbox import Outbox
from tests.support.pages import find

Acts = Callable[[], list[tuple[str, str]]]
NOWHERE = "00000000-0000-4000-8000-000000000000"
Browser = Callable[[], CheckingClient]


def add(client: CheckingClient, email: str = "new@example.org") -> TestResponse:
    return client.submit("/account/contacts/add", {"email": email})


def remove(client: CheckingClient, db: Session, person: Person, value: str) -> TestResponse:
    client.get("/account/contacts")
    (way,) = [way for way in contacts.of_person(db, person.id) if way.value == value]
    db.rollback()
    return client.send("/account/contacts", {"contact": str(way.id)})


def shown(client: CheckingClient) -> list[str]:
    """Return each contact on the page, in one line."""
    rows = find(client.get("/account/contacts").text, "//main//li[@class='row']/div")
    return [" ".join(row.text_content().split()) for row in rows]


@pytest.fixture
def at_home(client: CheckingClient, mary: Person, clock: SetClock) -> CheckingClient:
    clock.advance(timedelta(minutes=1))  # contacts are listed by their age
    return client.sign_in(mary)


@pytest.fixture
def link(at_home: CheckingClient, outbox: Outbox) -> str:
    """Path of the link that Mary's new address was sent."""
    assert add(at_home).status_code == 303
    return outbox.path("contact-confirm")


class TestAdding:
    def test_sends_a_link_and_says_that_the_address_is_not_confirmed_yet(
        self, at_home: CheckingClient, outbox: Outbox, browser: Browser, acts: Acts
    ) -> None:
        assert add(at_home).location == "/account/contacts"
        assert outbox.sent() == [("contact-confirm", "new@example.org")]
        assert shown(at_home)[1] == "E-mail new@example.org Not confirmed yet: open the link that we sent there."
        assert browser().submit("/sign-in", {"name": "new@example.org", "password": PASSWORD}).status_code == 422
        assert acts() == [("account.contact.add", "done"), ("sign-in.password", "refused")]

    @pytest.mark.usefixtures("john")
    def test_of_somebody_elses_address_looks_the_same_and_tells_only_them(
        self, at_home: CheckingClient, outbox: Outbox, clock: SetClock
    ) -> None:
        theirs = add(at_home, "john@example.org")
        clock.advance(timedelta(minutes=1))
        nobodys = add(at_home, "new@example.org")
        assert (theirs.status_code, theirs.location) == (nobodys.status_code, nobodys.location)
        first, second = shown(at_home)[1:]
        assert first.replace("john@", "new@") == second
        assert outbox.sent() == [("contact-confirm", "new@example.org"), ("register-exists", "john@example.org")]

    @pytest.mark.usefixtures("john")
    def test_is_the_same_work_whosever_the_address_is(self, at_home: CheckingClient, engine: Engine) -> None:
        work = []
        for email in ("john@example.org", "new@example.org"):
            at_home.get("/account/contacts/add")
            with statements(engine) as sent, calls_of(defer) as deferred:
                at_home.send("/account/contacts/add", {"email": email})
            work.append(sent + deferred)
        assert work[0] == work[1]

    def test_again_what_is_confirmed_already_is_said(self, at_home: CheckingClient, outbox: Outbox) -> None:
        assert "You have this address already" in add(at_home, "Mary@example.org").text
        assert (len(shown(at_home)), outbox.sent()) == (1, [])

    def test_again_what_is_not_confirmed_sends_another_link_and_stops_the_first(
        self, at_home: CheckingClient, outbox: Outbox, link: str
    ) -> None:
        add(at_home)
        assert len(shown(at_home)) == 2
        assert at_home.get(link).status_code == 404
        assert at_home.get(outbox.path("contact-confirm")).status_code == 200

    def test_too_often_is_refused(self, at_home: CheckingClient) -> None:
        assert [add(at_home).status_code for _ in range(rules.MAIL_NAME + 1)] == [303] * rules.MAIL_NAME + [429]

    @pytest.mark.parametrize("email", ["", "new", "new@example"])
    def test_of_what_is_no_address_says_so(self, at_home: CheckingClient, email: str) -> None:
        assert add(at_home, email).status_code == 422


class TestConfirming:
    def test_asks_first_and_then_lets_the_person_sign_in_with_it(
        self, at_home: CheckingClient, browser: Browser, link: str, acts: Acts
    ) -> None:
        at_home.get(link)
        assert "Not confirmed yet" in shown(at_home)[1]
        at_home.get(link)
        assert at_home.send(link).location == "/account/contacts"
        assert shown(at_home)[1] == "E-mail new@example.org"
        assert browser().submit("/sign-in", {"name": "new@example.org", "password": PASSWORD}).status_code == 303
        assert ("account.contact.confirm", "done") in acts()

    def test_tells_the_addresses_that_were_there_before(
        self, at_home: CheckingClient, outbox: Outbox, link: str
    ) -> None:
        at_home.submit(link)
        assert ("sign-in-method-changed", "mary@example.org") in outbox.sent()
        assert ("sign-in-method-changed", "new@example.org") not in outbox.sent()

    def test_asks_a_stranger_to_sign_in_and_comes_back(self, browser: Browser, link: str) -> None:
        elsewhere = browser()
        asked = elsewhere.get(link)
        assert asked.location == f"/sign-in?next={link}"
        assert elsewhere.submit(asked.location, {"name": "mary@example.org", "password": PASSWORD}).location == link
        assert elsewhere.get(link).status_code == 200

    def test_is_for_the_person_who_added_it_and_nobody_else(
        self, at_home: CheckingClient, browser: Browser, link: str, john: Person
    ) -> None:
        stranger = browser().sign_in(john)
        assert stranger.get(link).status_code == 404
        stranger.get("/account/contacts")
        assert stranger.send(link).status_code == 404
        assert len(shown(stranger)) == 1
        assert at_home.submit(link).status_code == 303

    def test_works_once_and_for_a_day(self, at_home: CheckingClient, link: str, clock: SetClock, mary: Person) -> None:
        clock.advance(changing.CONFIRM_LASTS - timedelta(seconds=1))
        at_home.sign_in(mary)
        assert at_home.submit(link).status_code == 303
        assert at_home.get(link).status_code == 404
        add(at_home, "other@example.org")
        clock.advance(changing.CONFIRM_LASTS)
        assert at_home.sign_in(mary).get(link).status_code == 404

    def test_what_somebody_else_confirmed_first_is_refused(
        self, at_home: CheckingClient, link: str, make: Factory
    ) -> None:
        at_home.get(link)
        make.resident(email="New@example.org", name="Somebody Quicker")
        assert at_home.send(link).status_code == 404
        assert "Not confirmed yet" in shown(at_home)[1]


class TestRemoving:
    def test_one_of_two_tells_both_and_ends_signing_in_with_it(
        self, at_home: CheckingClient, browser: Browser, db: Session, mary: Person, make: Factory, outbox: Outbox
    ) -> None:
        make.contact(mary, Channel.EMAIL, "second@example.org")
        assert remove(at_home, db, mary, "mary@example.org").location == "/account/contacts"
        assert shown(at_home) == ["E-mail second@example.org"]
        assert outbox.sent() == [
            ("sign-in-method-changed", "mary@example.org"),
            ("sign-in-method-changed", "second@example.org"),
        ]
        assert browser().submit("/sign-in", {"name": "mary@example.org", "password": PASSWORD}).status_code == 422

    @pytest.mark.parametrize("others", [(), ("unconfirmed",), ("post",)])
    def test_the_last_one_to_sign_in_with_is_refused(
        self, at_home: CheckingClient, db: Session, mary: Person, make: Factory, others: tuple[str, ...]
    ) -> None:
        if "unconfirmed" in others:
            make.contact(mary, Channel.EMAIL, "new@example.org", confirmed=False)
        if "post" in others:
            make.contact(mary, Channel.POST, "1 Mill Lane\nMillbrook")
        remove(at_home, db, mary, "mary@example.org")
        assert "Nothing was removed" in at_home.get("/account/contacts").text
        assert shown(at_home)[0] == "E-mail mary@example.org"

    def test_the_last_address_of_somebody_with_a_username_and_letters_is_theirs_to_remove(
        self, client: CheckingClient, db: Session, make: Factory
    ) -> None:
        mary = make.resident(username="mary1")
        make.contact(mary, Channel.POST, "1 Mill Lane\nMillbrook")
        client.sign_in(mary)
        assert remove(client, db, mary, "mary@example.org").status_code == 303
        assert shown(client) == ["Letter 1 Mill LaneMillbrook"]

    def test_one_that_is_not_confirmed_is_always_possible_and_stops_its_link(
        self, at_home: CheckingClient, db: Session, mary: Person, link: str
    ) -> None:
        assert remove(at_home, db, mary, "new@example.org").status_code == 303
        at_home.get("/account/contacts")
        assert at_home.send(link).status_code == 404
        assert len(shown(at_home)) == 1

    def test_somebody_elses_is_not_there(
        self, at_home: CheckingClient, db: Session, john: Person, make: Factory
    ) -> None:
        make.contact(john, Channel.EMAIL, "second@example.org")
        assert remove(at_home, db, john, "second@example.org").status_code == 404
        assert len(contacts.of_person(db, john.id)) == 2

    @pytest.mark.parametrize("contact", ["", "nonsense", NOWHERE])
    def test_what_is_not_there_is_not_found(self, at_home: CheckingClient, contact: str) -> None:
        at_home.get("/account/contacts")
        assert at_home.send("/account/contacts", {"contact": contact}).status_code == 404


def test_changes_ask_for_the_password_if_it_was_given_a_while_ago(
    client: CheckingClient, db: Session, make: Factory, mary: Person
) -> None:
    make.contact(mary, Channel.EMAIL, "second@example.org")
    client.sign_in(mary, fresh=False)
    assert client.get("/account/contacts").status_code == 200
    assert client.get("/account/contacts/add").location == "/sign-in/again?next=/account/contacts/add"
    assert remove(client, db, mary, "mary@example.org").location == "/sign-in/again?next=/account/contacts"
    assert len(contacts.of_person(db, mary.id)) == 2
