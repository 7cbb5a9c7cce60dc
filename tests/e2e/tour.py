"""A tour through pages, in one language and at one or more widths, that notes what is wrong with each."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support import axe

SOAK = bool(os.environ.get("SOAK"))
_FACTS = """() => ({
  language: document.documentElement.lang,
  title: document.title,
  headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent.trim()),
  summaries: document.querySelectorAll('.govuk-error-summary').length
})"""


@dataclass
class Tour:
    """wrong: what was found, each with its page and width. seen: how many pages were looked at.

    axe looks at each page once in each language, at the first width, and at further states of it in English: other
    widths and languages add little to what it sees. In ``make soak`` it looks at all.
    """

    page: Page
    language: str = "en"
    widths: tuple[int, ...] = (320,)
    wrong: list[str] = field(default_factory=list)
    seen: int = 0
    _known_to_axe: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        axe.keep_ready(self.page)

    def to(self, *paths: str, status: int = 200) -> None:
        """Open pages and look at each."""
        for path in paths:
            response = self.page.goto(path)
            if response is None or response.status != status:
                self.wrong.append(f"{path}: status {response and response.status}")
            self.look(path)

    def taken(self, path: str, what: str, /, **fields: str) -> None:
        """Send a form that can be taken, and look at the page that follows. what: that page."""
        button = self._filled_in(path, fields)
        with self.page.expect_navigation():
            button.click()
        self.look(what)

    def refused(self, path: str, /, **fields: str) -> None:
        """Send a form that can't be taken, and look at the page that says so."""
        self._filled_in(path, fields).click()
        self.errors(f"{path}, refused")

    def errors(self, name: str) -> None:
        """Look at a page with errors, once they have the focus."""
        expect(self.page.locator(".govuk-error-summary"), f"{name}: the errors").to_be_focused()
        self._look(name, with_axe=SOAK or self.language == "en" or self.page.url not in self._known_to_axe)

    def look(self, name: str) -> None:
        """Look at the page as it stands."""
        self._look(name, with_axe=True)

    def _look(self, name: str, *, with_axe: bool) -> None:
        self.seen += 1
        if with_axe:
            self._known_to_axe.add(self.page.url)
        found = self._wrong_facts()
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            if with_axe and (SOAK or width == self.widths[0]):
                found += [f"at {width}: {one}" for one in axe.violations(self.page)]
            if axe.scrolls_sideways(self.page):
                found.append(f"at {width}: scrolls sideways")
        self.wrong += [f"{name}: {one}" for one in found]

    def _filled_in(self, path: str, fields: Mapping[str, str]) -> Locator:
        """Open a page, fill in its first form by the names of its fields, and return the form's first button."""
        self.page.goto(path)
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]", value)
        return self.page.locator("main form [type=submit]").first

    def check(self) -> None:
        """Raise AssertionError, naming each page and what is wrong with it."""
        assert not self.wrong, "\n".join((f"{len(self.wrong)} findings on {self.seen} pages", *self.wrong))

    def _wrong_facts(self) -> list[str]:
        facts: dict[str, Any] = self.page.evaluate(_FACTS)
        found = []
        if facts["language"] != self.language:
            found.append(f"is in {facts['language']!r}")
        if len(facts["headings"]) != 1:
            found.append(f"has the headings {facts['headings']}")
        if facts["title"].startswith(facts["headings"][0]) is bool(facts["summaries"]):
            found.append(f"has {facts['summaries']} error summaries and the title {facts['title']!r}")
        return found
