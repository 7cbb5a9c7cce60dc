"""Pages as people use them: what is on them is found by its English words."""

from datetime import date
from typing import Self

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

MOST_STEPS_BACK = 20


def in_words(day: date) -> str:
    """Return a day as an English page writes it."""
    return f"{day:%A} {day.day} {day:%B %Y}"


class AnyPage:
    """What every page has."""

    path = "/"

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str | None = None) -> Self:
        self.page.goto(address or self.path)
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def is_headed(self, words: str) -> None:
        """Wait for the page with this heading: with scripts what was sent is answered later than its button."""
        expect(self.page.locator("h1")).to_have_text(words)

    @property
    def title(self) -> str:
        return self.page.title()

    @property
    def language(self) -> str | None:
        return self.page.locator("html").get_attribute("lang")

    @property
    def told(self) -> list[str]:
        """What the page says has just happened; it may be on its way still."""
        told = self.page.locator(".govuk-notification-banner__heading")
        expect(told).not_to_have_count(0)
        return told.all_inner_texts()

    @property
    def errors(self) -> list[str]:
        """What the error summary says; it has the focus, and the title says that there are errors."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        assert self.title.startswith("Error: ")
        return summary.locator("li").all_inner_texts()

    def follow(self, words: str) -> None:
        self._click(self.page.get_by_role("link", name=words, exact=True))

    def press(self, words: str) -> None:
        self._click(self.page.get_by_role("button", name=words, exact=True))

    def _click(self, what: Locator) -> None:
        """Playwright waits until another page begins to come, when nothing of it may be there yet."""
        what.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def value(self, label: str) -> str:
        return self.page.get_by_label(label, exact=True).input_value()

    def sign_out(self) -> None:
        self.press("Sign out")
        self.page.wait_for_url("**/sign-out")

    def all_behind_the_back_button(self) -> list[str]:
        """Go back as far as it goes, and return what stands on each page, what is in its fields, and its address."""
        seen: list[str] = []
        for _ in range(MOST_STEPS_BACK):
            try:
                self.page.go_back()
            except PlaywrightError as error:
                if "ERR_CACHE_MISS" not in error.message:  # the browser asks whether to send a form again
                    raise
            if self.page.url == "about:blank":
                return seen
            typed = [field.input_value() for field in self.page.locator("input:not([type=hidden])").all()]
            seen.append("\n".join((self.page.inner_text("body"), *typed, self.page.url)))
        raise AssertionError("the back button has no end")


class SignInPage(AnyPage):
    path = "/sign-in"

    def sign_in(self, name: str, password: str) -> None:
        self.fill("E-mail address or username", name)
        self.fill("Password", password)
        self.press("Sign in")


class ProveAgainPage(AnyPage):
    def prove(self, password: str) -> None:
        self.fill("Password", password)
        self.press("Continue")


class RegisterPage(AnyPage):
    path = "/register"

    def ask(self, email: str) -> None:
        self.fill("E-mail address", email)
        self.press("Continue")

    def finish(self, *, name: str, password: str) -> None:
        """Fill in the page that the link opens."""
        self.fill("Your full name", name)
        self.fill("Choose a password", password)
        self.press("Make my account")


class ResetPage(AnyPage):
    path = "/reset"

    def ask(self, name: str) -> None:
        self.fill("E-mail address or username", name)
        self.press("Continue")

    def choose(self, password: str) -> None:
        """Fill in the page that the link opens."""
        self.fill("New password", password)
        self.press("Change my password")


class ConnectPage(AnyPage):
    path = "/rent/connect"

    def connect(self, *, reference: str, code: str) -> None:
        self.fill("Payment reference", reference)
        self.fill("Code", code)
        self.press("Connect")

    @property
    def typed(self) -> tuple[str, str]:
        return self.value("Payment reference"), self.value("Code")


class RentPage(AnyPage):
    path = "/rent"

    @property
    def sentences(self) -> list[str]:
        """How each account stands."""
        return self.page.locator(".hero").all_inner_texts()


class CardSignInPage(AnyPage):
    path = "/library/sign-in"

    def sign_in(self, number: str, pin: str) -> None:
        self.fill("Number of your library card", number)
        self.fill("PIN", pin)
        self.press("Sign in")
        self.page.wait_for_url("**/")


class LoansPage(AnyPage):
    """What is out on a card, and what is reserved: both are rows, by their titles."""

    path = "/library/loans"

    def row(self, title: str) -> Locator:
        return self.page.locator("li.row", has=self.page.get_by_role("heading", name=title, exact=True))

    def button(self, words: str, title: str) -> Locator:
        return self.row(title).get_by_role("button", name=words)

    @property
    def away(self) -> Locator:
        """What the page says above all else while the library doesn't answer."""
        return self.page.locator(".away")

    @property
    def state(self) -> Locator:
        """How fresh the page says that it is."""
        return self.page.locator(".state")


class JoinPage(AnyPage):
    """The three pages by which staff come in."""

    def choose(self, password: str) -> None:
        self.fill("Choose a password", password)
        self.press("Continue")

    @property
    def key(self) -> str:
        """What goes into the authenticator: base32."""
        return self.page.locator("#key").inner_text().replace(" ", "")

    def enter(self, code: str) -> None:
        self.fill("Code", code)
        self.press("Continue")

    @property
    def recovery_codes(self) -> list[str]:
        return self.page.locator(".codes li").all_inner_texts()
