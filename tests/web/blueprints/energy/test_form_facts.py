"""What other services know, in a form: filled in with its source, confirmed or corrected, told to the housing team."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions.correcting import tell_housing
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import Address
from portal.blueprints.energy.rules.form import Correction, Form
from portal.blueprints.energy.schemes.household import Household, Payment
from portal.council import Council, load_council
from portal.messages.texts import compose
from portal.models import OutboxMessage, Person
from portal.sealed import Sealer
from portal.settings import Settings
from tests.factories.rent import RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import Fill
from tests.web.blueprints.energy.test_steps import lines

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CONFIRMED = "From your rent account, and you said that it is right"
CORRECTED = "What your rent account says, as of 24 November 2026:"


@pytest.fixture
def renting(client: CheckingClient, mary: Person, tenancies: Tenancies) -> str:
    """Address of a form that Mary began without having done the check; she has a rent account."""
    tenancies.load(Night().account(RENT))
    tenancies.connect(mary)
    client.sign_in(mary)
    location: str = client.submit("/energy/apply", {"schemes": ["warm-grant", "crisis-and-resilience-fund"]}).location
    return location


@pytest.fixture
def permitted(client: CheckingClient, renting: str) -> str:
    html = client.get(renting).text
    assert "May we use what your rent account says?" in html
    (form,) = find(html, "//input[@name='form']/@value")
    assert client.send("/energy/facts", {"facts": "yes", "form": form}).location == renting
    return renting


def status(html: str, part: str) -> str:
    return " ".join("".join(find(html, f"//*[@id='part-{part}-status']//text()")).split())


class TestFilledIn:
    def test_is_nothing_before_the_person_says_yes(self, client: CheckingClient, renting: str) -> None:
        assert not find(client.get(f"{renting}/form/address").text, "//input[@name='first']/@value")[0]
        assert "rent account" not in client.get(f"{renting}/form/home").text
        assert status(client.get(renting).text, "home") == "To do"

    def test_is_each_fact_with_its_source_and_its_day(self, client: CheckingClient, permitted: str) -> None:
        html = client.get(permitted).text
        assert "May we use" not in html
        assert status(html, "home") == "Check it"
        assert "We have filled this in from your rent account" in html
        for page, path, value in (
            ("address", "//input[@name='postcode']/@value", "ZZ1 1AA"),
            ("home", "//input[@checked]/@value", "council"),
            ("rent", "//input[@name='amount']/@value", "112.35"),
        ):
            shown = client.get(f"{permitted}/form/{page}").text
            assert "From your rent account, as of 24 November 2026. Change it if it isn’t right." in shown
            assert find(shown, path) == [value]

    def test_is_an_answer_once_it_is_confirmed(self, client: CheckingClient, permitted: str, fill: Fill) -> None:
        assert lines(client.get(f"{permitted}/answers").text, "home") == []
        fill(permitted, "home", tenure="council")
        confirm_address(client, permitted, fill)
        html = client.get(f"{permitted}/answers").text
        assert html.count(CONFIRMED) == 2
        assert CORRECTED not in html

    def test_costs_six_queries_at_most(self, client: CheckingClient, permitted: str, engine: Engine) -> None:
        client.get(permitted)  # what was said once, of the permission, is said
        for page in ("", "/form/rent", "/form/contact", "/answers", "/schemes"):
            with statements(engine) as run:
                client.get(permitted + page)
            assert len(run) <= 6, (page, " | ".join(run))


def confirm_address(client: CheckingClient, form: str, fill: Fill, **other: str) -> None:
    html = client.get(f"{form}/form/address").text
    names = ("first", "second", "town", "postcode")
    shown = {name: str(find(html, f"//input[@name='{name}']/@value")[0]) for name in names}
    assert fill(form, "address", **shown | other).status_code == 303


class TestCorrected:
    def test_stays_beside_what_the_person_says(self, client: CheckingClient, permitted: str, fill: Fill) -> None:
        confirm_address(client, permitted, fill, first="15 Weavers Row")
        fill(permitted, "rent", amount="120", period="week")
        html = client.get(f"{permitted}/answers").text
        assert html.count(CORRECTED) == 2
        assert CONFIRMED not in html
        text = " ".join(find(html, "//dl//text()"))
        for said in ("15 Weavers Row", "14 Weavers Row", "£120.00 a week", "£112.35 a week"):
            assert said in text
        assert CORRECTED in client.get(f"{permitted}/form/rent").text

    def test_is_gone_when_they_say_the_same_after_all(self, client: CheckingClient, permitted: str, fill: Fill) -> None:
        fill(permitted, "home", tenure="owner")
        assert CORRECTED in client.get(f"{permitted}/answers").text
        fill(permitted, "home", tenure="council")
        assert CORRECTED not in client.get(f"{permitted}/answers").text

    def test_is_nothing_where_they_do_not_know(self, client: CheckingClient, permitted: str, fill: Fill) -> None:
        fill(permitted, "rent", unknown="1")
        html = client.get(f"{permitted}/answers").text
        assert lines(html, "rent") == ["I don’t know"]
        assert CORRECTED not in html
        assert CONFIRMED not in html

    def test_stays_when_the_permission_is_taken_back(self, client: CheckingClient, permitted: str, fill: Fill) -> None:
        fill(permitted, "home", tenure="owner")
        client.get("/energy")
        client.send("/energy/facts/take-back")
        fill(permitted, "home", tenure="private_rented")
        assert CORRECTED in client.get(f"{permitted}/answers").text


class TestTellingHousing:
    @pytest.fixture
    def council(self, settings: Settings) -> Council:
        return load_council(settings.council)

    @pytest.fixture
    def form(self) -> Form:
        household = Household(nation="england", tenure="owner", housing_costs=Payment(amount=12000, period="month"))
        told = {"source": "rent", "as_of": "2026-11-24T00:00:00+00:00"}
        corrections = {
            "home": Correction({"tenure": "council"}, **told),
            "rent": Correction({"housing_costs": {"amount": 11235, "period": "week"}}, **told),
            "address": Correction({"lines": ["14 Weavers Row", "Millbrook", "ZZ1 1AA"]}, **told),
        }
        details = {"address": Address(lines=("15 Weavers Row", "Millbrook", "ZZ1 1AA"))}
        return Form(Answers(household), details, corrections)

    def tell(self, db: Session, sealer: Sealer, council: Council, person: Person, form: Form) -> list[tuple[str, str]]:
        tell_housing(db, sealer, council, person=person.id, form=form, reference="EN-1234", at=NOW)
        db.commit()
        found: list[tuple[str, str]] = []
        for row in db.scalars(select(OutboxMessage)):
            fields: dict[str, Any] = json.loads(sealer.unseal(row.fields, context="outbox_message.fields"))
            composed = compose(row.template, fields, language=row.language, council=council)
            address = sealer.unseal(row.address, context="outbox_message.address")
            found.append((address, "\n".join((composed.subject, *composed.paragraphs))))
        return found

    def test_is_one_message_with_what_each_says(
        self, db: Session, sealer: Sealer, council: Council, mary: Person, form: Form
    ) -> None:
        ((address, text),) = self.tell(db, sealer, council, mary, form)
        assert address == "housing@millbrook.example.org"
        assert mary.name in text
        assert "EN-1234" in text
        for said in (
            "the record says “rents it from the council” (as of 24 November 2026), the person says “owns it”.",
            "the record says “£112.35 a week” (as of 24 November 2026), the person says “£120.00 a month”.",
            "“14 Weavers Row, Millbrook, ZZ1 1AA” (as of 24 November 2026), the person says “15 Weavers Row,",
        ):
            assert said in text

    def test_is_nothing_where_nothing_is_corrected(
        self, db: Session, sealer: Sealer, council: Council, mary: Person, form: Form
    ) -> None:
        assert self.tell(db, sealer, council, mary, Form(form.answers)) == []

    def test_is_nothing_where_the_council_names_nobody(
        self, db: Session, sealer: Sealer, council: Council, mary: Person, form: Form
    ) -> None:
        energy = council.energy.model_copy(update={"corrections_to": None})
        assert self.tell(db, sealer, council.model_copy(update={"energy": energy}), mary, form) == []

    def test_says_nothing_of_somebody_at_risk(
        self, db: Session, sealer: Sealer, council: Council, mary: Person, form: Form
    ) -> None:
        mary.restricted = True
        db.flush()
        ((_address, text),) = self.tell(db, sealer, council, mary, form)
        assert "EN-1234" in text
        for secret in (mary.name, "Weavers", "owns", "112"):
            assert secret not in text
