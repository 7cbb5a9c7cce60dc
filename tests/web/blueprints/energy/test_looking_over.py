"""Ways in, the list of parts, what the form is for, and all answers looked over before it is sent."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication, EnergyCase
from portal.clock import SetClock
from portal.models import AuditEvent, Person
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import Fill
from tests.web.blueprints.energy.test_steps import BANK, HAPPENED, lines

MARY = {"name": "mary@example.org", "password": PASSWORD}
CONTACT = {"name": "Mary Jones", "by": "post"}
ADDRESS = {"first": "14 Weavers Row", "town": "Millbrook", "postcode": "ZZ1 1AA"}


@pytest.fixture
def finished(form: str, fill: Fill) -> str:
    """A form of which every page is answered but that with files, which is another part's."""
    for page, given in (
        ("who", {"applying_for": "myself"}),
        ("contact", CONTACT),
        ("address", ADDRESS),
        ("supplier", {"name": "Bright Power"}),
        ("meter", {"unknown": "1"}),
        ("happened", HAPPENED),
        ("bank", BANK),
    ):
        assert fill(form, page, **given).status_code == 303, page
    return form


def words(html: str, path: str) -> str:
    return " ".join("".join(find(html, f"{path}//text()")).split())


class TestWaysIn:
    def test_the_result_leads_to_the_form(self, told: CheckingClient) -> None:
        html = told.get("/energy/check/result").text
        assert find(html, "//section[@aria-labelledby='first']//a[normalize-space()='Apply']/@href") == [
            "/energy/apply"
        ]
        assert "can’t apply" not in html

    @pytest.mark.usefixtures("mary", "tenant")
    def test_whoever_is_not_signed_in_signs_in_and_comes_back_with_their_answers(self, client: CheckingClient) -> None:
        html = client.get("/energy/check/result").text
        assert "Your answers stay when you sign in with this button." in html
        sign_in = client.get(client.send("/energy/check/apply").location).location
        response = client.submit(sign_in, MARY | {"next": "/energy/apply"})
        assert response.location == "/energy/apply"
        html = client.get("/energy/apply").text
        assert "warm-grant" in find(html, "//input[@name='schemes'][@checked]/@value")
        form = client.send("/energy/apply", {"schemes": "warm-grant"}).location
        assert lines(client.get(f"{form}/answers").text, "benefits/0") == ["Universal Credit"]

    @pytest.mark.usefixtures("mary", "tenant")
    def test_whoever_signs_in_to_go_elsewhere_finds_no_answers(self, client: CheckingClient) -> None:
        client.get("/energy/check/result")
        client.send("/energy/check/apply")
        assert client.submit("/sign-in", MARY).status_code == 303
        assert not find(client.get("/energy/apply").text, "//input[@name='schemes'][@checked]")

    @pytest.mark.usefixtures("mary", "tenant")
    def test_whoever_did_not_ask_for_it_finds_no_answers(self, client: CheckingClient) -> None:
        sign_in = client.get("/energy/apply").location
        client.submit(sign_in, MARY | {"next": "/energy/apply"})
        assert not find(client.get("/energy/apply").text, "//input[@name='schemes'][@checked]")

    def test_energy_help_shows_the_draft_and_until_when_it_is_kept(self, told: CheckingClient, form: str) -> None:
        html = told.get("/energy").text
        assert words(html, "//section[@aria-labelledby='form']").startswith(
            "A form that you have begun For: Warm Grant."
        )
        assert find(html, "//section[@aria-labelledby='form']//a/@href") == [form]

    def test_energy_help_leads_to_the_form_where_there_is_no_draft(self, told: CheckingClient) -> None:
        assert find(told.get("/energy").text, "//a[@href='/energy/apply']")


