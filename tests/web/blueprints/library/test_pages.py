"""The library's pages: what is out, what is reserved, what is owed, in each state that the library system can be in."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import snapshots
from portal.blueprints.library import jobs
from portal.blueprints.library.actions.connecting import Child
from portal.clock import SetClock
from portal.connectors.errors import Unavailable
from portal.connectors.library import Account, Block, Charge, HoldState
from portal.db import committing
from portal.jobs.refresher import refresh
from portal.jobs.resources import JobResources
from portal.models import Person, Snapshot
from portal.party import Level
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.library import CARD, CHILDS, FakeLibrary
from tests.support.pages import find

Connect = Callable[..., UUID]


def words_of(page: str) -> str:
    return " ".join("".join(find(page, "//main//text()")).split())


def test_who_has_connected_nothing_is_told_how_to(browser: CheckingClient) -> None:
    assert "No library card is connected" in browser.get("/library").text
    assert "Connect your library card" in browser.get("/").text
    assert browser.get("/library/loans").location == "/library"


class TestLoans:
    def test_come_by_what_needs_doing_with_their_days_in_words(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        for title, due_in in (("Later", 13), ("Tomorrow", 1), ("Late", -3), ("Today", 0)):
            library.lend(CARD, title, due_in=due_in)
        connect(mary)
        page = browser.get("/library/loans").text
        assert [title.strip() for title in find(page, "//h3/text()")] == ["Late", "Today", "Tomorrow", "Later"]
        text = words_of(page)
        assert "3 days late" in text and "It was due on Saturday 21 November 2026." in text
        assert "Due today" in text and "Due tomorrow" in text
        assert "It is due on Monday 7 December 2026." in text
        assert "4 loans, 1 late. Due today: 1. Due tomorrow: 1." in text

    def test_a_day_that_can_not_be_read_is_shown_as_the_library_says_it(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        item = library.lend(CARD)
        loans = library.readers[CARD.number].loans
        loans[item] = type(loans[item])(item, "A Map", due_text="after the holidays")
        connect(mary)
        assert "The library says when it is due: after the holidays" in browser.get("/library/loans").text

    def test_nothing_out_is_said_so(self, browser: CheckingClient, mary: Person, connect: Connect) -> None:
        connect(mary)
        assert "Nothing is out on this card." in browser.get("/library/loans").text

    @pytest.mark.parametrize(
        ("blocks", "said"),
        [
            ({Block.OWES_TOO_MUCH, Block.NO_BORROWING, Block.NO_RENEWING}, ["So much is owed on this card"]),
            ({Block.TOO_MANY_LOANS, Block.NO_BORROWING}, ["As much is out on this card"]),
            ({Block.TOO_MANY_LOANS, Block.NO_RENEWING}, ["As much is out on this card", "The library renews nothing"]),
            ({Block.NO_BORROWING, Block.NO_RENEWING}, ["The library lends nothing", "The library renews nothing"]),
        ],
    )
    def test_nobody_is_sent_to_ask_why_where_the_reason_is_said(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary, blocks: set[Block],
        said: list[str]
    ) -> None:  # fmt: skip
        library.readers[CARD.number].account = Account("Mary", blocks=frozenset(blocks))
        connect(mary)
        found = find(browser.get("/library/loans").text, "//*[contains(@class, 'govuk-inset-text')]/text()")
        assert [text.startswith(words) for text, words in zip(found, said, strict=True)] == [True] * len(said)

    def test_why_a_card_may_do_less_is_said_on_top(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        reader = library.readers[CARD.number]
        reader.account = type(reader.account)("Mary", blocks=frozenset({Block.OWES_TOO_MUCH}))
        connect(mary)
        assert "So much is owed on this card" in browser.get("/library/loans").text

    def test_no_number_pin_or_barcode_is_in_any_address(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        item = library.lend(CARD)
        connect(mary)
        page = browser.get("/library/loans").text
        addresses = find(page, "//@href | //@action")
        assert addresses and not [one for one in addresses if item in one or CARD.number in one]
        assert CARD.number not in page


class TestHoldsAndCharges:
    def test_what_is_ready_comes_first_with_its_last_day(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        library.hold(CARD, "Waiting", place=3)
        library.hold(CARD, "Ready", state=HoldState.READY, last_day=library.today + timedelta(days=4))
        connect(mary)
        text = words_of(browser.get("/library/holds").text)
        assert text.index("Ready to collect") < text.index("You are number 3 in the queue")
        assert "At Millbrook Central Library, until Saturday 28 November 2026." in text

    def test_charges_are_added_up(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        library.readers[CARD.number].charges += [Charge("Overdue: a book", 120), Charge("Reservation fee", 80)]
        connect(mary)
        text = words_of(browser.get("/library/charges").text)
        assert "£2.00 is owed" in text and "Overdue: a book£1.20" in text

    def test_nothing_owed_is_said_so(self, browser: CheckingClient, mary: Person, connect: Connect) -> None:
        connect(mary)
        assert "Nothing is owed" in browser.get("/library/charges").text


class TestStates:
    """As of when, and what can't be done, where the library doesn't answer; the system is never asked for a page."""

    def fail(self, db: Session, clock: SetClock) -> None:
        with committing(db):
            db.execute(text("update snapshot set wanted_at = :at"), {"at": clock.now()})
            claimed = snapshots.claim(db, "library", at=clock.now())
            assert claimed
            snapshots.fail(db, claimed, Unavailable(), asked_at=clock.now(), at=clock.now())

    def test_no_page_asks_the_library(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary, clock: SetClock
    ) -> None:
        connect(mary)
        clock.advance(timedelta(hours=1))
        browser.sign_in(mary)
        asked = len(library.asked)
        for address in ("/", "/library", "/library/loans", "/library/holds", "/library/charges"):
            assert browser.get(address).status_code == 200
        assert len(library.asked) == asked

    def test_a_page_marks_what_is_too_old_and_follows_it(
        self, client: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary, clock: SetClock,
        job_resources: JobResources
    ) -> None:  # fmt: skip
        connect(mary)
        clock.advance(timedelta(minutes=5))
        (follow,) = find(client.sign_in(mary).get("/library/loans").text, "//@hx-get")
        headers = {"HX-Request": "true", "HX-Target": "content"}
        assert client.get(follow, headers=headers).status_code == 204
        library.lend(CARD, "A Ferry for Tuesday")
        clock.advance(timedelta(seconds=1))
        assert refresh(job_resources, "library", jobs.read)
        part = client.get(follow, headers=headers)
        assert part.status_code == 200 and "<html" not in part.text and "A Ferry for Tuesday" in part.text

    def test_fresh(self, browser: CheckingClient, mary: Person, connect: Connect) -> None:
        connect(mary)
        assert "As of today, 10am" in browser.get("/library/loans").text

    def test_older(self, client: CheckingClient, mary: Person, connect: Connect, clock: SetClock) -> None:
        connect(mary)
        clock.advance(timedelta(days=1))
        assert "As of yesterday, 10am." in client.sign_in(mary).get("/library/loans").text

    def test_away_shows_what_was_known_and_offers_nothing(
        self,
        client: CheckingClient,
        mary: Person,
        connect: Connect,
        library: FakeLibrary,
        clock: SetClock,
        db: Session,
    ) -> None:
        library.lend(CARD, "A Ferry for Tuesday")
        connect(mary)
        clock.advance(timedelta(hours=1))
        self.fail(db, clock)
        page = client.sign_in(mary).get("/library/loans").text
        assert "A Ferry for Tuesday" in page and "The library’s system is not answering." in page
        assert not find(page, "//main//button")
        assert "You can’t renew just now" in client.get("/").text

    def test_away_sends_nobody_to_try_again(
        self, client: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary, clock: SetClock, db: Session
    ) -> None:
        item = library.lend(CARD)
        card = connect(mary)
        clock.advance(timedelta(hours=1))
        client.sign_in(mary).get("/library/loans")
        library.fails.append(Unavailable())
        due = (clock.now().date() + timedelta(days=7)).isoformat()
        client.send("/library/loans/renew", {"card": card, "item": item, "due": due})
        client.get("/library/loans")
        assert "nothing was sent. You can try again." in client.get("/library/loans").text
        self.fail(db, clock)
        page = client.get("/library/loans").text
        assert "so nothing was sent." in page and "You can try again." not in page

    def test_asking_and_never_say_no_number(
        self,
        client: CheckingClient,
        mary: Person,
        connect: Connect,
        library: FakeLibrary,
        clock: SetClock,
        db: Session,
    ) -> None:
        library.during = lambda: library.fails.append(Unavailable()) if len(library.asked) == 2 else None
        connect(mary)
        client.sign_in(mary)
        assert "It can take a minute." in client.get("/library/loans").text
        self.fail(db, clock)
        page = client.get("/library/loans").text
        assert "we can’t show what is on the card" in page and "Nothing is out" not in page
        assert "Nothing is owed" not in client.get("/library/charges").text


class TestAStranger:
    def test_sees_nothing_of_a_card(
        self, client: CheckingClient, make: Factory, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        item = library.lend(CARD, "A Ferry for Tuesday")
        card = connect(mary)
        client.sign_in(make.resident(email="john@example.org"))
        for address in ("loans", "holds", "charges", "pin", "disconnect"):
            assert client.get(f"/library/{address}?card={card}").status_code == 404
            assert client.get(f"/library/{address}?card={uuid4()}").status_code == 404
            assert client.get(f"/library/{address}?card=x").status_code == 404
        client.get("/library/connect")
        for address in ("loans/renew", "loans/renew-all", "holds/cancel", "disconnect", "reminders"):
            form = {"card": card, "item": item, "due": "", "hold": "H1", "wanted": "yes"}
            assert client.send(f"/library/{address}", form).status_code == 404
        assert client.send("/library/holds/collect", {"card": card, "hold": "H1", "branch": "WEA"}).status_code == 404
        assert client.send(f"/library/pin?card={card}", {"pin": "4321"}).status_code == 404
        assert not library.asked_for("renew") and "Ferry" not in client.get("/").text


def test_what_the_library_said_lies_sealed(
    db: Session, mary: Person, connect: Connect, library: FakeLibrary, browser: CheckingClient
) -> None:
    library.lend(CARD, "A Ferry for Tuesday")
    connect(mary)
    browser.get("/library/loans")
    for table in ("snapshot", "library_card", "library_outcome", "library_pin", "asked", "audit_event", "attempt"):
        rows = str(db.execute(text(f"select * from {table}")).all())  # noqa: S608 -- names of tables
        for secret in ("Ferry", CARD.number, CARD.pin or "", "Mary Example"):
            assert secret not in rows, table
    assert db.scalars(select(Snapshot.sealed)).one()


def test_at_level_low_only_the_own_card_is_there(client: CheckingClient, mary: Person, connect: Connect) -> None:
    connect(mary)
    childs = connect(mary, CHILDS, child=Child("Pip"))
    assert "Card of Pip" in client.sign_in(mary).get("/library").text
    client.sign_in(mary, level=Level.LOW)
    assert "Card of Pip" not in client.get("/library").text
    assert client.get(f"/library/loans?card={childs}").status_code == 404
