"""Cancelling holds, and having them brought to another branch."""

from sqlalchemy.orm import Session

from portal.connectors.errors import Refused
from portal.connectors.library import HoldState, Reason
from portal.models import Person
from tests.support.client import CheckingClient
from tests.support.library import CARD, FakeLibrary
from tests.support.pages import find
from tests.web.blueprints.library.conftest import Connect, audited


def words_of(page: str) -> str:
    return " ".join("".join(find(page, "//main//text()")).split())


class TestHolds:
    def test_are_cancelled(
        self, db: Session, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        hold = library.hold(CARD, "Nobody’s Tide")
        card = connect(mary)
        browser.get("/library/holds")
        assert browser.send("/library/holds/cancel", {"card": card, "hold": hold}).status_code == 303
        page = browser.get("/library/holds").text
        assert "Cancelled." in page and "Nothing is reserved on this card." in page
        assert audited(db, "library.cancel") == ["asked", "done"]

    def test_come_to_another_branch(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        hold = library.hold(CARD)
        card = connect(mary)
        browser.get("/library/holds")
        browser.send("/library/holds/collect", {"card": card, "hold": hold, "branch": "WEA"})
        assert "You collect it at Weavers Green Library." in browser.get("/library/holds").text
        assert library.readers[CARD.number].holds[hold].branch == "WEA"

    def test_that_are_refused_say_why(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        hold = library.hold(CARD, state=HoldState.WAITING)
        card = connect(mary)
        library.fails.append(Refused(Reason.NOT_CANCELLABLE))
        browser.get("/library/holds")
        browser.send("/library/holds/cancel", {"card": card, "hold": hold})
        assert "Not cancelled. The library doesn’t let it be cancelled here." in words_of(
            browser.get("/library/holds").text
        )

    def test_go_to_no_branch_that_the_council_does_not_have(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        hold = library.hold(CARD)
        card = connect(mary)
        browser.get("/library/holds")
        assert browser.send("/library/holds/collect", {"card": card, "hold": hold, "branch": "X"}).status_code == 404

    def test_offer_only_what_the_system_can(
        self, browser: CheckingClient, mary: Person, connect: Connect, library: FakeLibrary
    ) -> None:
        library.hold(CARD)
        library.abilities = type(library.abilities)(cancel_hold=False, change_pickup=False)
        connect(mary)
        assert not find(browser.get("/library/holds").text, "//main//form")
