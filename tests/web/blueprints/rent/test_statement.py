"""The statement: on the page, as a spreadsheet, to print; the same figures to the penny."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount, RentImport, RentLine
from tests.factories import Factory
from tests.factories.rent import HOME, Line, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import WEEKS, Connect, Live, Load, Show

ODD: list[Line] = [
    ("06/04/2026", "DBR", 10000),
    ("13/04/2026", "DBR", 0),
    ("20/04/2026", "DBR", 10000),
    ("20/04/2026", "DBR", -10000),
    ("21/04/2026", "DSC", -500),
    ("22/04/2026", "RDD", -10500),
    ("27/04/2026", "RDN", 10500),
    ("27/04/2026", "RHB", -2000),
    ("04/05/2026", "DBR", 10000),
    ("05/05/2026", "RHA", 1500),
    ("08/05/2026", "WOF", -1000),
    ("11/05/2026", "WON", 250),
    ("01/06/2026", "DBR", -2500),
    ("01/06/2026", "RSO", -20000),
]
"""A week without rent, charges that cancel out, what was taken back; a week that begins in April and ends in May."""


Rows = list[tuple[str, ...]]


def shown(text: str) -> Rows:
    """Return day, charged, paid in and balance of each row, without the words that are for phones."""
    rows = []
    for row in find(text, "//table//tbody/tr"):
        for hidden in row.xpath(".//span[@class='fold__label']"):
            hidden.drop_tree()
        day, _what, *amounts = (" ".join(cell.text_content().split()) for cell in row.xpath("./td"))
        rows.append((day, *amounts))
    return rows


def printed(data: bytes) -> Rows:
    """Return day, charged, paid in and balance of each row of a PDF, by the columns that its amounts end in."""
    lines = "\n".join(page.extract_text(extraction_mode="layout") for page in PdfReader(io.BytesIO(data)).pages)
    head, *following = lines[lines.index(" Date ") :].split("\n")
    ends = [head.index(name) + len(name) for name in ("Charged", "Paid in", "You then owed")]
    rows = []
    for line in following:
        if day := re.match(r" ?(\d+ \w+ \d{4}) ", line):
            amounts = ["", "", ""]
            for found in re.finditer(r"£\S+( [a-z]+)*", line):
                amounts[min(range(3), key=lambda column: abs(ends[column] - found.end()))] = found[0]
            rows.append((day[1], *amounts))
    return rows


def sheet(text: str) -> Rows:
    """Return day, charged, paid in and balance of each row of a spreadsheet, newest first, as the page writes them."""
    rows: Rows = []
    for day, _what, charged, paid, owed, credit in list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[:0:-1]:
        balance = said(credit, "in credit") if credit != "0.00" else said(owed)
        rows.append((f"{date.fromisoformat(day):%-d %b %Y}", said(charged), said(paid), balance))
    return rows


def said(amount: str, which: str = "") -> str:
    """Return an amount of a spreadsheet in words."""
    if not amount:
        return ""
    words = f"£{abs(float(amount)):,.2f}"
    return f"{words} {'taken back' if amount.startswith('-') else which}".strip()


def pence(words: str) -> int:
    """Return an amount in words as a number: negative where it was taken back or off, or is in credit."""
    found = re.match(r"£([\d,]+)\.(\d\d)(.*)", words)
    if not found:
        return 0
    number = int(found[1].replace(",", "")) * 100 + int(found[2])
    return -number if found[3] in (" taken back", " taken off", " in credit") else number


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
        ("other", ["17 Apr 2026"]),
    ],
)
def test_one_kind_can_be_chosen_and_keeps_the_balance_of_all(show: Show, kind: str, days: list[str]) -> None:
    rows = shown(show(kind=kind))
    assert [row[0] for row in rows] == days
    everything = shown(show())
    assert all(row in everything for row in rows)


def test_benefit_is_not_offered_where_there_is_none(
    irish_app: Flask, make: Factory, load: Load, connect: Connect, account_id: Callable[..., UUID]
) -> None:
    client = irish_app.test_client()
    assert isinstance(client, CheckingClient)
    load(Night().account(*WEEKS, starts="30/03/2026"))
    ann = make.resident(email="ann@example.org")
    connect(ann)
    address = f"/rent/{account_id()}/statement"
    offered = find(client.sign_in(ann).get(address).text, "//select[@id='kind']/option/@value")
    assert offered == ["all", "charges", "payments", "other"]
    assert client.get(address, query_string={"kind": "benefit"}).status_code == 404


def test_days_can_be_chosen(show: Show) -> None:
    rows = shown(show(**{"show": "dates", "from": "2026-03-30", "to": "2026-04-10"}))
    assert [row[0] for row in rows] == ["10 Apr 2026", "6 Apr 2026", "30 Mar 2026"]


@pytest.mark.parametrize("show_as", [{}, {"show": "2026"}], ids=["not sent", "as it was"])
def test_who_gives_days_means_them(show: Show, show_as: dict[str, str]) -> None:
    text = show(**show_as, **{"from": "2026-03-30", "to": "2026-04-06"})
    assert [row[0] for row in shown(text)] == ["6 Apr 2026", "30 Mar 2026"]
    assert find(text, "//select[@id='show']/option[@selected]/@value") == ["dates"]


def test_days_that_are_left_empty_keep_the_year(show: Show) -> None:
    assert shown(show(**{"show": "2025", "from": "", "to": ""})) == [("30 Mar 2026", "£105.00", "", "£105.00")]
    assert shown(show(**{"from": "", "to": ""})) == shown(show())


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
        ({"from": "1 April", "to": "2026-04-01"}, "Enter a date such as 2026-11-23"),
        ({"from": "2026-04-01"}, "Enter both dates"),
        ({"show": "2026", "from": "", "to": "2026-04-01"}, "Enter both dates"),
        (
            {"show": "2025", "from": "2026-04-01", "to": "2026-04-10"},
            "Choose “Dates that I choose”, or take the dates out",
        ),
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


@pytest.mark.parametrize(
    "chosen", [{}, {"charges": "apart"}, {"kind": "payments"}, {"from": "2026-03-30", "to": "2026-04-13"}]
)
@pytest.mark.parametrize("lines", [WEEKS, ODD], ids=["plain", "odd"])
def test_page_spreadsheet_and_pdf_give_the_same_figures(
    client: CheckingClient, live: Live, lines: list[Line], chosen: dict[str, str]
) -> None:
    address = live(*lines)
    page = shown(client.get(address, query_string=chosen).text)
    assert sheet(client.get(f"{address}.csv", query_string=chosen).get_data(as_text=True)) == page
    assert printed(client.get(f"{address}.pdf", query_string=chosen).data) == page


def test_what_is_charged_is_what_was_charged_less_what_of_it_was_taken_back(client: CheckingClient, live: Live) -> None:
    text = client.get(live(*ODD), query_string={"show": "dates", "from": "2026-04-06", "to": "2026-05-05"}).text
    assert shown(text) == [
        ("5 May 2026", "", "£15.00 taken back", "£190.00"),
        ("4 May 2026", "£100.00", "", "£175.00"),
        ("27 Apr 2026", "", "£20.00", "£75.00"),
        ("27 Apr 2026", "", "£105.00 taken back", "£95.00"),
        ("22 Apr 2026", "", "£105.00", "£10.00 in credit"),
        ("21 Apr 2026", "£5.00 taken back", "", "£95.00"),
        ("20 Apr 2026", "£0.00", "", "£100.00"),
        ("13 Apr 2026", "£0.00", "", "£100.00"),
        ("6 Apr 2026", "£100.00", "", "£100.00"),
    ]
    assert "Before: £0.00. Charged: £195.00. Paid in: £5.00. Afterwards: £190.00." in plain(text)


def test_what_was_charged_and_paid_in_is_all_that_happened(show: Show) -> None:
    text = show()
    before, charged, paid, after = map(pence, re.findall(r": (£[^.]+\.\d\d(?: in credit)?)\.", plain(text)))
    assert before + charged - paid == after
    assert charged == sum(pence(row[1]) for row in shown(text))
    assert paid == sum(pence(row[2]) for row in shown(text))


def test_the_year_adds_up_as_its_statement_does(client: CheckingClient, live: Live) -> None:
    address = live(*ODD)

    def by_month(kind: str, column: int) -> Counter[str]:
        sums: Counter[str] = Counter()
        for row in shown(client.get(address, query_string={"kind": kind, "charges": "apart"}).text):
            day = datetime.strptime(row[0], "%d %b %Y").date()  # noqa: DTZ007 -- a day
            sums[f"{day + timedelta(days=6 - day.weekday()):%B}"] += pence(row[column])
        return sums

    months = find(client.get(address.removesuffix("/statement")).text, "//table[contains(@class, 'year')]//tr")
    heads = [cell.text_content() for cell in months[0]]
    assert heads == ["Month", "At its end", "Charged", "Benefit", "Paid in", "Other"]
    owed = 0
    for row in months[1:]:
        for label in row.xpath(".//span[@class='fold__label']"):
            label.drop_tree()
        name, left, *flows = (" ".join(cell.text_content().split()) for cell in row)
        charged, benefit, paid, other = map(pence, flows)
        assert charged == by_month("charges", 1)[name]
        assert benefit == by_month("benefit", 2)[name]
        assert paid == by_month("payments", 2)[name]
        assert other == by_month("other", 1)[name] - by_month("other", 2)[name]
        owed += charged - benefit - paid + other
        assert pence(left) == owed
    assert [row[0].text_content() for row in months[1:]] == ["April", "May", "June"]
    assert [cell.text_content() for cell in months[3]] == [
        "June", "£42.50 in credit", "£25.00 taken back", "£0.00", "£200.00", "£0.00"
    ]  # fmt: skip
    assert months[2][-1].text_content() == "£7.50 taken off"


def test_charges_of_which_one_has_no_name_are_called_charges(db: Session, show: Show) -> None:
    db.execute(update(RentLine).where(RentLine.code == "DSC").values(label=None))
    db.commit()
    days = find(show(kind="charges"), "//tbody/tr/td[2]/text()")
    assert days == ["Charges", "Charges"]
    assert find(show(kind="charges", charges="apart"), "//tbody/tr/td[2]/text()") == ["Another charge", "Rent"] * 2


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("charges", "What you were charged"),
        ("payments", "What was paid"),
        ("benefit", "Benefit"),
        ("other", "Other"),
    ],
)
def test_of_one_kind_it_says_which_and_no_sums(
    client: CheckingClient, address: str, show: Show, kind: str, words: str
) -> None:
    pdf = of_pdf(client.get(f"{address}.pdf", query_string={"kind": kind}).data)
    for text in (plain(show(kind=kind)), pdf):
        assert f"From Monday 6 April 2026 to Tuesday 24 November 2026. Only this: {words}." in text
        assert "Before:" not in text


def test_the_pdf_says_whose_it_is_and_from_when(client: CheckingClient, address: str) -> None:
    text = of_pdf(client.get(f"{address}.pdf").data)
    assert f"14 Weavers Row Millbrook ZZ1 1AA Your payment reference is {HOME}." in text
    assert "From Monday 6 April 2026 to Tuesday 24 November 2026. Before: £105.00. Charged: £210.00." in text
    assert "checking" not in text


def test_that_a_balance_is_being_checked_stands_on_the_pdf(client: CheckingClient, db: Session, address: str) -> None:
    db.execute(update(RentAccount).values(stated_pence=1))
    db.commit()
    assert "We’re checking this balance" in plain(client.get(address).text)
    assert "We’re checking this balance" in of_pdf(client.get(f"{address}.pdf").data)


def test_no_span_ends_before_it_begins(client: CheckingClient, db: Session, address: str, show: Show) -> None:
    db.execute(update(RentImport).values(night=date(2026, 4, 5)))
    db.commit()
    words = "From Monday 6 April 2026 to Sunday 4 April 2027."
    assert words in plain(show())
    assert words in of_pdf(client.get(f"{address}.pdf").data)


def of_pdf(data: bytes) -> str:
    """Return what a PDF says, its blanks as one."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_the_pdf_is_tagged_and_has_a_language(client: CheckingClient, address: str) -> None:
    response = client.get(f"{address}.pdf")
    assert response.mimetype == "application/pdf"
    root: Any = PdfReader(io.BytesIO(response.data)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


@pytest.mark.parametrize("ending", ["csv", "pdf"])
def test_a_copy_is_a_file(client: CheckingClient, address: str, ending: str) -> None:
    response = client.get(f"{address}.{ending}")
    assert response.headers["Content-Disposition"] == f'attachment; filename="statement.{ending}"'


def test_a_spreadsheet_holds_no_words_but_ours(client: CheckingClient, db: Session, address: str) -> None:
    db.execute(update(RentLine).values(description="=cmd|' /C calc'!A0"))
    db.execute(update(RentAccount).values(tenancy_reference="@SUM(1)"))
    db.commit()
    text = client.get(f"{address}.csv", query_string={"charges": "apart"}).get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row[1] for row in rows[1:]} == {
        "Rent", "Service charges", "You paid, by standing order", "Housing Benefit",
        "Another change to your account",
    }  # fmt: skip