class TestListOfParts:
    def test_can_be_sent_when_every_part_is_done(self, told: CheckingClient, form: str) -> None:
        html = told.get(form).text
        assert "Not yet" in html
        assert not find(html, "//a[normalize-space()='Check your answers and send']")
        assert find(html, f"//a[@href='{form}/delete']")

    def test_tells_what_is_begun_and_what_is_to_do(self, told: CheckingClient, form: str, fill: Fill) -> None:
        fill(form, "who", applying_for="myself")
        html = told.get(form).text
        assert words(html, "//*[@id='part-who-status']") == "Begun"
        assert words(html, "//*[@id='part-bank-status']") == "To do"
        assert find(html, "//a[normalize-space()='Who is applying']/@href") == [f"{form}/form/contact"]

    def test_leads_to_the_page_with_files(self, told: CheckingClient, form: str) -> None:
        html = told.get(form).text
        assert find(html, "//a[normalize-space()='Photos of your papers']/@href") == [f"{form}/evidence"]
        assert told.get(f"{form}/form/evidence").status_code == 404

    def test_says_first_whom_to_call_in_an_emergency(self, told: CheckingClient, form: str, fill: Fill) -> None:
        assert "Call us now" not in told.get(form).text
        told.submit("/energy/apply", {"schemes": ["warm-grant", "crisis-and-resilience-fund"]})
        fill(form, "emergency", crisis="yes")
        html = told.get(form).text
        assert find(html, "//h2/text()")[0] == "Call us now"
        for page in (html, told.get(f"{form}/form/who").text, told.get(f"{form}/answers").text):
            assert find(page, "//a[@data-exit]")
        assert "You don’t have to go on here." in told.get(f"{form}/form/who").text


class TestLookingOver:
    def test_each_answer_can_be_changed_and_leads_back(self, told: CheckingClient, form: str, fill: Fill) -> None:
        fill(form, "supplier", name="Bright Power")
        (change,) = find(told.get(f"{form}/answers").text, "//a[contains(@href, '/form/supplier')]/@href")
        html = told.get(change).text
        assert find(html, "//nav[@aria-label='Back']//a/@href") == [f"{form}/answers"]
        (seen,) = find(html, "//input[@name='seen']/@value")
        (then,) = find(html, "//input[@name='then']/@value")
        response = told.send(change.partition("?")[0], {"seen": seen, "then": then, "name": "Other Energy"})
        assert response.location == f"{form}/answers"
        assert lines(told.get(f"{form}/answers").text, "supplier") == ["Other Energy"]

    def test_tells_what_is_open(self, told: CheckingClient, form: str) -> None:
        html = told.get(f"{form}/answers").text
        assert "Some parts are still open." in html
        assert not find(html, f"//a[@href='{form}/send']")

    def test_shows_answers_of_the_check(self, told: CheckingClient, form: str) -> None:
        html = told.get(f"{form}/answers").text
        assert lines(html, "benefits/0") == ["Universal Credit"]
        assert lines(html, "savings") == ["£0.00"]

    def test_what_was_sent_is_shown_as_it_was(
        self, told: CheckingClient, finished: str, db: Session, clock: SetClock
    ) -> None:
        send(db, clock)
        html = told.get(f"{finished}/answers").text
        assert find(html, "//h1/text()") == ["Your answers, as you sent them"]
        assert "Application EN-1, sent on 24 November 2026." in html
        assert "The account that ends in 6819" in html
        assert not find(html, "//a[contains(@href, '/form/')]")
        assert told.get(f"{finished}/form/who").status_code == 404

    def test_is_nobody_elses(self, told: CheckingClient, form: str, make: Factory) -> None:
        told.sign_in(make.resident(email="john@example.org"))
        for page in ("", "/answers", "/schemes", "/form/who", "/delete"):
            assert told.get(form + page).status_code == 404


def send(db: Session, clock: SetClock) -> None:
    """Mark the one form as sent, without going through its declaration."""
    values = {"sent_at": clock.now(), "expires_at": None, "reference": "EN-1"}
    db.execute(update(EnergyApplication).values(**values))
    db.execute(update(EnergyCase).values(state="sent"))
    db.commit()


def test_a_form_that_no_key_opens_says_so_and_makes_room_for_another(
    told: CheckingClient, form: str, db: Session
) -> None:
    db.execute(update(EnergyApplication).values(answers=b"lost"))
    db.commit()
    html = told.get(form).text
    assert find(html, "//h1/text()") == ["We can’t read your form any more"]
    assert f"{form}/delete" in find(html, "//main//a/@href")
    assert told.get(f"{form}/form/who").status_code == 404
    assert find(told.get(f"{form}/delete").text, f"//form[@action='{form}/delete']")
    assert told.send(f"{form}/delete").location == "/energy"
    assert told.submit("/energy/apply", {"schemes": "warm-grant"}).location != form


