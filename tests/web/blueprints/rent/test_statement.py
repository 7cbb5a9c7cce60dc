"""The statement: on the page, as a spreadsheet, to print; the same figures to the penny."""

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent
from tests.factories import Factory
from tests.factories.rent import HOME, JOHN, MARY, Line, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import Connect, Load

Show = Callable[..., str]
WEEKS: list[Line] = [
    ("30/03/2026", "DBR", 10000),
    ("30/03/2026", "DSC", 500),
    ("06/04/2026", "DBR", 10000),
    ("06/04/2026", "DSC", 500),
    ("10/04/2026", "RSO", -10500),
    ("13/04/2026", "DBR", 10000),
    ("13/04/2026", "DSC", 500),
    ("13/04/2026", "RHB", -4000),
    ("17/04/2026", "XQZ", -1234567),
]


@pytest.fixture
def address(
    client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: Callable[..., UUID]
) -> str:
    """Address of the statement of Mary's home, who is signed in."""
    load(Night().account(*WEEKS, starts="30/03/2026"))
    mary = make.resident()
    connect(mary)
    client.sign_in(mary)
    return f"/rent/{account_id()}/statement"


@pytest.fixture
def show(client: CheckingClient, address: str) -> Show:
    def get(**chosen: str) -> str:
        response = client.get(address, query_string=chosen)
        assert response.status_code == 200
        return response.text

    return get


def shown(text: str) -> list[tuple[str, ...]]:
    """Return day, charged, paid in and balance of each row, without the words that are for phones."""
    rows = []
    for row in find(text, "//table//tbody/tr"):
        for hidden in row.xpath(".//span[@class='fold__label']"):
            hidden.drop_tree()
        day, _what, *amounts = (" ".join(cell.text_content().split()) for cell in row.xpath("./td"))
        rows.append((day, *amounts))
    return rows


def plain(text: str) -> str:
    """Return what a page says, its blanks as one."""
    return " ".join(" ".join(find(text, "//body//text()")).split())


def test_a_rent_year_is_shown_newest_first_with_a_running_balance(show: Show) -> None:
    assert shown(show()) == [
        ("17 Apr 2026", "", "£12,345.67", "£12,175.67 in credit"),
        ("13 Apr 2026", "", "£40.00", "£170.00"),
        ("13 Apr 2026", "£105.00", "", "£210.00"),
        ("10 Apr 2026", "", "£105.00", "£105.00"),
        ("6 Apr 2026", "£105.00", "", "£210.00"),
    ]


def test_it_says_what_was_before_and_what_came_of_it(show: Show) -> None:
    text = plain(show())
    assert "Before: £105.00. Charged: £210.00. Paid in: £12,490.67. Afterwards: £12,175.67 in credit." in text


def test_an_earlier_year_can_be_chosen(show: Show) -> None:
    assert shown(show(show="2025")) == [("30 Mar 2026", "£105.00", "", "£105.00")]


def test_charges_of_a_day_stand_together_or_apart(show: Show) -> None:
    apart = shown(show(charges="apart"))
    assert [row for row in apart if row[0] == "6 Apr 2026"] == [
        ("6 Apr 2026", "£5.00", "", "£210.00"),
        ("6 Apr 2026", "£100.00", "", "£205.00"),
    ]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("charges", ["13 Apr 2026", "6 Apr 2026"]),
        ("payments", ["10 Apr 2026"]),
        ("benefit", ["13 Apr 2026"]),
    ],
)
def test_one_kind_can_be_chosen_and_keeps_the_balance_of_all(show: Show, kind: str, days: list[str]) -> None:
    rows = shown(show(kind=kind))
    assert [row[0] for row in rows] == days
    everything = shown(show())
    assert all(row in everything for row in rows)


def test_days_can_be_chosen(show: Show) -> None:
    rows = shown(show(**{"show": "dates", "from": "2026-03-30", "to": "2026-04-10"}))
    assert [row[0] for row in rows] == ["10 Apr 2026", "6 Apr 2026", "30 Mar 2026"]


def test_days_without_anything_say_so(show: Show) -> None:
    text = show(**{"show": "dates", "from": "2026-08-01", "to": "2026-08-02"})
    assert "There is nothing in this time." in text
    assert "Before: £12,175.67 in credit." in text


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"show": "dates"}, "Enter both dates"),
        ({"show": "dates", "from": "2026-04-01"}, "Enter both dates"),
        ({"show": "dates", "from": "2026-04-10", "to": "2026-04-01"}, "The second date must not be before the first"),
        ({"show": "dates", "from": "1 April", "to": "2026-04-01"}, "Enter a date such as 2026-11-23"),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(
    client: CheckingClient, address: str, chosen: dict[str, str], message: str
) -> None:
    response = client.get(address, query_string=chosen)
    assert response.status_code == 422
    assert message in response.text
    for ending in ("csv", "pdf"):
        assert client.get(f"{address}.{ending}", query_string=chosen).status_code == 404


