"""Which question comes next, and when there are enough answers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.findings import Finding, because, found, to_confirm
from portal.blueprints.energy.rules.questions import QUESTIONS, Page, page_named
from portal.blueprints.energy.rules.walk import ENOUGH, Standing, stand
from portal.blueprints.energy.schemes.catalogue import Scheme, schemes_of
from portal.blueprints.energy.schemes.engine import ASKED_IN_ORDER
from portal.blueprints.energy.schemes.household import Household, household_of
from portal.council import load_council
from portal.settings import Settings
from tests.support.energy import made_up_schemes

TODAY = date(2026, 11, 24)
COUPLE = [
    {"role": "applicant", "date_of_birth": "1990-01-01"},
    {"role": "partner", "date_of_birth": "1990-01-01"},
    {"role": "lodger", "date_of_birth": "1990-01-01"},
]


@pytest.fixture(scope="module")
def schemes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scheme, ...]:
    return made_up_schemes(tmp_path_factory.mktemp("council"))


def answers(*asked: str, **household: object) -> Answers:
    return Answers(household_of({"nation": "england", "crisis": False, **household}), asked)


def next_name(schemes: tuple[Scheme, ...], given: Answers) -> str | None:
    page = stand(schemes, given, TODAY).page
    return page.name if page else None


def all_unknown(schemes: tuple[Scheme, ...], given: Answers) -> list[str]:
    """Say "I don't know" to each question; return their names."""
    asked = []
    while page := stand(schemes, given, TODAY).page:
        asked.append(page.name)
        given = given.answered(page.name, given.household)
    return asked


def test_whoever_never_knows_is_asked_each_thing_once_and_health_last(schemes: tuple[Scheme, ...]) -> None:
    asked = all_unknown(schemes, answers(people=COUPLE, savings=0))
    assert len(asked) == len(set(asked))
    assert asked[-3:] == ["health/0", "health/1", "health/2"]
    assert {name for name in asked if "/" in name and "health" not in name} >= {"benefits/0", "benefits/1", "income/0"}


def test_what_can_change_no_answer_is_not_asked(schemes: tuple[Scheme, ...]) -> None:
    """Savings above the limit settle the grant, so nobody's benefits matter; nor does a lodger's benefit ever."""
    rich = all_unknown(schemes, answers(people=COUPLE, savings=10**8, tenure="owner"))
    assert not [name for name in rich if name.startswith(("benefits", "income"))]
    income = [{"kind": "earnings", "amount": 10**8, "period": "year"}]
    poor = all_unknown(schemes, answers(people=[{**one, "income": income} for one in COUPLE], savings=0))
    assert [name for name in poor if name.startswith("benefits")] == ["benefits/0", "benefits/1"]


def test_benefits_come_before_the_income_that_they_are_part_of(schemes: tuple[Scheme, ...]) -> None:
    asked = all_unknown(schemes, answers(people=COUPLE, savings=0))
    for number in (0, 1):
        assert asked.index(f"benefits/{number}") < asked.index(f"income/{number}")


def test_the_result_is_shown_once_enough_was_asked(schemes: tuple[Scheme, ...]) -> None:
    few = stand(schemes, answers("home"), TODAY)
    many = stand(schemes, answers(*(f"page-{number}" for number in range(ENOUGH))), TODAY)
    assert (few.is_enough, many.is_enough) == (False, True)
    assert many.page, "more can be asked, on the result's page"


def test_nobody_has_to_speak_of_health_before_the_result(schemes: tuple[Scheme, ...]) -> None:
    settled = answers(tenure="owner", savings=10**8, people=[{"role": "applicant", "date_of_birth": "1990-01-01"}])
    standing = stand(schemes, settled, TODAY)
    assert (standing.page and standing.page.name, standing.is_enough) == ("health/0", True)
    assert [verdict.scheme.slug for verdict in standing.deciding] == ["register"]


def test_every_fact_that_people_can_know_has_a_question() -> None:
    """Which decile an area belongs to is for the council to look up."""
    asked = {key for question in QUESTIONS for key in question.keys}
    assert set(ASKED_IN_ORDER) - asked == {"nation", "imd_decile"}
    assert asked <= set(ASKED_IN_ORDER)


@pytest.mark.parametrize("name", ["home/0", "benefits", "benefits/7", "low-income/0", "nothing", ""])
def test_there_is_no_page_of_a_name_that_fits_nobody(name: str) -> None:
    assert page_named(name, answers(people=COUPLE).household) is None


def test_what_a_nation_does_not_have_is_not_asked_there() -> None:
    irish = household_of({"nation": "ireland"})
    assert page_named("low-income", irish) is None
    assert page_named("low-income", answers().household)


def test_forgetting_a_page_forgets_what_it_told_and_nothing_else() -> None:
    household = answers(tenure="owner", savings=5, people=COUPLE).household
    bare = page_of("home", household).forgotten(household)
    assert (bare.tenure, bare.savings, bare.people) == (None, 5, household.people)
    assert page_of("people", household).forgotten(household).people is None
    birthdays = page_of("birthdays", household).forgotten(household).people or ()
    assert [(person.role, person.date_of_birth) for person in birthdays] == [
        ("applicant", None),
        ("partner", None),
        ("lodger", None),
    ]


def page_of(name: str, household: Household) -> Page:
    page = page_named(name, household)
    assert page
    return page


class TestWhatWasFound:
    def standing(self, schemes: tuple[Scheme, ...], **household: object) -> Standing:
        return stand(schemes, answers(**household), TODAY)

    def test_each_scheme_stands_where_it_belongs(self, schemes: tuple[Scheme, ...]) -> None:
        people = [{"role": "applicant", "date_of_birth": "1950-01-01", "benefits": ["universal_credit"], "income": []}]
        sorted_ = self.standing(schemes, tenure="council", savings=10_000, people=people).found
        slugs = {finding: [one.scheme.slug for one in those] for finding, those in sorted_.verdicts.items()}
        assert slugs == {
            Finding.YES: ["warm-grant", "register", "our-homes", "age-payment"],
            Finding.ALREADY: [],
            Finding.OPEN: [],
            Finding.PERHAPS: ["perhaps-works"],
            Finding.LATER: ["later-grant"],
            Finding.NO: ["old-fund"],
        }
        assert (sorted_.to_ask_for, sorted_.by_themselves) == (2, 1), "what is paused can't be asked for"

    def test_a_yes_is_told_by_the_part_that_is_so(self, schemes: tuple[Scheme, ...]) -> None:
        people = [{"role": "applicant", "date_of_birth": "1950-01-01", "benefits": [], "income": []}]
        verdicts = {
            one.scheme.slug: one for one in self.standing(schemes, savings=0, people=people).assessment.verdicts
        }
        assert [reason.id for reason in because(verdicts["warm-grant"], answer=True)] == ["income", "savings"]
        assert [reason.id for reason in because(verdicts["register"], answer=True)] == ["old"]

    def test_a_yes_is_told_by_nothing_that_counts_elsewhere_alone(self) -> None:
        """In England nobody is told what counts in Scotland."""
        income = [{"kind": "state_pension", "amount": 5_000, "period": "week"}]
        people = [{"role": "applicant", "benefits": ["universal_credit"], "income": income}]
        all_schemes = schemes_of(load_council(Settings().council))
        standing = stand(all_schemes, answers(pays_electricity_bill=True, people=people), TODAY)
        [discount] = [one for one in standing.assessment.verdicts if one.scheme.slug == "warm-home-discount"]
        assert [reason.id for reason in because(discount, answer=True)] == ["england-and-wales", "on-the-bill"]

    def test_a_no_is_told_by_the_whole_condition(self, schemes: tuple[Scheme, ...]) -> None:
        rich = self.standing(schemes, savings=600_000, people=[{"role": "applicant", "date_of_birth": "1990-01-01"}])
        verdicts = {one.scheme.slug: one for one in rich.assessment.verdicts}
        assert [reason.id for reason in because(verdicts["warm-grant"], answer=False)] == ["savings"]

    def test_what_would_make_no_difference_is_not_to_be_confirmed(self, schemes: tuple[Scheme, ...]) -> None:
        def confirm(savings: int) -> list[str]:
            verdicts = self.standing(schemes, savings=savings).assessment.verdicts
            [works] = [one for one in verdicts if one.scheme.slug == "perhaps-works"]
            return [reason.id for reason in to_confirm(works)]

        assert confirm(9_999) == []
        assert confirm(10_000) == ["letter"]

    def test_of_other_nations_nothing_is_told(self, schemes: tuple[Scheme, ...]) -> None:
        scottish = household_of({"nation": "scotland"})
        sorted_ = found(self.standing(schemes).assessment, scottish)
        assert not any(sorted_.verdicts.values())


@given(st.lists(st.sampled_from(["home", "savings", "people", "rating", "income/0"]), max_size=8))
def test_answers_survive_being_written_and_read(names: list[str]) -> None:
    people = [{"role": "applicant", "income": [{"kind": "earnings", "amount": 5, "period": "week"}], "health": []}]
    given = answers(people=people, savings=3)
    for name in names:
        given = given.answered(name, given.household, source="rent" if name == "home" else None)
    again = Answers.from_text(given.text, "england")
    assert again == given


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"household": {"tenure": "castle"}, "asked": [], "sources": {}}'])
def test_answers_of_another_release_are_as_none(text: str) -> None:
    assert Answers.from_text(text, "england") is None


def test_answers_without_health_say_nothing_of_it() -> None:
    given = answers("health/0", "home", people=[{"role": "applicant", "health": ["respiratory"], "pregnant": True}])
    bare = given.without_health()
    assert (given.has_health, bare.has_health) == (True, False)
    assert "respiratory" not in bare.text
    assert bare.asked == ("home",)


def test_an_answer_that_is_changed_keeps_its_place_and_loses_its_source() -> None:
    given = answers().answered("home", answers(tenure="council").household, source="rent")
    given = given.answered("savings", given.household)
    changed = given.answered("home", answers(tenure="owner").household)
    assert (changed.asked, dict(changed.sources)) == (("home", "savings"), {})
