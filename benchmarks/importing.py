"""The import of rent against raw COPY: the same files, into tables with the same keys, in turn in the same run.

Raw COPY checks nothing, compares nothing with what was there, and adds nothing up; it is what the database can do at
best. Its tables have what ours have: primary keys, unique keys and foreign keys. Both read the same zipped files. Time
is that of the import without the start of its process, which takes the same second for a night of any size. Memory is
that of the command as it is typed.
"""

import gzip
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from benchmarks.memory import highest_mib
from portal.blueprints.rent.actions.importing import Imported, import_night
from portal.blueprints.rent.extract.mapping import RENTSENSE
from portal.cli.demo.extract import HEADINGS, write_night
from portal.cli.demo.scenery import scenery_of
from portal.clock import SystemClock
from portal.council import load_council
from portal.db import make_engine
from portal.db.embedded import EmbeddedServer, ensure_server
from portal.db.migrate import upgrade
from portal.settings import PROJECT, Settings

LINES = 200_000
FIRST_AT_MOST, NEXT_AT_MOST = 2.0, 1.5
"""Times as long as raw COPY."""
MIB_AT_MOST = 100
SINCE, SUNDAY, MONDAY = date(2025, 4, 7), date(2026, 11, 22), date(2026, 11, 23)
"""On Monday each home is charged: about a hundredth of all lines are new, and nearly every account has changed."""
LINES_A_HOUSEHOLD = 206
ROUNDS = 3
MANY = 1_000_000
"""From here on one round is enough."""

RAW: LiteralString = """
    drop schema if exists raw cascade;
    create schema raw;
    set search_path = raw;
    set datestyle = 'ISO, DMY';
    create table accounts (
        "AccountReference" text not null unique, "TenureType" text, "TenureTypeCode" text, "TenancyStartDate" date,
        "TenancyEndDate" date, "LocalAuthority" text, "HousingOfficerName" text, "Patch" text,
        "AccountReferenceUH" text, "BreathingSpace" text, "BreathingSpaceEndDate" date, import_date date,
        id uuid primary key default gen_random_uuid()
    );
    create table balances (
        "AccountReference" text primary key references accounts ("AccountReference"), "CurrentBalance" text,
        "BalanceDate" date, tenancy_ref text, import_date date
    );
    create table tenants (
        "AccountReference" text not null references accounts ("AccountReference"), "Title" text,
        "TenantFirstName" text, "TenantSurName" text, "DateOfBirth" text, "MobileNumber" text, "TelephoneNumber" text,
        "Address1" text, "Address2" text, "Address3" text, "PostCode" text, "Email" text, "PropertyType" text,
        id uuid primary key default gen_random_uuid()
    );
    create table transactions (
        "AccountReference" text not null references accounts ("AccountReference"), "TransactionID" bigint,
        "TransactionDate" date, "TransactionPostDate" date, "TransactionCode" text, "TransactionAmount" text,
        "TransactionDescription" text, tenancy_ref text, import_date date,
        id bigint generated always as identity primary key,
        unique ("AccountReference", "TransactionPostDate", "TransactionDate", "TransactionCode", "TransactionAmount",
            "TransactionID")
    );
    create table arrangements (
        "AccountReference" text not null references accounts ("AccountReference"), "AgreementStartDate" date,
        "AgreementEndDate" date, "AgreementFrequency" text, "AgreementCode" text, "FirstInstallmentDueDate" date,
        "AgreementCreatedDate" date, "AgreementAmount" text, id uuid primary key default gen_random_uuid()
    );
    create index on arrangements ("AccountReference");
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """How long an import took, and how long raw COPY of the same files. Seconds."""

    portal: float
    raw: float


def measured(lines: int = LINES) -> list[tuple[str, bool]]:
    """Return what was measured, in words, and whether it is as it should be. lines: about how many a night has."""
    with TemporaryDirectory() as name, _server() as server:
        nights = _nights(Path(name), lines)
        rounds = [_round(server, number, nights) for number in range(1 if lines >= MANY else ROUNDS)]
        mib = _memory(server.database("bench_import_0"), nights[-1])
    firsts, nexts, (imported, *_) = zip(*rounds, strict=True)
    what = f"import of {imported.lines:,} lines"
    changed = f"next night, {imported.changed:,} of {imported.accounts:,} accounts changed"
    return [
        _row(f"{what}, first night", firsts, FIRST_AT_MOST),
        _row(f"{what}, {changed}", nexts, NEXT_AT_MOST),
        (f"{what}: {mib:.0f} MiB at its highest (at most {MIB_AT_MOST})", mib <= MIB_AT_MOST),
    ]


def _round(server: EmbeddedServer, number: int, nights: list[Path]) -> tuple[Pair, Pair, Imported]:
    """Load both nights into an empty database, each after raw COPY of it."""
    url = server.database(f"bench_import_{number}")
    upgrade(url)
    raw = [_raw(url, nights[0], SUNDAY)]
    first, _ = _portal(url, nights[0])
    raw.append(_raw(url, nights[1], MONDAY))
    following, imported = _portal(url, nights[1])
    return Pair(first, raw[0]), Pair(following, raw[1]), imported


def _row(what: str, pairs: Sequence[Pair], most: float) -> tuple[str, bool]:
    ratio = statistics.median(pair.portal / pair.raw for pair in pairs)
    portal, raw = (statistics.median(values) for values in zip(*map(astuple, pairs), strict=True))
    said = f"{what}: {ratio:.2f} times raw COPY (at most {most}); {portal:.1f} and {raw:.1f} seconds"
    return said, ratio <= most


@contextmanager
def _server() -> Iterator[EmbeddedServer]:
    server = ensure_server(PROJECT, purpose="test")
    try:
        yield server
    finally:
        server.stop()


def _nights(folder: Path, lines: int) -> list[Path]:
    """Write the two nights."""
    scenery = scenery_of(load_council(Settings().council))
    nights = []
    for night in (SUNDAY, MONDAY):
        place = folder / night.isoformat()
        place.mkdir()
        write_night(place, scenery, wanted=max(1, lines // LINES_A_HOUSEHOLD), seed=1, since=SINCE, night=night)
        nights.append(place)
    return nights


def _raw(url: str, folder: Path, night: date) -> float:
    """Copy the files of a night as they are into empty tables, and return how long it took."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        connection.execute(RAW)
        connection.commit()
        begin = time.perf_counter()
        for entity, headings in HEADINGS.items():
            _copy(connection, folder / f"rent.{entity}{night:%Y%m%d}.csv.gz", entity, headings)
        connection.commit()
        return time.perf_counter() - begin


