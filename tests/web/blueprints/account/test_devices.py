"""The sessions that a person is signed in with: seen, and ended one by one or all at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import sessions
from portal.models import Person
from portal.party import Level
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.pages import find

Acts = Callable[[], list[tuple[str, str]]]
NOWHERE = "00000000-0000-4000-8000-000000000000"
Browser = Callable[[], CheckingClient]
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def shown(client: CheckingClient, address: str = "/account/devices") -> list[str]:
    """Return each device on the page, in one line, last seen first."""
    rows = find(client.get(address).text, "//main//li[@class='row']/div")
    return [" ".join(row.text_content().split()) for row in rows]


def ids(db: Session, person: Person, clock: SetClock) -> list[str]:
    """Return the ids of a person's sessions, last seen first."""
    found = [str(device.id) for device in sessions.devices(db, person.id, at=clock.now())]
    db.rollback()
    return found


@pytest.fixture
def elsewhere(browser: Browser, mary: Person) -> CheckingClient:
    """Mary's other browser, where she signed in first."""
    return browser().sign_in(mary)


@pytest.fixture
def here(client: CheckingClient, elsewhere: CheckingClient, mary: Person, clock: SetClock) -> CheckingClient:
    assert elsewhere.session_token
    clock.advance(timedelta(minutes=5))
    return client.sign_in(mary)


class TestTheList:
    def test_names_browser_and_times_and_which_one_this_is(self, here: CheckingClient) -> None:
        first, second = shown(here)
        assert first.startswith("Firefox, Linux – this one Signed in: Tuesday 24 November 2026, 10:05am")
        assert second == (
            "Firefox, Linux Signed in: Tuesday 24 November 2026, 10am Last used: Tuesday 24 November 2026, 10am"
        )

    def test_says_what_kind_of_browser_signed_in_and_no_more(self, client: CheckingClient, mary: Person) -> None:
        client.get("/sign-in")
        form = {"name": "mary@example.org", "password": PASSWORD}
        client.send("/sign-in", form, headers={"User-Agent": PHONE})
        assert shown(client)[0].startswith("Safari, iPhone – this one")
        assert mary.name not in shown(client)[0]

    def test_leaves_out_sessions_that_have_ended_and_those_of_others(
        self, here: CheckingClient, browser: Browser, john: Person, clock: SetClock
    ) -> None:
        browser().sign_in(john)
        clock.advance(timedelta(minutes=26))
        here.get("/account")
        assert len(shown(here)) == 1

    def test_offers_no_way_to_end_this_one_but_signing_out(
        self, here: CheckingClient, db: Session, mary: Person, clock: SetClock
    ) -> None:
        own, other = ids(db, mary, clock)
        assert find(here.get("/account/devices").text, "//main//button[@name='session']/@value") == [other]
        assert here.send("/account/devices", {"session": own}).status_code == 404
        assert here.get("/account").status_code == 200


class TestEnding:
    def test_one_ends_it_and_no_other(
        self,
        here: CheckingClient,
        elsewhere: CheckingClient,
        browser: Browser,
        db: Session,
        mary: Person,
        clock: SetClock,
        acts: Acts,
    ) -> None:
        clock.advance(timedelta(minutes=-10))
        third = browser().sign_in(mary)
        clock.advance(timedelta(minutes=10))
        here.get("/account/devices")
        assert here.send("/account/devices", {"session": ids(db, mary, clock)[1]}).location == "/account/devices"
        assert "You are signed out on that device" in here.get("/account/devices").text
        assert [client.get("/account").status_code for client in (here, elsewhere, third)] == [200, 303, 200]
        assert acts() == [("account.session.end", "done")]

    def test_all_others_leaves_this_one(
        self, here: CheckingClient, elsewhere: CheckingClient, browser: Browser, mary: Person, acts: Acts
    ) -> None:
        third = browser().sign_in(mary)
        here.get("/account/devices")
        here.send("/account/devices")
        assert [client.get("/account").status_code for client in (here, elsewhere, third)] == [200, 303, 303]
        assert acts() == [("account.session.end-others", "done")]

    def test_somebody_elses_is_not_possible(
        self, here: CheckingClient, browser: Browser, db: Session, john: Person, clock: SetClock
    ) -> None:
        theirs = browser().sign_in(john)
        here.get("/account/devices")
        assert here.send("/account/devices", {"session": ids(db, john, clock)[0]}).status_code == 404
        assert theirs.get("/account").status_code == 200

    @pytest.mark.parametrize("session", ["", "nonsense", NOWHERE])
    def test_what_is_not_there_is_not_found(
        self, here: CheckingClient, elsewhere: CheckingClient, session: str
    ) -> None:
        here.get("/account/devices")
        assert here.send("/account/devices", {"session": session}).status_code == 404
        assert elsewhere.get("/account").status_code == 200

    def test_asks_for_the_password_if_it_was_given_a_while_ago(
        self, client: CheckingClient, elsewhere: CheckingClient, mary: Person
    ) -> None:
        client.sign_in(mary, fresh=False).get("/account/devices")
        assert client.send("/account/devices").location == "/sign-in/again?next=/account/devices"
        assert elsewhere.get("/account").status_code == 200


def test_staff_have_the_same_page_of_their_own(client: CheckingClient, browser: Browser, make: Factory) -> None:
    sam = make.staff()
    other = browser().sign_in(sam, level=Level.HIGH)
    client.sign_in(sam, level=Level.HIGH)
    assert len(shown(client, "/staff/account/devices")) == 2
    assert client.send("/staff/account/devices").location == "/staff/account/devices"
    assert [each.get("/staff").status_code for each in (client, other)] == [200, 303]
