"""The check that anybody can do: its pages, what they take, and that nothing outlives the visit."""

import base64
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.questions import QUESTIONS
from portal.clock import SetClock
from portal.models import SignInSession
from portal.sealed import Sealer
from portal.settings import Settings
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, OLD, TENANT, Answer

CHECK = "/energy/check"
COUPLE = {**ALONE, "partner": "yes", "children": "1"}
NO_DAY = "You: write the day, the month and the year in numbers, like 27 3 1958"
NO_SUCH_DAY = "You: there is no such day, so check the day and the month"
TOO_YOUNG = "You: check the year, since this makes somebody younger than 16"
HTMX = {"HX-Request": "true", "HX-Target": "content"}


def heading(html: str) -> str:
    return " ".join(find(html, "//h1")[0].text_content().split())


def errors(html: str) -> list[str]:
    return [" ".join(link.text_content().split()) for link in find(html, "//*[@class='govuk-error-summary__body']//a")]


def test_anybody_begins_without_a_session(client: CheckingClient) -> None:
    page = client.get(CHECK)
    assert page.status_code == 200
    assert client.session_token is None
    [onward] = find(page.text, "//main//a[contains(@class, 'govuk-button')]/@href")
    assert client.get(onward).status_code == 200


def test_every_question_has_a_form() -> None:
    assert set(FORMS) == {question.slug for question in QUESTIONS}


def test_the_check_leads_from_question_to_question_and_ends(client: CheckingClient) -> None:
    [address] = find(client.get(CHECK).text, "//main//a[contains(@class, 'govuk-button')]/@href")
    seen = []
    while address != f"{CHECK}/result":
        assert address not in seen
        seen.append(address)
        address = client.submit(address, {"unknown": "1"}).location
    assert 5 <= len(seen) <= 10
    assert heading(client.get(address).text) == "Help with energy that you could get"


def test_the_caption_counts(client: CheckingClient, answer: Answer) -> None:
    assert "question 1 of at most 10" in client.get(f"{CHECK}/home").text
    answer("home", tenure="owner")
    assert "question 2 of at most 10" in client.get(f"{CHECK}/savings").text
    assert "question 1 of at most 10" in client.get(f"{CHECK}/home").text
    assert "at most" not in client.get(f"{CHECK}/savings?then=result").text, "whoever has a result goes on at will"


