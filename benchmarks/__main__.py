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
from sqlalchemy.orm import Session

from benchmarks.load import load
from benchmarks.servers import serving
from portal.cli.demo.loading import load as load_demo
from portal.clock import SystemClock
from portal.db import make_engine
from portal.db.embedded import ensure_server
from portal.db.migrate import upgrade
from portal.identity import persons, sessions
from portal.party import Level
from portal.settings import PROJECT, Settings, needed_database

ROUNDS, SECONDS = 5, 3.0
RENT_AT_LEAST = 0.5
"""Of the floor's throughput."""
HTML_AT_MOST = 4096
"""Bytes of the page, compressed as the portal compresses it."""
OWED = re.compile(
    r">You owe (£[\d,.]+)<.*?>(£[\d,.]+) of it is this week’s rent\. (£[\d,.]+) is from before", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where both servers are, and the cookie of somebody who is signed in there."""

    portal: str
    floor: str
    cookie: str


def main() -> int:
    """Print what was measured, and return 1 if something is slower or larger than it may be."""
    with _pages() as pages:
        rows = [_rent(pages), _size(pages)]
    for text, good in rows:
        print(f"{'ok  ' if good else 'FAIL'}  {text}")  # noqa: T201 -- what a benchmark is for
    return 0 if all(good for _, good in rows) else 1


def _rent(pages: Pages) -> tuple[str, bool]:
    """Compare ``/rent`` with the floor: the throughput of each, round by round, and the median of the ratios."""
    ratios, portal, floors = [], [], []
    for _ in range(ROUNDS):
        of_portal = load(f"{pages.portal}/rent", cookie=pages.cookie, seconds=SECONDS)
        of_floor = load(f"{pages.floor}/rent", cookie=pages.cookie, seconds=SECONDS)
        if of_portal.statuses | of_floor.statuses != {200}:
            raise RuntimeError(f"answered {of_portal.statuses} and {of_floor.statuses}")
        portal.append(of_portal.per_second)
        floors.append(of_floor.per_second)
        ratios.append(of_portal.per_second / of_floor.per_second)
    ratio = statistics.median(ratios)
    text = (
        f"/rent: {ratio:.2f} of the floor (at least {RENT_AT_LEAST}; rounds {min(ratios):.2f} to {max(ratios):.2f});"
        f" {statistics.median(portal):.0f} and {statistics.median(floors):.0f} a second"
    )
    return text, ratio >= RENT_AT_LEAST


def _size(pages: Pages) -> tuple[str, bool]:
    request = _request(f"{pages.portal}/rent", pages.cookie)
    request.add_header("Accept-Encoding", "br")
    with urllib.request.urlopen(request) as response:  # noqa: S310 -- our own address
        compressed = response.read()
    whole = brotli.decompress(compressed)
    text = f"/rent: {len(compressed)} bytes of HTML compressed (at most {HTML_AT_MOST}), {len(whole)} whole"
    return text, len(compressed) <= HTML_AT_MOST


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
            page = Path(folder) / "page.html"
            whole = _get(f"{portal}/rent", cookie)
            page.write_text(with_gaps(whole), "utf-8")
            beside_it = {**environ, "FLOOR_PAGE": str(page)}
            with serving("benchmarks.floor:create_app", _free_port(), beside_it, "--factory") as beside:
                if without_chance(_get(f"{beside}/rent", cookie)) != without_chance(whole):
                    raise RuntimeError("the floor doesn't give the portal's page")
                yield Pages(portal, beside, cookie)
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
    page = re.sub(r'nonce="[^"]+"', 'nonce="%(nonce)s"', page)
    return re.sub(r'name="csrf_token" value="[^"]+"', 'name="csrf_token" value="%(token)s"', page)


def without_chance(page: str) -> str:
    """Return a page without what differs from answer to answer; its length stays."""
    return re.sub(r'(nonce|value)="([^"]+)"', lambda found: f'{found[1]}="{"x" * len(found[2])}"', page)


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
