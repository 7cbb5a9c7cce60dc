"""``portal rent import`` and ``portal rent mapping check``, as they are typed."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentAccount, RentImportRun, RentLine
from portal.cli import portal
from portal.models import AuditEvent
from portal.settings import PROJECT
from tests.factories.rent import BEFORE, GARAGE, HOME, MARY, RENT, Night
from tests.support.hearth import Hearth, write_example

Portal = Callable[..., Result]
TUESDAY, MONDAY = date(2026, 11, 24), date(2026, 11, 23)


@pytest.fixture
def run(database_url: str, engine: Engine) -> Portal:
    """Runs ``portal rent …``; the database is emptied after the test."""
    assert engine.url.database

    def run(*words: str | Path) -> Result:
        return CliRunner(env={"PORTAL_PROFILE": "test", "PORTAL_DATABASE_URL": database_url}).invoke(
            portal, ["rent", *map(str, words)], prog_name="portal"
        )

    return run


@pytest.fixture
def check(run: Portal) -> Portal:
    return lambda *words: run("mapping", "check", *words)


@pytest.fixture
def hearth(tmp_path: Path) -> Hearth:
    return write_example(tmp_path)


class TestImport:
    def test_prints_a_summary(self, run: Portal, tmp_path: Path) -> None:
        night = Night().account(RENT, ("24/11/2026", "XQZ", 0), stated_pence=1)
        result = run("import", "rentsense", night.write(tmp_path))
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "The night of 2026-11-24 is loaded: 1 accounts, 1 tenants, 2 lines.",
            "Of the accounts 1 are new, 0 have changed, 0 have ended; 0 links have ended with their tenant.",
            "0 bad lines were left out; 1 accounts don't come to the balance that the housing system states.",
            "  rent.balances20261124.csv.gz: states a balance that its lines don't come to (account 7204011836)",
            "  rent.transactions20261124.csv.gz, TransactionCode: holds the code XQZ, which the mapping doesn't know",
        ]

    def test_prints_it_as_json(self, run: Portal, tmp_path: Path) -> None:
        run("import", "rentsense", Night(on=MONDAY).account(BEFORE).account(reference=GARAGE).write(tmp_path))
        night = Night(on=TUESDAY).account(BEFORE, RENT, stated_pence=1).account(reference=GARAGE, ends="24/11/2026")
        night.rows["tenants"].append([*night.rows["tenants"][0][:4], "never", *night.rows["tenants"][0][5:]])
        result = run("import", "rentsense", night.write(tmp_path), "--json", "--quarantine", "1")
        assert json.loads(result.output) == {
            "source": "rentsense",
            "night": "2026-11-24",
            "accounts": 2,
            "tenants": 2,
            "lines": 2,
            "total_pence": BEFORE[2] + RENT[2],
            "new": 0,
            "changed": 1,
            "ended": 1,
            "quarantined": [
                {
                    "account": HOME,
                    "file": "rent.tenants20261124.csv.gz",
                    "line": 4,
                    "column": "DateOfBirth",
                    "why": "is not a date such as DD/MM/YYYY",
                },
                {
                    "account": HOME,
                    "file": "rent.balances20261124.csv.gz",
                    "line": None,
                    "column": None,
                    "why": "states a balance that its lines don't come to",
                },
            ],
        }

    def test_names_each_complaint_where_it_refuses(self, run: Portal, tmp_path: Path) -> None:
        night = Night().account(RENT, BEFORE)
        for row in night.rows["transactions"]:
            row[5] = "much"
        result = run("import", "rentsense", night.write(tmp_path))
        assert (result.exit_code, result.stdout) == (1, "")
        where = "rent.transactions20261124.csv.gz, line {}, TransactionAmount"
        assert result.stderr.splitlines() == [
            *(f"{where.format(line)}: is not an amount such as 1,234.50 (account {HOME})" for line in (2, 3)),
            "Error: Nothing was loaded.",
        ]

    def test_loads_a_shrunken_night_only_if_it_is_told_to(self, run: Portal, tmp_path: Path) -> None:
        before, after = Night(on=MONDAY), Night(on=TUESDAY)
        for number in range(60):
            before.account(reference=str(7204011000 + number))
        run("import", "rentsense", before.write(tmp_path))
        folder = after.account().write(tmp_path)
        assert run("import", "rentsense", folder).exit_code == 1
        assert run("import", "rentsense", folder, "--shrunk").exit_code == 0

    def test_of_a_mapping_of_ones_own(self, run: Portal, db: Session, hearth: Hearth) -> None:
        result = run("import", hearth.mapping, hearth.night, "--json")
        assert {**json.loads(result.stdout), "night": None} == {
            "source": "hearth",
            "night": None,
            "accounts": 2,
            "tenants": 3,
            "lines": 3,
            "total_pence": 7520,
            "new": 2,
            "changed": 0,
            "ended": 0,
            "quarantined": [],
        }
        account = db.execute(select(RentAccount).where(RentAccount.reference == "0004711")).scalar_one()
        assert (account.kind, account.balance_pence, account.stated_pence, account.opening_pence) == (
            *("home", 7520, 7520),
            0,
        )

    def test_of_a_wrong_mapping_says_what_is_wrong(self, run: Portal, db: Session, hearth: Hearth) -> None:
        hearth.change("hearth.toml", 'BANK = "bank"', 'BANK = "giro"')
        result = run("import", hearth.mapping, hearth.night)
        assert result.exit_code == 2
        assert "Error: hearth.toml: codes.BANK: giro is no meaning of a code" in result.stderr
        assert db.execute(select(RentImportRun)).all() == []

    @pytest.mark.parametrize(
        "words", [("import", "other", "."), ("import", "nec", "nowhere"), ("import", "nec", ".", "--quarantine", "-1")]
    )
    def test_called_wrongly_does_nothing(self, run: Portal, words: tuple[str, ...]) -> None:
        assert run(*words).exit_code == 2

    def test_shows_on_a_terminal_how_far_it_is(self, database_url: str, engine: Engine, tmp_path: Path) -> None:
        assert engine.url.database
        folder = Night().account(RENT, BEFORE).write(tmp_path)
        ours, its = pty.openpty()
        command = [sys.executable, "-m", "portal.cli", "rent", "import", "rentsense", str(folder)]
        environ = {**os.environ, "PORTAL_DATABASE_URL": database_url}
        subprocess.run(command, cwd=PROJECT, env=environ, stdout=its, check=True)
        os.close(its)
        said = os.read(ours, 10_000).decode()
        os.close(ours)
        assert "\raccounts: 1 lines\r\n" in said
        assert "\rtransactions: 2 lines\r\n" in said


class TestIdsThatStay:
    """Where the mapping names an id, a line is the same line whatever else it says."""

    @pytest.fixture(autouse=True)
    def first_night(self, run: Portal, hearth: Hearth) -> None:
        hearth.change("hearth.toml", 'window = "all"', "window = 5")
        assert run("import", hearth.mapping, hearth.night).exit_code == 0

    def next_night(self, run: Portal, hearth: Hearth, old: str, new: str, total: str) -> Result:
        hearth.change("lines.txt", old, new)
        hearth.change("lines.txt", "END|3|75.20", total)
        return run("import", hearth.mapping, hearth.night, "--json")

    def lines(self, db: Session) -> list[Any]:
        db.rollback()
        found = db.execute(select(RentLine.source_id, RentLine.amount_pence).order_by(RentLine.source_id))
        return [tuple(row) for row in found]

    def test_correct_a_line_from_before_the_window(self, run: Portal, db: Session, hearth: Hearth) -> None:
        self.next_night(run, hearth, "£100.00", "£99.00", "END|3|74.20")
        assert self.lines(db) == [("90001", 9900), ("90002", -2480), ("90003", 0)]

    def test_leave_a_line_that_is_missing_from_before_the_window(
        self, run: Portal, db: Session, hearth: Hearth
    ) -> None:
        line = "0004711 |90001|2026-11-16|RENT|£100.00|0.00|Rent, week 33"
        self.next_night(run, hearth, line, "", "END|2|-24.80")
        assert len(self.lines(db)) == 3

    def test_are_refused_where_one_stands_there_twice(self, run: Portal, hearth: Hearth) -> None:
        result = self.next_night(run, hearth, "90002", "90001", "END|3|75.20")
        assert result.exit_code == 1
        assert "lines.txt, line 2, column 1: has the id of an earlier line (account 0004711)" in result.stderr


class TestShow:
    """``portal rent show``: the same figures as on the tenant's page."""

    @pytest.fixture
    def shown(self, run: Portal, tmp_path: Path) -> Callable[[Night], dict[str, Any]]:
        def shown(night: Night) -> dict[str, Any]:
            assert run("import", "rentsense", night.write(tmp_path)).exit_code == 0
            found: dict[str, Any] = json.loads(run("show", HOME, "--json").stdout)
            return found

        return shown

    def test_says_what_is_owed_and_why(self, shown: Callable[[Night], dict[str, Any]]) -> None:
        night = Night(on=TUESDAY).account(
            BEFORE, RENT, ("24/11/2026", "RSO", -5000), arrangement=("23/11/2026", "Weekly", "N", 500)
        )
        found = shown(night)
        assert (found["reference"], found["kind"], found["as_of"]) == (HOME, "home", "2026-11-24")
        assert found["address"] == ["14 Weavers Row", "Millbrook", "ZZ1 1AA"]
        assert found["balance_pence"] == BEFORE[2] + RENT[2] - 5000
        assert found["last_charge"] == [{"label": "rent", "pence": RENT[2]}]
        assert (found["last_pence"], found["before_pence"]) == (RENT[2], BEFORE[2] - 5000)
        assert found["arrangement"] == {
            "frequency": "weekly",
            "amount_pence": 500,
            "first_due_on": "2026-11-23",
            "ends_on": None,
            "by_court": False,
        }

    def test_lists_every_line_with_the_balance_after_it(self, shown: Callable[[Night], dict[str, Any]]) -> None:
        payment, charge, before = shown(Night(on=TUESDAY).account(BEFORE, RENT, ("24/11/2026", "RSO", -5000)))["lines"]
        assert payment == {
            "posted_on": "2026-11-24",
            "kind": "payment",
            "label": "standing-order",
            "charged_pence": None,
            "paid_pence": 5000,
            "balance_pence": BEFORE[2] + RENT[2] - 5000,
        }
        assert (charge["charged_pence"], charge["balance_pence"]) == (RENT[2], BEFORE[2] + RENT[2])
        assert before["balance_pence"] == BEFORE[2]

    @pytest.mark.parametrize(
        ("given", "situation"),
        [({"stated_pence": 1}, "checking"), ({"breathing_space": ("TRUE", "")}, "breathing-space")],
    )
    def test_asks_for_no_money_where_the_page_would_not(
        self, shown: Callable[[Night], dict[str, Any]], given: dict[str, Any], situation: str
    ) -> None:
        found = shown(Night(on=TUESDAY).account(BEFORE, RENT, **given))
        assert (found["situation"], found["asks_for_money"]) == (situation, False)

    def test_is_on_record(self, shown: Callable[[Night], dict[str, Any]], db: Session) -> None:
        shown(Night().account(RENT))
        account = db.execute(select(RentAccount.id)).scalar_one()
        event = db.execute(select(AuditEvent.object, AuditEvent.authority).where(AuditEvent.act == "rent.show")).one()
        assert event == (f"rent.account:{account}", "command")

    def test_takes_a_reference_as_people_write_it(self, run: Portal, tmp_path: Path) -> None:
        run("import", "rentsense", Night().account(RENT).write(tmp_path))
        said = run("show", f"{HOME[:4]} {HOME[4:]}").stdout.splitlines()
        assert said[0] == f"reference: {HOME}"
        assert said[-1].startswith(
            "  posted_on 2026-11-23, kind charge, label rent, charged_pence 11235, balance_pence"
        )

    def test_of_no_account_says_so(self, run: Portal) -> None:
        result = run("show", "4711")
        assert (result.exit_code, result.stderr) == (1, "Error: There is no account 4711 with a tenant.\n")


