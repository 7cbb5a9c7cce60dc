"""A page that shows what another system last said: in each state, with and without JavaScript, and as it follows."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import snapshots
from portal.clock import SetClock
from portal.connectors.errors import Away, Unavailable
from portal.db import committing
from portal.jobs.refresher import refresh
from portal.jobs.resources import JobResources
from portal.models import Person
from portal.party import Level
from portal.sealed import Sealer
from portal.settings import Settings
from portal.web.watching import AWAY_EVERY_S, AWAY_TIMES, EVERY_S, STOP, TIMES
from tests.factories import Factory
from tests.support import portals
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.dummy.outside import FRESH_FOR, ParkingSystem

HTMX = {"HX-Request": "true", "HX-Target": "content"}
AWAY = Unavailable(reason=Away.TIMEOUT)
SECOND = timedelta(seconds=1)


@pytest.fixture
def parking(clock: SetClock) -> ParkingSystem:
    return ParkingSystem(clock)


@pytest.fixture
def app(engine: Engine, settings: Settings, clock: SetClock, parking: ParkingSystem) -> Flask:
    return portals.new(settings, clock, engine, parking.connectors, parking.service)


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def link(make: Factory, mary: Person) -> UUID:
    return make.link(mary, "parking", uuid4()).id


@pytest.fixture
def signed_in(client: CheckingClient, mary: Person) -> CheckingClient:
    return client.sign_in(mary)


@pytest.fixture
def answer(job_resources: JobResources, parking: ParkingSystem) -> Callable[[], bool]:
    """Does what the refresher does, once."""
    return lambda: refresh(job_resources, "parking", parking.read)


@pytest.fixture
def older(db: Session, sealer: Sealer, link: UUID, clock: SetClock) -> None:
    """An answer that is too old to be shown as it is."""
    with committing(db):
        snapshots.put(db, sealer, link, '{"permits": 7}', taken_at=clock.now() - FRESH_FOR)


def panel(page: str) -> str:
    (found,) = find(page, "//section[@aria-labelledby='panel-parking']")
    return " ".join(" ".join(found.itertext()).split())


def state(page: str) -> str:
    (kind,) = find(page, "//section[@aria-labelledby='panel-parking']//p[contains(@class, 'state--')]/@class")
    return str(kind).rpartition("--")[2]


def asks_again(page: str, *, every_s: int = EVERY_S) -> str | None:
    """Return the address that htmx asks for so often; None if it asks for none."""
    found = find(page, f"//*[@hx-trigger='every {every_s}s']/@hx-get")
    assert len(found) <= 1
    return str(found[0]) if found else None


def reloads(page: str) -> str | None:
    found = find(page, "//head/noscript/meta[@http-equiv='refresh']/@content")
    return str(found[0]) if found else None


class TestStates:
    @pytest.mark.usefixtures("link")
    def test_never_had_one_and_being_asked(self, signed_in: CheckingClient) -> None:
        page = signed_in.get("/").text
        assert state(page) == "ask"
        assert panel(page).endswith("We’re asking for your permits. See them It can take a minute. Look again")
        assert find(page, "//a[.='Look again']/@href") == ["/"]
        assert asks_again(page)
        assert reloads(page) == "5; url=/?again=1"

    @pytest.mark.usefixtures("link")
    def test_fresh(self, signed_in: CheckingClient, answer: Callable[[], bool]) -> None:
        signed_in.get("/")
        answer()
        page = signed_in.get("/").text
        assert state(page) == "fresh"
        assert panel(page) == "Parking 2 permits Both end in June. See them As of today, 10am"
        assert (asks_again(page), reloads(page)) == (None, None)

    @pytest.mark.usefixtures("older")
    def test_older(self, signed_in: CheckingClient) -> None:
        page = signed_in.get("/").text
        assert state(page) == "old"
        assert "7 permits" in panel(page)
        assert panel(page).endswith("As of today, 9:45am. We’re asking for newer facts.")
        assert asks_again(page)
        assert reloads(page) is None

    @pytest.mark.usefixtures("older")
    def test_away(self, signed_in: CheckingClient, parking: ParkingSystem, answer: Callable[[], bool]) -> None:
        parking.outcome = AWAY
        signed_in.get("/")
        answer()
        page = signed_in.get("/").text
        assert state(page) == "away"
        assert "The parking system is not answering. 7 permits" in panel(page)
        assert panel(page).endswith("As of today, 9:45am. We try again every few minutes.")
        assert (asks_again(page), reloads(page)) == (None, None)

    @pytest.mark.usefixtures("link")
    def test_away_and_never_had_one(
        self, signed_in: CheckingClient, parking: ParkingSystem, answer: Callable[[], bool]
    ) -> None:
        parking.outcome = AWAY
        signed_in.get("/")
        answer()
        page = signed_in.get("/").text
        assert state(page) == "never"
        assert panel(page).endswith("We try again every few minutes.")
        assert "permits" not in panel(page).partition("We’re")[0]
        assert (asks_again(page), reloads(page)) == (None, None)

    def test_not_connected(self, signed_in: CheckingClient) -> None:
        page = signed_in.get("/").text
        assert panel(page) == "Parking See your permits. Connect"
        assert (asks_again(page), reloads(page)) == (None, None)

    @pytest.mark.parametrize(
        ("ago", "moment"),
        [(timedelta(hours=18), "yesterday, 4pm"), (timedelta(days=2), "Sunday 22 November, 10am")],
    )
    def test_the_moment_is_said_in_words(
        self,
        signed_in: CheckingClient,
        db: Session,
        sealer: Sealer,
        link: UUID,
        clock: SetClock,
        ago: timedelta,
        moment: str,
    ) -> None:
        with committing(db):
            snapshots.put(db, sealer, link, '{"permits": 7}', taken_at=clock.now() - ago)
        assert f"As of {moment}. We’re asking" in panel(signed_in.get("/").text)


class TestFollowing:
    @pytest.mark.usefixtures("older")
    def test_nothing_new_is_said_in_no_words(self, signed_in: CheckingClient, clock: SetClock) -> None:
        address = followed(signed_in)
        clock.advance(EVERY_S * SECOND)
        response = signed_in.get(address, headers=HTMX)
        assert (response.status_code, response.text) == (204, "")

    @pytest.mark.usefixtures("older")
    def test_the_new_answer_comes_as_a_piece_of_the_page_and_is_told(
        self, signed_in: CheckingClient, answer: Callable[[], bool]
    ) -> None:
        address = followed(signed_in)
        answer()
        piece = signed_in.get(address, headers=HTMX).text
        assert "<html" not in piece
        assert "2 permits" in panel(piece)
        assert asks_again(piece) is None
        (told,) = find(piece, "//p[@id='told']")
        assert told.get("hx-swap-oob") == "innerHTML"
        assert told.text == "This page has been brought up to date."
        whole = signed_in.get("/").text
        assert find(whole, "//p[@id='told'][@role='status']")[0].text is None

    @pytest.mark.usefixtures("older")
    def test_that_it_is_away_comes_as_well(
        self, signed_in: CheckingClient, parking: ParkingSystem, answer: Callable[[], bool]
    ) -> None:
        address = followed(signed_in)
        parking.outcome = AWAY
        answer()
        piece = signed_in.get(address, headers=HTMX).text
        assert state(piece) == "away"

    @pytest.mark.usefixtures("older")
    def test_after_a_few_times_it_is_told_to_stop(self, signed_in: CheckingClient, clock: SetClock) -> None:
        address = followed(signed_in)
        clock.advance(EVERY_S * TIMES * SECOND)
        response = signed_in.get(address, headers=HTMX)
        assert (response.status_code, response.text, response.headers["HX-Reswap"]) == (STOP, "", "none")

    @pytest.mark.usefixtures("older")
    def test_and_where_the_time_is_none_of_ours(self, signed_in: CheckingClient) -> None:
        seen = followed(signed_in).partition("&")[0]
        assert signed_in.get(f"{seen}&until=soon", headers=HTMX).status_code == STOP

    @pytest.mark.usefixtures("older")
    def test_the_address_as_a_page_is_the_whole_page(self, signed_in: CheckingClient) -> None:
        assert "<html" in signed_in.get(followed(signed_in)).text

    @pytest.mark.usefixtures("link")
    def test_without_javascript_it_reloads_a_few_times_and_no_more(self, signed_in: CheckingClient) -> None:
        assert reloads(signed_in.get(f"/?again={TIMES - 1}").text) == f"5; url=/?again={TIMES}"
        page = signed_in.get(f"/?again={TIMES}").text
        assert reloads(page) is None
        assert state(page) == "ask"

    @pytest.mark.usefixtures("older")
    def test_who_has_signed_out_meanwhile_sees_nothing_of_it(self, signed_in: CheckingClient, app: Flask) -> None:
        address = followed(signed_in)
        assert "permits" not in app.test_client().get(address, headers=HTMX).text


@pytest.mark.usefixtures("older", "away")
class TestFollowingASystemThatIsAway:
    @pytest.fixture
    def away(self, signed_in: CheckingClient, parking: ParkingSystem, answer: Callable[[], bool]) -> None:
        parking.outcome = AWAY
        signed_in.get("/")
        assert answer()

    @pytest.fixture
    def address(self, signed_in: CheckingClient) -> str:
        """What the page that shows it as away asks for, seldom."""
        page = signed_in.get("/").text
        assert state(page) == "away" and asks_again(page) is None
        address = asks_again(page, every_s=AWAY_EVERY_S)
        assert address
        return address

    def test_that_it_is_back_comes_by_itself_and_is_told(
        self,
        signed_in: CheckingClient,
        parking: ParkingSystem,
        answer: Callable[[], bool],
        clock: SetClock,
        address: str,
    ) -> None:
        clock.advance(timedelta(minutes=2))
        assert signed_in.get(address, headers=HTMX).status_code == 204
        parking.outcome = 2
        assert answer(), "tried again by itself"
        piece = signed_in.get(address, headers=HTMX).text
        assert "2 permits" in panel(piece) and "brought up to date" in piece
        assert find(piece, "//@hx-get") == []

    def test_another_try_that_failed_is_no_news(
        self, signed_in: CheckingClient, answer: Callable[[], bool], clock: SetClock, address: str
    ) -> None:
        clock.advance(timedelta(minutes=2))
        assert answer()
        assert signed_in.get(address, headers=HTMX).status_code == 204

    def test_asks_the_system_no_more_often(
        self, signed_in: CheckingClient, answer: Callable[[], bool], clock: SetClock, address: str
    ) -> None:
        clock.advance(timedelta(minutes=2))
        assert answer()
        clock.advance(timedelta(seconds=65))  # nobody but a person who looks would have it tried now
        assert signed_in.get(address, headers=HTMX).status_code == 204
        assert not answer()

    def test_ends(self, signed_in: CheckingClient, clock: SetClock, address: str) -> None:
        clock.advance(AWAY_EVERY_S * AWAY_TIMES * SECOND)
        assert signed_in.get(address, headers=HTMX).status_code == STOP

    def test_who_looks_anew_is_answered_as_soon_as_ever(
        self, signed_in: CheckingClient, clock: SetClock, address: str
    ) -> None:
        clock.advance(timedelta(minutes=2))
        page = signed_in.get("/").text
        assert asks_again(page) and asks_again(page, every_s=AWAY_EVERY_S) != address


def followed(client: CheckingClient) -> str:
    address = asks_again(client.get("/").text)
    assert address
    return address


class TestAsking:
    @pytest.mark.usefixtures("older")
    def test_two_tabs_ask_once(self, signed_in: CheckingClient, answer: Callable[[], bool]) -> None:
        signed_in.get("/")
        signed_in.get("/")
        assert (answer(), answer()) == (True, False)

    @pytest.mark.usefixtures("older")
    def test_a_sign_in_that_is_too_weak_for_the_service_asks_nothing(
        self, client: CheckingClient, mary: Person, answer: Callable[[], bool]
    ) -> None:
        client.sign_in(mary, level=Level.LOW).get("/")
        assert not answer()

    @pytest.mark.usefixtures("link")
    def test_what_is_fresh_is_only_read(
        self, signed_in: CheckingClient, engine: Engine, answer: Callable[[], bool]
    ) -> None:
        signed_in.get("/")
        answer()
        signed_in.get("/")
        with statements(engine) as sent:
            signed_in.get("/")
        assert not [statement for statement in sent if "snapshot" in statement or "pg_notify" in statement]

    @pytest.mark.usefixtures("older")
    def test_the_page_asks_the_other_system_nothing_itself(
        self, signed_in: CheckingClient, parking: ParkingSystem
    ) -> None:
        parking.outcome = AssertionError("asked")
        assert signed_in.get("/").status_code == 200
        assert parking.system.heard.failed_at is None
