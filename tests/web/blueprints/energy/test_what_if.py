"""What if an answer were different: what was told before stays, and the result says what has changed."""

from typing import Any

import pytest
from flask import Flask

from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, OLD, Answer

CHECK = "/energy/check"
PENSION = {"state_pension": "184.90", "state_pension-period": "week"}
TOLD: dict[str, dict[str, Any]] = {
    "emergency": {"crisis": "no"},
    "home": {"tenure": "council"},
    "people": {**ALONE, "children": "1"},
    "birthdays": {**OLD, "person-1-day": "5", "person-1-month": "6", "person-1-year": "2015"},
    "benefits/0": {"benefits": "state_pension"},
    "child-benefits": {"who": "none"},
    "income/0": PENSION,
    "savings": {"savings": "1200"},
    "bills": {
        "pays_electricity_bill": "yes",
        "prepayment_meter": "no",
        "energy_debt": "no",
        "heating_included_in_rent": "no",
    },
    "rent": {"amount": "100", "period": "week"},
    "low-income": {"council_tax_reduction": "yes", "free_school_meals": "yes"},
    "rating": {"epc_band": "D", "epc_score": "60"},
    "landlord": {"landlord_consents": "yes"},
    "referred": {"referred_by": "none"},
    "health/0": {"health": "respiratory"},
}
INSTEAD: dict[str, dict[str, Any]] = {
    "emergency": {"crisis": "yes"},
    "home": {"tenure": "private_rented"},
    "people": {**ALONE, "children": "1", "partner": "yes"},
    "birthdays": {**TOLD["birthdays"], "person-0-year": "1990"},
    "benefits/0": {"benefits": ["state_pension", "pension_credit_guarantee"]},
    "child-benefits": {"who": "1"},
    "income/0": {**PENSION, "state_pension": "200"},
    "savings": {"savings": "20000"},
    "bills": {**TOLD["bills"], "energy_debt": "yes"},
    "rent": {"amount": "90", "period": "week"},
    "low-income": {"council_tax_reduction": "no", "free_school_meals": "no"},
    "rating": {"epc_band": "C"},
    "landlord": {"landlord_consents": "no"},
    "referred": {"referred_by": "gp"},
    "health/0": {"health": "none"},
}


def told(client: CheckingClient) -> dict[str, str]:
    """Return what stands on the page of answers, by the address of each question."""
    rows = find(client.get(f"{CHECK}/answers").text, "//div[@class='govuk-summary-list__row']")
    return {str(row.xpath(".//a/@href")[0]): row.xpath("./dd[1]")[0].text_content().strip() for row in rows}


@pytest.fixture
def everything(answer: Answer) -> None:
    for page, given in TOLD.items():
        answer(page, **given)


def changed(client: CheckingClient, page: str, **given: Any) -> str:
    """Change an answer from the result, and return the address that follows."""
    return str(client.submit(f"{CHECK}/{page}?then=result", {**given, "then": "result"}).location)


def message(client: CheckingClient) -> str:
    html = client.get(f"{CHECK}/result").text
    return " ".join(find(html, "//*[@class='govuk-notification-banner__heading']/text()"))


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("page", TOLD)
def test_another_answer_leaves_the_others(client: CheckingClient, page: str) -> None:
    before = told(client)
    changed(client, page, **INSTEAD[page])
    after = told(client)
    assert before.keys() <= after.keys()
    own = f"{CHECK}/{page}?then=result"
    assert {name: text for name, text in before.items() if name != own and text not in after[name]} == {}
    assert after[own] != before[own]