class TestWhatTheFormIsFor:
    def test_can_be_changed(self, told: CheckingClient, form: str, db: Session) -> None:
        html = told.get(f"{form}/schemes").text
        assert find(html, "//input[@checked]/@value") == ["warm-grant"]
        chosen = ["crisis-and-resilience-fund", "warm-homes-local-grant"]
        assert told.send(f"{form}/schemes", {"schemes": chosen, "seen": "warm-grant"}).location == form
        assert sorted(db.scalars(select(EnergyCase.scheme))) == chosen
        acts = db.scalars(select(AuditEvent.act).where(AuditEvent.act == "energy.choose")).all()
        assert len(acts) == 1
        assert "Warm Homes: Local Grant" in told.get(form).text

    def test_the_later_of_two_sees_what_it_is_for_and_chooses(
        self, told: CheckingClient, form: str, db: Session
    ) -> None:
        (seen,) = find(told.get(f"{form}/schemes").text, "//input[@name='seen']/@value")
        told.submit("/energy/apply", {"schemes": "crisis-and-resilience-fund"})
        mine = {"schemes": ["warm-grant", "warm-homes-local-grant"]}
        told.get(f"{form}/schemes")
        response = told.send(f"{form}/schemes", {**mine, "seen": seen})
        assert response.status_code == 409
        assert "It is now for: Crisis and Resilience Fund, Warm Grant." in response.text
        assert sorted(db.scalars(select(EnergyCase.scheme))) == ["crisis-and-resilience-fund", "warm-grant"]
        assert sorted(find(response.text, "//input[@checked]/@value")) == mine["schemes"], "nothing typed is lost"
        (new,) = find(response.text, "//input[@name='seen']/@value")
        assert told.send(f"{form}/schemes", {**mine, "seen": new}).status_code == 303
        assert told.send(f"{form}/schemes", {**mine, "seen": seen}).status_code == 303, "the same twice"
        db.rollback()
        assert sorted(db.scalars(select(EnergyCase.scheme))) == mine["schemes"]

    def test_is_at_least_one(self, told: CheckingClient, form: str, db: Session) -> None:
        told.get(f"{form}/schemes")
        response = told.send(f"{form}/schemes")
        assert response.status_code == 422
        assert "Choose what you want to apply for" in response.text
        assert list(db.scalars(select(EnergyCase.scheme))) == ["warm-grant"]

    def test_is_nothing_that_has_no_form(self, told: CheckingClient, form: str, db: Session) -> None:
        told.get(f"{form}/schemes")
        assert told.send(f"{form}/schemes", {"schemes": ["age-payment"]}).status_code == 422
        assert list(db.scalars(select(EnergyCase.scheme))) == ["warm-grant"]


class TestAskedBefore:
    @pytest.fixture
    def asked(self, mary: Person, db: Session, clock: SetClock) -> Callable[[str], None]:
        """Mary has applied for warm-grant before."""

        def make(state: str) -> None:
            begun = clock.now() - timedelta(days=90)
            application = {"id": uuid4(), "person_id": mary.id, "begun_at": begun, "changed_at": begun}
            sealed = {"answers": b"x", "sent_at": begun, "reference": "EN-0"}
            db.execute(insert(EnergyApplication).values(**application, **sealed))
            case = {"application_id": application["id"], "scheme": "warm-grant", "edition": "2026-27", "state": state}
            db.execute(insert(EnergyCase).values(**case))
            db.commit()

        return make

    @pytest.mark.parametrize("state", ["sent", "paid", "refused", "withdrawn"])
    def test_is_said_with_how_often_one_may_and_refuses_nothing(
        self, told: CheckingClient, asked: Callable[[str], None], state: str
    ) -> None:
        asked(state)
        before = "You asked for it before, on 26 August 2026. Once in twelve months."
        assert before in told.get("/energy/apply").text
        response = told.send("/energy/apply", {"schemes": "warm-grant"})
        assert response.status_code == 303
        html = told.get(response.location).text
        assert before in html
        assert "You can send this form all the same: a person decides." in html

    def test_is_nothing_where_nobody_has(self, told: CheckingClient, form: str) -> None:
        assert "before, on" not in told.get("/energy/apply").text
        assert "before, on" not in told.get(form).text
