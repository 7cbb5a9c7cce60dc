"""Schemes' files: what is taken, what is refused, and how it is said; and the example of the documents."""

from datetime import date
from pathlib import Path

import pytest

from portal.blueprints.energy.schemes import examples
from portal.blueprints.energy.schemes.catalogue import BUILT_IN, load_editions, load_folder
from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.files import SchemeError
from portal.blueprints.energy.schemes.money import Sum, as_sum
from tests.support.schemes import File, write_example

EDITIONS = load_folder(BUILT_IN)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return write_example(tmp_path)


class TestTheExampleOfThePage:
    def test_is_read(self, file: File) -> None:
        edition = file.load()
        assert edition.in_force.from_ == date(2026, 10, 1)
        assert edition.amount[0].is_ == Sum(6000)
        assert [clause.id for clause in edition.conditions] == ["low-income", "young-or-old"]

    def test_gets_the_answers_that_it_says(self, file: File) -> None:
        assert examples.failing(file.load()) == []

    def test_fails_where_a_threshold_changes_without_its_examples(self, file: File) -> None:
        file.change('less than: "£20,000 a year"', 'at most: "£20,000 a year"')
        assert examples.failing(file.load()) == [
            (1, "example “One with exactly the limit”: the answer is yes, not no"),
            (1, "example “One with exactly the limit”: low-income is yes, not no"),
        ]

    def test_fails_where_an_amount_changes_without_its_examples(self, file: File) -> None:
        file.change("amount: £60\nincome", "amount: £70\nincome")
        ((position, fault),) = examples.failing(file.load())
        assert position == 0
        assert fault.endswith("“An old person with a penny less than the limit”: the amount is £70.00, not £60.00")


class TestAFault:
    """Each is named by its line."""

    @pytest.mark.parametrize(
        ("what", "by", "line", "why"),
        [
            ("kind: council_decides", "kind: council_dithers", "kind: council", "kind: should be 'council_decides'"),
            ("kind: council_decides", "colour: red\nkind: council_decides", "colour", "colour: there is no such key"),
            ("kind: council_decides", "kind: landlord", "scheme", "landlord does: works or letter, where the kind is"),
            ("kind: council_decides", "kind: elsewhere\nlandlord does: works", "scheme", "landlord and nowhere else"),
            ("nations: [england]", "nations: [atlantis]", "nations:", "nations.0: should be 'england'"),
            ("until: 2027-03-31", "until: 2026-09-30", "in force", "in force: until: is before from"),
            ("from: 2026-10-01", "from: October", "in force", "in force.from: should be a valid date"),
            (", cy: Grant Dwylo Cynnes", "", "name:", "name: is not given in cy"),
            ('less than: "£20,000 a year"', "less than: a lot", "a lot", "a lot is no sum of money"),
            ('less than: "£20,000 a year"', 'less than: "€20,000 a year"', "scheme", "a sum in €, but is paid in £"),
            ('income: {less than: "£20,000 a year"}', "income: {}", "income: {}", "says neither at least, more than"),
            ("aged: {more than: 75}", "aged: {more than: old}", "more than: old", "should be a valid integer"),
            ("- id: young-or-old", "- id: low-income", "scheme", "conditions: low-income stands there twice"),
            ("young-or-old: yes}", "rich: no}", "scheme", "examples: number 2 speaks of rich, which is no condition"),
            ("mark: S}", "mark: maybe}", "mark: maybe", "mark: should be 'S', 'S-old' or 'GK'"),
            ('address: "https://example.org/warm-hands", ', "", "checked", "address: is missing"),
            ("[{role: applicant,", "[{role: cat,", "role: cat", "household.people.0.role: should be 'applicant'"),
            ('"£20,000 a year"', "£20,000 a year", "£20,000 a", "put a sum that has a comma in quotes"),
            ("[personal_independence", "[personal", "leaves out", "is none of 32 codes; nearest: personal_ind"),
        ],
    )  # fmt: skip
    def test_is_named_by_line_and_reason(self, file: File, what: str, by: str, line: str, why: str) -> None:
        file.change(what, by)
        number, _, said = file.fault().partition(": ")
        assert why in said
        assert int(number) == file.line_of(line)

    def test_all_are_named_at_once(self, file: File) -> None:
        file.change("kind: council_decides", "kind: x")
        file.change("nations: [england]", "nations: [england]\nsize: 3")
        assert len(file.fault().splitlines()) == 2

    def test_a_key_that_stands_there_twice(self, file: File) -> None:
        file.change("amount: £60\n", "amount: £60\namount: £70\n")
        assert file.fault() == f"{file.line_of('amount: £70')}: amount stands here for the second time"

    def test_what_is_no_yaml(self, file: File) -> None:
        file.change("nations: [england]", "nations: [england")
        assert file.fault().startswith(str(file.line_of("in force")))

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("a: &x 1\nb: *x", "1: anchors and aliases"),
            ("a: &x [*x]", "1: anchors and aliases"),
            ("a: 1\nb: " + "[" * 100, "2: is nested too deep"),
            ("a: 1\nb: " + "[" * 100_000, "2: "),  # the library has a limit of its own, in its own words
            ("a: 1\n? [b, c]\n: d", "2: a key is one word or several"),
            ("a: \x00", "1: is no YAML"),
        ],
    )
    def test_what_would_grow_without_end_or_is_no_text(self, file: File, text: str, why: str) -> None:
        file.path.write_text(text, "utf-8")
        assert file.fault().startswith(why)

    def test_an_empty_file(self, file: File) -> None:
        file.path.write_text("")
        assert file.fault() == "1: is empty"

    def test_a_file_that_is_not_utf_8(self, file: File) -> None:
        file.path.write_bytes("kind: caffé".encode("latin-1"))
        assert file.fault().endswith("is not UTF-8")

    def test_a_file_under_another_name(self, file: File) -> None:
        moved = file.path.rename(file.path.with_name("2027-28.yaml"))
        assert File(moved).fault() == "1: scheme: belongs in warm-hands-grant/2026-27.yaml"

    def test_an_edition_without_conditions_that_is_not_marked(self, file: File) -> None:
        text = file.path.read_text("utf-8")
        file.path.write_text(text[: text.index("conditions:")], "utf-8")
        assert "an edition without is marked announced: no" in file.fault()