@pytest.mark.usefixtures("everything")
class TestAnotherBenefit:
    def test_is_asked_for_its_amount_alone(self, client: CheckingClient) -> None:
        onward = changed(client, "benefits/0", **INSTEAD["benefits/0"])
        assert onward == f"{CHECK}/income/0?then=result"
        html = client.get(onward).text
        assert "You told us of another benefit." in html
        assert find(html, "//input[@name='state_pension']/@value") == ["184.90"]
        assert find(html, "//input[@name='pension_credit_guarantee']/@value") == [""]
        assert (
            changed(
                client,
                "income/0",
                **PENSION,
                **{"pension_credit_guarantee": "30", "pension_credit_guarantee-period": "week"},
            )
            == f"{CHECK}/result"
        )
        assert "£184.90 a week" in told(client)[f"{CHECK}/income/0?then=result"]

    def test_without_its_amount_takes_no_other_with_it(self, client: CheckingClient) -> None:
        onward = changed(client, "benefits/0", **INSTEAD["benefits/0"])
        client.submit(onward, {"unknown": "1", "then": "result"})
        lines = told(client)[f"{CHECK}/income/0?then=result"]
        assert "State Pension: £184.90 a week" in lines
        assert "Pension Credit, with Guarantee Credit: we don’t know how much" in lines

    def test_that_pays_nothing_is_not_asked_for_again(self, client: CheckingClient) -> None:
        changed(client, "benefits/0", **INSTEAD["benefits/0"])
        assert changed(client, "income/0", **PENSION) == f"{CHECK}/result"
        assert changed(client, "savings", savings="5") == f"{CHECK}/result"
        assert "don’t know" not in told(client)[f"{CHECK}/income/0?then=result"]


@pytest.mark.usefixtures("everything")
def test_somebody_new_is_asked_about(client: CheckingClient) -> None:
    onward = changed(client, "people", **INSTEAD["people"])
    assert onward == f"{CHECK}/birthdays?then=result"
    assert find(client.get(onward).text, "//input[@inputmode]/@value") == [
        "1",
        "1",
        "1950",
        "",
        "",
        "",
        "5",
        "6",
        "2015",
    ]


@pytest.mark.usefixtures("everything")
def test_whoever_rents_after_all_is_asked_about_heating_in_the_rent(client: CheckingClient) -> None:
    changed(client, "home", tenure="owner")
    changed(client, "bills", pays_electricity_bill="yes", prepayment_meter="no", energy_debt="no")
    changed(client, "home", tenure="council")
    checked = find(client.get(f"{CHECK}/bills").text, "//input[@name='heating_included_in_rent' and @checked]/@value")
    assert checked == ["unknown"]


class TestSchoolMeals:
    def names(self, client: CheckingClient) -> set[str]:
        return set(find(client.get(f"{CHECK}/low-income").text, "//input[@type='radio']/@name"))

    def test_are_asked_about_where_children_live(self, client: CheckingClient, answer: Answer) -> None:
        answer("people", **ALONE)
        assert self.names(client) == {"council_tax_reduction"}
        answer("people", **{**ALONE, "children": "1"})
        assert self.names(client) == {"council_tax_reduction", "free_school_meals"}


@pytest.mark.usefixtures("tenant")
class TestTheResult:
    def test_says_what_is_new_and_what_is_no_longer(self, client: CheckingClient) -> None:
        client.get(f"{CHECK}/result")
        changed(client, "home", tenure="owner")
        assert message(client) == "No longer: Warmer Council Homes."
        changed(client, "home", tenure="council")
        assert message(client) == "New: Warmer Council Homes."

    def test_says_that_nothing_is_different(self, client: CheckingClient) -> None:
        changed(client, "savings", savings="1")
        assert message(client) == "What you could get has not changed."

    def test_says_nothing_on_the_way_to_the_first_result(self, client: CheckingClient, answer: Answer) -> None:
        answer("savings", savings="6000")
        assert message(client) == ""


def test_a_tab_whose_answers_were_deleted_says_so(client: CheckingClient, answer: Answer) -> None:
    answer("emergency", crisis="no")
    page = client.get(f"{CHECK}/home").text
    assert find(page, "//input[@name='begun']/@value") == ["1"]
    client.send(f"{CHECK}/forget")
    assert "Your answers are deleted." in client.get(CHECK).text
    assert client.send(f"{CHECK}/home", {"tenure": "owner", "begun": "1"}).location == CHECK
    assert "Your answers are gone" in client.get(CHECK).text
    assert client.get(f"{CHECK}/result").location == CHECK


def test_ireland_has_its_own_energy_rating(irish_app: Flask) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    html = client.get(f"{CHECK}/rating").text
    assert "E for E1 or E2" in html
    assert "EPC" not in html
    assert not find(html, "//input[@name='epc_score']")
    assert client.submit(f"{CHECK}/rating", {"epc_band": "E"}).status_code == 303
