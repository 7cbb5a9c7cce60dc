"""The library's pages over the connector of ``docs/add-a-connector.md``: they show what it can do, and no more."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.blueprints.library import manifest, queries
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.council import Council
from portal.jobs.refresher import refresh
from portal.jobs.resources import JobResources
from portal.models import Person
from portal.settings import Settings
from portal.wiring import connect as connect_all
from tests.support.client import CheckingClient
from tests.support.shelf.server import Fault, ShelfUnderTest, shelf_under_test


@pytest.fixture
def shelf(clock: SetClock) -> Iterator[ShelfUnderTest]:
    with shelf_under_test(clock) as library:
        yield library


@pytest.fixture
def connectors(settings: Settings, council: Council, clock: SetClock, shelf: ShelfUnderTest) -> Connectors:
    mail = connect_all(settings, clock, zone=council.zone).mail
    return replace(shelf.connectors, mail=mail)


def connect(shelf: ShelfUnderTest, browser: CheckingClient) -> None:
    browser.submit("/library/connect", {"number": shelf.card.number, "pin": shelf.card.pin})


def test_loans_are_shown_and_holds_cannot_be_cancelled(
    shelf: ShelfUnderTest, mary: Person, client: CheckingClient
) -> None:
    shelf.lend(due_in=2)
    shelf.hold()
    connect(shelf, client.sign_in(mary))
    assert "A Ferry for Tuesday" in client.get("/library/loans").text
    holds = client.get("/library/holds").text
    assert "Nobody’s Tide" in holds and "/cancel" not in holds


def test_a_library_that_is_away_leaves_what_it_last_said(
    db: Session,
    shelf: ShelfUnderTest,
    mary: Person,
    client: CheckingClient,
    job_resources: JobResources,
    clock: SetClock,
) -> None:
    """Shelf wants the PIN with every question, so that it is asked while a session lasts."""
    shelf.lend(due_in=2)
    connect(shelf, client.sign_in(mary))
    clock.advance(queries.FRESH_FOR)
    db.execute(text("update snapshot set wanted_at = :at"), {"at": clock.now()})
    db.commit()
    shelf.fault("CARD", Fault.BUSY, Fault.BUSY)
    assert manifest.SERVICE.snapshots
    assert refresh(job_resources, "library", manifest.SERVICE.snapshots.read)
    page = client.get("/library/loans").text
    assert "A Ferry for Tuesday" in page and "not answering" in page
