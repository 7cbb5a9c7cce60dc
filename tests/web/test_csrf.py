"""Nothing changes unless the form came from us."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import sessions
from portal.models import Person
from portal.web.sessions import LOADED, PLAIN_COOKIE
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient

HTMX = {"HX-Request": "true", "HX-Target": "content"}


def token_in(html: str) -> str:
    return str(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', html)[0])


class TestAForm:
    def test_without_a_token_is_refused_in_plain_words(self, client: CheckingClient) -> None:
        client.get("/sign-in")
        response = client.post("/sign-in", data={"name": "mary@example.org", "password": PASSWORD})
        assert response.status_code == 400
        assert "<h1" in response.text

    def test_with_somebody_elses_token_is_refused(self, client: CheckingClient, make: Factory) -> None:
        make.resident()
        other = client.application.test_client()
        theirs = token_in(other.get("/sign-in").text)
        client.get("/sign-in")
        response = client.post(
            "/sign-in", data={"name": "mary@example.org", "password": PASSWORD, "csrf_token": theirs}
        )
        assert response.status_code == 400

    @pytest.mark.parametrize(
        ("site", "status"), [("same-origin", 422), ("none", 422), ("same-site", 400), ("cross-site", 400)]
    )
    def test_is_refused_where_a_browser_says_that_it_comes_from_another_site(
        self, client: CheckingClient, site: str, status: int
    ) -> None:
        client.get("/sign-in")
        assert client.send("/sign-in", headers={"Sec-Fetch-Site": site}).status_code == status

    def test_sent_by_htmx_is_checked_too(self, client: CheckingClient) -> None:
        client.get("/sign-in")
        assert client.post("/sign-in", headers=HTMX).status_code == 400
        assert client.send("/sign-in", headers=HTMX).status_code == 422

    def test_may_carry_its_token_in_a_header(self, client: CheckingClient) -> None:
        token = token_in(client.get("/sign-in").text)
        assert client.post("/sign-in", headers={**HTMX, "X-CSRFToken": token}).status_code == 422

    @pytest.mark.parametrize("change", [str.swapcase, lambda token: token[:-4], lambda token: token[4:]])
    def test_with_another_token_than_the_very_one_is_refused(
        self, client: CheckingClient, change: Callable[[str], str]
    ) -> None:
        token = token_in(client.get("/sign-in").text)
        assert client.post("/sign-in", data={"csrf_token": change(token)}).status_code == 400

    def test_without_a_session_is_refused_whatever_its_token(self, client: CheckingClient) -> None:
        token = token_in(client.get("/sign-in").text)
        client.delete_cookie(PLAIN_COOKIE)
        assert client.post("/sign-in", data={"csrf_token": token}).status_code == 400


def test_each_form_that_was_open_still_works_after_another_was_sent(client: CheckingClient, make: Factory) -> None:
    """People have pages open in two tabs."""
    client.sign_in(make.resident())
    token = token_in(client.get("/account/language").text)
    client.submit("/account/language", {"language": "cy"})
    assert client.post("/account/language", data={"csrf_token": token, "language": "en"}).status_code == 303


def test_forms_of_two_first_pages_that_came_at_once_can_both_be_sent(
    client: CheckingClient, make: Factory, db: Session, clock: SetClock
) -> None:
    make.resident()
    client.submit("/sign-in", {"name": "mary@example.org", "password": PASSWORD})
    loaded = sessions.load(db.connection(), client.session_token or "", at=clock.now())
    tokens = [
        token_in(client.get("/account/language", environ_overrides={LOADED: loaded}).text) for _at_once in range(2)
    ]
    for token in tokens:
        assert client.post("/account/language", data={"language": "en", "csrf_token": token}).status_code == 303


def test_the_token_looks_different_in_each_response(client: CheckingClient) -> None:
    assert len({token_in(client.get("/sign-in").text) for _ in range(5)}) == 5


def test_the_token_of_before_signing_in_does_not_work_after(client: CheckingClient, make: Factory) -> None:
    mary: Person = make.resident()
    before = token_in(client.get("/sign-in").text)
    client.sign_in(mary)
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_who_was_signed_out_meanwhile_is_sent_to_sign_in_and_back(client: CheckingClient, make: Factory) -> None:
    client.sign_in(make.resident())
    client.get("/account/language")
    client.delete_cookie(PLAIN_COOKIE)
    response = client.send("/account/language", {"language": "cy"})
    assert (response.status_code, response.location) == (303, "/sign-in?next=/account/language")
    assert "Nothing was sent." in client.get(response.location).text