class TestMappingCheck:
    def test_shows_what_it_reads_and_hides_who_it_is(self, check: Portal, hearth: Hearth) -> None:
        result = check(hearth.mapping, hearth.night)
        assert result.exit_code == 0
        assert "Night of 2026-11-24" in result.stdout
        assert (
            "people.txt: 3 lines of tenants\n  Reads: Account, Forename, Surname, Born, Address\n  Drops: NINO\n"
            in (result.stdout)
        )
        assert "  reference 0004711, identity …, first_name M…, last_name E…, address 3 lines\n" in result.stdout
        assert "  reference 0004711, posted_on 2026-11-16, dated_on 2026-11-16, code RENT, amount_pence 10000," in (
            result.stdout
        )
        assert "Mary" not in result.stdout and "Weavers" not in result.stdout and "123456" not in result.stdout
        assert "Doubts:\n  none\n" in result.stdout
        assert result.stdout.endswith("Complaints:\n  none\n\nThe import would load this night.\n")

    def test_writes_nothing_and_needs_no_database(self, hearth: Hearth) -> None:
        runner = CliRunner(env={"PORTAL_DATABASE_URL": "postgresql+psycopg://nobody@localhost:1/nothing"})
        words = ["rent", "mapping", "check", str(hearth.mapping), str(hearth.night)]
        assert runner.invoke(portal, words, prog_name="portal").exit_code == 0

    @pytest.mark.parametrize(
        ("name", "old", "new", "doubt"),
        [
            ("hearth.toml", 'BANK = "bank"', "", "lines.txt: holds the code BANK, which the mapping doesn't know"),
            ("hearth.toml", ', GA = "garage"', "", "accounts.txt: holds the type GA, which the mapping doesn't know"),
            ("hearth.toml", 'positive = "paid"', "", "1 of 2 accounts have a balance that isn't what their lines come"),
            ("hearth.toml", "debit = 5\ncredit = 6", "debit = 6\ncredit = 5", "Most charges are negative, or most"),
            ("hearth.toml", 'window = "all"', "window = 5", "holds lines of 2026-10-26, before its window of 5 days"),
            ("hearth.toml", 'tenancy = "Tenancy"', "", "accounts.txt: tenancy_reference is empty in every line"),
            ("lines.txt", "2026-11-18", "2026-11-28", "lines.txt: holds lines of 2026-11-28, after the night"),
            ("people.txt", "Siân", "SiÃ¢n", "people.txt: 1 lines look like UTF-8 that is read as another encoding"),
            ("people.txt", "Siân", "Si?n", "people.txt: 1 lines hold a question mark, as where a letter was lost"),
        ],
    )
    def test_names_doubts(self, check: Portal, hearth: Hearth, name: str, old: str, new: str, doubt: str) -> None:
        hearth.change(name, old, new)
        if "credit" in new:
            hearth.change("lines.txt", "75.20", "-75.20")
        result = check(hearth.mapping, hearth.night)
        assert doubt in result.stdout.partition("Doubts:")[2]
        assert result.exit_code == 0

    def test_doubts_days_that_could_be_months(self, check: Portal, hearth: Hearth) -> None:
        for old, new in (("2026-11-16", "2026-11-06"), ("2026-11-18", "2026-11-08"), ("2026-10-26", "2026-10-06")):
            hearth.change("lines.txt", old, new)
        assert "are days and months in the right order?" in check(hearth.mapping, hearth.night).stdout

    def test_doubts_signs_that_are_all_turned(self, check: Portal, hearth: Hearth) -> None:
        hearth.change("hearth.toml", 'positive = "paid"', "")
        hearth.change(
            "lines.txt", "0004712 |90003|2026-10-26|RENT|£0.00|0.00", "0004712 |90003|2026-10-26|RENT|£1.00|0.00"
        )
        hearth.change("lines.txt", "75.20", "76.20")
        hearth.change("balances.txt", "0004712 |0.00", "0004712 |-1.00")
        assert (
            "Most balances are what the lines come to with the sign turned"
            in check(hearth.mapping, hearth.night).stdout
        )

    @pytest.mark.parametrize(
        ("name", "old", "new", "complaint"),
        [
            (
                "lines.txt",
                "£100.00",
                "many",
                "lines.txt, line 1, column 5: is not an amount such as 1234.50 (account 0004711)",
            ),
            ("lines.txt", "END|3", "END|4", "lines.txt, line 4: says that lines.txt has 4 lines, but it has 3"),
            ("lines.txt", "0004712", "0004713", "lines.txt, column 1: is no account (account 0004713)"),
            ("balances.txt", "0004712", "0004711", "accounts.txt, Account: has no balance (account 0004712)"),
            ("balances.txt", "0004712", "0004711", "balances.txt, Account: is there twice (account 0004711)"),
            ("people.txt", "Born|", "Birth|", "people.txt, line 1: has no column Born"),
        ],
    )
    def test_names_what_the_import_would_refuse(
        self, check: Portal, hearth: Hearth, name: str, old: str, new: str, complaint: str
    ) -> None:
        hearth.change(name, old, new)
        result = check(hearth.mapping, hearth.night)
        assert complaint in result.stdout.partition("Complaints:")[2]
        assert result.stdout.endswith("The import would refuse this night.\n")
        assert result.exit_code == 1

    def test_of_a_folder_without_files_says_so(self, check: Portal, hearth: Hearth, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        result = check(hearth.mapping, tmp_path / "empty")
        assert (result.exit_code, result.stderr) == (1, "Error: empty: holds no accounts.txt\n")

    def test_of_a_wrong_mapping_says_what_is_wrong(self, check: Portal, hearth: Hearth) -> None:
        hearth.change("hearth.toml", 'name = "hearth"', "")
        result = check(hearth.mapping, hearth.night)
        assert result.exit_code == 2
        assert "hearth.toml: name: is missing" in result.stderr

    @pytest.mark.parametrize("layout", ["rentsense"])
    def test_of_a_mapping_that_comes_along(self, check: Portal, layout: str, tmp_path: Path) -> None:
        result = check(layout, Night().account(RENT, tenants=(MARY,)).write(tmp_path))
        assert result.exit_code == 0
        assert "rent.transactions20261124.csv.gz: 1 lines of transactions" in result.stdout


HEAVY = ("flask", "werkzeug", "jinja2", "typst", "zxcvbn", "babel", "alembic", "granian", "govuk_frontend_jinja")


def test_the_import_brings_nothing_that_pages_need() -> None:
    """So that its process stays small, whatever the night's size."""
    program = (
        "import sys, click; from portal.cli import portal;"
        "rent = portal.get_command(click.Context(portal), 'rent'); assert rent.commands['import'];"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
