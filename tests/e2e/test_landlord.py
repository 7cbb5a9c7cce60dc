"""The council as landlord in a browser: a tenant agrees to works on a phone, takes it back, has the letter made."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.rents import REFERENCES, every_situation
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.factories.rent import Tenancies

WORKS = {
    ("millbrook", "en"): "/energy/works/warm-homes-social-housing-fund",
    ("millbrook", "cy"): "/energy/works/warm-homes-social-housing-fund",
    ("dunmarra", "en"): "/energy/works/local-authority-retrofit",
    ("dunmarra", "ga"): "/energy/works/local-authority-retrofit",
}
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
    """Mary rents her home from the council, and has connected her account."""
    person = make.resident(name="Mary Example")
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    tenancies.connect(person, REFERENCES["owed"])
    return person


@both_ways
def test_a_tenant_agrees_to_works_and_takes_it_back(visit: Visit, mary: Person, javascript: bool) -> None:
    page = AnyPage(visit(mary, javascript=javascript, width=320)).open("/energy")
    page.page.get_by_role("link", name="Tell us what you would like").click()
    page.press("Tell us")
    assert page.errors == ["Select what you want to tell us", "Enter your full name"]
    page.fill("Your full name", "Mary Example")
    page.page.get_by_label("I would like it, and I agree to the works").check()
    page.press("Tell us")
    assert page.told == ["Thank you. We have what you told us."]
    expect(page.page.get_by_text("I would like it, and I agree to the works")).to_be_visible()
    page.page.get_by_text("The words that you read").click()
    expect(page.page.get_by_text("We choose which homes come first. That you agree")).to_be_visible()

    page.press("Take it back")
    assert page.told == ["You have taken it back. It doesn’t count any more."]
    page.is_headed("Energy help")


@both_ways
def test_a_tenant_has_the_letter_made(visit: Visit, mary: Person, javascript: bool) -> None:
    page = AnyPage(visit(mary, javascript=javascript, width=320, council="dunmarra")).open("/energy")
    page.page.get_by_role("link", name="Have the letter made now").click()
    page.fill("What is the number of your meter?", "123")
    page.press("Make the letter (PDF)")
    assert page.errors == [
        "Enter the 11 digits of your electricity meter (MPRN), or the 7 digits of your gas meter (GPRN)"
    ]
    page.fill("What is the number of your meter?", "10 001 234 567")
    with page.page.expect_download() as download:
        page.press("Make the letter (PDF)")
    pdf = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    assert "10001234567" in pdf.pages[0].extract_text()
    page.is_headed("A letter from us as your landlord")


@pytest.mark.parametrize(("council_name", "language"), list(WORKS))
def test_every_page_in_each_language(
    visit: Visit, mary: Person, make: Factory, db: Session, council_name: str, language: str
) -> None:
    mary.language = language
    db.commit()
    works, letter = WORKS[council_name, language], "/energy/landlord-letter"
    given = {"council": council_name, "language": language, "width": 320}
    tour = Tour(visit(mary, **given), language)
    tour.to(works)
    tour.refused(works)
    tour.page.goto(works)
    tour.page.fill("[name=signed_as]", "Mary Example")
    tour.page.locator("[name=answer]").first.check()
    with tour.page.expect_navigation():
        tour.page.locator("main form [type=submit]").first.click()
    tour.look(f"{works}, told")
    tour.to("/energy", f"{works}?change=yes")
    if council_name == "dunmarra":
        tour.to(letter)
        tour.refused(letter, number="12")
    tour.check()

    other = Tour(visit(make.resident(name="Ann Other", email="ann@example.org", language=language), **given), language)
    other.to(works)
    other.check()
