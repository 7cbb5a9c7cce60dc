"""What pages take while the library hangs for ever, against what the same pages take while it answers.

Fifty people go round and round at once: home, loans, rent. Where it hangs, whatever they see is too old, so that their
pages mark it, and the worker asks and gets no answer. Where it answers, all is fresh already: a stricter reference than
a worker that is busy fetching.
"""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import create_engine, text

from benchmarks.load import Result, crowd
from benchmarks.readers import AGE, bring, set_back
from benchmarks.servers import free_port, lending, serving, working
from portal.cli.demo.library import settings_of
from portal.cli.demo.loading import load as load_demo
from portal.db.embedded import EmbeddedServer, ensure_server
from portal.db.migrate import upgrade
from portal.settings import PROJECT, load_settings

ROUNDS, SECONDS = 7, 3.0
PEOPLE = 50
HOME, LOANS, RENT = "/", "/library/loans", "/rent"
AT_MOST = {HOME: 1.2, LOANS: 1.2, RENT: 1.1}
"""Of the time with all healthy."""
NAMES = {HOME: "home", LOANS: LOANS, RENT: RENT}
PARTS = {"median": 0.5, "95 of 100": 0.95}
_NOT_ANSWERED = text("select count(*) from snapshot where wanted_at is not null or failed_at is not null")


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal with its worker and its library. cookies: of those who are signed in there."""

    address: str
    database_url: str
    cookies: list[str]


def measured() -> list[tuple[str, bool]]:
    """Return what was measured, in words, and whether it is as it should be."""
    server = ensure_server(PROJECT, purpose="test")
    try:
        with (
            _portal(server, "bench_answering", hangs=False) as answering,
            _portal(server, "bench_hanging", hangs=True) as hanging,
        ):
            _answering(answering)  # both are warm before anything counts
            _hanging(hanging)
            rounds = [_round(answering, hanging, number) for number in range(ROUNDS)]
    finally:
        server.stop()
    return [_row(path, part, rounds) for path in AT_MOST for part in PARTS]


Round = tuple[dict[str, Result], dict[str, Result]]
"""While the library answers, and while it hangs; by path."""


def _round(answering: Portal, hanging: Portal, number: int) -> Round:
    """Measure both, in an order that changes: what comes second may find another machine."""
    if number % 2:
        second = _hanging(hanging)
        return _answering(answering), second
    return _answering(answering), _hanging(hanging)


def _answering(portal: Portal) -> dict[str, Result]:
    set_back(portal.database_url, timedelta())
    results = _visited(portal)
    if _not_answered(portal):
        raise RuntimeError("what is fresh was asked for")
    return results


def _hanging(portal: Portal) -> dict[str, Result]:
    set_back(portal.database_url, AGE)
    results = _visited(portal)
    if _not_answered(portal) != PEOPLE:
        raise RuntimeError("what is too old wasn't asked for, or was answered")
    return results


def _visited(portal: Portal) -> dict[str, Result]:
    results = crowd(portal.address, tuple(AT_MOST), cookies=portal.cookies, seconds=SECONDS)
    for path, result in results.items():
        if result.statuses != {200}:
            raise RuntimeError(f"{path} answered {result.statuses}")
    return results


def _row(path: str, part: str, rounds: list[Round]) -> tuple[str, bool]:
    pairs = [tuple(results[path].percentile_ms(PARTS[part]) for results in pair) for pair in rounds]
    ratios = [hanging / answering for answering, hanging in pairs]
    ratio = statistics.median(ratios)
    answering, hanging = (statistics.median(spans) for spans in zip(*pairs, strict=True))
    said = (
        f"{NAMES[path]}, {part}, {PEOPLE} people, the library hanging: {ratio:.2f} of its time with all healthy"
        f" (at most {AT_MOST[path]}; rounds {min(ratios):.2f} to {max(ratios):.2f}); {hanging:.0f} and"
        f" {answering:.0f} ms"
    )
    return said, ratio <= AT_MOST[path]


def _not_answered(portal: Portal) -> int:
    engine = create_engine(portal.database_url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(_NOT_ANSWERED).scalar_one())
    finally:
        engine.dispose()


@contextmanager
def _portal(server: EmbeddedServer, name: str, *, hangs: bool) -> Iterator[Portal]:
    """Serve the demo council with its worker and a library, on a database of its own."""
    url = server.database(name)
    upgrade(url)
    with ExitStack() as stack:
        library = stack.enter_context(lending())
        environ = {"PORTAL_DATABASE_URL": url, "PORTAL_PROFILE": "demo", **settings_of(library.port)}
        settings = load_settings(environ)
        load_demo(settings)
        cookies = bring(settings, PEOPLE)
        if hangs:
            library.hang()
        stack.enter_context(working(environ))
        address = stack.enter_context(serving("wsgi:app", free_port(), environ))
        yield Portal(address, url, cookies)
