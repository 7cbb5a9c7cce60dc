"""A statement in a real browser: chosen, leafed through, kept; in each language; with and without JavaScript."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount
from portal.clock import Clock
from portal.council import Council
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.e2e.test_pages import EVERY_PLACE
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.factories.rent import Line, Night, Tenancies
from tests.support import axe

PAYMENTS = 120


class StatementPage(AnyPage):
    def choose(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(words)

    @property
    def rows(self) -> int:
        return self.page.locator("#lines tbody tr").count()

    @property
    def said(self) -> str:
        """What stands above the table."""
        return self.page.locator("#lines p").first.inner_text()

    def keep(self, words: str, folder: Path) -> Path:
        """Download a copy."""
        with self.page.expect_download() as download:
            self.follow(words)
        download.value.save_as(folder / download.value.suggested_filename)
        return folder / download.value.suggested_filename


@pytest.fixture
def today(clock: Clock, council: Council) -> date:
    return clock.now().astimezone(council.zone).date()


@pytest.fixture
def lines(today: date) -> list[Line]:
    """A payment a day, and what is odd: a week without rent, what was taken back, what is neither."""
    monday = today - timedelta(days=today.weekday())
    odd = [("DBR", 12_000_00), ("DSC", -500), ("RDN", 1000), ("RHB", -4000), ("WOF", -1000), ("XQZ", 250)]
    found: list[Line] = [(day(monday - timedelta(weeks=1)), code, pence) for code, pence in odd]
    found += [(day(monday), "DBR", 0), *((day(today - timedelta(days=ago)), "RSO", -1000) for ago in range(PAYMENTS))]
    return found


@pytest.fixture
def account(tenancies: Tenancies, db: Session, lines: list[Line], today: date) -> str:
    """Address of an account with these lines."""
    tenancies.load(Night(on=today).account(*lines, starts=day(today - timedelta(days=PAYMENTS))))
    return f"/rent/{db.scalars(select(RentAccount.id)).one()}"


def day(of: date) -> str:
    return f"{of:%d/%m/%Y}"


@pytest.mark.parametrize(("served_by", "language", "widths"), EVERY_PLACE)
def test_each_state_in_each_language(
    visit: Visit,
    make: Factory,
    tenancies: Tenancies,
    account: str,
    today: date,
    served_by: str,
    language: str,
    widths: tuple[int, ...],
) -> None:
    mary = make.resident(language=language)
    tenancies.connect(mary)
    tour = Tour(visit(mary, council=served_by, language=language, width=widths[0]), language, widths)
    fortnight = f"from={today - timedelta(days=14)}&to={today}"
    tour.to(account, f"{account}/statement?charges=apart&{fortnight}", f"{account}/statement?kind=other&{fortnight}")
    tour.page.goto(f"{account}/statement?show=dates")
    tour.errors("/statement, refused")
    tour.check()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_who_pays_looks_it_up_and_keeps_it(
    visit: Visit, make: Factory, tenancies: Tenancies, account: str, today: date, tmp_path: Path, javascript: bool
) -> None:
    mary = make.resident()
    tenancies.connect(mary)
    page = visit(mary, javascript=javascript, width=320)
    rent = StatementPage(page).open("/rent")
    rent.follow("What comes next, and how your rent is made up")
    page.wait_for_url(f"**{account}")
    rent.follow("See your statement")
    page.wait_for_url(f"**{account}/statement")

    rent.fill("From", str(today))
    rent.press("Show")
    assert rent.errors == ["Enter both dates"]
    assert page.url.endswith(f"from={today}&to=&kind=all&charges=together")

    rent.fill("From", str(today - timedelta(days=PAYMENTS)))
    rent.fill("To", str(today))
    rent.press("Show")
    expect(page.locator("#lines")).to_contain_text("Before:")
    assert rent.title.startswith("Rent statement")

    if javascript:
        page.locator("#lines").evaluate("lines => { lines.dataset.same = 'yes' }")
    rent.choose("What", "What was paid")
    rent.press("Show")
    expect(page.locator("#lines")).to_contain_text("Only this: What was paid.")
    assert "kind=payments" in page.url
    if javascript:  # who listens is still at the button, and the region that is read out is the same
        expect(page.get_by_role("button", name="Show", exact=True)).to_be_focused()
        expect(page.locator("#lines")).to_have_attribute("data-same", "yes")
        assert axe.violations(page) == []
    assert rent.rows == 100
    assert (
        page.locator("#lines tbody tr").first.get_by_role("cell").count() == 5
    )  # folded, and an empty one is still one

    rent.follow("Older")
    expect(page.locator("#lines")).to_contain_text("Page 2 of 2")
    assert rent.rows == PAYMENTS + 1 - 100  # and one that came back
    page.go_back()
    expect(page.locator("#lines")).to_contain_text("Page 1 of 2")
    assert "kind=payments" in page.url
    assert rent.value("What") == "payments"

    with rent.keep("Spreadsheet (CSV)", tmp_path).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + PAYMENTS + 1
    assert (
        "Only this: What was paid."
        in PdfReader(rent.keep("Statement to print (PDF)", tmp_path)).pages[0].extract_text()
    )


BROKEN = """() => {
  const broken = [];
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const amount of texts.currentNode.data.matchAll(/[£€][\\d,.]*\\d/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, amount.index);
      range.setEnd(texts.currentNode, amount.index + amount[0].length);
      if (range.getClientRects().length > 1) broken.push(amount[0]);
    }
  }
  return broken;
}"""
"""Amounts that go over two lines."""


@pytest.mark.parametrize("page_of_it", ["", "/statement"], ids=["account", "statement"])
def test_large_amounts_stay_whole_on_a_phone(
    visit: Visit, make: Factory, tenancies: Tenancies, db: Session, today: date, page_of_it: str
) -> None:
    last_monday = day(today - timedelta(days=today.weekday(), weeks=1))
    codes = {"DBR": 1_199_500, "RSO": -1_234_567, "RHB": -1_188_888, "WON": 1_122_233}
    tenancies.load(Night(on=today).account(*((last_monday, code, pence) for code, pence in codes.items())))
    mary = make.resident()
    tenancies.connect(mary)
    page = visit(mary, width=320)
    page.goto(f"/rent/{db.scalar(select(RentAccount.id))}{page_of_it}")
    expect(page.locator("main table").last).to_contain_text("£11,995.00")
    assert page.evaluate(BROKEN) == []
    assert not axe.scrolls_sideways(page)
