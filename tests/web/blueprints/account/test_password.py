"""Changing one's password while signed in."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from portal.blueprints.account import rules
from portal.models import Person
from portal.party import Level
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.outbox import Outbox

Acts = Callable[[], list[tuple[str, str]]]
Browser = Callable[[], CheckingClient]
NEW = "four words at random"


def change(client: CheckingClient, present: str = PASSWORD, password: str = NEW) -> TestResponse:
    return client.submit("/account/password", {"present": present, "password": password})


@pytest.fixture
def at_home(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


def test_it_replaces_the_old_one(at_home: CheckingClient, browser: Browser, acts: Acts) -> None:
    answer = change(at_home)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password is changed" in at_home.get("/account").text
    old, new = (
        browser().submit("/sign-in", {"name": "mary@example.org", "password": password}) for password in (PASSWORD, NEW)
    )
    assert (old.status_code, new.status_code) == (422, 303)
    assert acts()[:2] == [("sign-in.again", "done"), ("account.password.change", "done")]


def test_it_ends_all_other_sessions_and_goes_on_with_a_new_token_in_this_one(
    at_home: CheckingClient, browser: Browser, mary: Person
) -> None:
    library, phone = browser().sign_in(mary), browser().sign_in(mary)
    before = at_home.session_token
    change(at_home)
    assert [other.get("/account").status_code for other in (library, phone)] == [303, 303]
    assert at_home.session_token not in (None, before)
    assert at_home.get("/account").status_code == 200
    thief = browser()
    thief.set_cookie("portal", before or "")
    assert thief.get("/account").status_code == 303


def test_it_tells_the_owner(at_home: CheckingClient, outbox: Outbox) -> None:
    change(at_home)
    assert outbox.sent() == [("password-changed", "mary@example.org")]


def test_it_needs_the_present_one(at_home: CheckingClient, browser: Browser, mary: Person, outbox: Outbox) -> None:
    other, before = browser().sign_in(mary), at_home.session_token
    refused = change(at_home, present="wrong horse battery")
    assert refused.status_code == 422
    assert "That is not your present password" in refused.text
    assert (at_home.session_token, outbox.sent()) == (before, [])
    assert other.get("/account").status_code == 200


@pytest.mark.parametrize("password", ["short", "maryexample1", "millbrook council", "xq" * 129, ""])
def test_it_must_be_a_good_one(at_home: CheckingClient, outbox: Outbox, password: str) -> None:
    assert change(at_home, password=password).status_code == 422
    assert outbox.sent() == []


def test_it_can_be_tried_so_often_only(at_home: CheckingClient) -> None:
    for _ in range(rules.HERE):
        assert change(at_home, present="wrong horse battery").status_code == 422
    assert change(at_home).status_code == 429


def test_staff_change_theirs_and_stay_signed_in_as_strongly(client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.staff(), level=Level.HIGH)
    answer = client.submit("/staff/account/password", {"present": PASSWORD, "password": NEW})
    assert answer.location == "/staff/account"
    assert client.get("/staff/access").status_code == 200


def test_it_does_not_stand_for_both_factors_of_staff(client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.staff(), level=Level.HIGH, fresh=False)
    client.submit("/staff/account/password", {"present": PASSWORD, "password": NEW})
    assert client.get("/staff/access").status_code == 200
    assert client.get("/staff/access/invite").location == "/sign-in/again?next=/staff/access/invite"
