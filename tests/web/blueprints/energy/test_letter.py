"""The landlord's letter: made at once from the tenancy and the number that the tenant gives; nothing of it is kept."""

import io
import logging

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import RENT, Night, Tenancies
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.pages import find

LETTER = "/energy/landlord-letter"
NUMBER = {"number": "10 001 234 567"}


@pytest.fixture
def app(irish_app: Flask) -> Flask:
    return irish_app


@pytest.fixture
def lets(mary: Person, tenancies: Tenancies) -> None:
    tenancies.load(Night().account(RENT, ("23/11/2026", "DHE", 1420)))
    tenancies.connect(mary)


@pytest.fixture
def at_home(client: CheckingClient, mary: Person, lets: None) -> CheckingClient:  # noqa: ARG001
    return client.sign_in(mary)


def printed(data: bytes) -> str:
    """Return the words of a PDF, however its lines are broken."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_says_who_rents_what_from_whom_and_since_when(at_home: CheckingClient) -> None:
    response = at_home.submit(LETTER, NUMBER)
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    text = printed(response.data)
    for words in (
        "Dunmarra County Council",
        "This letter is for: Household Benefits Package.",
        "Mary Example is a tenant of Dunmarra County Council. The home is: 14 Weavers Row, Millbrook, ZZ1 1AA.",
        "The rent account of this tenancy began on 2 November 2026.",
        "they pay the electricity bill of this home, and that the number of its meter (MPRN) is 10001234567.",
        "We charge for heating or hot water with the rent.",
        "This is what our records say as of 24 November 2026.",
        "call 01 555 0120 or write to rents@dunmarra.example.org.",
        "Housing team",
    ):
        assert words in text


def test_of_gas_it_names_the_gas_meter(at_home: CheckingClient) -> None:
    text = printed(at_home.submit(LETTER, {"number": "0123456"}).data)
    assert "they pay the gas bill of this home, and that the number of its meter (GPRN) is 0123456." in text


def test_is_written_in_the_readers_language(at_home: CheckingClient) -> None:
    at_home.get(f"{LETTER}?lang=ga")
    response = at_home.submit(LETTER, NUMBER)
    text = printed(response.data)
    assert "Comhairle Contae Dhún Mara" in text
    assert "Pacáiste Sochar Teaghlaigh" in text
    assert b"/Lang(ga)" in response.data or b"/Lang (ga)" in response.data
    assert "tenant" not in text


def test_keeps_no_number_anywhere(at_home: CheckingClient, db: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        at_home.submit(LETTER, NUMBER)
    db.rollback()
    (event,) = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.letter"))
    assert event.object == "scheme:household-benefits-package"
    assert "10001234567" not in f"{event.details} {caplog.text}"
    assert find(at_home.get(LETTER).text, "//input[@name='number']/@value") == [""]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("", "Enter the number of your meter"),
        (
            "1000123456",
            "Enter the 11 digits of your electricity meter (MPRN), or the 7 digits of your gas meter (GPRN)",
        ),
    ],
)
def test_a_wrong_number_is_told_and_what_was_typed_stays(
    at_home: CheckingClient, db: Session, number: str, message: str
) -> None:
    response = at_home.submit(LETTER, {"number": number})
    assert response.status_code == 422
    assert find(response.text, "//div[@class='govuk-error-summary']//a/text()") == [message]
    assert find(response.text, "//input[@name='number']/@value") == [number]
    assert db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.letter")).all() == []


def test_whoever_has_no_tenancy_gets_the_way_to_connect_one(client: CheckingClient, mary: Person) -> None:
    client.sign_in(mary).get("/energy/apply")
    for html in (client.get(LETTER).text, client.send(LETTER, NUMBER).text):
        assert "/rent/connect" in find(html, "//main//a/@href")
        assert find(html, "//main//form") == []


def test_is_offered_with_its_scheme(at_home: CheckingClient) -> None:
    assert LETTER in find(at_home.get("/energy").text, "//main//a/@href")


@pytest.mark.usefixtures("lets")
def test_whoever_helps_can_make_it_even_if_they_may_only_look(
    client: CheckingClient, db: Session, sealer: Sealer, mary: Person, make: Factory
) -> None:
    tom = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")
    help_id = help_in(client, tom, mary, acts=False)
    assert client.submit(LETTER, NUMBER).mimetype == "application/pdf"
    assert changes(db, sealer, help_id) == [("energy.letter", None, None)]
