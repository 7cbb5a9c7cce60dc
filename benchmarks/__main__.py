"""``make bench``: each figure beside its reference, taken in turn in the same run."""

import argparse
import re
import secrets
import statistics
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import brotli
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from benchmarks import energy, floor, hanging, importing, looking, trail, unrecorded
from benchmarks.load import load
from benchmarks.servers import free_port, serving
from portal.cli.demo.households import OWING, reference
from portal.cli.demo.loading import load as load_demo
from portal.clock import SystemClock
from portal.db.embedded import EmbeddedServer, ensure_server
from portal.db.migrate import upgrade
from portal.identity import persons, sessions
from portal.party import Level
from portal.settings import PROJECT, Settings, needed_database

PORTAL = "benchmarks.production:create_app"
ROUNDS, SECONDS = 5, 3.0
RENT_AT_LEAST, STATEMENT_AT_LEAST = 0.5, 0.33
"""Of the floor's throughput."""
RECORDED_AT_MOST = 1.25
"""How much longer a page may take that leaves an audit record than the same page without it."""
RENT_AT_MOST, STATEMENT_AT_MOST = 4096, 5120
"""Bytes of the page, compressed as the portal compresses it."""
HUNDRED_LINES = text(
    """
    select account_id, min(posted_on) + 1, max(posted_on) from (
        select line.account_id, posted_on from rent_line_in_order as line
        join rent_account as account on account.id = line.account_id
        where reference = :reference order by nth desc limit 101
    ) as newest group by account_id
    """
)
FEW_LINES, MANY_LINES = 50_000, 500_000
FLAT_AT_MOST = 1.2
"""How much longer a statement may take where the database holds many lines instead of few."""
OTHERS_LINES = text(
    """
    with other as (
        insert into rent_account (id, source, reference, tenancy_reference, kind, starts_on, opening_pence,
            balance_pence, stated_pence, charged_on)
        select gen_random_uuid(), 'bench', 'bench-' || nth, '', 'home', '2020-01-06', 0, 0, 0, '2020-01-06'
        from generate_series(1, (:lines - (select count(*) from rent_line) + 99) / 100) as nth
        returning id
    )
    insert into rent_line (account_id, posted_on, dated_on, code, kind, label, description, amount_pence, occurrence)
    select id, day, day, 'DBR', 'charge', 'rent', '', 10000, 1
    from other, lateral (select date '2020-01-06' + 7 * week as day from generate_series(0, 99) as week) as weeks
    """
)
"""Accounts of others with a hundred lines each, until there are ``:lines`` in all."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where both servers are, and the cookie of somebody who is signed in there. statement: path of 100 lines.

    few, many: the portal on databases that hold few and many lines, but the same account. unrecorded: the portal with
    one page more.
    """

    portal: str
    floor: str
    few: str
    many: str
    unrecorded: str
    cookie: str
    statement: str