def _copy(connection: psycopg.Connection, path: Path, entity: str, headings: tuple[str, ...]) -> None:
    command = sql.SQL("copy {} ({}) from stdin (format csv, header, encoding {})").format(
        sql.Identifier(entity),
        sql.SQL(", ").join(map(sql.Identifier, headings)),
        sql.Literal("WIN1252" if entity == "tenants" else "UTF8"),
    )
    with gzip.open(path) as file, connection.cursor().copy(command) as copy:
        block = file.read(1 << 18).removeprefix(b"\xef\xbb\xbf")
        while block:
            copy.write(block)
            block = file.read(1 << 18)


def _portal(url: str, folder: Path) -> tuple[float, Imported]:
    """Import a night, and return how long it took, and what came of it."""
    council, now = load_council(Settings().council), SystemClock().now()
    engine = make_engine(url, pool_size=1)
    try:
        with Session(engine) as db:
            begin = time.perf_counter()
            imported = import_night(db, folder, source=RENTSENSE, council=council, now=now)
            return time.perf_counter() - begin, imported
    finally:
        engine.dispose()


def _memory(url: str, folder: Path) -> float:
    """Import a night by the command, as a timer would, and return the most memory that it had, in MiB."""
    command = [sys.executable, "-m", "portal.cli", "rent", "import", RENTSENSE, str(folder), "--json"]
    environ = {**os.environ, "PORTAL_DATABASE_URL": url}
    process = subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL)  # noqa: S603 -- ours
    return highest_mib(process)
