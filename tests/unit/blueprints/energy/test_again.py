"""When a check should be done again."""

from datetime import date

import pytest

from portal.blueprints.energy.rules.again import Again, look_again
from portal.blueprints.energy.schemes.catalogue import Scheme
from portal.blueprints.energy.schemes.household import household_of
from tests.support.energy import made_up_schemes

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def schemes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scheme, ...]:
    return made_up_schemes(tmp_path_factory.mktemp("council"))


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1961-03-01", Again(date(2027, 3, 1), "birthday")),
        ("1960-11-24", Again(date(2027, 9, 20), "season")),
        ("1960-11-25", Again(date(2026, 11, 25), "birthday")),
        ("1990-03-01", Again(date(2027, 9, 20), "season")),
        ("1947-01-01", Again(date(2027, 1, 1), "birthday")),
    ],
)
def test_a_birthday_counts_that_changes_an_answer_or_a_sum(
    schemes: tuple[Scheme, ...], born: str, expected: Again
) -> None:
    household = household_of({"nation": "england", "people": [{"role": "applicant", "date_of_birth": born}]})
    assert look_again(schemes, household, TODAY) == expected


def test_whoever_is_born_on_29_february_is_a_year_older_on_1_march(schemes: tuple[Scheme, ...]) -> None:
    household = household_of({"nation": "england", "people": [{"role": "child", "date_of_birth": "2024-02-29"}]})
    early = look_again(schemes, household, date(2028, 12, 1))
    assert early == Again(date(2029, 3, 1), "birthday"), "five years old: too old for the register"


def test_seasons_of_other_nations_do_not_count(schemes: tuple[Scheme, ...]) -> None:
    assert look_again(schemes, household_of({"nation": "scotland"}), TODAY) is None
