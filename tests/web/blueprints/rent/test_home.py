"""Rent on the home page, among what is connected, and as facts for other services."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent import queries
from portal.clock import SetClock
from portal.facts import FactKey
from portal.models import AuditEvent, Person
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, RENT, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import Connect, Load


class TestConnectedServices:
    """The account's own list says which rent account each link leads to."""

    WORDS = (
        f"Your home, 14 Weavers Row, payment reference {HOME}",
        f"Your garage, payment reference {GARAGE}",
        "Your garage, payment reference 7204011838",
        "Former tenancy, ended on 22 November 2026, payment reference 7204011839",
    )

    @pytest.fixture(autouse=True)
    def four(self, mary: Person, load: Load, connect: Connect) -> None:
        night = Night().account(RENT)
        for reference in (GARAGE, "7204011838"):
            night.account(reference=reference, tenure="FRG")
        load(night.account(reference="7204011839", ends="22/11/2026"))
        for reference in (HOME, GARAGE, "7204011838", "7204011839"):
            connect(mary, reference)

    def test_no_two_are_called_the_same(self, client: CheckingClient, mary: Person) -> None:
        text = client.sign_in(mary).get("/account/links").text
        rows = find(text, "//main//li")
        assert sorted(row.xpath("string(.//h2/following-sibling::p)") for row in rows) == sorted(self.WORDS)
        buttons = [" ".join(button.text_content().split()) for button in find(text, "//main//button")]
        assert sorted(buttons) == sorted(f"Disconnect Rent: {words}" for words in self.WORDS)


class TestHome:
    def test_is_a_view_of_the_account_too(
        self, see: Callable[[Night], str], client: CheckingClient, db: Session
    ) -> None:
        see(Night().account(RENT))
        client.get("/")
        assert (
            db.execute(select(AuditEvent.act).where(AuditEvent.act == "rent.view")).scalars().all() == ["rent.view"] * 2
        )

    def test_has_a_panel(self, see: Callable[[Night], str], client: CheckingClient) -> None:
        see(Night().account(RENT, BEFORE))
        text = client.get("/").text
        assert [fact.text for fact in find(text, "//p[@class='panel__fact']")] == ["£224.70 to pay now"]
        assert "as of Tuesday 24 November 2026" in text

    def test_invites_to_connect(self, client: CheckingClient, make: Factory) -> None:
        text = client.sign_in(make.resident()).get("/").text
        assert find(text, "//a[text()='Connect your rent account']/@href") == ["/rent/connect"]


class TestFacts:
    def test_tell_of_a_tenancy(self, db: Session, make: Factory, load: Load, connect: Connect, clock: SetClock) -> None:
        heating, benefit = ("23/11/2026", "DHE", 1420), ("09/11/2026", "RHB", -34480)
        load(Night().account(BEFORE, benefit, RENT, heating))
        mary = make.resident()
        connect(mary)
        known = queries.facts(db, make.party(mary), clock.now())
        assert {fact.key: fact.value for fact in known} == {
            FactKey.TENANCY: True,
            FactKey.LANDLORD: "council",
            FactKey.ADDRESS: "14 Weavers Row\nMillbrook\nZZ1 1AA",
            FactKey.TENANT: "Mary Example",
            FactKey.TENANCY_SINCE: "2026-11-02",
            FactKey.RENT: 11235,
            FactKey.RENT_BENEFIT: 34480,
            FactKey.HEATING_CHARGE: 1420,
        }
        assert {(fact.source, fact.as_of.date()) for fact in known} == {("rent", date(2026, 11, 24))}

    @pytest.mark.parametrize("account", [{"tenure": "FRG"}, {"ends": "22/11/2026"}])
    def test_do_not_take_a_garage_or_a_former_tenancy_for_a_home(
        self,
        db: Session,
        make: Factory,
        load: Load,
        connect: Connect,
        clock: SetClock,
        account: dict[str, str],
    ) -> None:
        load(Night().account(RENT, **account))  # type: ignore[arg-type]
        mary = make.resident()
        connect(mary)
        assert queries.facts(db, make.party(mary), clock.now()) == []