@pytest.mark.parametrize("chosen", [{"show": "1999"}, {"kind": "x"}, {"charges": "x"}])
def test_what_nobody_can_choose_is_not_there(client: CheckingClient, address: str, chosen: dict[str, str]) -> None:
    assert client.get(address, query_string=chosen).status_code == 404


def test_unknown_codes_and_the_housing_systems_words_never_reach_a_resident(show: Show) -> None:
    text = show(charges="apart")
    assert "XQZ" not in text
    assert "DBR" not in text
    assert "Something else" not in text
    assert "Another change to your account" in text


@pytest.mark.parametrize("chosen", [{}, {"charges": "apart"}, {"kind": "payments"}, {"show": "2025"}])
def test_page_spreadsheet_and_pdf_give_the_same_figures(
    client: CheckingClient, address: str, show: Show, chosen: dict[str, str]
) -> None:
    page = shown(show(**chosen))

    response = client.get(f"{address}.csv", query_string=chosen)
    lines = list(csv.reader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))[1:]
    sheet = [
        (money(charged), money(paid), money(owed) if credit == "0.00" else f"{money(credit)} in credit")
        for _day, _what, charged, paid, owed, credit in reversed(lines)
    ]
    assert [(charged or "£0.00", paid or "£0.00", balance) for _day, charged, paid, balance in page] == sheet

    printed = client.get(f"{address}.pdf", query_string=chosen)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.data)).pages)
    for _day, charged, paid, balance in page:
        assert all(amount in text for amount in (charged, paid, balance))
    assert text.count(" 2026 ") >= len(page)


def money(plain: str) -> str:
    return f"£{float(plain):,.2f}"


def test_the_pdf_is_tagged_and_has_a_language(client: CheckingClient, address: str) -> None:
    response = client.get(f"{address}.pdf")
    assert response.mimetype == "application/pdf"
    root: Any = PdfReader(io.BytesIO(response.data)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


def test_a_text_is_never_a_formula(client: CheckingClient, address: str) -> None:
    response = client.get(f"{address}.csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="statement.csv"'
    for line in csv.reader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))):
        assert not line[1].startswith(("=", "+", "-", "@"))


def test_a_long_statement_has_pages(
    client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: Callable[..., UUID]
) -> None:
    lines: list[Line] = [(f"{1 + day % 28:02}/{5 + day // 28:02}/2026", "RSO", -100 - day) for day in range(150)]
    load(Night().account(*lines, starts="01/04/2026"))
    mary = make.resident()
    connect(mary)
    client.sign_in(mary)
    address = f"/rent/{account_id()}/statement"
    first, second = client.get(address), client.get(f"{address}?page=2")
    assert (len(shown(first.text)), len(shown(second.text))) == (100, 50)
    assert find(first.text, "//a[@rel='next']/@href") == [f"{address}?page=2"]
    assert find(second.text, "//a[@rel='prev']/@href") == [f"{address}?page=1"]
    assert [client.get(f"{address}?page={page}").status_code for page in ("3", "0", "-1")] == [404, 404, 404]
    assert client.get(f"{address}?page=x").status_code == 200


def test_with_htmx_only_the_content_comes_back(client: CheckingClient, address: str) -> None:
    whole = client.get(address).text
    part = client.get(address, headers={"HX-Request": "true", "HX-Target": "lines"}).text
    assert "<html" not in part
    assert shown(f"<div>{part}</div>") == shown(whole)


@pytest.mark.parametrize("ending", ["", ".csv", ".pdf"])
def test_it_is_404_for_everybody_else(client: CheckingClient, make: Factory, address: str, ending: str) -> None:
    client.sign_in(make.resident(email="other@example.org"))
    assert client.get(address + ending).status_code == 404


@pytest.mark.parametrize("ending", ["", ".csv", ".pdf"])
def test_each_view_is_audited(client: CheckingClient, db: Session, address: str, ending: str) -> None:
    client.get(address + ending)
    acts = db.execute(select(AuditEvent.act).where(AuditEvent.act.like("rent.s%"))).scalars().all()
    assert acts == ["rent.statement"]


class TestTheAccount:
    def test_says_what_comes_next_and_how_the_rent_is_made_up(self, client: CheckingClient, address: str) -> None:
        text = client.get(address.removesuffix("/statement")).text
        words = plain(text)
        assert "Monday 30 November The next rent is charged." in words
        assert "Monday 21 December A week with no rent." in words
        months = [row.xpath("string(./th)") for row in find(text, "//table[contains(@class, 'year')]/tbody/tr")]
        assert months == ["April"]

    def test_shows_one_tenant_nothing_of_the_other(
        self, client: CheckingClient, make: Factory, load: Load, connect: Connect, account_id: Callable[..., UUID]
    ) -> None:
        load(Night().account(*WEEKS, tenants=(JOHN, MARY), starts="30/03/2026"))
        mary = make.resident()
        connect(mary, HOME, 1)
        client.sign_in(mary)
        for ending in ("", "/statement", "/statement.csv"):
            assert "John" not in client.get(f"/rent/{account_id()}{ending}").text
