"""Many people at once on the last computers of a day, each with a browser of their own, through several servers.

As many succeed as there are places. All others are told what they can have instead, and nobody meets an error. Each
presses twice, and books once.
"""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.internet.models import Booking
from portal.blueprints.internet.rules.kinds import Kind
from portal.clock import SetClock, SystemClock
from portal.council import Council
from portal.identity import sessions
from portal.party import Level
from portal.sealed import Sealer
from portal.web.sessions import PLAIN_COOKIE
from tests.factories import Factory
from tests.support.pages import find
from tests.support.rooms import Rooms
from tests.support.server import serving

SOAK = bool(os.environ.get("SOAK"))
PEOPLE, PLACES, SERVERS = (200, 20, 4) if SOAK else (50, 5, 2)
ONE_HOUR = dict.fromkeys(range(7), ((12 * 60, 13 * 60 + 15),))
"""Computers stop a quarter of an hour before closing: there is one hour to be had each day."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Browser:
    """Of one person, on one of the servers."""

    server: str
    cookie: str

    def ask(self, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Ask for a page; with ``fields``, send a form."""
        parts = urlsplit(self.server)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=240)
        headers = {"Cookie": f"{PLAIN_COOKIE}={self.cookie}", "Origin": self.server}
        began = time.perf_counter()
        if fields is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(fields), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return Answer(response.status, response.headers.get("Location", ""), text, time.perf_counter() - began)

    def form(self, path: str) -> dict[str, str]:
        """Return what the form of a page sends."""
        page = self.ask(path)
        assert page.status == 200, page.text
        inputs = find(page.text, "//main//form[@method='post']//input[@type='hidden']")
        return {one.get("name"): one.get("value") for one in inputs}


@pytest.fixture
def servers(database_url: str) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(database_url)) for _ in range(SERVERS)]


@pytest.fixture
def browsers(db: Session, sealer: Sealer, servers: list[str]) -> list[Browser]:
    clock = SystemClock()
    make = Factory(db=db, clock=clock, sealer=sealer)
    people = [make.resident(email=None, password=None, name=f"Person {number}") for number in range(PEOPLE)]
    hour = timedelta(hours=1)
    tokens = [
        sessions.begin(
            db,
            person_id=person.id,
            level=Level.LOW,
            lifetimes=sessions.Lifetimes(hour, hour),
            data={},
            device="Firefox, Linux",
            at=clock.now(),
            proven_at=clock.now(),
        )
        for person in people
    ]
    db.commit()
    return [Browser(servers[number % SERVERS], token) for number, token in enumerate(tokens)]


@pytest.fixture
def branch(db: Session, sealer: Sealer, council: Council) -> UUID:
    return Rooms(db, SetClock(SystemClock().now()), sealer, council).branch(*[Kind.STANDARD] * PLACES, hours=ONE_HOUR)


def send_all(browsers: Sequence[Browser], forms: Sequence[dict[str, str]], times: int) -> list[list[Answer]]:
    """Send each person's form so many times at once, and all at the same moment; return the answers by person."""
    start = Barrier(len(browsers) * times)

    def send(browser: Browser, form: dict[str, str]) -> Answer:
        start.wait(timeout=60)
        return browser.ask("/internet/book/check", form)

    with ThreadPoolExecutor(len(browsers) * times) as pool:
        sent = [
            [pool.submit(send, browser, form) for _ in range(times)]
            for browser, form in zip(browsers, forms, strict=True)
        ]
        return [[one.result() for one in of_person] for of_person in sent]


def test_as_many_succeed_as_there_are_places_and_all_others_are_offered_something_else(
    browsers: list[Browser], branch: UUID, db: Session, council: Council
) -> None:
    tomorrow = (SystemClock().now().astimezone(council.zone) + timedelta(days=1)).date()
    noon = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 12, tzinfo=council.zone)
    asked = {"branch": branch, "minutes": 60, "kind": "", "at": noon.isoformat()}
    with ThreadPoolExecutor(SERVERS * 2) as pool:
        forms = list(pool.map(lambda one: one.form(f"/internet/book/check?{urlencode(asked)}"), browsers))
    answers = send_all(browsers, forms, times=2)
    longest = max(one.seconds for of_person in answers for one in of_person)
    logging.getLogger(__name__).info("%d on %d: the longest answer took %.2f s", PEOPLE, PLACES, longest)
    won = [of_person for of_person in answers if of_person[0].status == 303]
    assert len(won) == db.scalar(select(func.count()).select_from(Booking)) == PLACES
    assert len({of_person[0].location for of_person in won}) == PLACES
    assert all(first.location == second.location for first, second in won), "pressed twice, booked twice"
    for of_person in answers:
        if of_person not in won:
            for answer in of_person:
                assert answer.status == 409
                assert find(answer.text, "//section[@aria-labelledby='others']//form"), "nothing else is offered"
