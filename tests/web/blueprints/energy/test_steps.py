"""Each page of the form that asks for more than the check does: what it takes, what it refuses, how that reads."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions.files import sweep
from portal.blueprints.energy.models import EnergyApplication, EnergyEvidence
from portal.blueprints.energy.rules.desk import Desk
from portal.clock import SetClock
from portal.models import Channel, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.support.sent_files import jpeg
from tests.support.storage import FakeFileStore
from tests.web.blueprints.energy.conftest import Add, Fill

HAPPENED = {"what": "My hours were cut.", "would_help": "Money for the meter."}
BANK = {"holder": "Mary Jones", "sort_code": "30-94-30", "account": "31926819"}
IBAN = {"holder": "Mary Jones", "iban": "IE29 AIBK 9311 5212 3456 78"}
PEOPLE = {"partner": "yes", "children": "1", "adults": "0", "lodgers": "0"}
TAKEN: tuple[tuple[str, dict[str, Any], list[str]], ...] = (
    ("who", {"applying_for": "myself"}, ["Myself and those who live with me"]),
    ("who", {"applying_for": "somebody_else", "relation": "Her son"}, ["Somebody else", "Her son"]),
    (
        "contact",
        {"name": "Mary Jones", "by": "phone", "phone": "01632 960 001", "needs": "Large print"},
        ["Mary Jones", "By phone", "01632 960 001", "Large print"],
    ),
    (
        "address",
        {"first": "14 Weavers Row", "second": "", "town": "Millbrook", "postcode": "ZZ1 1AA"},
        ["14 Weavers Row", "Millbrook", "ZZ1 1AA"],
    ),
    ("supplier", {"name": "Bright Power"}, ["Bright Power"]),
    (
        "supplier",
        {"name": "Bright Power", "account": "A-123 456"},
        ["Bright Power", "Account number: A-123 456"],
    ),
    (
        "meter",
        {"electricity": "22 9974 3438 105", "gas": "123 4567"},
        [
            "Electricity: the number that is called MPAN: 2299743438105",
            "Gas: the number that is called MPRN: 1234567",
        ],
    ),
    ("meter", {"unknown": "1"}, ["I don’t have them to hand"]),
    ("happened", HAPPENED, ["My hours were cut.", "Money for the meter."]),
    (
        "happened",
        HAPPENED | {"needed_by-day": "4", "needed_by-month": "12", "needed_by-year": "2026"},
        ["My hours were cut.", "Money for the meter.", "Needed by 4 December 2026"],
    ),
    ("bank", BANK, ["Mary Jones", "The account that ends in 6819"]),
    ("bank", {"unknown": "1"}, ["You have no bank account. We will ask how to pay you."]),
)
REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("who", {}, "Choose who you are applying for"),
    ("who", {"applying_for": "somebody_else", "relation": " "}, "Say how you know them, and what allows you"),
    ("who", {"applying_for": "somebody_else", "relation": "x" * 301}, "Use 300 characters or fewer"),
    ("contact", {"name": " ", "by": "post"}, "Write your full name"),
    ("contact", {"name": "Mary"}, "Choose how you would like us to reach you"),
    ("contact", {"name": "Mary", "by": "phone"}, "Write your phone number, or choose another way"),
    ("contact", {"name": "Mary", "by": "phone", "phone": "soon"}, "Write a phone number in digits"),
    ("contact", {"name": "Mary", "by": "email"}, "Write your e-mail address, or choose another way"),
    ("contact", {"name": "Mary", "by": "email", "email": "mary"}, "Write an e-mail address in the right form"),
    ("address", {"first": "", "town": "Millbrook", "postcode": "ZZ1 1AA"}, "Write the first line of your address"),
    ("address", {"first": "1 Row", "town": "", "postcode": "ZZ1 1AA"}, "Write your town or city"),
    ("address", {"first": "1 Row", "town": "Millbrook", "postcode": " "}, "Write your postcode"),
    ("supplier", {"name": ""}, "Write the name of your energy supplier"),
    ("meter", {}, "Write the number of a meter, or say that you don’t have it to hand"),
    ("meter", {"electricity": "229974343810"}, "The MPAN has 13 digits"),
    ("meter", {"electricity": "2299743438106"}, "Check each digit of the MPAN"),
    ("meter", {"gas": "12345"}, "The MPRN of gas has 6 to 10 digits"),
    ("happened", {"what": "", "would_help": "A heater"}, "Write what happened"),
    ("happened", {"what": "x" * 2001, "would_help": "A heater"}, "Use 2000 characters or fewer"),
    ("happened", {"what": "It broke", "would_help": " "}, "Write what would help"),
    (
        "happened",
        HAPPENED | {"needed_by-day": "1", "needed_by-month": "1", "needed_by-year": "2026"},
        "this day is over",
    ),
    (
        "happened",
        HAPPENED | {"needed_by-day": "1", "needed_by-month": "1", "needed_by-year": "2030"},
        "this day is more than a year away",
    ),
    ("bank", BANK | {"holder": ""}, "Write the name on the account"),
    ("bank", BANK | {"sort_code": "12345"}, "Write the sort code as 6 digits"),
    ("bank", BANK | {"account": "12345"}, "Write the account number as 6 to 8 digits"),
)


def lines(html: str, page: str) -> list[str]:
    """Return what the list of answers says of one page."""
    (row,) = find(html, f"//dl/div[.//a[contains(@href, '/form/{page}?')]]/dd[1]")
    return [text.strip() for text in row.xpath("text()") if text.strip()]


@pytest.mark.parametrize(("page", "given", "said"), TAKEN, ids=lambda one: one if isinstance(one, str) else "")
def test_takes_an_answer_and_reads_it_back(
    told: CheckingClient, form: str, fill: Fill, page: str, given: dict[str, Any], said: list[str]
) -> None:
    assert fill(form, page, **given).status_code == 303
    assert lines(told.get(f"{form}/answers").text, page) == said


@pytest.mark.parametrize(
    ("page", "given", "message"), REFUSED, ids=lambda one: one[:30] if isinstance(one, str) else ""
)
def test_says_what_to_do_about_an_answer_that_can_not_be(
    told: CheckingClient, form: str, fill: Fill, page: str, given: dict[str, Any], message: str
) -> None:
    response = fill(form, page, **given)
    assert response.status_code == 422
    summary = find(response.text, "//*[@data-module='govuk-error-summary']//a")
    assert [message in link.text for link in summary] == [True], [link.text for link in summary]
    assert find(response.text, f"//*[@id='{summary[0].get('href')[1:]}']"), "the message leads to its field"
    assert lines(told.get(f"{form}/answers").text, page) == []


@pytest.mark.parametrize("page", ["people", "home", "savings", "benefits/0"])
def test_not_to_know_is_an_answer_where_the_check_takes_it_for_one(
    told: CheckingClient, form: str, fill: Fill, page: str
) -> None:
    (words,) = find(told.get(f"{form}/form/{page}").text, "//button[@name='unknown']/text()")
    assert fill(form, page, unknown="1").status_code == 303
    assert lines(told.get(f"{form}/answers").text, page) == [words]


def test_the_names_are_asked_of_each_who_lives_there(told: CheckingClient, form: str, fill: Fill) -> None:
    assert told.get(f"{form}/form/names").status_code == 404, "nobody does"
    fill(form, "people", **PEOPLE)
    labels = find(told.get(f"{form}/form/names").text, "//label[starts-with(@for, 'person-')]/text()")
    assert labels == ["Your partner", "Child 1"]
    refused = fill(form, "names", **{"person-1": "John Jones", "person-2": " "})
    assert refused.status_code == 422
    assert "Child 1: write the full name" in refused.text
    assert fill(form, "names", **{"person-1": "John Jones", "person-2": "Ann"}).status_code == 303
    assert lines(told.get(f"{form}/answers").text, "names") == ["Your partner: John Jones", "Child 1: Ann"]
    fill(form, "people", **PEOPLE | {"children": "2"})
    assert "Not answered yet" in told.get(f"{form}/answers").text, "somebody has moved in"


def test_names_and_contacts_of_the_account_are_filled_in(
    told: CheckingClient, form: str, mary: Person, make: Factory
) -> None:
    make.contact(mary, Channel.TEXT, "+441632960001")
    make.contact(mary, Channel.TEXT, "+441632960002", confirmed=False)
    html = told.get(f"{form}/form/contact").text
    assert "From your account. Change it if it isn’t right." in html
    values = {name: find(html, f"//input[@name='{name}']/@value")[0] for name in ("name", "phone", "email")}
    assert values == {"name": mary.name, "phone": "+441632960001", "email": "mary@example.org"}


class TestBankDetails:
    def test_are_sealed_apart_and_never_shown_whole(
        self, told: CheckingClient, form: str, fill: Fill, db: Session, sealer: Sealer
    ) -> None:
        fill(form, "bank", **BANK)
        row = db.scalars(select(EnergyApplication)).one()
        assert "31926819" not in sealer.unseal(row.answers, context="energy_application.answers")
        assert json.loads(sealer.unseal(row.bank or b"", context="energy_application.bank"))["account"] == "31926819"
        html = told.get(f"{form}/form/bank").text
        assert "31926819" not in html
        assert "309430" not in html
        assert "We have the account that ends in 6819." in html

    def test_in_euro_are_an_iban(self, irish_app: Flask, mary: Person) -> None:
        client = irish_app.test_client()
        form = begun_in_ireland(client, mary)
        html = client.get(f"{form}/form/bank").text
        assert not find(html, "//input[@name='sort_code']")
        wrong = answered(client, form, "bank", IBAN | {"iban": "IE29 AIBK 9311 5212 3456 79"})
        assert "Check the IBAN" in wrong.text
        assert answered(client, form, "bank", IBAN).status_code == 303
        assert lines(client.get(f"{form}/answers").text, "bank") == ["Mary Jones", "The account that ends in 5678"]


def test_meters_in_ireland_have_other_numbers(irish_app: Flask, mary: Person) -> None:
    client = irish_app.test_client()
    form = begun_in_ireland(client, mary)
    for wrong, message in (
        ({"electricity": "2299743438105"}, "The MPRN has 11 digits and begins with 10"),
        ({"gas": "12345678"}, "The GPRN has 7 digits"),
    ):
        assert message in answered(client, form, "meter", wrong).text
    right = {"electricity": "10 001 234 567", "gas": "1234567"}
    assert answered(client, form, "meter", right).status_code == 303


def begun_in_ireland(client: Any, mary: Person) -> str:
    client.sign_in(mary)
    location: str = client.submit("/energy/apply", {"schemes": "warm-grant"}).location
    return location


def answered(client: Any, form: str, page: str, given: dict[str, Any]) -> Any:
    (seen,) = find(client.get(f"{form}/form/{page}").text, "//input[@name='seen']/@value")
    return client.send(f"{form}/form/{page}", {"seen": seen, **given})


class TestHealth:
    """eco4-flex looks at health; warm-grant doesn't."""

    @pytest.fixture
    def asks_health(self, told: CheckingClient) -> str:
        told.submit("/energy/check/health/0", {"health": "respiratory"})
        location: str = told.submit("/energy/apply", {"schemes": ["warm-grant", "eco4-flex"]}).location
        return location

    def kept(self, db: Session, sealer: Sealer) -> str | None:
        db.rollback()
        row = db.scalars(select(EnergyApplication)).one()
        assert "respiratory" not in sealer.unseal(row.answers, context="energy_application.answers")
        return sealer.unseal(row.health, context="energy_application.health") if row.health else None

    def test_of_the_check_is_not_kept_before_the_person_agrees(
        self, told: CheckingClient, asks_health: str, fill: Fill, db: Session, sealer: Sealer
    ) -> None:
        assert self.kept(db, sealer) is None
        assert told.get(f"{asks_health}/form/health/0").status_code == 404
        assert "Choose if you want to tell us about health" in fill(asks_health, "tells-health").text
        assert fill(asks_health, "tells-health", tells="yes").status_code == 303
        assert "respiratory" in str(self.kept(db, sealer))
        assert find(told.get(f"{asks_health}/form/health/0").text, "//input[@checked]/@value") == ["respiratory"]

    def test_is_deleted_when_the_person_takes_it_back(
        self, told: CheckingClient, asks_health: str, fill: Fill, db: Session, sealer: Sealer
    ) -> None:
        fill(asks_health, "tells-health", tells="yes")
        fill(asks_health, "tells-health", tells="no")
        assert self.kept(db, sealer) is None
        html = told.get(asks_health).text
        assert "You chose to say nothing. That’s fine." in html
        assert [one.strip() for one in find(html, "//*[@id='part-health-status']/text()")] == ["Done"]

    def test_takes_along_the_papers_about_it_and_no_others(
        self,
        told: CheckingClient,
        asks_health: str,
        fill: Fill,
        add: Add,
        db: Session,
        sealer: Sealer,
        desk: Desk,
        files: FakeFileStore,
        clock: SetClock,
    ) -> None:
        fill(asks_health, "tells-health", tells="yes")
        add(asks_health, "health", ("letter.jpg", jpeg()))
        add(asks_health, "address", ("bill.jpg", jpeg()))
        for kind in ("health", "address"):
            assert told.send(f"{asks_health}/evidence/{kind}/later").status_code == 303
        assert set(db.scalars(select(EnergyEvidence.kind))) == {"health", "address"}
        fill(asks_health, "tells-health", tells="no")
        assert self.kept(db, sealer) is None
        (left,) = db.scalars(select(EnergyEvidence)).all()
        assert left.kind == "address"
        clock.advance(timedelta(days=2))
        sweep(db, desk, now=clock.now())
        assert set(files.files) == {left.id}


