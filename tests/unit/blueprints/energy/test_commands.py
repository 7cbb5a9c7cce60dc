"""``portal energy …``, as it is typed: what it prints is read by people and by other programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result

from portal.blueprints.energy.schemes.catalogue import BUILT_IN
from portal.blueprints.energy.schemes.household import Household, IncomeKind, Person
from portal.cli import portal
from tests.support.schemes import PAGE, File, write_example

Portal = Callable[..., Result]
DAY = ("--on", "2026-11-24")


@pytest.fixture
def run() -> Portal:
    def run(*words: str, given: str | None = None) -> Result:
        environ = {"PORTAL_PROFILE": "test"}
        return CliRunner(env=environ).invoke(portal, ["energy", *words], input=given, prog_name="portal")

    return run


@pytest.fixture
def file(tmp_path: Path) -> File:
    return write_example(tmp_path)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestEvaluate:
    OWNER = {"nation": "england", "tenure": "owner", "epc_band": "E"}

    def test_writes_one_line_for_each_household(self, run: Portal) -> None:
        result = run("evaluate", *DAY, given=f"{json.dumps(self.OWNER)}\n{{}}\n")
        assert result.exit_code == 0
        first, second = lines(result)
        assert first["on"] == "2026-11-24"
        assert second["ask_next"] == "nation"

    def test_says_of_each_scheme_what_decided_it(self, run: Portal) -> None:
        (line,) = lines(run("evaluate", *DAY, "--scheme", "eco4-flex", given=json.dumps(self.OWNER)))
        (scheme,) = line["schemes"]
        assert {key: scheme[key] for key in scheme if key != "conditions"} == {
            "scheme": "eco4-flex",
            "edition": "2022-26",
            "kind": "council_refers",
            "answer": "unknown",
            "amount": None,
            "availability": "open",
        }
        conditions = {one["id"]: (one["answer"], one["because"]) for one in scheme["conditions"]}
        assert conditions["tenure"] == ("yes", ["tenure"])
        assert conditions["route-4"] == ("unknown", ["to_confirm"])
        assert {"route-1", "route-2", "route-3"} <= conditions.keys()

    @pytest.mark.parametrize(
        ("born", "bill", "amounts"),
        [
            ("1946-09-27", True, {"winter-fuel-payment": 30_000, "warm-home-discount": 15_000}),
            ("1946-09-28", True, {"winter-fuel-payment": 20_000, "warm-home-discount": 15_000}),
            ("1990-01-01", False, {"winter-fuel-payment": None, "warm-home-discount": None}),
        ],
    )
    def test_names_a_sum_in_pence_unless_the_answer_is_no(
        self, run: Portal, born: str, bill: bool, amounts: dict[str, int | None]
    ) -> None:
        person = {"role": "applicant", "date_of_birth": born, "benefits": ["pension_credit_guarantee"]}
        household = {"nation": "england", "pays_electricity_bill": bill, "people": [person]}
        (line,) = lines(run("evaluate", *DAY, given=json.dumps(household)))
        found = {one["scheme"]: one["amount"] for one in line["schemes"]}
        assert {name: found[name] for name in amounts} == amounts

    def test_names_no_sum_where_it_depends_on_what_is_not_known(self, run: Portal) -> None:
        (line,) = lines(run("evaluate", *DAY, "--scheme", "winter-fuel-payment", given='{"nation": "england"}'))
        assert (line["schemes"][0]["answer"], line["schemes"][0]["amount"]) == ("unknown", None)

    def test_refuses_ratings_that_contradict_each_other_by_line_and_key(self, run: Portal) -> None:
        result = run("evaluate", *DAY, given='{}\n{"epc_band": "C", "epc_score": 50}\n')
        assert "line 2: epc_score: 50 doesn't belong to the letter C" in result.stderr
        assert len(lines(result)) == 1

    def test_names_what_is_no_household_and_goes_on(self, run: Portal) -> None:
        result = run("evaluate", *DAY, given=f'{{"savings": -1}}\nnonsense\n{json.dumps(self.OWNER)}\n')
        assert result.exit_code == 1
        assert len(lines(result)) == 1
        assert "line 1: savings: " in result.stderr
        assert "line 2: is no JSON" in result.stderr
        assert "2 of 3 lines are no households." in result.stderr

    @pytest.mark.parametrize(("line", "why"), [(b"[" * 200_000, "is no JSON"), (b'{"a": "\xff"}', "is not UTF-8")])
    def test_survives_hostile_lines(self, run: Portal, tmp_path: Path, line: bytes, why: str) -> None:
        path = tmp_path / "homes.jsonl"
        path.write_bytes(b"\xef\xbb\xbf{}\n\n" + line + b"\n{}\n")
        result = run("evaluate", *DAY, str(path))
        assert f"line 3: {why}" in result.stderr
        assert len(lines(result)) == 2

    def test_reads_a_file(self, run: Portal, tmp_path: Path) -> None:
        path = tmp_path / "homes.jsonl"
        path.write_text("{}\n" * 3)
        assert len(lines(run("evaluate", *DAY, str(path)))) == 3

    def test_refuses_a_scheme_that_there_is_not(self, run: Portal) -> None:
        result = run("evaluate", *DAY, "--scheme", "free-money", given="{}")
        assert result.exit_code == 2
        assert "There is no scheme free-money" in result.stderr


class TestSchemes:
    def test_all_that_come_along_are_right(self, run: Portal) -> None:
        result = run("schemes", "check")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.endswith(", 0 faults.\n")

    def test_a_fault_is_named_by_file_line_and_reason(self, run: Portal, file: File) -> None:
        file.change("kind: council_decides", "kind: council_dithers")
        result = run("schemes", "check", str(file.path))
        assert result.exit_code == 1
        assert f"{file.path}:{file.line_of('kind:')}: kind: should be" in result.stderr

    def test_an_example_that_comes_out_otherwise_is_a_fault(self, run: Portal, file: File) -> None:
        file.change("answer: unknown", "answer: no")
        result = run("schemes", "check", str(file.path.parent))
        assert result.exit_code == 1
        line = file.line_of("about: One who does not say")
        fault = "example “One who does not say how much comes in”: the answer is unknown, not no"
        assert result.stderr == f"{file.path}:{line}: examples.2: {fault}\n"
        assert result.stdout == "1 files read, 3 examples tried, 1 faults.\n"

    def test_a_file_whose_name_would_hide_it_is_a_fault(self, run: Portal, file: File) -> None:
        hidden = file.path.rename(file.path.with_suffix(".yml"))
        for path in (hidden, hidden.parent):
            result = run("schemes", "check", str(path))
            assert result.exit_code == 1
            assert f"{hidden}: would not be read: name it 2026-27.yaml" in result.stderr

    def test_a_folder_without_a_scheme_is_a_fault(self, run: Portal, tmp_path: Path) -> None:
        result = run("schemes", "check", str(tmp_path))
        assert (result.exit_code, result.stderr) == (1, f"{tmp_path}: there is no file of a scheme in it\n")

    def test_two_editions_that_hold_on_one_day_are_a_fault(self, run: Portal, file: File) -> None:
        other = File(file.path.with_name("2027.yaml"))
        other.path.write_bytes(file.path.read_bytes())
        other.change("edition: 2026-27 ", "edition: 2027 ")
        other.change("{from: 2026-10-01, until: 2027-03-31}", "{from: 2027-03-31}")
        result = run("schemes", "check", str(file.path.parent))
        assert result.exit_code == 1
        line = other.line_of("in force")
        assert result.stderr == f"{other.path}:{line}: in force: 2026-27 and 2027 both hold on 2027-03-31\n"

    def test_one_file_must_not_hold_on_a_day_of_one_that_comes_along(self, run: Portal, tmp_path: Path) -> None:
        built_in = BUILT_IN / "fuel-allowance" / "2027-28.yaml"
        path = tmp_path / "fuel-allowance" / "2027-29.yaml"
        path.parent.mkdir()
        path.write_text(built_in.read_text("utf-8").replace("edition: 2027-28", "edition: 2027-29"), "utf-8")
        result = run("schemes", "check", str(path))
        assert result.exit_code == 1
        assert "both hold on 2027-09-01" in result.stderr
        assert result.stderr.startswith(f"{path}:")
        path.rename(path.with_name("2027-28.yaml")).write_bytes(built_in.read_bytes())
        assert run("schemes", "check", str(path.parent)).exit_code == 0, "it takes the place of the portal's"

    def test_are_listed_as_they_are_on_a_day(self, run: Portal) -> None:
        rows = {row["scheme"]: row for row in json.loads(run("schemes", "list", *DAY, "--json").stdout)}
        assert rows["eco4-flex"]["edition"] == "2022-26"
        later = {
            row["scheme"]: row for row in json.loads(run("schemes", "list", "--on", "2027-01-01", "--json").stdout)
        }
        assert (later["eco4-flex"]["edition"], later["eco4-flex"]["availability"]) == (None, "closed")
        assert "eco4-flex" in run("schemes", "list", *DAY).stdout

    def test_one_is_shown_with_its_sources(self, run: Portal) -> None:
        shown = run("schemes", "show", "eco4-flex", *DAY).stdout
        assert "holds from 2022-07-27 until 2026-12-31; open; council_refers" in shown
        assert "read 2026-11-24 [S]: https://" in shown
        assert "condition route-1: It is for households with less than £31,000.00 a year before tax" in shown
        assert "{limit}" not in shown
        assert "no edition holds on 2030-01-01" in run("schemes", "show", "eco4-flex", "--on", "2030-01-01").stdout

    def test_one_that_there_is_not_is_said_so(self, run: Portal) -> None:
        assert "There is no scheme free-money" in run("schemes", "show", "free-money").stderr


class TestThePage:
    """A policy officer does what ``docs/schemes.md`` says."""

    def test_changes_a_threshold_and_its_examples(self, run: Portal, file: File) -> None:
        file.change('less than: "£20,000 a year"', 'less than: "£22,000 a year"')
        refused = run("schemes", "check", str(file.path))
        assert "“One with exactly the limit”: the answer is yes, not no" in refused.stderr
        file.change('amount: "£19,999.99"', 'amount: "£21,999.99"')
        file.change('amount: "£20,000"', 'amount: "£22,000"')
        assert run("schemes", "check", str(file.path)).exit_code == 0

    def test_adds_next_years_edition(self, run: Portal, file: File) -> None:
        following = File(file.path.with_name("2027-28.yaml"))
        following.path.write_bytes(file.path.read_bytes())
        following.change("edition: 2026-27 ", "edition: 2027-28 ")
        following.change("{from: 2026-10-01, until: 2027-03-31}", "{from: 2027-10-01, until: 2028-03-31}")
        assert run("schemes", "check", str(file.path.parent)).exit_code == 0

    def test_names_every_key_of_a_household_and_every_benefit(self) -> None:
        page = PAGE.read_text("utf-8")
        names = {*Household.model_fields, *Person.model_fields, *get_args(IncomeKind)}
        assert [name for name in sorted(names) if f"`{name}`" not in page] == []
