"""The energy check in a browser: with and without JavaScript, by keyboard, on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.rents import REFERENCES, every_situation
from tests.factories import Factory
from tests.factories.rent import Tenancies
from tests.support.mail import MailSink

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
MOST_QUESTIONS = 12


class QuestionPage(AnyPage):
    path = "/energy/check"

    def choose(self, words: str) -> None:
        """Choose an answer; the button of GOV.UK lies over the field, so its label is pressed."""
        self.page.get_by_label(words, exact=True).first.check()

    def fill_in_birthday(self, day: str, month: str, year: str) -> None:
        self.fill("Day", day)
        self.fill("Month", month)
        self.fill("Year", year)

    def go_on(self) -> str:
        """Send the answer, and return the heading of the page that follows."""
        with self.page.expect_navigation():
            self.press("Continue")
        return self.heading


ANSWERS: dict[str, Callable[[QuestionPage], None]] = {
    "Is this an emergency?": lambda page: page.choose("No"),
    "Do you rent your home or own it?": lambda page: page.choose("I rent it from the council"),
    "Who lives with you?": lambda page: page.choose("No"),
    "When were you born?": lambda page: page.fill_in_birthday("3", "4", "1950"),
    "Which benefits or pensions do you get?": lambda page: page.choose("Pension Credit, with Guarantee Credit"),
}


def walk(page: QuestionPage) -> list[str]:
    """Answer as an old tenant on Pension Credit, "I don't know" to all else, until the result; return the questions."""
    asked = []
    while page.heading != "Help with energy that you could get":
        asked.append(page.heading)
        if answer := ANSWERS.get(page.heading):
            answer(page)
            page.go_on()
        else:
            with page.page.expect_navigation():
                page.press("I don’t know")
        assert len(asked) <= MOST_QUESTIONS
    return asked


@both_ways
def test_a_visitor_finds_out_what_they_could_get(visit: Visit, javascript: bool) -> None:
    page = QuestionPage(visit(javascript=javascript))
    page.page.goto("/")
    page.page.get_by_role("button", name="Begin without signing in").click()
    page.press("Start")
    asked = walk(page)
    assert set(ANSWERS) <= set(asked)
    expect(page.page.get_by_role("heading", name="Cold Weather Payment")).to_be_visible()
    expect(page.page.get_by_role("heading", name="Not for you, and why")).to_be_visible()
    page.follow("See your answers, or change one")
    page.page.get_by_role("link", name="Change").and_(page.page.locator("[href*='/home']")).click()
    page.choose("I own it, or I’m paying a mortgage on it")
    assert page.go_on() == "Help with energy that you could get"
    assert page.told

    page.press("Delete my answers")
    assert page.told == ["Your answers are deleted."]
    page.is_headed("Find out what help with energy you could get")
    page.page.goto("/energy/check/result")
    page.is_headed("Find out what help with energy you could get")


@both_ways
def test_a_wrong_answer_is_told_and_kept(visit: Visit, javascript: bool) -> None:
    page = QuestionPage(visit(javascript=javascript)).open("/energy/check/savings")
    page.fill("Savings", "about two hundred")
    page.press("Continue")
    assert page.errors == ["Savings: write the amount in numbers, like 221.20"]
    assert page.value("Savings") == "about two hundred"
    page.page.get_by_role("link", name="Savings: write the amount in numbers, like 221.20").click()
    expect(page.page.get_by_label("Savings")).to_be_focused()
    page.fill("Savings", "200")
    page.go_on()
    page.open("/energy/check/savings")
    assert page.value("Savings") == "200"


@both_ways
def test_the_back_button_goes_back_a_question(visit: Visit, javascript: bool) -> None:
    page = QuestionPage(visit(javascript=javascript)).open("/energy/check/home")
    page.choose("I own it, or I’m paying a mortgage on it")
    second = page.go_on()
    page.page.go_back()
    page.is_headed("Do you rent your home or own it?")
    page.choose("I rent it from the council")
    assert page.go_on() == second
    page.page.goto("/energy/check/answers")
    assert "I own it" not in page.page.inner_text("main")


@both_ways
def test_one_more_thing_is_answered_on_the_result(visit: Visit, javascript: bool) -> None:
    page = QuestionPage(visit(javascript=javascript)).open("/energy/check/emergency")
    page.choose("No")
    page.go_on()
    page.page.goto("/energy/check/result")
    more = page.page.get_by_role("region", name="What we don’t know yet")
    first = more.inner_text()
    if more.get_by_role("button", name="I don’t know").count():
        with page.page.expect_navigation():
            more.get_by_role("button", name="I don’t know").click()
    else:
        more.get_by_role("button", name="Answer this question").click()
        with page.page.expect_navigation():
            page.press("I don’t know")
    page.is_headed("Help with energy that you could get")
    assert more.inner_text() != first


@both_ways
def test_whoever_cannot_wait_is_told_whom_to_call_and_can_leave(visit: Visit, javascript: bool) -> None:
    browser = visit(javascript=javascript)
    browser.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="the weather"))
    page = QuestionPage(browser).open()
    page.press("Start")
    page.choose("Yes")
    page.go_on()
    expect(page.page.get_by_text("Call us now on")).to_be_visible()
    page.page.goto("/energy/check/result")
    now = page.page.get_by_role("region", name="Call us now")
    expect(now.get_by_role("link", name="01632 960 100")).to_be_in_viewport()

    page.page.mouse.wheel(0, 5000)
    way_out = page.page.get_by_role("link", name="Exit this page")
    expect(way_out).to_be_in_viewport()
    way_out.click()
    expect(page.page.get_by_text("the weather")).to_be_visible()
    if javascript:
        page.page.go_back()
        assert page.heading != "Help with energy that you could get"


def test_by_keyboard_alone(visit: Visit) -> None:
    page = QuestionPage(visit()).open("/energy/check/home")
    page.page.get_by_label("I rent it from the council").focus()
    page.page.keyboard.press("Space")
    page.page.keyboard.press("ArrowDown")
    with page.page.expect_navigation():
        page.page.keyboard.press("Enter")
    page.page.goto("/energy/check/answers")
    assert "I rent it from a housing association" in page.page.inner_text("main")


class TestSignedIn:
    @pytest.fixture
    def mary(self, make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
        mary = make.resident()
        tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
        tenancies.connect(mary, REFERENCES["owed"])
        return mary

    @both_ways
    def test_facts_of_rent_are_confirmed_the_result_kept_and_sent(
        self, visit: Visit, mary: Person, javascript: bool, link: Callable[..., str], mail: MailSink
    ) -> None:
        page = QuestionPage(visit(mary, javascript=javascript)).open("/energy/check")
        page.press("Yes, use it")
        assert page.told == ["We will use what your rent account says. You see each fact before it counts."]
        page.open("/energy/check/home")
        expect(page.page.get_by_text("From your rent account, as of")).to_be_visible()
        expect(page.page.get_by_label("I rent it from the council")).to_be_checked()
        page.go_on()
        page.open("/energy/check/answers")
        assert "From your rent account, and you said that it is right" in page.page.inner_text("main")

        page.open("/energy/check/result")
        page.follow("Have it sent to you")
        page.choose("mary@example.org")
        page.press("Send")
        assert page.told == ["It is on its way to you."]
        assert link().endswith("/energy")
        assert mail.received[-1]["Subject"] == "What you asked us to send you"

        page.follow("Keep your answers with your account")
        page.press("Keep my answers")
        assert page.told == ["Your answers are kept. You’ll find them here."]
        page.press("See it, or change an answer")
        page.is_headed("Help with energy that you could get")

    def test_nothing_is_left_behind_the_back_button(self, visit: Visit, mary: Person) -> None:
        page = QuestionPage(visit(mary)).open("/energy/check/savings")
        page.fill("Savings", "4321")
        page.go_on()
        page.open("/energy/check/answers")
        page.sign_out()
        assert not [seen for seen in page.all_behind_the_back_button() if "4321" in seen or "4,321" in seen]


def test_a_pdf_comes_as_a_file(visit: Visit) -> None:
    page: Page = visit()
    QuestionPage(page).open("/energy/check/savings").fill("Savings", "0")
    QuestionPage(page).go_on()
    page.goto("/energy/check/result")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save it as a PDF, or print it").click()
    assert download.value.suggested_filename == "energy-help.pdf"


def test_on_paper_there_is_what_was_found_and_nothing_to_press(visit: Visit) -> None:
    page = QuestionPage(visit()).open("/energy/check/savings")
    page.fill("Savings", "0")
    page.go_on()
    page.open("/energy/check/result")
    page.page.emulate_media(media="print")
    expect(page.page.get_by_role("heading", name="Help with energy that you could get")).to_be_visible()
    expect(page.page.get_by_role("link", name="Save it as a PDF, or print it")).to_be_hidden()
    for button in page.page.get_by_role("button").all():
        expect(button).to_be_hidden()
