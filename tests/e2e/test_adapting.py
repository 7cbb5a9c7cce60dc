"""Pages by keyboard alone, in forced colours, at 400 % zoom, and for who wants nothing to move."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from portal.party import Level
from tests.e2e import keyboard
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage, RentPage
from tests.e2e.rents import REFERENCES, every_situation
from tests.factories import PASSWORD, Factory
from tests.factories.rent import Tenancies
from tests.support import axe

AT_400_PERCENT = {"viewport": {"width": 320, "height": 225}, "device_scale_factor": 4}
FOR_VISITORS = ("/", "/sign-in", "/help", "/no-such-page")
FOR_RESIDENTS = (
    "/",
    "/account",
    "/account/contacts",
    "/account/devices",
    "/account/language",
    "/rent",
    "/rent/connect",
)
FOR_STAFF = ("/staff", "/staff/access", "/staff/access/invite", "/staff/audit")

EachPage = Callable[..., None]


@pytest.fixture
def mary(make: Factory, tenancies: Tenancies, council: Council, clock: Clock) -> Person:
    """A resident with several accounts."""
    mary = make.resident()
    tenancies.load(every_situation(clock.now().astimezone(council.zone).date()))
    for situation in ("owed", "doubtful", "garage"):
        tenancies.connect(mary, REFERENCES[situation])
    return mary


@pytest.fixture
def each_page(visit: Visit, make: Factory, mary: Person, token: Callable[..., str]) -> EachPage:
    """Open pages of all kinds, in browsers with settings of their own, and have each looked at."""

    def open_each(look: Callable[[Page], list[str]], **settings: object) -> None:
        token(mary)  # another device
        boss = make.staff()
        wrong = []
        for page, paths in (
            (visit(**settings), FOR_VISITORS),
            (visit(mary, **settings), FOR_RESIDENTS),
            (visit(boss, level=Level.HIGH, **settings), FOR_STAFF),
        ):
            for path in paths:
                page.goto(path)
                wrong += [f"{path}: {found}" for found in look(page)]
        assert not wrong, "\n".join(wrong)

    return open_each


def test_everything_is_reached_by_keyboard_and_shows_the_focus(each_page: EachPage) -> None:
    def look(page: Page) -> list[str]:
        stops, wrong = keyboard.walk(page)
        return wrong if stops[0] == "a Skip to main content" else [*wrong, f"begins with {stops[0]}"]

    each_page(look)


def test_forced_colours(each_page: EachPage) -> None:
    def look(page: Page) -> list[str]:
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        marked: list[str] = page.evaluate(
            """[...document.querySelectorAll('.places a:not([aria-current]), .places button')].filter(
                (place) => getComputedStyle(place).borderColor !== getComputedStyle(document.body).backgroundColor
            ).map((place) => place.textContent + ': marked as where one is')"""
        )
        return marked + keyboard.walk(page)[1] + axe.violations(page)

    each_page(look, forced_colors="active", width=320)


def test_zoom_of_400_percent(each_page: EachPage) -> None:
    def look(page: Page) -> list[str]:
        return keyboard.walk(page)[1] + ["scrolls sideways"] * axe.scrolls_sideways(page)

    each_page(look, **AT_400_PERCENT)


def test_nothing_moves_for_who_does_not_want_it(each_page: EachPage) -> None:
    def look(page: Page) -> list[str]:
        moving: list[str] = page.evaluate(
            """[...document.querySelectorAll('*')].filter((element) => {
                const style = getComputedStyle(element)
                return parseFloat(style.transitionDuration) || style.animationName !== 'none'
                    || style.scrollBehavior === 'smooth'
            }).map((element) => element.outerHTML.slice(0, 100))"""
        )
        return [f"moves: {element}" for element in moving]

    each_page(look, reduced_motion="reduce")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_skip_link_leads_past_the_head(visit: Visit, mary: Person, javascript: bool) -> None:
    page = visit(mary, javascript=javascript)
    page.goto("/rent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.usefixtures("mary")
@pytest.mark.parametrize("javascript", [True, False])
def test_a_resident_signs_in_by_keyboard_alone(visit: Visit, javascript: bool) -> None:
    page = visit(javascript=javascript)
    AnyPage(page).open()
    keyboard.tab_to(page, "a Sign in")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in")
    keyboard.tab_to(page, "input E-mail address or username")
    page.keyboard.type("mary@example.org")
    keyboard.tab_to(page, "input Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    keyboard.tab_to(page, "a See your rent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rent")
    assert RentPage(page).sentences[0] == "You owe £337.05"
    keyboard.tab_to(page, "button Sign out")
    page.keyboard.press("Space")
    page.wait_for_url("**/sign-out")
    AnyPage(page).is_headed("You are signed out")


def test_a_page_has_a_margin_at_every_width(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    for width in (320, 480, 640, 642, 768, 1019, 1020, 1024, 1060, 1080, 1120, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 700})
        for part in (".top__row", "#main"):
            box = page.locator(part).bounding_box()
            assert box
            assert min(box["x"], width - box["x"] - box["width"]) >= 14, (part, width)
