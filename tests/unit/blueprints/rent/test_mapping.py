"""Mapping files: what is taken, what is refused and how it is said; and the example of the documents."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from portal.blueprints.rent.extract import mapping as mappings
from portal.blueprints.rent.extract.fields import AMOUNTS
from portal.blueprints.rent.extract.labels import KINDS, LABELS
from portal.blueprints.rent.extract.mapping import BUILT_IN, Mapping, MappingError, is_national_number, load_mapping
from portal.blueprints.rent.extract.night import open_night
from portal.blueprints.rent.extract.records import ExtractRefused
from tests.support.hearth import PAGE, Hearth, write_example


@pytest.fixture
def hearth(tmp_path: Path) -> Hearth:
    return write_example(tmp_path)


def read(hearth: Hearth) -> dict[str, list[list[Any]]]:
    night = open_night(hearth.night, load_mapping(str(hearth.mapping)))
    found = {entity: list(night.records(entity)) for entity in night.entities}
    assert night.complaints == []
    return found


def refusal(hearth: Hearth) -> str:
    with pytest.raises(ExtractRefused) as refused:
        read(hearth)
    return str(refused.value)


def fault(hearth: Hearth) -> str:
    with pytest.raises(MappingError) as error:
        load_mapping(str(hearth.mapping))
    return str(error.value)


@pytest.mark.parametrize("name", BUILT_IN)
def test_those_that_come_along_can_be_read_under_their_name(name: str) -> None:
    assert load_mapping(name).name == name


class TestTheExample:
    """The third mapping reads its night as the page says."""

    def test_reads_accounts(self, hearth: Hearth) -> None:
        assert read(hearth)["accounts"] == [
            ["0004711", "T9/1", "home", "2024-04-01", None, None, 2],
            ["0004712", "T9/2", "garage", "2024-04-01", "2026-10-31", None, 3],
        ]

    def test_reads_balances_with_their_own_sign(self, hearth: Hearth) -> None:
        assert read(hearth)["balances"] == [["0004711", 7520, 2], ["0004712", 0, 3]]

    def test_reads_tenants_without_their_national_numbers(self, hearth: Hearth) -> None:
        address = "14 Weavers Row\nMillbrook\nZZ1 1AA"
        assert read(hearth)["tenants"] == [
            ["0004711", "mary example|1980-02-01", "", "Mary", "Example", address, 2],
            ["0004711", "siân example|", "", "Siân", "Example", address, 3],
            ["0004712", "mary example|1980-02-01", "", "Mary", "Example", address, 4],
        ]

    def test_reads_lines(self, hearth: Hearth) -> None:
        assert read(hearth)["transactions"] == [
            ["0004711", "2026-11-16", "2026-11-16", "RENT", 10000, "Rent, week 33", "90001", 1],
            ["0004711", "2026-11-18", "2026-11-18", "BANK", -2480, "Payment, thank you", "90002", 2],
            ["0004712", "2026-10-26", "2026-10-26", "RENT", 0, "Rent-free week", "90003", 3],
        ]

    def test_takes_the_night_from_the_folder(self, hearth: Hearth) -> None:
        moved = hearth.night.rename(hearth.night.with_name("2026-11-25"))
        assert refusal(Hearth(hearth.mapping, moved)).startswith(
            "balances.txt, line 2, As of: is another night's than 2026-11-25"
        )

    def test_refuses_a_folder_that_does_not_say_a_night(self, hearth: Hearth) -> None:
        moved = hearth.night.rename(hearth.night.with_name("tonight"))
        assert refusal(Hearth(hearth.mapping, moved)) == "tonight: holds no accounts.txt"


class TestATrailer:
    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            ("END|3|75.20", "", "lines.txt: has no line END at its end: it was cut off"),
            ("END|3", "END|4", "lines.txt, line 4: says that lines.txt has 4 lines, but it has 3"),
            ("75.20", "75.21", "lines.txt, line 4: says what the amounts of lines.txt add up to, but they come to"),
            ("END|3|", "END||", "lines.txt, line 4: doesn't say how many lines there are"),
            ("75.20", "much", "lines.txt, line 4: the total is not an amount such as 1234.50"),
            ("75.20", "75.20\r\n0004711 |90004|2026-11-16|RENT|1.00|0.00|", "lines.txt, line 5: goes on after its"),
        ],
    )
    def test_that_differs_refuses_the_night(self, hearth: Hearth, old: str, new: str, why: str) -> None:
        hearth.change("lines.txt", old, new)
        assert refusal(hearth).startswith(why)

    def test_counts_bad_lines_and_leaves_their_total_open(self, hearth: Hearth) -> None:
        hearth.change("lines.txt", "£100.00", "many")
        night = open_night(hearth.night, load_mapping(str(hearth.mapping)), allowed=1)
        assert len(list(night.records("transactions"))) == 2
        assert len(night.complaints) == 1


CONTROL = """
[control]
file = "control.txt"
names = { transactions = "LINES" }

