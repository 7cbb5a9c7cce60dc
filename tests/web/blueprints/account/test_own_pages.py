"""A resident's own account: the first page, connected services, language."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Blueprint
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.clock import SetClock
from portal.council_service import CouncilService, Face
from portal.i18n import lazy_gettext
from portal.models import Channel, Link, Person
from portal.party import Level
from portal.registry import SERVICES
from portal.settings import Settings
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find

Acts = Callable[[], list[tuple[str, str]]]
NOWHERE = "00000000-0000-4000-8000-000000000000"


def rows(client: CheckingClient, address: str) -> dict[str, str]:
    """Return the summary list of a page."""
    keys = [" ".join(key.text_content().split()) for key in find(client.get(address).text, "//main//dt")]
    values = [
        " ".join(value.text_content().split())
        for value in find(client.get(address).text, "//main//dd[@class='govuk-summary-list__value']")
    ]
    return dict(zip(keys, values, strict=True))


class TestTheFirstPage:
    def test_says_who_one_is_and_how_one_is_reached(
        self, client: CheckingClient, make: Factory, clock: SetClock
    ) -> None:
        mary = make.resident(username="mary1")
        clock.advance(timedelta(minutes=1))
        make.contact(mary, Channel.TEXT, "07700 900123")
        client.sign_in(mary)
        assert rows(client, "/account") == {
            "Name": "Mary Example",
            "Username": "mary1",
            "Ways to reach you": "mary@example.org 07700 900123",
            "Language": "English",
        }

    def test_leaves_out_a_username_that_is_not_there(self, client: CheckingClient, mary: Person) -> None:
        client.sign_in(mary)
        assert "Username" not in rows(client, "/account")

    def test_leads_to_all_that_can_be_changed(self, client: CheckingClient, mary: Person) -> None:
        client.sign_in(mary)
        links = set(find(client.get("/account").text, "//main//a/@href"))
        assert {f"/account/{name}" for name in ("contacts", "language", "password", "devices", "links")} <= links
        assert {client.get(link).status_code for link in links} == {200}


class TestConnectedServices:
    @pytest.fixture
    def link(self, make: Factory, mary: Person) -> Link:
        return make.link(mary, "rent", uuid4())

    def test_are_listed_by_name(self, client: CheckingClient, mary: Person, link: Link) -> None:
        client.sign_in(mary)
        page = client.get("/account/links").text
        assert find(page, "//main//h2/text()") == ["Rent"]
        assert str(link.target) not in page

    @pytest.mark.parametrize(("least", "said"), [(Level.MEDIUM, ["Permit 17"]), (Level.HIGH, [])])
    def test_are_told_of_by_their_service_where_the_sign_in_is_strong_enough_for_it(
        self,
        settings: Settings,
        clock: SetClock,
        engine: Engine,
        make: Factory,
        mary: Person,
        least: Level,
        said: list[str],
    ) -> None:
        link = make.link(mary, "parking", uuid4()).id
        parking = CouncilService(
            slug="parking",
            name=lazy_gettext("Parking permits"),
            faces=(Face("resident", Blueprint("parking", __name__), least=least),),
            presence="always",
            linked=lambda _db, _party, _now: {link: "Permit 17"},
        )
        app = create_app(settings, clock=clock, engine=engine, services=(*SERVICES, parking))
        app.test_client_class = CheckingClient
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        page = client.sign_in(mary).get("/account/links").text
        assert find(page, "//main//h2/text()") == ["Parking permits"]
        assert find(page, "//main//li//p[not(contains(@class, 'quiet'))]/text()") == said

    def test_are_none_at_first(self, client: CheckingClient, mary: Person) -> None:
        client.sign_in(mary)
        assert "Nothing is connected to your account yet" in client.get("/account/links").text

    def test_can_be_disconnected_at_once(
        self, client: CheckingClient, db: Session, mary: Person, link: Link, acts: Acts
    ) -> None:
        client.sign_in(mary).get("/account/links")
        assert client.send("/account/links", {"link": str(link.id)}).location == "/account/links"
        assert "Nothing is connected" in client.get("/account/links").text
        db.expire_all()
        assert db.execute(select(Link.ended_why)).scalar_one() == "disconnected"
        assert ("link.end", "done") in acts()

    def test_that_have_ended_by_themselves_are_not_listed(
        self, client: CheckingClient, db: Session, mary: Person, link: Link, clock: SetClock
    ) -> None:
        db.execute(update(Link).where(Link.id == link.id).values(until=clock.now()))
        db.commit()
        client.sign_in(mary)
        assert "Nothing is connected" in client.get("/account/links").text

    def test_of_others_are_not_there(self, client: CheckingClient, john: Person, db: Session, link: Link) -> None:
        client.sign_in(john).get("/account/language")
        assert client.send("/account/links", {"link": str(link.id)}).status_code == 404
        assert db.execute(select(Link.ended_at)).scalar_one() is None

    @pytest.mark.parametrize("link_id", ["", "nonsense", NOWHERE])
    def test_that_are_not_there_are_not_found(self, client: CheckingClient, mary: Person, link_id: str) -> None:
        client.sign_in(mary).get("/account/language")
        assert client.send("/account/links", {"link": link_id}).status_code == 404


class TestTheLanguage:
    def test_is_kept_with_the_account_and_changes_the_pages_at_once(
        self, client: CheckingClient, mary: Person, acts: Acts
    ) -> None:
        client.sign_in(mary)
        assert client.submit("/account/language", {"language": "cy"}).location == "/account"
        page = client.get("/account").text
        assert '<html lang="cy"' in page
        assert find(client.get("/account/language").text, "//input[@checked]/@value") == ["cy"]
        assert acts() == [("account.language", "done")]

    @pytest.mark.parametrize("language", ["", "ga", "xx"])
    def test_must_be_one_that_the_council_offers(
        self, client: CheckingClient, db: Session, mary: Person, language: str
    ) -> None:
        client.sign_in(mary)
        assert client.submit("/account/language", {"language": language}).status_code == 422
        db.expire_all()
        assert db.execute(select(Person.language)).scalar_one() == "en"
