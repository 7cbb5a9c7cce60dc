"""What a check found, in words: by what to do first, each with why."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.clock import SetClock
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, OLD, Answer

CHECK = "/energy/check"
ONE_MORE = "//section[@aria-labelledby='open']//form/@action | //section[@aria-labelledby='open']/a/@href"


def sections(html: str) -> dict[str, str]:
    """Return the text of each section by its heading."""
    found = find(html, "//section[h2]")
    return {one.xpath("./h2")[0].text_content(): " ".join(" ".join(one.itertext()).split()) for one in found}


@pytest.fixture
def result(client: CheckingClient, tenant: None) -> dict[str, str]:  # noqa: ARG001 -- the answers
    return sections(client.get(f"{CHECK}/result").text)


class TestOfAnOldTenant:
    def test_what_we_decide_says_why_and_what_to_show(self, result: dict[str, str]) -> None:
        told = result["Ask us"]
        assert "You get Universal Credit." in told
        assert "You have savings of less than £6,000." in told
        assert "the letter about your benefit, statements of your savings and bank statements" in told
        assert "By when: By the end of March." in told
        assert "How: Ask at the Town Hall." in told

    def test_what_is_paused_says_so(self, result: dict[str, str]) -> None:
        assert "Warmer Council Homes Paused Nobody can ask for it just now." in result["From us as your landlord"]

    def test_what_comes_by_itself_says_when_and_what_if_not(self, result: dict[str, str]) -> None:
        told = result["Should come by itself"]
        assert "Age Payment £200" in told
        assert "If it doesn’t come: If it hasn’t come by then, call the pension office." in told
        assert "Not confirmed: We could not check every detail" in told
        assert "You will need" not in told

    def test_what_others_decide_has_the_way_there(self, client: CheckingClient, result: dict[str, str]) -> None:
        assert "Somebody is of pension age." in result["Ask somebody else"]
        assert "https://register.example.org/join" in client.get(f"{CHECK}/result").text

    def test_what_is_not_announced_is_told_as_such(self, result: dict[str, str]) -> None:
        assert "Later Grant" in result["Not announced yet"]

    def test_what_is_not_for_them_says_why(self, result: dict[str, str]) -> None:
        assert "Old Fund It ended on 31 March 2026." in result["Not for you, and why"]

    def test_kinds_come_in_order(self, result: dict[str, str]) -> None:
        kinds = ["Ask us", "Ask somebody else", "From us as your landlord", "Should come by itself"]
        assert [heading for heading in result if heading in kinds] == kinds

    def test_it_is_a_guide(self, client: CheckingClient, tenant: None) -> None:  # noqa: ARG002
        assert "A person decides, not a computer." in client.get(f"{CHECK}/result").text


def test_a_no_that_something_could_turn_is_a_perhaps(client: CheckingClient, answer: Answer) -> None:
    answer("savings", savings="100")
    told = sections(client.get(f"{CHECK}/result").text)["Perhaps, if something else is so"]
    assert "Home Works" in told
    assert "You have a letter from your supplier." in told
    answer("savings", savings="99.99")
    assert "Home Works" in sections(client.get(f"{CHECK}/result").text)["We can pass you on"]


def test_a_no_names_the_limit(client: CheckingClient, answer: Answer) -> None:
    answer("savings", savings="6000")
    told = sections(client.get(f"{CHECK}/result").text)["Not for you, and why"]
    assert "Warm Grant It is for people with savings of less than £6,000." in told


def test_what_is_open_is_told_apart(client: CheckingClient, answer: Answer) -> None:
    answer("savings", savings="0")
    html = client.get(f"{CHECK}/result").text
    assert "Warm Grant" in sections(html)["What we don’t know yet"]
    [people] = find(html, f"//li[.//a/@href='{CHECK}/people?then=result']")
    assert "Warm Grant" in people.xpath("string(.//*[@class='quiet'])")


def test_where_somebody_lives_is_looked_up_where_it_may_count(client: CheckingClient, answer: Answer) -> None:
    area = "Where you live may count. We look it up by your postcode."
    answer("home", tenure="owner")
    answer("rating", epc_band="E")
    [told] = find(client.get(f"{CHECK}/result").text, f"//li[contains(., '{area}')]")
    assert "Warm Homes: Local Grant" in told.text_content()
    answer("home", tenure="council")
    assert area not in client.get(f"{CHECK}/result").text


def test_savings_that_count_as_means_are_told_as_such(irish_app: Flask) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    bills = dict.fromkeys(("pays_electricity_bill", "prepayment_meter", "energy_debt"), "unknown")
    pension = {"occupational_pension": "300", "occupational_pension-period": "week"}
    answers = {
        "home": {"tenure": "council"},
        "people": ALONE,
        "birthdays": OLD,
        "income/0": pension,
        "bills": {**bills, "heating_included_in_rent": "no"},
    }
    for page, given in answers.items():
        assert client.submit(f"{CHECK}/{page}", given).status_code == 303
    means = "If you have more than €50,000 in savings, your means must be low enough with what is above it."
    assert means in sections(client.get(f"{CHECK}/result").text)["Ask somebody else"]
    client.submit(f"{CHECK}/savings", {"savings": "50000"})
    told = sections(client.get(f"{CHECK}/result").text)["Ask somebody else"]
    assert "You have €50,000 or less in savings. They don’t count." in told
    assert means not in told


def test_each_open_question_is_asked_once(client: CheckingClient, answer: Answer) -> None:
    answer("emergency", crisis="no")
    client.submit(f"{CHECK}/people", {"unknown": "1"})
    links = find(client.get(f"{CHECK}/result").text, "//section[@aria-labelledby='open']//a/@href")
    assert f"{CHECK}/people?then=result" in links
    assert len(links) == len(set(links))
    assert f"{CHECK}/landlord?then=result" not in links, "whoever may own their home has no landlord to ask"


def test_what_is_only_open_is_no_nothing(client: CheckingClient) -> None:
    client.submit(f"{CHECK}/emergency", {"unknown": "1"})
    html = client.get(f"{CHECK}/result").text
    assert "we found nothing" not in html
    assert "kinds of help that you may get" in html


def test_one_more_thing_is_asked_on_the_page_and_changes_it(client: CheckingClient, answer: Answer) -> None:
    answer("home", tenure="owner")
    answer("people", **ALONE)
    answer("birthdays", **{"person-0-day": "1", "person-0-month": "1", "person-0-year": "1990"})
    answer("savings", savings="6000")
    html = client.get(f"{CHECK}/result").text
    assert len(find(html, ONE_MORE)) == 1
    sent = client.send(f"{CHECK}/health/0", {"then": "result", "health": "respiratory"})
    assert sent.location == f"{CHECK}/result"
    assert "Somebody is ill." in sections(client.get(sent.location).text)["Ask somebody else"]


def test_one_more_thing_that_is_left_open_is_not_asked_again(client: CheckingClient, answer: Answer) -> None:
    answer("people", **ALONE)
    asked: list[str] = []
    while more := find(client.get(f"{CHECK}/result").text, ONE_MORE):
        address = more[0].partition("?")[0]
        assert address not in asked
        asked.append(address)
        client.send(address, {"then": "result", "unknown": "1"})
    assert len(asked) > 3


def test_changing_an_answer_shows_what_would_be_different(client: CheckingClient, tenant: None) -> None:  # noqa: ARG001
    [change] = [
        address
        for address in find(client.get(f"{CHECK}/answers").text, "//dd/a/@href")
        if address.startswith(f"{CHECK}/home")
    ]
    html = client.get(change).text
    assert find(html, "//input[@name='then']/@value") == ["result"]
    sent = client.send(f"{CHECK}/home", {"then": "result", "tenure": "owner"})
    assert sent.location == f"{CHECK}/result"
    told = sections(client.get(sent.location).text)
    assert "From us as your landlord" not in told
    assert "It is for homes that people rent from us." in told["Not for you, and why"]


def test_the_day_counts(client: CheckingClient, tenant: None, clock: SetClock) -> None:  # noqa: ARG001
    clock.set(datetime(2026, 11, 24, 10, 20, tzinfo=UTC))
    assert "Should come by itself" in sections(client.get(f"{CHECK}/result").text)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_as_a_document(client: CheckingClient, tenant: None, language: str) -> None:  # noqa: ARG001
    html = client.get(f"{CHECK}/result", query_string={"lang": language}).text
    response = client.get(f"{CHECK}/result.pdf")
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="energy-help.pdf"'
    reader = PdfReader(io.BytesIO(response.data))
    root: Any = reader.trailer["/Root"]
    assert (bool(root["/MarkInfo"]["/Marked"]), root["/Lang"]) == (True, language)
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    names = [name.text_content() for name in find(html, "//h3[@class='govuk-heading-s' and not(@id)]")]
    assert len(names) >= 4
    assert [name for name in names if name not in text] == []


def test_the_document_says_what_the_page_says(client: CheckingClient, answer: Answer) -> None:
    answer("emergency", crisis="yes")
    answer("savings", savings="0")
    reader = PdfReader(io.BytesIO(client.get(f"{CHECK}/result.pdf").data))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert text.index("Call us now") < text.index("What we don’t know yet")
    assert "Monday to Friday, 8am to 6pm" in text
    assert "Who lives with you?" in text
    assert "Warm Grant" in text
    assert "You own your home" not in text, "nobody has said so"


def test_whoever_is_not_our_tenant_is_not_told_that_we_are_their_landlord(
    client: CheckingClient, answer: Answer
) -> None:
    answer("home", tenure="housing_association")
    answer("rating", epc_band="E")
    told = sections(client.get(f"{CHECK}/result").text)
    assert "Warm Homes: Social Housing Fund" in told["Ask somebody else"]
    assert "From us as your landlord" not in told


def test_what_somebody_gets_already_is_told_as_such(irish_app: Flask) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    client.submit(f"{CHECK}/people", ALONE)
    client.submit(f"{CHECK}/benefits/0", {"benefits": "fuel_allowance"})
    told = sections(client.get(f"{CHECK}/result").text)
    assert "Fuel Allowance" in told["You already get this"]
    assert [heading for heading, text in told.items() if "Fuel Allowance" in text] == ["You already get this"]


def test_a_pensioner_with_little_is_told_of_pension_credit(client: CheckingClient, answer: Answer) -> None:
    answer("people", **ALONE)
    answer("birthdays", **OLD)
    answer("benefits/0", benefits="state_pension")
    html = client.get(f"{CHECK}/result").text
    assert "#pension-credit" in find(html, "//section[@aria-labelledby='first']//a/@href")
    assert "Cold Weather Payment" in sections(html)["Pension Credit"]
    answer("benefits/0", benefits=["state_pension", "pension_credit_guarantee"])
    assert "#pension-credit" not in client.get(f"{CHECK}/result").text


def test_each_of_our_cards_leads_to_the_form_and_says_how_to_reach_us(
    told: CheckingClient,
) -> None:
    html = told.get(f"{CHECK}/result").text
    assert find(html, "//li[@id='warm-grant']//a/@href")[:3] == [
        "/energy/apply",
        "tel:01632960100",
        "mailto:hello@millbrook.example.org",
    ]
    assert not find(html, "//li[@id='register']//a[starts-with(@href, 'tel:')]")
    assert find(html, "//section[@aria-labelledby='first']//a/@href")[0] == "#warm-grant"


def test_in_irish(irish_app: Flask) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    client.submit(f"{CHECK}/home", {"tenure": "council"})
    html = client.get(f"{CHECK}/result", query_string={"lang": "ga"}).text
    assert "Tá tú ar cíos uainn." in html
    assert "You rent" not in html