class TestAQuestion:
    @pytest.mark.parametrize(
        ("page", "given", "message"),
        [
            ("home", {}, "Choose if you rent your home or own it"),
            ("home", {"tenure": "castle"}, "Not a valid choice."),
            ("people", {**ALONE, "children": "99"}, "How many children: write a whole number from 0 to 15"),
            ("people", {**ALONE, "children": "two"}, "How many children: write a whole number from 0 to 15"),
            ("people", {**ALONE, "partner": ""}, "Choose if you live with a partner"),
            ("birthdays", {}, "Write when you were born"),
            ("birthdays", {**OLD, "person-0-month": "13"}, NO_SUCH_DAY),
            ("birthdays", {**OLD, "person-0-day": "31", "person-0-month": "2"}, NO_SUCH_DAY),
            ("birthdays", {**OLD, "person-0-year": ""}, NO_DAY),
            ("birthdays", {**OLD, "person-0-month": "May"}, NO_DAY),
            ("birthdays", {**OLD, "person-0-year": "50"}, "You: check the year, and write all four numbers of it"),
            ("birthdays", {**OLD, "person-0-year": "1899"}, "You: check the year, and write all four numbers of it"),
            ("birthdays", {**OLD, "person-0-year": "2020"}, TOO_YOUNG),
            ("birthdays", {**OLD, "person-0-year": "2027"}, TOO_YOUNG),
            ("birthdays", {"person-0-day": "25", "person-0-month": "11", "person-0-year": "2010"}, TOO_YOUNG),
            ("benefits/0", {}, "Choose all that apply, or “None of these”"),
            (
                "benefits/0",
                {"benefits": ["none", "state_pension"]},
                "Choose “None of these” alone, or take it out",
            ),
            ("income/0", {}, "Write at least one amount, or choose “No money of any kind”"),
            ("income/0", {"earnings": "10"}, "Pay from work: choose how often"),
            (
                "income/0",
                {"earnings": "a lot", "earnings-period": "week"},
                "Pay from work: write the amount in numbers, like 221.20",
            ),
            (
                "income/0",
                {"earnings": "5", "earnings-period": "week", "none": "y"},
                "Take out “No money of any kind”, or the amounts",
            ),
            ("savings", {}, "Write the amount, or 0"),
            ("savings", {"savings": "-3"}, "Savings: write the amount in numbers, like 221.20"),
            ("savings", {"savings": "1e9"}, "Savings: write the amount in numbers, like 221.20"),
            ("savings", {"savings": "9999999999"}, "Savings: write the amount in numbers, like 221.20"),
            ("emergency", {}, "Choose if this is an emergency"),
            ("rent", {"amount": "100"}, "Choose how often"),
            ("rating", {"epc_band": "D", "epc_score": "80"}, "Check the number: with the letter D it is from 55 to 68"),
            ("building", {}, "Write the year, or the area, or both"),
            ("moved-in", {}, "Write how many years, or how many months"),
            ("moved-in", {"months": "12"}, "Months: write a whole number from 0 to 11"),
            ("studying", {}, "Choose all that apply, or “Nobody”"),
            ("low-income", {}, "Choose if you get Council Tax Reduction"),
            ("bills", {}, "Choose if you have a prepayment meter"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, client: CheckingClient, answer: Answer, page: str, given: dict[str, str], message: str
    ) -> None:
        answer("people", **ALONE)
        response = client.submit(f"{CHECK}/{page}", given)
        assert response.status_code == 422
        assert message in errors(response.text)
        typed = {value for name, value in given.items() if name != "benefits" and len(value) > 1 and value.isdecimal()}
        shown = set(find(response.text, "//input/@value"))
        assert typed <= shown
        assert client.get(f"{CHECK}/result").location != CHECK, "what was answered before is still there"

    def test_takes_money_as_people_write_it(self, client: CheckingClient, answer: Answer) -> None:
        for typed, shown in (("£1,200", "1200"), ("1200.5", "1200.50"), (" 3 000 ", "3000"), ("0", "0")):
            answer("savings", savings=typed)
            assert find(client.get(f"{CHECK}/savings").text, "//input[@name='savings']/@value") == [shown]

    def test_shows_what_was_answered(self, client: CheckingClient, answer: Answer) -> None:
        answer("home", tenure="owner")
        answer("people", **COUPLE)
        answer("birthdays", **OLD)
        answer("benefits/1", benefits="none")
        answer("moved-in", years="2", months="3")
        answer("bills", pays_electricity_bill="yes", prepayment_meter="no", energy_debt="unknown")
        checked = "//input[@checked]/@value"
        assert find(client.get(f"{CHECK}/home").text, checked) == ["owner"]
        assert find(client.get(f"{CHECK}/benefits/1").text, checked) == ["none"]
        assert find(client.get(f"{CHECK}/bills").text, checked) == ["yes", "no", "unknown"]
        assert find(client.get(f"{CHECK}/moved-in").text, "//input[@inputmode]/@value") == ["2", "3"]
        assert find(client.get(f"{CHECK}/people").text, "//input[@name='children']/@value") == ["1"]
        birthdays = find(client.get(f"{CHECK}/birthdays").text, "//input[@inputmode]/@value")
        assert birthdays == ["1", "1", "1950", "", "", "", "", "", ""]

    def test_says_whom_it_is_about(self, client: CheckingClient, answer: Answer) -> None:
        answer("people", **COUPLE)
        assert heading(client.get(f"{CHECK}/benefits/0").text) == "Which benefits or pensions do you get?"
        assert heading(client.get(f"{CHECK}/benefits/1").text) == "Your partner: which benefits or pensions?"
        assert "Child 1" in client.get(f"{CHECK}/studying").text

    def test_asks_for_the_money_of_each_benefit(self, client: CheckingClient, answer: Answer) -> None:
        answer("people", **ALONE)
        answer("benefits/0", benefits="state_pension")
        names = find(client.get(f"{CHECK}/income/0").text, "//main//input[@inputmode='decimal']/@name")
        assert names == ["earnings", "self_employment", "occupational_pension", "state_pension", "other"]
        answer("income/0", state_pension="241.30", **{"state_pension-period": "week"})
        answer("benefits/0", benefits="none")
        assert "£241.30" not in client.get(f"{CHECK}/answers").text
        names = find(client.get(f"{CHECK}/income/0").text, "//main//input[@inputmode='decimal' and @value!='']/@name")
        assert names == [], "the pension is gone, so the income isn't known"

    def test_leaves_owners_alone_with_what_only_tenants_know(self, client: CheckingClient, answer: Answer) -> None:
        assert "included in the rent" in client.get(f"{CHECK}/bills").text
        answer("home", tenure="owner")
        assert "included in the rent" not in client.get(f"{CHECK}/bills").text

    def test_comes_as_a_fragment_with_its_errors(self, client: CheckingClient) -> None:
        client.get(f"{CHECK}/home")
        response = client.send(f"{CHECK}/home", {}, headers=HTMX)
        assert response.status_code == 422
        assert "<html" not in response.text
        assert errors(response.text)

    def test_leads_back_to_the_one_before(self, client: CheckingClient, answer: Answer) -> None:
        def back(page: str) -> str:
            return str(find(client.get(f"{CHECK}/{page}").text, "//a[@class='govuk-back-link']/@href")[0])

        assert back("home") == CHECK
        answer("home", tenure="owner")
        answer("people", **ALONE)
        assert back("savings") == f"{CHECK}/people"
        assert back("people") == f"{CHECK}/home"
        assert back("people?then=result") == f"{CHECK}/result"


class TestTheWayThrough:
    def test_an_address_without_such_a_question_is_not_there(self, client: CheckingClient) -> None:
        client.get(f"{CHECK}/home")
        for name in ("no-such", "no-such/1", "health%00"):
            assert client.get(f"{CHECK}/{name}").status_code in (400, 404), name
        assert client.send(f"{CHECK}/no-such").status_code == 404

    @pytest.mark.parametrize("page", ["benefits/0", "birthdays", "health/3", "benefits", "home/1"])
    def test_a_page_about_nobody_leads_on(self, client: CheckingClient, page: str) -> None:
        response = client.get(f"{CHECK}/{page}")
        assert (response.status_code, response.location.startswith(CHECK)) == (303, True)
        client.get(f"{CHECK}/home")
        sent = client.send(f"{CHECK}/{page}", {"unknown": "1"})
        assert sent.status_code == 303
        assert client.get(f"{CHECK}/answers").location == CHECK, "nothing was taken"

    def test_there_is_no_result_without_answers(self, client: CheckingClient) -> None:
        for page in ("result", "answers", "result.pdf"):
            assert client.get(f"{CHECK}/{page}").location == CHECK

    def test_pages_may_be_answered_in_any_order(self, client: CheckingClient, answer: Answer) -> None:
        for page, given in (
            ("savings", {"savings": "5"}),
            ("fuel", {"main_fuel": "oil"}),
            ("home", {"tenure": "owner"}),
        ):
            answer(page, **given)
        listed = find(client.get(f"{CHECK}/answers").text, "//dt")
        assert [one.text_content() for one in listed] == [
            "How much do you have in savings?",
            "What do you heat your home with most?",
            "Do you rent your home or own it?",
        ]

    def test_the_back_button_and_an_answer_sent_twice_do_no_harm(self, client: CheckingClient, answer: Answer) -> None:
        answer("home", tenure="owner")
        answer("home", tenure="council")
        answer("home", tenure="council")
        text = client.get(f"{CHECK}/answers").text
        assert text.count("I rent it from the council") == 1
        assert "I own it" not in text

    def test_a_second_tab_that_makes_the_household_smaller_ends_what_the_first_asks(
        self, client: CheckingClient, answer: Answer
    ) -> None:
        answer("people", **COUPLE)
        client.get(f"{CHECK}/benefits/1")
        first = client.token
        answer("people", **ALONE)
        sent = client.post(f"{CHECK}/benefits/1", data={"csrf_token": first, "benefits": "universal_credit"})
        assert sent.status_code == 303
        assert "Universal Credit" not in client.get(f"{CHECK}/answers").text

    def test_who_stays_keeps_what_is_known_of_them(self, client: CheckingClient, answer: Answer) -> None:
        answer("people", **COUPLE)
        answer("benefits/1", benefits="state_pension")
        answer("people", **{**COUPLE, "children": "3"})
        assert "State Pension" in client.get(f"{CHECK}/answers").text


class TestWhatIsKept:
    def test_lies_sealed_in_the_row_of_the_session(self, answer: Answer, db: Session) -> None:
        answer("savings", savings="4321.09")
        answer("people", **COUPLE)
        [data] = db.scalars(select(SignInSession.data))
        assert set(data) == {"csrf_token", "energy"}
        assert "432109" not in str(data)
        assert "partner" not in str(data)

    def test_is_gone_when_the_visit_ends(
        self, client: CheckingClient, answer: Answer, clock: SetClock, settings: Settings
    ) -> None:
        answer("home", tenure="owner")
        clock.advance(settings.resident_idle + timedelta(seconds=1))
        assert client.get(f"{CHECK}/result").location == CHECK
        assert client.send(f"{CHECK}/home", {"tenure": "owner"}).status_code == 400

    def test_is_gone_when_it_is_deleted(self, client: CheckingClient, answer: Answer, db: Session) -> None:
        answer("home", tenure="owner")
        client.get(f"{CHECK}/result")
        assert client.send(f"{CHECK}/forget").location == CHECK
        assert client.get(f"{CHECK}/result").location == CHECK
        assert "energy" not in dict(db.scalars(select(SignInSession.data)).one())

    @pytest.mark.usefixtures("tenant")
    def test_is_in_no_other_table_and_in_no_log(
        self, client: CheckingClient, engine: Engine, capfd: pytest.CaptureFixture[str]
    ) -> None:
        client.get(f"{CHECK}/result")
        with engine.connect() as connection:
            for table in ("energy_check", "energy_permission", "audit_event", "outbox_message"):
                assert connection.scalar(select(func.count()).select_from(text(table))) == 0, table
        logged = "".join(capfd.readouterr())
        for word in ("universal_credit", "1950", 'council"'):
            assert word not in logged

    def test_that_no_key_opens_counts_as_nothing(self, client: CheckingClient, answer: Answer, db: Session) -> None:
        answer("home", tenure="owner")
        for spoilt in ("!", "AAAA"):
            db.execute(
                text("update sign_in_session set data = data || jsonb_build_object('energy', cast(:it as text))"),
                {"it": spoilt},
            )
            db.commit()
            assert client.get(f"{CHECK}/result").location == CHECK


@pytest.mark.usefixtures("tenant")
def test_pages_leave_in_the_session_what_other_tests_begin_with(db: Session, sealer: Sealer) -> None:
    kept = db.scalars(select(SignInSession.data)).one()[common.KEPT]
    assert sealer.unseal(base64.b64decode(str(kept)), context=common.CONTEXT) == TENANT.text


@pytest.mark.usefixtures("tenant")
def test_a_visitors_page_costs_one_statement_and_an_answer_two(client: CheckingClient, engine: Engine) -> None:
    with statements(engine) as sent:
        client.get(f"{CHECK}/result")
    assert len(sent) == 1, sent
    client.get(f"{CHECK}/savings")
    with statements(engine) as sent:
        client.send(f"{CHECK}/savings", {"savings": "1"})
    assert len(sent) == 2, sent


def test_ireland_is_asked_for_its_own_benefits_and_in_its_own_money(irish_app: Flask) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    client.submit(f"{CHECK}/people", ALONE)
    benefits = find(client.get(f"{CHECK}/benefits/0").text, "//input[@name='benefits']/@value")
    assert "fuel_allowance" in benefits
    assert "universal_credit" not in benefits
    assert "€" in client.get(f"{CHECK}/savings").text
    assert client.get(f"{CHECK}/low-income").status_code == 303