class TestATextWithGaps:
    """Nothing is shown in curly brackets: what can't be filled in is refused."""

    @pytest.mark.parametrize(
        ("what", "by", "line", "why"),
        [
            ("{en: Somebody is over 75 or under 5.", '{en: "{age}"', "id: young", "conditions.1: {age}"),
            ("{en: Somebody is over 75 or under 5.", '{en: "{limit}"', "id: young", "conditions.1: {limit}"),
            ('less than {limit}.", cy', 'less than {limit.", cy', "id: low", "conditions.0: {"),
            ("{en: £60 for gloves,", '{en: "{limit}",', "gives", "gives: {limit}"),
            ("{en: We decide.,", '{en: "{who}",', "run by", "run by: {who}"),
        ],
    )
    def test_is_refused(self, file: File, what: str, by: str, line: str, why: str) -> None:
        file.change(what, by)
        assert file.fault() == f"{file.line_of(line)}: {why}: nothing fills that"


class TestAGroup:
    @pytest.mark.parametrize(("group", "least"), [("any of", 1), ("all of", 1), ("two of", 2)])
    def test_has_parts(self, file: File, group: str, least: int) -> None:
        text = file.path.read_text("utf-8")
        start, end = text.index("    any of:"), text.index("\nexamples:")
        file.path.write_text(f"{text[:start]}    {group}: []{text[end:]}", "utf-8")
        said = file.fault()
        assert said.startswith(f"{file.line_of(f'{group}: []')}: conditions.1.{group}: ")
        assert f"at least {least} item" in said


class TestAPair:
    def test_that_is_not_among_the_two_of(self, file: File) -> None:
        file.change("    any of:\n", "    not together: [[a, b]]\n    two of:\n")
        assert "there is no a, b among the two of" in file.fault()


class TestASum:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("£6,000", Sum(600_000)),
            ("£1,234,567.89", Sum(123_456_789)),
            ("€38 a week", Sum(3_800, "€", "week")),
            ("£25.50 each fortnight", Sum(2_550, "£", "fortnight")),
            ("£88 every four weeks", Sum(8_800, "£", "four_weeks")),
        ],
    )
    def test_is_read(self, text: str, expected: Sum) -> None:
        assert as_sum(text) == expected

    @pytest.mark.parametrize("text", ["6000", "£6,00", "£6.5", "£-1", "£6 a day", "£ 6", "$6", "£6,000 "[:-1] + "0 a"])
    def test_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no sum of money"):
            as_sum(text)

    def test_comes_to_so_much_a_year(self) -> None:
        per_year = EDITIONS[0].per_year
        weekly, four_weekly = as_sum("£1.01 a week"), as_sum("£1.01 every four weeks")
        assert (weekly.a_year(per_year), four_weekly.a_year(per_year)) == (101 * 52, 101 * 13)


def test_a_councils_own_edition_takes_the_place_of_the_portals(tmp_path: Path) -> None:
    built_in = EDITIONS[0]
    path = tmp_path / built_in.scheme / f"{built_in.edition}.yaml"
    path.parent.mkdir()
    text = (BUILT_IN / built_in.scheme / path.name).read_text("utf-8")
    path.write_text(text.replace(built_in.basis, "Our own"), "utf-8")
    assert _of(load_editions(tmp_path), built_in).basis == "Our own"
    assert len(load_editions(tmp_path)) == len(EDITIONS)


def test_a_file_of_the_council_whose_name_would_hide_it_stops_the_start(tmp_path: Path) -> None:
    hidden = tmp_path / "own" / "2026.yml"
    hidden.parent.mkdir()
    hidden.touch()
    with pytest.raises(SchemeError, match=r"2026\.yml: would not be read: name it 2026\.yaml"):
        load_editions(tmp_path)


def _of(editions: list[Edition], wanted: Edition) -> Edition:
    return next(one for one in editions if (one.scheme, one.edition) == (wanted.scheme, wanted.edition))
