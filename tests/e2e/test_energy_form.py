"""The form for help with energy in a browser, on a phone's screen: with and without JavaScript, and by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.rents import REFERENCES, every_situation
from tests.factories import PASSWORD, Factory
from tests.factories.rent import Tenancies

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
CRISIS = "Crisis and Resilience Fund"


class FormPage(AnyPage):
    path = "/energy/apply"

    def choose(self, words: str) -> None:
        self.page.get_by_label(words, exact=True).first.check()

    def go_on(self, button: str = "Save and continue") -> str:
        """Send the page, and return the heading of the one that follows."""
        with self.page.expect_navigation():
            self.press(button)
        return self.heading

    def stands(self, part: str) -> str:
        """Return how far a part has come."""
        line = self.page.locator(".govuk-task-list__item", has=self.page.get_by_role("link", name=part, exact=True))
        return line.locator(".govuk-task-list__status").inner_text()


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
    mary = make.resident()
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(mary, REFERENCES["owed"])
    return mary


def begun(page: Page) -> FormPage:
    form = FormPage(page).open()
    form.choose(CRISIS)
    assert form.go_on("Continue") == "Your form for help with energy"
    return form


@both_ways
def test_a_tenant_fills_in_a_form_on_a_phone(visit: Visit, mary: Person, javascript: bool) -> None:
    form = begun(visit(mary, javascript=javascript, width=320))
    form.press("Yes, use it")
    assert form.stands("Your home") == "Check it"
    form.follow("Who is applying")
    form.choose("Myself and those who live with me")
    assert form.go_on() == "How can we reach you about this?"
    expect(form.page.get_by_label("Full name")).to_have_value(mary.name)
    assert form.go_on() == "Your form for help with energy"
    assert form.stands("Who is applying") == "Done"

    form.follow("Your home")
    expect(form.page.get_by_text("From your rent account, as of")).to_be_visible()
    form.fill("Address line 1", "1 Other Row")
    assert form.go_on() == "Do you rent your home or own it?"
    expect(form.page.get_by_label("I rent it from the council")).to_be_checked()
    assert form.go_on() == "Your form for help with energy"

    form.follow("What happened, and what would help")
    form.choose("No")
    assert form.go_on() == "What happened, and what would help?"
    form.press("Save and continue")
    assert form.errors == ["Write what happened", "Write what would help"]
    form.fill("What happened?", "My hours were cut.")
    form.fill("What would help?", "Money for the meter.")
    assert form.go_on() == "Your form for help with energy"

    form.follow("See all your answers so far")
    answers = form.page.inner_text("main")
    assert "My hours were cut." in answers
    assert "What your rent account says" in answers
    form.page.locator("a[href*='/form/who']").click()
    form.choose("Somebody else")
    form.fill("How you know them, and what allows you to apply for them", "I am her daughter")
    assert form.go_on() == "Check your answers"
    assert "I am her daughter" in form.page.inner_text("main")


@both_ways
@pytest.mark.usefixtures("mary")
def test_a_visitor_signs_in_on_the_way_and_keeps_their_answers(visit: Visit, javascript: bool) -> None:
    form = FormPage(visit(javascript=javascript, width=320)).open("/energy/check/emergency")
    form.choose("Yes")
    form.go_on("Continue")
    form.page.goto("/energy/check/people")
    for words in form.page.get_by_label("No", exact=True).all():
        words.check()
    form.go_on("Continue")
    form.page.goto("/energy/check/benefits/0")
    form.choose("Universal Credit")
    form.go_on("Continue")
    form.page.goto("/energy/check/savings")
    form.fill("Savings", "0")
    form.go_on("Continue")
    form.page.goto("/energy/check/result")
    form.press("Sign in and apply")
    form.fill("E-mail address or username", "mary@example.org")
    form.page.get_by_label("Password", exact=True).fill(PASSWORD)
    assert form.go_on("Sign in") == "Apply for help with energy"
    expect(form.page.get_by_label(CRISIS)).to_be_checked()


@both_ways
def test_the_later_of_two_devices_sees_both_answers(visit: Visit, mary: Person, javascript: bool) -> None:
    phone = begun(visit(mary, javascript=javascript, width=320))
    phone.follow("Who is applying")
    desk = FormPage(visit(mary, javascript=javascript)).open(phone.page.url)
    desk.choose("Somebody else")
    desk.fill("How you know them, and what allows you to apply for them", "I am her daughter")
    desk.go_on()
    phone.choose("Myself and those who live with me")
    phone.press("Save and continue")
    summary = phone.page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("This page was answered elsewhere since you opened it")
    expect(phone.page.locator(".govuk-inset-text").first).to_contain_text("I am her daughter")
    assert phone.go_on() == "How can we reach you about this?"


def test_by_keyboard_alone(visit: Visit, mary: Person) -> None:
    form = begun(visit(mary, width=320))
    form.page.get_by_role("link", name="Who is applying").focus()
    with form.page.expect_navigation():
        form.page.keyboard.press("Enter")
    form.page.get_by_label("Myself and those who live with me").focus()
    form.page.keyboard.press("Space")
    with form.page.expect_navigation():
        form.page.keyboard.press("Enter")
    form.is_headed("How can we reach you about this?")
