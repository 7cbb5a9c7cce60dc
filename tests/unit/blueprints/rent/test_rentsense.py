"""The files of a night, as RentSense's layout has them: what is read, and what is complained of."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.extract.rentsense import RentSenseNight, open_night
from portal.blueprints.rent.extract.table import MOST_COMPLAINTS
from tests.factories.rent import HOME, JOHN, RENT, Night

SECRET = "Zzyzx-Unmistakable"


def read(folder: Path) -> RentSenseNight:
    """Read a night to its end, and return it."""
    night = open_night(folder)
    for records in (night.accounts(), night.balances(), night.tenants(), night.lines()):
        for _ in records:
            pass
    return night


def complaints(folder: Path) -> list[str]:
    """Return what is complained of, whether reading went to the end or not."""
    try:
        return [str(complaint) for complaint in read(folder).complaints]
    except ExtractRefused as refused:
        return [str(complaint) for complaint in refused.complaints]


def rewrite(folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Change the bytes of one file."""
    path = Night().path(folder, name)
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Night().account(RENT).write(tmp_path)


def test_a_night_is_read(folder: Path) -> None:
    night = open_night(folder)
    [account], [balance], [tenant], [line] = night.accounts(), night.balances(), night.tenants(), night.lines()
    assert night.night == date(2026, 11, 24)
    assert (account.reference, account.kind, account.starts_on) == (HOME, "home", date(2026, 11, 2))
    assert balance.stated_pence == 11235
    assert (tenant.title, tenant.first_name, tenant.address) == ("", "Mary", "14 Weavers Row\nMillbrook\nZZ1 1AA")
    assert (line.posted_on, line.kind, line.amount_pence) == (date(2026, 11, 23), "charge", 11235)


def test_plain_files_are_read_as_well(folder: Path) -> None:
    for path in folder.iterdir():
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert complaints(folder) == []


def test_columns_may_stand_in_any_order_and_others_beside_them(folder: Path) -> None:
    def turned(content: bytes) -> bytes:
        rows = [line.split(",") for line in content.decode("utf-8-sig").splitlines()]
        return "\r\n".join(",".join([*reversed(row), "more"]) for row in rows).encode()

    assert complaints(rewrite(folder, "balances", turned)) == []


def test_a_night_without_birth_dates_is_read(folder: Path) -> None:
    rewrite(folder, "tenants", lambda content: content.replace(b"DateOfBirth", b"Something"))
    [tenant] = open_night(folder).tenants()
    assert tenant.identity == "mary example|"


def test_a_breathing_space_without_an_end_goes_on(tmp_path: Path) -> None:
    folder = Night().account(RENT, breathing_space=("TRUE", "")).write(tmp_path)
    [account] = open_night(folder).accounts()
    assert account.breathing_space_until == date.max


@pytest.mark.parametrize(
    ("code", "kind"),
    [("DBR", "charge"), ("RHB", "benefit"), ("RHA", "benefit"), ("RSO", "payment"), ("ROB", "other"), ("XQZ", "other")],
)
def test_a_code_has_a_meaning(tmp_path: Path, code: str, kind: str) -> None:
    [line] = open_night(Night().account(("23/11/2026", code, 1)).write(tmp_path)).lines()
    assert line.kind == kind


class TestComplaints:
    """Each names file, line, column and why, and never what stands there."""

    def test_of_a_folder_without_files(self, tmp_path: Path) -> None:
        assert complaints(tmp_path) == [f"{tmp_path.name}: holds no rent.accountsYYYYMMDD.csv.gz"]

    def test_of_a_missing_file(self, folder: Path) -> None:
        Night().path(folder, "tenants").unlink()
        assert complaints(folder) == ["rent.tenants20261124.csv.gz: is missing"]

    def test_of_two_nights_in_one_folder(self, folder: Path) -> None:
        path = Night().path(folder, "tenants")
        path.rename(Night(on=date(2026, 11, 23)).path(folder, "tenants"))
        assert complaints(folder) == [f"{folder.name}: holds files of 2 nights"]

    def test_of_another_nights_balances(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"24/11/2026", b"23/11/2026"))
        assert complaints(folder) == ["rent.balances20261124.csv.gz, line 2, BalanceDate: is another night's"]

    def test_of_a_header_that_lacks_a_column(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"CurrentBalance", b"Balance"))
        assert complaints(folder) == ["rent.balances20261124.csv.gz, line 1: has no column CurrentBalance"]

    def test_of_a_bad_value(self, folder: Path) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(b"112.35", SECRET.encode()))
        [complaint] = complaints(folder)
        where = "rent.transactions20261124.csv.gz, line 2, TransactionAmount"
        assert complaint == f"{where}: is not an amount such as -1,234.50"

    def test_of_every_bad_line_not_only_the_first(self, tmp_path: Path) -> None:
        folder = Night().account(RENT, RENT, RENT).write(tmp_path)
        rewrite(folder, "transactions", lambda content: content.replace(b"112.35", b"x"))
        assert [complaint.split(", ")[1] for complaint in complaints(folder)] == ["line 2", "line 3", "line 4"]

    def test_of_a_line_that_was_cut_off(self, folder: Path) -> None:
        rewrite(folder, "accounts", lambda content: content.rsplit(b",", 4)[0])
        assert complaints(folder) == ["rent.accounts20261124.csv.gz, line 2: has 8 values, not 12"]

    def test_of_a_file_in_another_encoding(self, folder: Path) -> None:
        rewrite(folder, "accounts", lambda content: content.replace(b"Millbrook", b"Millbr\xf4ok"))
        assert complaints(folder) == ["rent.accounts20261124.csv.gz: is not written in utf-8-sig"]

    def test_of_a_file_that_was_cut_off(self, folder: Path) -> None:
        path = Night().path(folder, "accounts")
        path.write_bytes(path.read_bytes()[:-12])
        assert complaints(folder) == ["rent.accounts20261124.csv.gz: can't be read: it is damaged, or was cut off"]

    def test_of_quotation_marks_that_are_never_closed(self, folder: Path) -> None:
        rewrite(folder, "tenants", lambda content: content.replace(b"Mary", b'"Mary'))
        [complaint] = complaints(folder)
        assert complaint.startswith("rent.tenants20261124.csv.gz, line 1: is not CSV after this line")

    def test_of_nobody(self, tmp_path: Path) -> None:
        folder = Night().account(RENT, tenants=((".", ".", ""),)).write(tmp_path)
        assert complaints(folder) == [
            "rent.tenants20261124.csv.gz, line 2, TenantSurName: is empty, and so is the first name"
        ]

    def test_come_to_an_end(self, tmp_path: Path) -> None:
        folder = Night().account(*[RENT] * 500).write(tmp_path)
        rewrite(folder, "transactions", lambda content: content.replace(b"112.35", b"x"))
        assert len(complaints(folder)) == MOST_COMPLAINTS

    def test_never_repeat_what_stands_there(self, tmp_path: Path) -> None:
        folder = Night().account(RENT, tenants=(JOHN,)).write(tmp_path)
        for name, old in (("accounts", b"02/11/2026"), ("balances", b"112.35"), ("tenants", b"03/04/1979")):
            rewrite(folder, name, lambda content, old=old: content.replace(old, SECRET.encode()))  # type: ignore[misc]
        found = complaints(folder)
        assert len(found) == 3
        assert SECRET not in "".join(found)
