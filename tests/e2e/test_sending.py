"""Forms that are sent twice, too late, or from a page that somebody came back to."""

from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.models import OutboxMessage, SignInSession
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage, ConnectPage, RegisterPage, SignInPage
from tests.factories import PASSWORD, Factory

WRONG_CODE = "K7QM-2F9D-XW3R-8HTA"


def posts(page: Page) -> list[str]:
    """Return a list that gets the path of each form that is sent from now on."""
    sent: list[str] = []

    def note(request: Any) -> None:
        if request.method == "POST":
            sent.append("/" + request.url.split("/", 3)[3])

    page.on("request", note)
    return sent


class TestADoubleClick:
    def test_sends_a_form_once(self, visit: Visit, db: Session) -> None:
        page = visit()
        register = RegisterPage(page).open()
        sent = posts(page)
        register.fill("E-mail address", "new@example.org")
        page.get_by_role("button", name="Continue").dblclick()
        page.wait_for_url("**/register/sent")
        assert sent == ["/register"]
        assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 1

    def test_sends_a_form_of_htmx_once_and_then_again(self, visit: Visit, make: Factory) -> None:
        page = visit(make.resident())
        connect = ConnectPage(page).open()
        sent = posts(page)
        for times in (1, 2):
            connect.fill("Payment reference", "7204011836")
            connect.fill("Code", WRONG_CODE)
            page.get_by_role("button", name="Connect").dblclick()
            assert len(connect.errors) == 1
            assert sent == ["/rent/connect"] * times


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
        assert sign_in.heading == "Connect your rent account"

    def test_signs_out_all_the_same(self, visit: Visit, db: Session, clock: Clock, javascript: bool) -> None:
        page = visit(javascript=javascript)
        SignInPage(page).open("/account").sign_in("mary@example.org", PASSWORD)
        self.wait_for_the_end(db, clock)
        account = AnyPage(page)
        account.sign_out()
        assert account.heading == "You are signed out"

    def wait_for_the_end(self, db: Session, clock: Clock) -> None:
        db.execute(update(SignInSession).values(expires_at=clock.now()))
        db.commit()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_back_button_leads_to_a_page_that_works(visit: Visit, make: Factory, javascript: bool) -> None:
    page = visit(make.resident(), javascript=javascript)
    account = AnyPage(page).open("/account/language")
    account.press("Save")
    assert account.heading == "Your account"
    page.go_back()
    assert account.heading == "Your language"
    account.press("Save")
    assert account.heading == "Your account"