class TestTwoDevices:
    @pytest.mark.parametrize(
        ("page", "here", "there", "shown"),
        [
            ("supplier", {"name": "Bright Power"}, {"name": "Other Energy"}, "Other Energy"),
            ("bank", BANK, BANK | {"account": "12345678"}, "The account that ends in 5678"),
            ("happened", HAPPENED, HAPPENED | {"what": "The boiler broke."}, "The boiler broke."),
            ("benefits/0", {"benefits": "none"}, {"benefits": "carers_allowance"}, "Carer’s Allowance"),
        ],
    )
    def test_the_later_one_sees_both_and_chooses(
        self,
        told: CheckingClient,
        form: str,
        fill: Fill,
        page: str,
        here: dict[str, str],
        there: dict[str, str],
        shown: str,
    ) -> None:
        address = f"{form}/form/{page}"
        (seen,) = find(told.get(address).text, "//input[@name='seen']/@value")
        fill(form, page, **there)
        response = told.send(address, {"seen": seen, **here})
        assert response.status_code == 409
        kept = " ".join(find(response.text, "//*[contains(@class, 'govuk-inset-text')]//li/text()"))
        assert shown in kept
        (new,) = find(response.text, "//input[@name='seen']/@value")
        assert told.send(address, {"seen": new, **here}).status_code == 303

    def test_a_page_about_people_changes_with_who_there_is(self, told: CheckingClient, form: str, fill: Fill) -> None:
        address = f"{form}/form/benefits/0"
        (seen,) = find(told.get(address).text, "//input[@name='seen']/@value")
        fill(form, "people", **PEOPLE)
        assert told.send(address, {"seen": seen, "benefits": "none"}).status_code == 303, "it is about the same person"
        (names,) = find(told.get(f"{form}/form/names").text, "//input[@name='seen']/@value")
        fill(form, "people", **PEOPLE | {"children": "2"})
        gone = told.send(f"{form}/form/names", {"seen": names, "person-1": "John", "person-2": "Ann"})
        assert gone.status_code == 422, "somebody is missing"

    def test_the_same_answer_twice_is_no_conflict(self, told: CheckingClient, form: str) -> None:
        address = f"{form}/form/supplier"
        (seen,) = find(told.get(address).text, "//input[@name='seen']/@value")
        for _ in range(2):
            assert told.send(address, {"seen": seen, "name": "Bright Power"}).status_code == 303


