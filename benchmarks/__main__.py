"""``make bench``: each figure beside its reference, taken in turn in the same run."""

import re
import secrets
import socket
import statistics
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import brotli
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.load import load
from benchmarks.servers import serving
from portal.cli.demo.households import OWING, reference
from portal.cli.demo.loading import load as load_demo
from portal.clock import SystemClock
from portal.db import make_engine
from portal.db.embedded import ensure_server
from portal.db.migrate import upgrade
from portal.identity import persons, sessions
from portal.party import Level
from portal.settings import PROJECT, Settings, needed_database

ROUNDS, SECONDS = 5, 3.0
RENT_AT_LEAST, STATEMENT_AT_LEAST = 0.5, 0.33
"""Of the floor's throughput."""
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
OWED = re.compile(
    r">You owe (£[\d,.]+)<.*?>(£[\d,.]+) of it is this week’s rent\. (£[\d,.]+) is from before", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where both servers are, and the cookie of somebody who is signed in there. statement: path of 100 lines."""

    portal: str
    floor: str
    cookie: str
    statement: str


def main() -> int:
    """Print what was measured, and return 1 if something is slower or larger than it may be."""
    with _pages() as pages:
        rows = [
            _compare(pages, "/rent", "/rent", RENT_AT_LEAST),
            _size(pages, "/rent", "/rent", RENT_AT_MOST),
            _compare(pages, pages.statement, "statement of 100 lines", STATEMENT_AT_LEAST),
            _size(pages, pages.statement, "statement of 100 lines", STATEMENT_AT_MOST),
        ]
    for said, good in rows:
        print(f"{'ok  ' if good else 'FAIL'}  {said}")  # noqa: T201 -- what a benchmark is for
    return 0 if all(good for _, good in rows) else 1


def _compare(pages: Pages, path: str, name: str, least: float) -> tuple[str, bool]:
    """Compare a page with the floor: the throughput of each, round by round, and the median of the ratios."""
    ratios, portal, floors = [], [], []
    for _ in range(ROUNDS):
        of_portal = load(f"{pages.portal}{path}", cookie=pages.cookie, seconds=SECONDS)
        of_floor = load(f"{pages.floor}{path}", cookie=pages.cookie, seconds=SECONDS)
        if of_portal.statuses | of_floor.statuses != {200}:
            raise RuntimeError(f"answered {of_portal.statuses} and {of_floor.statuses}")
        portal.append(of_portal.per_second)
        floors.append(of_floor.per_second)
        ratios.append(of_portal.per_second / of_floor.per_second)
    ratio = statistics.median(ratios)
    said = (
        f"{name}: {ratio:.2f} of the floor (at least {least}; rounds {min(ratios):.2f} to {max(ratios):.2f});"
        f" {statistics.median(portal):.0f} and {statistics.median(floors):.0f} a second"
    )
    return said, ratio >= least


def _size(pages: Pages, path: str, name: str, most: int) -> tuple[str, bool]:
    request = _request(f"{pages.portal}{path}", pages.cookie)
    request.add_header("Accept-Encoding", "br")
    with urllib.request.urlopen(request) as response:  # noqa: S310 -- our own address
        compressed = response.read()
    whole = brotli.decompress(compressed)
    said = f"{name}: {len(compressed)} bytes of HTML compressed (at most {most}), {len(whole)} whole"
    return said, len(compressed) <= most


@contextmanager
def _pages() -> Iterator[Pages]:
    """Serve the portal and the floor on one database with the demo council in it."""
    server = ensure_server(PROJECT, purpose="test")
    try:
        url = server.database("bench")
        upgrade(url)
        settings = Settings(database_url=url)
        logins = load_demo(settings)
        cookie = f"portal={_session(settings, logins[0].sign_in)}"
        environ = {"PORTAL_DATABASE_URL": url, "PORTAL_PROFILE": "demo"}
        with serving("wsgi:app", _free_port(), environ) as portal, TemporaryDirectory() as folder:
            page, statement = Path(folder) / "page.html", Path(folder) / "statement.html"
            path = _statement(settings)
            page.write_text(with_gaps(_get(f"{portal}/rent", cookie)), "utf-8")
            statement.write_text(statement_with_gaps(_get(f"{portal}{path}", cookie)), "utf-8")
            beside_it = {**environ, "FLOOR_PAGE": str(page), "FLOOR_STATEMENT": str(statement)}
            with serving("benchmarks.floor:create_app", _free_port(), beside_it, "--factory") as beside:
                for same in ("/rent", path):
                    pair = (without_chance(_get(f"{server}{same}", cookie)) for server in (portal, beside))
                    if len(set(pair)) != 1:
                        raise RuntimeError(f"the floor doesn't give the portal's page {same.partition('?')[0]}")
                yield Pages(portal, beside, cookie, path)
    finally:
        server.stop()


def with_gaps(page: str) -> str:
    """Return a page of ``/rent`` with a gap, such as ``%(balance)s``, for each thing that the floor works out."""
    owed = OWED.search(page)
    reference = re.search(r'<strong class="money">([^<]+)</strong>', page)
    home = re.search(r"Your home, ([^<]+)<", page)
    night = re.search(r"as of ([^<]+)<", page)
    if not (owed and reference and home and night):
        raise RuntimeError("the demo's first resident doesn't owe more than this week's rent")
    gaps = [("balance", owed[1]), ("week", owed[2]), ("before", owed[3])]
    gaps += [("reference", reference[1]), ("home", home[1]), ("night", night[1])]
    page = page.replace("%", "%%")
    for name, value in gaps:
        page = page.replace(value, f"%({name})s")
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
    engine = make_engine(needed_database(settings), pool_size=1)
    with engine.connect() as connection:
        account, since, until = connection.execute(HUNDRED_LINES, {"reference": reference(OWING)}).one()
    return f"/rent/{account}/statement?show=dates&from={since}&to={until}"


def _session(settings: Settings, name: str) -> str:
    """Sign somebody in, and return the token."""
    with Session(make_engine(needed_database(settings), pool_size=1)) as db:
        account = persons.find(db, name)
        if account is None:
            raise RuntimeError("the demo has nobody of that name")
        token = sessions.begin(
            db,
            person_id=account.id,
            level=Level.MEDIUM,
            lifetimes=sessions.Lifetimes(timedelta(hours=1), timedelta(hours=1)),
            data={"csrf_token": secrets.token_hex(20)},
            device="",
            at=SystemClock().now(),
        )
        db.commit()
        return token


def _get(address: str, cookie: str) -> str:
    with urllib.request.urlopen(_request(address, cookie)) as response:  # noqa: S310 -- our own address
        return str(response.read().decode())


def _request(address: str, cookie: str) -> urllib.request.Request:
    return urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310 -- our own address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