[control.columns]
name = "File"
count = "Count"
total = "Total"
"""


class TestAControlFile:
    TEXT = "File|Count|Total\naccounts.txt|2|\nbalances.txt|2|-75.20\npeople.txt|3|\nLINES|3|75.20\nothers.txt|7|\n"

    @pytest.fixture
    def controlled(self, hearth: Hearth) -> Hearth:
        hearth.change("hearth.toml", "[codes]", f"{CONTROL}\n[codes]")
        hearth.change("hearth.toml", '[transactions.trailer]\nmark = "END"\ncount = 2\ntotal = 3\n', "")
        hearth.change("hearth.toml", 'total = "Total"', "")
        hearth.change("lines.txt", "END|3|75.20", "")
        (hearth.night / "control.txt").write_text(self.TEXT)
        return hearth

    def test_that_agrees_is_taken(self, controlled: Hearth) -> None:
        assert len(read(controlled)["transactions"]) == 3

    def test_may_give_totals(self, controlled: Hearth) -> None:
        controlled.change("hearth.toml", 'count = "Count"', 'total = "Total"')
        controlled.change("control.txt", "people.txt|3|", "people.txt|3|0.00")
        controlled.change("control.txt", "accounts.txt|2|", "accounts.txt|2|0.00")
        controlled.change("control.txt", "-75.20", "75.20")
        assert len(read(controlled)["transactions"]) == 3

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            ("LINES|3", "LINES|2", "control.txt, line 5: says that lines.txt has 2 lines, but it has 3"),
            ("people.txt|3|\n", "", "control.txt: says nothing of people.txt"),
            ("Count|", "Number|", "control.txt, line 1: has no column Count"),
            ("LINES|3", "LINES|three", "control.txt, line 5: doesn't say how many lines there are"),
        ],
    )
    def test_that_differs_refuses_the_night(self, controlled: Hearth, old: str, new: str, why: str) -> None:
        controlled.change("control.txt", old, new)
        assert refusal(controlled).startswith(why)

    def test_that_is_missing_refuses_the_night(self, controlled: Hearth) -> None:
        (controlled.night / "control.txt").unlink()
        assert refusal(controlled) == "control.txt: is missing"


class TestFaults:
    """Each names the file, the key and why."""

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('name = "hearth"', "", "hearth.toml: name: is missing"),
            ('name = "hearth"', 'name = "Hearth!"', "hearth.toml: name: String should match pattern"),
            ('divider = ","', 'dividr = ","', "hearth.toml: tenants.dividr: there is no such key"),
            ('DW = "home"', 'DW = "house"', "hearth.toml: accounts.types.DW: Input should be 'home'"),
            (
                'BANK = "bank"',
                'BANK = "giro"',
                "hearth.toml: codes.BANK: giro is no meaning of a code; there are rent,",
            ),
            ('amount = "1234.50"', 'amount = "1.234.50"', "hearth.toml: amount: is none of 1,234.50, 1234.50,"),
            ('date = "YYYY-MM-DD"', 'date = "YYYY-MM"', "hearth.toml: date: YYYY-MM is no way to write a day"),
            ('folder = "{YYYY-MM-DD}"', "", "hearth.toml: neither a file's name nor the folder's says which night"),
            ('folder = "{YYYY-MM-DD}"', 'folder = "{YYYY}"', "hearth.toml: folder: YYYY is no way to write a day"),
            ('file = "lines.txt"', 'file = "night/lines.txt"', "hearth.toml: transactions.file: is the name of a file"),
            ("credit = 6", "", "hearth.toml: transactions.columns: needs either amount, or debit and credit"),
            ("credit = 6", "credit = 6\namount = 7", "hearth.toml: transactions.columns: needs either amount,"),
            ("credit = 6", "credit = 0", "hearth.toml: transactions.columns.credit"),
            ("description = 7", 'description = "Text"', "hearth.toml: transactions: columns: Text is not among the"),
            ('window = "all"', "window = 0", "hearth.toml: transactions.window"),
            ("unused = ", "unused ", "hearth.toml: Expected '=' after a key"),
            ("[accounts]\n", '[accounts]\nheadings = ["A"]\n', "hearth.toml: accounts: headings: are for a file with"),
        ],
    )
    def test_are_named(self, hearth: Hearth, old: str, new: str, said: str) -> None:
        hearth.change("hearth.toml", old, new)
        assert fault(hearth).startswith(said)

    def test_are_all_named_at_once(self, hearth: Hearth) -> None:
        hearth.change("hearth.toml", 'DW = "home"', 'DW = "house"')
        hearth.change("hearth.toml", "credit = 6", "")
        assert len(fault(hearth).splitlines()) == 2

    def test_of_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(MappingError, match="can't be read: No such file or directory"):
            load_mapping(str(tmp_path / "none.toml"))

    def test_of_a_file_that_is_not_utf_8(self, hearth: Hearth) -> None:
        hearth.mapping.write_bytes(b'name = "h\xe9arth"')
        assert fault(hearth) == "hearth.toml: is not UTF-8"

    @pytest.mark.parametrize("column", ["NINO", "PPSN", "National Insurance Number", "pps_no", "NI_Number", "NatInsNo"])
    def test_of_a_column_of_national_numbers(self, hearth: Hearth, column: str) -> None:
        hearth.change("hearth.toml", 'born = "Born"', f'born = "{column}"')
        assert "people's national numbers, which the portal doesn't read" in fault(hearth)


@pytest.mark.parametrize(
    "heading", ["NINO", "Tenant NINO", "ni no", "NI_NUM", "NationalInsuranceNumber", "PPSN", "PPS Number", "ppsno"]
)
def test_headings_of_national_numbers_are_known(heading: str) -> None:
    assert is_national_number(heading)


@pytest.mark.parametrize(
    "heading", ["Unit No", "Opening", "Tenancy", "Nickname", "PaymentNo", "LTRA_STATEMENT_IND", ""]
)
def test_other_headings_are_not_taken_for_them(heading: str) -> None:
    assert not is_national_number(heading)


class TestThePage:
    """``docs/connect-a-housing-system.md`` names all that there is."""

    TEXT = PAGE.read_text("utf-8")

    def test_names_every_key(self) -> None:
        models = [one for one in vars(mappings).values() if isinstance(one, type) and issubclass(one, BaseModel)]
        assert Mapping in models
        keys = {key for model in models for key in model.model_fields if not key.startswith("model_")}
        assert [key for key in sorted(keys) if f"`{key}`" not in self.TEXT and f"`[{key}]`" not in self.TEXT] == []

    @pytest.mark.parametrize("words", [LABELS, KINDS, AMOUNTS], ids=["labels", "kinds", "amounts"])
    def test_names_every_word(self, words: tuple[str, ...]) -> None:
        assert [word for word in words if not re.search(rf"`{re.escape(word)}`", self.TEXT)] == []