@pytest.mark.parametrize("page", ["", "/answers", "/schemes", "/form/contact", "/form/home", "/form/bank", "/delete"])
def test_costs_six_queries_and_five_kilobytes_at_most(
    told: CheckingClient, form: str, engine: Engine, page: str
) -> None:
    with statements(engine) as run:
        response = told.get(form + page)
    assert len(run) <= 6, run
    assert len(gzip.compress(response.data)) <= 5 * 1024


def test_each_page_is_in_irish_where_that_is_read(irish_app: Flask, make: Factory) -> None:
    clients = {}
    for language in ("en", "ga"):
        person = make.resident(email=f"{language}@example.org", language=language)
        client = irish_app.test_client()
        form = begun_in_ireland(client, person)
        answered(client, form, "people", PEOPLE)
        clients[language] = (client, form)
    headings: dict[str, list[str]] = {}
    for language, (client, form) in clients.items():
        steps = find(client.get(f"{form}/answers").text, "//dl//a[contains(@href, '/form/')]/@href")
        pages = [form, f"{form}/answers", f"{form}/schemes", f"{form}/delete", *steps]
        headings[language] = [find(client.get(page).text, "//h1/text()")[0] for page in pages]
    assert len(headings["ga"]) == len(headings["en"]) > 15
    assert not set(headings["ga"]) & set(headings["en"])
