"""Forms that are sent twice, too late, or from a page that somebody came back to."""

import pytest
from playwright.sync_api import Page, Route
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.models import SignInSession
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage, ConnectPage, RegisterPage, SignInPage
from tests.factories import PASSWORD, Factory

WRONG_CODE = "K7QM-2F9D-XW3R-8HTA"


class SlowLine:
    """A line on which what is sent takes as long as the test wants."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        page.route("**", self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method == "POST":
            self.held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        for route in self.held:
            route.continue_()
        self.held.clear()


class TestAButtonPressedTwice:
    """While the first time is under way, or at once."""

    def press_twice(self, page: Page, name: str) -> int:
        """Return how many times the form was sent."""
        line = SlowLine(page)
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.dblclick(*place)  # the mouse doesn't wait for the page, as a click on an element would
        page.wait_for_timeout(100)
        page.mouse.click(*place)
        page.wait_for_timeout(100)
        sent = len(line.held)
        line.let_go()
        page.unroute_all()
        return sent

    def test_sends_a_form_once(self, visit: Visit) -> None:
        page = visit()
        register = RegisterPage(page).open()
        register.fill("E-mail address", "new@example.org")
        assert self.press_twice(page, "Continue") == 1
        page.wait_for_url("**/register/sent")

    def test_sends_a_form_of_htmx_once_and_another_time_when_it_is_answered(self, visit: Visit, make: Factory) -> None:
        page = visit(make.resident())
        connect = ConnectPage(page).open()
        for _ in range(2):
            connect.fill("Payment reference", "7204011836")
            connect.fill("Code", WRONG_CODE)
            assert self.press_twice(page, "Connect") == 1
            assert len(connect.errors) == 1


@pytest.mark.parametrize("javascript", [True, False])
class TestAPageThatWasLeftOpen:
    """Longer than the session lasts."""

    @pytest.fixture(autouse=True)
    def mary(self, make: Factory) -> None:
        make.resident()

    def test_asks_to_sign_in_and_comes_back(self, visit: Visit, db: Session, clock: Clock, javascript: bool) -> None:
        page = visit(javascript=javascript)
        SignInPage(page).open("/rent/connect").sign_in("mary@example.org", PASSWORD)
        self.wait_for_the_end(db, clock)
        ConnectPage(page).connect(reference="7204011836", code=WRONG_CODE)

        sign_in = SignInPage(page)
        page.wait_for_url("**/sign-in**")
        assert sign_in.told == ["To keep your account safe, you were signed out. Nothing was sent. Sign in to go on."]
        sign_in.sign_in("mary@example.org", PASSWORD)
        sign_in.is_headed("Connect your rent account")

    def test_signs_out_all_the_same(self, visit: Visit, db: Session, clock: Clock, javascript: bool) -> None:
        page = visit(javascript=javascript)
        SignInPage(page).open("/account").sign_in("mary@example.org", PASSWORD)
        self.wait_for_the_end(db, clock)
        account = AnyPage(page)
        account.sign_out()
        account.is_headed("You are signed out")

    def wait_for_the_end(self, db: Session, clock: Clock) -> None:
        db.execute(update(SignInSession).values(expires_at=clock.now()))
        db.commit()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_back_button_leads_to_a_page_that_works(visit: Visit, make: Factory, javascript: bool) -> None:
    page = visit(make.resident(), javascript=javascript)
    account = AnyPage(page).open("/account/language")
    account.press("Save")
    account.is_headed("Your account")
    page.go_back()
    account.is_headed("Your language")
    account.press("Save")
    account.is_headed("Your account")
