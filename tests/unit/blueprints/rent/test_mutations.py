"""Files that came to harm: each gives records of the form there should be, or our own report, and nothing else."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.layouts import RECORDS
from portal.blueprints.rent.extract.mapping import BUILT_IN, load_mapping
from portal.blueprints.rent.extract.night import MOST_COMPLAINTS, open_night
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.cli.demo.chance import seeded
from tests.factories.rent import GARAGE, JOHN, MARY, RENT, Night
from tests.support.mutations import harm

TIMES = 1000 if os.environ.get("SOAK") else 300
"""For each of two layouts."""
DAYS = {"starts_on", "ends_on", "posted_on", "dated_on", "first_due_on", "agreed_on", "breathing_space_until"}
NEC = {
    "dl_hra_rev_accounts_20261124.dat": "7204011836,REN,LIA,02-NOV-2026,,,N,N,24-NOV-2026,,,,,,,069332/01,MON\r\n"
    "7204011837,GAR,LIA,02-NOV-2026,,,N,N,24-NOV-2026,,,,,,,069332/02,MON\r\n",
    "dl_hra_account_balances_20261124.dat": "7204011836,67.35,24-NOV-2026,N\r\n7204011837,0.00,24-NOV-2026,N\r\n",
    "tenants_20261124.dat": '7204011836,069332/01,Ms,Siân,Example,01-FEB-1980,"14 Weavers Row, Millbrook",ZZ1 1AA\r\n'
    '7204011837,069332/02,,Mary,Example,,"14 Weavers Row, Millbrook",ZZ1 1AA,m@example.org\r\n',
    "dl_hra_transactions_20261124.dat": "23-NOV-2026,7204011836,23-NOV-2026,Y,DRS,DBR,,,112.35,,,,,,0,2026,,N,Rent\r\n"
    "24-NOV-2026,7204011836,24-NOV-2026,Y,PAY,RSO,SO,,,45.00,,,24-NOV-2026,,1,2026,,N,Standing Order\r\n",
}


def write(source: str, folder: Path) -> Path:
    """Write a night with nothing wrong in it."""
    if source == "rentsense":
        night = Night().account(RENT, ("24/11/2026", "RSO", -100000), tenants=(MARY, JOHN))
        return night.account(reference=GARAGE, arrangement=("02/11/2026", "Weekly", "N", 500)).write(folder)
    for name, text in NEC.items():
        (folder / name).write_bytes(text.encode("cp1252"))
    return folder


def check(source: str, folder: Path) -> bool:
    """Read a night, whatever it holds, and return whether it would be loaded."""
    night = open_night(folder, load_mapping(source))
    for entity in night.entities:
        names = [*RECORDS[entity].split(), "line"]
        for record in night.records(entity):
            for name, value in zip(names, record, strict=True):
                check_value(name, value)
    assert len(night.complaints) < MOST_COMPLAINTS
    return not night.complaints


def check_value(name: str, value: object) -> None:
    """Expect what a database can keep, and no more."""
    match value:
        case None:
            assert name in {"ends_on", "breathing_space_until", "source_id"}
        case bool():
            assert name == "by_court"
        case int():
            assert name == "line" or abs(value) <= fields.MOST_PENCE
        case str():
            value.encode("utf-8")
            assert "\0" not in value and len(value) <= 2 * fields.LONGEST_TEXT
            assert name not in DAYS or date.fromisoformat(value).isoformat() == value
        case _:
            pytest.fail(f"{name} is a {type(value)}")


@pytest.mark.parametrize("source", BUILT_IN)
def test_harm_gives_our_own_report_or_nothing(source: str, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole, harmed = write(source, tmp_path / "whole"), tmp_path / "harmed"
    assert check(source, whole)
    loaded = refused = 0
    for number in range(TIMES):
        shutil.copytree(whole, harmed)
        said = harm(harmed, seeded(source, number))
        try:
            is_good = check(source, harmed)
        except ExtractRefused:
            is_good = False
        except Exception as error:
            raise AssertionError(f"{number}: {said}") from error
        loaded, refused = loaded + is_good, refused + (not is_good)
        shutil.rmtree(harmed)
    assert min(loaded, refused) > TIMES / 10, "or nothing of interest was tried"
