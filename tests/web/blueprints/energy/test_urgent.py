"""Whoever can't wait: the result's first thing is how to reach the council, whatever else they answered."""

from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from hypothesis import HealthCheck, given, settings

from portal.blueprints.energy.routes import common, public, words
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.walk import stand
from portal.blueprints.energy.schemes.household import household_of
from portal.i18n import use_locale
from tests.support.client import CheckingClient
from tests.support.households import known_in_part, without
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, Answer

CHECK = "/energy/check"
LONDON = ZoneInfo("Europe/London")
FIRST = "//*[@id='content']/h1/following-sibling::*[1]"
PHONE = "tel:01632960100"


@given(known_in_part())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_else_is_so_the_first_thing_is_whom_to_call(app: Flask, known: object) -> None:
    household = household_of(without(*known) | {"nation": "england", "crisis": True})  # type: ignore[misc]
    with app.test_request_context(f"{CHECK}/result"), use_locale("en", LONDON):
        g.energy_standing = stand(common.schemes(), Answers(household, ("emergency",)), common.local_day())
        html = public.result().get_data(as_text=True)
    [first] = find(html, FIRST)
    assert first.xpath(".//h2")[0].text_content() == "Call us now"
    assert PHONE in first.xpath(".//a/@href")
    assert "Monday to Friday" in first.text_content()
    assert find(html, "//a[@data-exit]/@href") == ["https://www.bbc.co.uk/weather"]
    assert "we found nothing" not in html


def test_where_no_scheme_fits_they_are_told_to_call_all_the_same(app: Flask) -> None:
    alone = {"role": "applicant", "date_of_birth": "2000-01-01", "benefits": [], "income": [], "health": []}
    comfortable = {
        "nation": "england",
        "crisis": True,
        "tenure": "housing_association",
        "epc_band": "C",
        "epc_score": 69,
        "main_fuel": "mains_gas",
        "prepayment_meter": True,
        "energy_debt": True,
        "savings": 600_000,
        "referred_by": [],
        "people": [alone | {"in_full_time_education": False, "pregnant": False}],
    }
    with app.test_request_context(f"{CHECK}/result"), use_locale("en", LONDON):
        found = stand(common.schemes(), Answers(household_of(comfortable), ("emergency",)), common.local_day()).found
        assert "Call us all the same" in words.in_short(found)


@pytest.mark.parametrize("said", [{"crisis": "no"}, {"unknown": "1"}])
def test_nobody_else_is_told_to_call_at_once(client: CheckingClient, said: dict[str, str]) -> None:
    client.submit(f"{CHECK}/emergency", said)
    html = client.get(f"{CHECK}/result").text
    assert "Call us now" not in html
    assert not find(html, "//a[@data-exit]")


def test_it_is_asked_first_and_answered_at_once(client: CheckingClient) -> None:
    [onward] = find(client.get(CHECK).text, "//main//a[contains(@class, 'govuk-button')]/@href")
    assert onward == f"{CHECK}/emergency"
    following = client.submit(onward, {"crisis": "yes"}).location
    html = client.get(following).text
    assert "You told us that this is an emergency. Call us now on" in html
    assert PHONE in find(html, "//main//a/@href")
    assert find(html, "//a[@data-exit]")


def test_the_start_says_whom_to_call(client: CheckingClient) -> None:
    assert PHONE in find(client.get(CHECK).text, "//main//a/@href")


def test_what_we_decide_says_how_soon(client: CheckingClient, answer: Answer) -> None:
    answer("emergency", crisis="yes")
    html = client.get(f"{CHECK}/result").text
    assert "Crisis and Resilience Fund: If it is urgent, within 48 hours." in html


@pytest.mark.parametrize(
    ("crisis", "meter", "debt", "told"),
    [("no", "no", "no", False), ("no", "yes", "no", False), ("yes", "yes", "no", True), ("no", "no", "yes", True)],
)
def test_whoever_owes_for_energy_is_sent_to_their_supplier(
    client: CheckingClient, answer: Answer, crisis: str, meter: str, debt: str, told: bool
) -> None:
    answer("emergency", crisis=crisis)
    answer("home", tenure="owner")
    answer("people", **ALONE)
    answer("bills", pays_electricity_bill="yes", prepayment_meter=meter, energy_debt=debt)
    html = client.get(f"{CHECK}/result").text
    assert ("Call your energy supplier:" in html) is told
    assert bool(find(html, "//section[@aria-labelledby='owing']//a[@href='tel:08001448848']")) is told
