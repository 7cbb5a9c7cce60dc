"""The files of a night, as their mapping says: what is read, and what is complained of."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.blueprints.rent.extract.layouts import RECORDS, meaning
from portal.blueprints.rent.extract.mapping import load_mapping
from portal.blueprints.rent.extract.night import MOST_COMPLAINTS, open_night
from portal.blueprints.rent.extract.records import ExtractRefused
from tests.factories.rent import HOME, JOHN, RENT, Night

SECRET = "Zzyzx-Unmistakable"
RENTSENSE = load_mapping("rentsense")

Read = dict[str, list[dict[str, Any]]]


def read(folder: Path, *, allowed: int = 0) -> tuple[Read, list[str]]:
    """Read a night to its end, and return its records by file, and what is complained of."""
    night = open_night(folder, RENTSENSE, allowed=allowed)
    records = {
        entity: [dict(zip([*RECORDS[entity].split(), "line"], record, strict=True)) for record in night.records(entity)]
        for entity in night.entities
    }
    return records, [str(complaint) for _, complaint in night.complaints]


def complaints(folder: Path) -> list[str]:
    """Return what is complained of, whether reading went to the end or not."""
    try:
        return read(folder)[1]
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
    records, complaints = read(folder)
    [account], [balance], [tenant], [line], _ = records.values()
    assert complaints == []
    assert (account["reference"], account["kind"], account["starts_on"]) == (HOME, "home", "2026-11-02")
    assert balance["stated_pence"] == 11235
    names_and_address = ("title", "first_name", "address")
    assert [tenant[name] for name in names_and_address] == ["", "Mary", "14 Weavers Row\nMillbrook\nZZ1 1AA"]
    assert (line["posted_on"], line["code"], line["amount_pence"]) == ("2026-11-23", "DBR", 11235)


def test_an_arrangement_is_read(tmp_path: Path) -> None:
    records, _ = read(Night().account(RENT, arrangement=("02/11/2026", "4 Weekly", "C", 1000)).write(tmp_path))
    [arrangement] = records["arrangements"]
    assert arrangement == {
        "reference": HOME,
        "starts_on": "2026-11-02",
        "ends_on": None,
        "frequency": "four-weekly",
        "by_court": True,
        "amount_pence": 1000,
        "first_due_on": "2026-11-02",
        "agreed_on": "2026-11-02",
        "line": 2,
    }


def test_the_files_say_which_night_it_is(folder: Path) -> None:
    assert open_night(folder, RENTSENSE).on == date(2026, 11, 24)


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
    [tenant] = read(folder)[0]["tenants"]
    assert tenant["identity"] == "mary example|"


def test_a_breathing_space_without_an_end_goes_on(tmp_path: Path) -> None:
    folder = Night().account(RENT, breathing_space=("TRUE", "")).write(tmp_path)
    [account] = read(folder)[0]["accounts"]
    assert account["breathing_space_until"] == date.max.isoformat()


def test_a_value_may_go_over_several_lines(folder: Path) -> None:
    rewrite(folder, "transactions", lambda content: content.replace(b"Basic Rent (No VAT)", b'"Basic\r\nRent"'))
    [line] = read(folder)[0]["transactions"]
    assert line["description"] == "Basic Rent"


def test_blank_lines_are_passed_over(folder: Path) -> None:
    rewrite(folder, "transactions", lambda content: content + b"\r\n\r\n")
    assert complaints(folder) == []


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("DBR", ("charge", "rent")),
        ("RHB", ("benefit", "housing-benefit")),
        ("RUC", ("universal-credit", "universal-credit")),
        ("RDN", ("payment", "direct-debit-unpaid")),
        ("ROB", ("opening", "opening-balance")),
        ("WOF", ("adjustment", "write-off")),
        ("XQZ", ("other", None)),
    ],
)
def test_a_code_has_a_meaning(code: str, means: tuple[str, str | None]) -> None:
    assert meaning(RENTSENSE.codes, code) == means


def test_a_code_of_two_parts_means_what_its_first_part_does_if_it_is_not_listed() -> None:
    codes = load_mapping("nec").codes
    assert meaning(codes, "DRS/DBR") == ("charge", "rent")
    assert meaning(codes, "DRS/QQQ") == ("charge", None)


class TestNationalNumbers:
    """Never leave the reader, whatever column they stand in."""

    @pytest.mark.parametrize("number", ["QQ123456C", "ab 12 34 56 d", "1234567T", "1234567TW"])
    def test_in_a_text(self, folder: Path, number: str) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(b"Basic Rent", number.encode()))
        [line] = read(folder)[0]["transactions"]
        expected = f"{number} (No VAT)" if number.startswith("QQ") else "… (No VAT)"
        assert line["description"] == expected, "QQ is no prefix that is given out"

    def test_in_a_column_of_their_own(self, folder: Path) -> None:
        rewrite(folder, "tenants", lambda content: content.replace(b"MobileNumber", b"NINO"))
        assert complaints(folder) == []


class TestComplaints:
    """Each names file, line, column and why, and never what stands there."""

    def test_of_a_folder_without_files(self, tmp_path: Path) -> None:
        assert complaints(tmp_path) == [f"{tmp_path.name}: holds no rent.accounts{{YYYYMMDD}}.csv.gz"]

    def test_of_a_missing_file(self, folder: Path) -> None:
        Night().path(folder, "tenants").unlink()
        assert complaints(folder) == ["rent.tenants20261124.csv.gz: is missing"]

    def test_of_two_nights_in_one_folder(self, folder: Path) -> None:
        path = Night().path(folder, "tenants")
        path.rename(Night(on=date(2026, 11, 23)).path(folder, "tenants"))
        assert complaints(folder) == [f"{folder.name}: holds files of 2 nights"]

    def test_of_one_file_twice(self, folder: Path) -> None:
        path = Night().path(folder, "tenants")
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        names = "rent.tenants20261124.csv and rent.tenants20261124.csv.gz"
        assert complaints(folder) == [f"{folder.name}: holds {names}, of which there should be one"]

    def test_of_a_night_that_the_calendar_does_not_have(self, folder: Path) -> None:
        path = Night().path(folder, "tenants")
        path.rename(path.with_name("rent.tenants20261131.csv.gz"))
        why = "rent.tenants20261131.csv.gz is a date that the calendar doesn't have"
        assert complaints(folder) == [f"{folder.name}: {why}"]

    def test_of_another_nights_balances(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"24/11/2026", b"23/11/2026"))
        where = "rent.balances20261124.csv.gz, line 2, BalanceDate"
        assert complaints(folder) == [f"{where}: is another night's than 2026-11-24 (account {HOME})"]

    def test_of_another_nights_balances_whatever_is_allowed(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"24/11/2026", b"23/11/2026"))
        with pytest.raises(ExtractRefused):
            read(folder, allowed=100)

    def test_of_a_header_that_lacks_columns(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"CurrentBalance", b"").replace(b"BalanceD", b"D"))
        missing = "has no column CurrentBalance, BalanceDate"
        assert complaints(folder) == [f"rent.balances20261124.csv.gz, line 1: {missing}"]

    def test_of_a_header_that_has_a_column_twice(self, folder: Path) -> None:
        rewrite(folder, "balances", lambda content: content.replace(b"import_date", b"CurrentBalance"))
        assert complaints(folder) == ["rent.balances20261124.csv.gz, line 1: has the column CurrentBalance twice"]

    def test_of_an_empty_file(self, folder: Path) -> None:
        rewrite(folder, "tenants", lambda _: b"")
        [complaint] = complaints(folder)
        assert complaint.startswith("rent.tenants20261124.csv.gz, line 1: has no column AccountReference, ")

    def test_of_a_bad_value(self, folder: Path) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(b"112.35", SECRET.encode()))
        [complaint] = complaints(folder)
        where = "rent.transactions20261124.csv.gz, line 2, TransactionAmount"
        assert complaint == f"{where}: is not an amount such as 1,234.50 (account {HOME})"

    def test_of_every_bad_line_not_only_the_first(self, tmp_path: Path) -> None:
        folder = Night().account(RENT, RENT, RENT).write(tmp_path)
        rewrite(folder, "transactions", lambda content: content.replace(b"112.35", b"x"))
        assert [complaint.split(", ")[1] for complaint in complaints(folder)] == ["line 2", "line 3", "line 4"]

    def test_of_a_line_that_was_cut_off(self, folder: Path) -> None:
        rewrite(folder, "accounts", lambda content: content.rsplit(b",", 4)[0])
        assert complaints(folder) == [f"rent.accounts20261124.csv.gz, line 2: has 8 values, not 12 (account {HOME})"]

    def test_of_letters_in_another_encoding(self, folder: Path) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(b"Basic", b"B\xe1sic"))
        why = "holds bytes that are no letters in the file's encoding"
        where = "rent.transactions20261124.csv.gz, line 2, TransactionDescription"
        assert complaints(folder) == [f"{where}: {why} (account {HOME})"]

    def test_not_of_letters_in_a_column_that_is_not_read(self, folder: Path) -> None:
        rewrite(folder, "accounts", lambda content: content.replace(b"Millbrook", b"Millbr\xf4ok"))
        assert complaints(folder) == []

    def test_of_a_character_that_can_not_be_kept(self, folder: Path) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(b"Basic", b"Ba\0ic"))
        assert [complaint.partition(": ")[2] for complaint in complaints(folder)] == [
            f"holds a character that can't be shown (account {HOME})"
        ]

    def test_of_a_file_that_was_cut_off(self, folder: Path) -> None:
        path = Night().path(folder, "accounts")
        path.write_bytes(path.read_bytes()[:-12])
        assert complaints(folder) == ["rent.accounts20261124.csv.gz: can't be read: it is damaged, or was cut off"]

    def test_of_quotation_marks_that_are_never_closed(self, folder: Path) -> None:
        rewrite(folder, "tenants", lambda content: content.replace(b"Mary", b'"Mary'))
        [complaint] = complaints(folder)
        assert complaint.startswith("rent.tenants20261124.csv.gz, line 2: is not CSV from here on")

    def test_of_quotation_marks_that_hide_lines(self, tmp_path: Path) -> None:
        folder = Night().account(*[RENT] * 12).write(tmp_path)

        def hidden(content: bytes) -> bytes:
            header, first, *others, last = content.splitlines(keepends=True)
            return b"".join([header, first.replace(b"Basic", b'"Basic'), *others, last.replace(b"VAT)", b'VAT)"')])

        [complaint] = complaints(rewrite(folder, "transactions", hidden))
        assert complaint.startswith("rent.transactions20261124.csv.gz, line 2: is one line of values until line 13")

    def test_of_a_bad_line_that_may_hide_others_whatever_is_allowed(self, tmp_path: Path) -> None:
        def hidden(content: bytes) -> bytes:
            return content.replace(b"Basic", b'"Basic', 1).replace(b"  ,1,", b'  ,1",')

        folder = rewrite(Night().account(RENT, RENT).write(tmp_path), "transactions", hidden)
        with pytest.raises(ExtractRefused, match="has 14 values, not 9; it goes over several lines"):
            read(folder, allowed=100)

    def test_of_nobody(self, tmp_path: Path) -> None:
        folder = Night().account(RENT, tenants=((".", ".", ""),)).write(tmp_path)
        why = f"is empty, and so is the first name (account {HOME})"
        assert complaints(folder) == [f"rent.tenants20261124.csv.gz, line 2, TenantSurName: {why}"]

    def test_of_nobody_s_line(self, folder: Path) -> None:
        rewrite(folder, "transactions", lambda content: content.replace(HOME.encode(), b""))
        assert complaints(folder) == ["rent.transactions20261124.csv.gz, line 2, AccountReference: is empty"]

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