def main() -> int:
    """Print what was measured, and return 1 if something is slower or larger than it may be."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--lines", type=int, default=MANY_LINES, help="how many lines the larger database holds")
    parser.add_argument("--imported", type=int, default=importing.LINES, help="how many lines are imported")
    parser.add_argument("--records", type=int, default=trail.RECORDS, help="how many audit records are sealed")
    asked = parser.parse_args()
    rows = [
        *energy.measured(),
        *importing.measured(asked.imported),
        *hanging.measured(),
        *looking.measured(),
        *trail.measured(asked.records),
    ]
    with _pages(asked.lines) as pages:
        rows += [
            _compare(pages, "/rent", "/rent", RENT_AT_LEAST),
            _size(pages, "/rent", "/rent", RENT_AT_MOST),
            _compare(pages, pages.statement, "statement of 100 lines", STATEMENT_AT_LEAST),
            _size(pages, pages.statement, "statement of 100 lines", STATEMENT_AT_MOST),
            _flat(pages, asked.lines),
            _recorded(pages),
        ]
    for said, good in rows:
        print(f"{'ok  ' if good else 'FAIL'}  {said}")  # noqa: T201 -- what a benchmark is for
    return 0 if all(good for _, good in rows) else 1


def _compare(pages: Pages, path: str, name: str, least: float) -> tuple[str, bool]:
    """Compare a page with the floor: the throughput of each, round by round, and the median of the ratios."""
    of_portal, of_floor = _in_turn(pages, (pages.portal, path), (pages.floor, path))
    ratios = [one / other for one, other in zip(of_portal, of_floor, strict=True)]
    ratio = statistics.median(ratios)
    said = (
        f"{name}: {ratio:.2f} of the floor (at least {least}; rounds {min(ratios):.2f} to {max(ratios):.2f});"
        f" {statistics.median(of_portal):.0f} and {statistics.median(of_floor):.0f} a second"
    )
    return said, ratio >= least


def _flat(pages: Pages, lines: int) -> tuple[str, bool]:
    """Compare the time of the same statement among few lines and among many."""
    few, many = _in_turn(pages, (pages.few, pages.statement), (pages.many, pages.statement))
    ratios = [one / other for one, other in zip(few, many, strict=True)]
    ratio = statistics.median(ratios)
    said = (
        f"statement among {lines:,} lines: {ratio:.2f} of its time among {FEW_LINES:,} (at most {FLAT_AT_MOST};"
        f" rounds {min(ratios):.2f} to {max(ratios):.2f}); {statistics.median(many):.0f} and"
        f" {statistics.median(few):.0f} a second"
    )
    return said, ratio <= FLAT_AT_MOST


def _recorded(pages: Pages) -> tuple[str, bool]:
    """Compare the time of a page that leaves an audit record with that of the same page without it."""
    with_it, without = _in_turn(pages, *((pages.unrecorded, path) for path in ("/rent", unrecorded.PATH)))
    ratios = [one / other for one, other in zip(without, with_it, strict=True)]
    ratio = statistics.median(ratios)
    said = (
        f"/rent with its audit record: {ratio:.2f} of its time without (at most {RECORDED_AT_MOST};"
        f" rounds {min(ratios):.2f} to {max(ratios):.2f})"
    )
    return said, ratio <= RECORDED_AT_MOST


def _in_turn(pages: Pages, *asked: tuple[str, str]) -> list[list[float]]:
    """Return how many answers a second there were, of each server and path, round by round.

    Raises RuntimeError if one isn't the page.
    """
    speeds: list[list[float]] = [[] for _ in asked]
    for _ in range(ROUNDS):
        for (server, path), answers in zip(asked, speeds, strict=True):
            result = load(f"{server}{path}", cookie=pages.cookie, seconds=SECONDS)
            if result.statuses != {200}:
                raise RuntimeError(f"answered {result.statuses}")
            answers.append(result.per_second)
    return speeds


def _size(pages: Pages, path: str, name: str, most: int) -> tuple[str, bool]:
    request = _request(f"{pages.portal}{path}", pages.cookie)
    request.add_header("Accept-Encoding", "br")
    with urllib.request.urlopen(request) as response:  # noqa: S310 -- our own address
        compressed = response.read()
    whole = brotli.decompress(compressed)
    said = f"{name}: {len(compressed)} bytes of HTML compressed (at most {most}), {len(whole)} whole"
    return said, len(compressed) <= most


@contextmanager
def _pages(lines: int) -> Iterator[Pages]:
    """Serve the portal and the floor on one database with the demo council in it, and the portal on two copies of it
    that others' lines fill up: to ``FEW_LINES``, and to ``lines``.
    """
    server = ensure_server(PROJECT, purpose="test")
    try:
        url = server.database("bench")
        upgrade(url)
        settings = Settings(database_url=url)
        logins = load_demo(settings)
        token, shown = _session(settings, logins[0].sign_in)
        cookie, path = f"portal={token}", _statement(settings)
        copies = [_filled_up(server, name, size) for name, size in (("bench_few", FEW_LINES), ("bench_many", lines))]
        with (
            serving(PORTAL, free_port(), _environ(url), "--factory") as portal,
            serving(PORTAL, free_port(), _environ(copies[0]), "--factory") as few,
            serving(PORTAL, free_port(), _environ(copies[1]), "--factory") as many,
            serving("benchmarks.unrecorded:create_app", free_port(), _environ(url), "--factory") as without,
            TemporaryDirectory() as folder,
        ):
            page, statement = Path(folder) / "page.html", Path(folder) / "statement.html"
            page.write_text(with_gaps(_get(f"{portal}/rent", cookie), shown), "utf-8")
            statement.write_text(statement_with_gaps(_get(f"{portal}{path}", cookie)), "utf-8")
            beside_it = {**_environ(url), "FLOOR_PAGE": str(page), "FLOOR_STATEMENT": str(statement)}
            with serving("benchmarks.floor:create_app", free_port(), beside_it, "--factory") as beside:
                for same in ("/rent", path):
                    pair = (without_chance(_get(f"{server}{same}", cookie)) for server in (portal, beside))
                    if len(set(pair)) != 1:
                        raise RuntimeError(f"the floor doesn't give the portal's page {same.partition('?')[0]}")
                yield Pages(portal, beside, few, many, without, cookie, path)
    finally:
        server.stop()


def _environ(url: str) -> dict[str, str]:
    return {"PORTAL_DATABASE_URL": url, "PORTAL_PROFILE": "demo"}


def _filled_up(server: EmbeddedServer, name: str, lines: int) -> str:
    """Copy the demo's database, fill it up with others' lines, and return its address."""
    with _connected(server.url, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name} template bench"))
    url = server.database(name)
    with _connected(url, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(OTHERS_LINES, {"lines": lines})
        connection.execute(text("vacuum analyze"))
    return url


@contextmanager
def _connected(url: str, **options: Any) -> Iterator[Connection]:
    """Connect with the owner's rights, and leave nothing open: a database in use can't be copied."""
    engine = create_engine(url, **options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def with_gaps(page: str, shown: Mapping[str, str]) -> str:
    """Return a page of ``/rent`` with a gap, such as ``%(balance)s``, for each thing that the floor works out and the
    page shows. shown: what the floor makes of the same account.
    """
    page = page.replace("%", "%%")
    for name, value in shown.items():
        page = page.replace(value, f"%({name})s")
    missing = [name for name in ("balance", "reference", "home", "night") if f"%({name})s" not in page]
    if missing:
        raise RuntimeError(f"the demo's first resident isn't shown {', '.join(missing)} as the floor has it")
    return _chance_as_gaps(page)


def _chance_as_gaps(page: str) -> str:
    page = re.sub(r'nonce="[^"]+"', 'nonce="%(nonce)s"', page)
    return re.sub(r'name="csrf_token" value="[^"]+"', 'name="csrf_token" value="%(token)s"', page)


def statement_with_gaps(page: str) -> str:
    """Return a page of a statement with gaps for its rows and for what stands above them."""
    page = re.sub(r"(<tbody[^>]*>\n).*?(\n</tbody>)", r"\1%(rows)s\2", page.replace("%", "%%"), flags=re.DOTALL)
    amount = r"£[\d,.]+\d"
    page = re.sub(
        rf"Before: {amount}\. Charged: {amount}\. Paid in: {amount}\. Afterwards: {amount}\.",
        "Before: %(before)s. Charged: %(charged)s. Paid in: %(paid)s. Afterwards: %(after)s.",
        page,
    )
    return _chance_as_gaps(page)


def without_chance(page: str) -> str:
    """Return a page without what differs from answer to answer; its length stays."""
    return re.sub(r'(nonce|value)="([^"]+)"', lambda found: f'{found[1]}="{"x" * len(found[2])}"', page)


def _statement(settings: Settings) -> str:
    """Return the path of a statement of 100 lines, of the demo's first resident."""
    with _connected(needed_database(settings)) as connection:
        account, since, until = connection.execute(HUNDRED_LINES, {"reference": reference(OWING)}).one()
    return f"/rent/{account}/statement?show=dates&from={since}&to={until}"


def _session(settings: Settings, name: str) -> tuple[str, dict[str, str]]:
    """Sign somebody in, and return the token, and what the floor shows of their rent."""
    with _connected(needed_database(settings)) as connection, Session(connection) as db:
        person, now = persons.find(db, name), SystemClock().now()
        if person is None:
            raise RuntimeError("the demo has nobody of that name")
        account = connection.exec_driver_sql(floor.ACCOUNT, floor.mine(person.id, now)).one()
        token = sessions.begin(
            db,
            person_id=person.id,
            level=Level.MEDIUM,
            lifetimes=sessions.Lifetimes(timedelta(hours=1), timedelta(hours=1)),
            data={"csrf_token": secrets.token_hex(20)},
            device="",
            at=now,
        )
        db.commit()
        return token, floor.in_words(tuple(account))


def _get(address: str, cookie: str) -> str:
    with urllib.request.urlopen(_request(address, cookie)) as response:  # noqa: S310 -- our own address
        return str(response.read().decode())


def _request(address: str, cookie: str) -> urllib.request.Request:
    return urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310 -- our own address


if __name__ == "__main__":
    sys.exit(main())
