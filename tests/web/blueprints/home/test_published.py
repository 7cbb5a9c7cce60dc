"""What a public body must publish: help, accessibility, privacy, cookies; true for each council, in each language."""

from typing import Any, cast

import pytest
from flask import Flask
from lxml import html

from portal.council import Council
from portal.registry import SERVICES
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient

PAGES = ("/help", "/accessibility", "/privacy", "/cookies")


@pytest.fixture
def irish(irish_app: Flask) -> CheckingClient:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def found(page: str, path: str) -> list[Any]:
    """Return the elements, attributes or texts that an XPath finds in a page."""
    return cast(list[Any], html.fromstring(page).xpath(path))


def words(client: CheckingClient, address: str) -> str:
    """Return what a reader reads in the main part of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(found(response.text, "//main")[0].text_content().split())


@pytest.mark.parametrize("address", PAGES)
def test_each_page_says_something_else_in_each_language(
    client: CheckingClient, irish: CheckingClient, address: str
) -> None:
    said = [words(client, address), words(client, f"{address}?lang=cy"), words(irish, f"{address}?lang=ga")]
    assert len({text[:20] for text in said}) == 3


@pytest.mark.parametrize("address", PAGES)
def test_a_signed_in_resident_may_read_them_too(client: CheckingClient, make: Factory, address: str) -> None:
    assert client.sign_in(make.resident()).get(address).status_code == 200


def test_help_says_whom_to_call_when_and_where_to_come(client: CheckingClient, council: Council) -> None:
    page = words(client, "/help")
    for fact in (
        council.contacts.phone,
        council.contacts.hours["en"],
        council.contacts.rent.phone,
        council.contacts.offices[0].name["en"],
        council.contacts.offices[0].address[0],
        council.contacts.libraries[1].name["en"],
        council.contacts.advice[0].phone,
    ):
        assert fact in page
    assert "Relay UK" in page


def test_help_in_ireland_does_not_name_a_british_service(irish: CheckingClient, irish_council: Council) -> None:
    page = words(irish, "/help")
    assert "Relay UK" not in page
    assert irish_council.contacts.rent.phone in page


def test_a_number_can_be_called_from_the_page(client: CheckingClient) -> None:
    page = client.get("/help").text
    assert "01632 960 120" in found(page, "//a[@href='tel:01632960120']/text()")


def test_the_privacy_notice_is_made_from_the_manifests(client: CheckingClient) -> None:
    page = words(client, "/privacy")
    notices = [service.privacy for service in SERVICES if service.privacy and service.presence != "demo"]
    assert notices
    for notice in notices:
        for fact in (notice.purpose, notice.basis, *notice.kinds, notice.kept):
            assert str(fact) in page


def test_the_privacy_notice_names_who_is_responsible_and_the_right_authority(
    client: CheckingClient, irish: CheckingClient, council: Council, irish_council: Council
) -> None:
    british, hibernian = words(client, "/privacy"), words(irish, "/privacy")
    assert f"{council.name['en']} is responsible" in british
    assert council.publishing.data_protection.email in british
    assert council.publishing.data_protection.recipients["en"] in british
    assert "Z0000000" in british
    assert "ico.org.uk" in british
    assert "dataprotection.ie" not in british
    assert f"{irish_council.name['en']} is responsible" in hibernian
    assert "dataprotection.ie" in hibernian
    assert "ico.org.uk" not in hibernian


def test_the_accessibility_statement_follows_the_law_of_its_nation(
    client: CheckingClient, irish: CheckingClient
) -> None:
    british, hibernian = words(client, "/accessibility"), words(irish, "/accessibility")
    assert "(No. 2) Accessibility Regulations 2018" in british
    assert "Equality and Human Rights Commission (EHRC)" in british
    assert "S.I. No. 358 of 2020" not in british
    assert "S.I. No. 358 of 2020" in hibernian
    assert "National Disability Authority" in hibernian
    assert "Regulations 2018" not in hibernian


def test_the_accessibility_statement_names_known_gaps_and_claims_no_more(
    client: CheckingClient, council: Council
) -> None:
    page = words(client, "/accessibility")
    assert council.publishing.accessibility.gaps[0]["en"] in page
    assert "partially compliant" in page
    assert "fully compliant" not in page
    assert "prepared this statement on 24 November 2026" in page


def test_a_draft_language_is_named_as_a_gap_to_its_readers(client: CheckingClient) -> None:
    gap = "Nid oes cyfieithydd wedi bod dros holl eiriau’r iaith hon eto."
    assert gap in words(client, "/accessibility?lang=cy")
    assert "No translator" not in words(client, "/accessibility?lang=en")


def test_the_cookies_page_lists_every_cookie_that_the_portal_sets(client: CheckingClient, make: Factory) -> None:
    make.resident()
    answers = [
        client.get("/sign-in?lang=cy"),
        client.submit("/sign-in", {"name": "mary@example.org", "password": PASSWORD}),
        client.get("/"),
    ]
    page = client.get("/cookies?lang=en").text
    listed = [name.strip() for name in found(page, "//main//dt/text()")]
    sent = {cookie.split("=")[0] for answer in answers for cookie in answer.headers.getlist("Set-Cookie")}
    assert len(listed) == 2
    assert set(listed) == sent


def test_the_cookies_page_says_how_long_a_session_lasts_unused(client: CheckingClient) -> None:
    assert "after 30 minutes without use" in words(client, "/cookies")
