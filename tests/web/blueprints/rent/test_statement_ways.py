"""The statement's ways: links, pages, what htmx asks for, who may see it, and that looking is audited."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent
from tests.factories import Factory
from tests.factories.rent import HOME, JOHN, MARY, Line, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import WEEKS, Connect, Load

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


def plain(text: str) -> str:
    """Return what a page says, its blanks as one."""
    return " ".join(" ".join(find(text, "//body//text()")).split())


@pytest.mark.parametrize("hostile", ["account_id=1", "endpoint=x", "_scheme=javascript", "_anchor=x", "_external=1"])
def test_links_keep_what_was_chosen_and_nothing_else_of_an_address(
    client: CheckingClient, address: str, hostile: str
) -> None:
    text = client.get(f"{address}?{hostile}&kind=charges&charges=apart&lang=en").text
    assert find(text, "//section[@id='lines']//a/@href") == [
        f"{address}.{ending}?kind=charges&charges=apart" for ending in ("pdf", "csv")
    ]


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


def test_with_htmx_only_the_lines_come_back_and_the_ways_to_keep_them(client: CheckingClient, address: str) -> None:
    whole = client.get(f"{address}?kind=charges").text
    assert find(whole, "//form[@hx-get]/@hx-target") == ["#lines"]
    response = client.get(f"{address}?kind=charges", headers={"HX-Request": "true", "HX-Target": "lines"})
    assert "<html" not in response.text and "<form" not in response.text
    assert "HX-Retarget" not in response.headers
    assert shown(f"<div>{response.text}</div>") == shown(whole)
    assert f"{address}.pdf?kind=charges" in find(response.text, "//a/@href")


def test_with_htmx_errors_replace_the_content(client: CheckingClient, address: str) -> None:
    chosen = {"show": "dates"}
    response = client.get(address, query_string=chosen, headers={"HX-Request": "true", "HX-Target": "lines"})
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#content"
    assert response.text.startswith("<title>Error: Rent statement")
    assert "Enter both dates" in response.text and "<html" not in response.text
    assert not find(response.text, "//form[@hx-get]")  # there is nothing on the page that lines could replace


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
