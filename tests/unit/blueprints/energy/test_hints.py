"""When Pension Credit is worth asking for, and what it would open."""

from datetime import date
from typing import Any

import pytest

from portal.blueprints.energy.rules.findings import found
from portal.blueprints.energy.rules.hints import PLENTY, pension_credit_opens
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.blueprints.energy.schemes.engine import assess
from portal.blueprints.energy.schemes.household import household_of
from portal.council import load_council
from portal.settings import Settings

SCHEMES = schemes_of(load_council(Settings().council))
TODAY = date(2026, 11, 24)


def opens(*people: dict[str, Any], **household: Any) -> list[str]:
    """Return the schemes that Pension Credit would open for a household that pays its own electricity bill."""
    given = household_of({"nation": "england", "pays_electricity_bill": True, "people": people, **household})
    verdicts = pension_credit_opens(SCHEMES, found(assess(SCHEMES, given, TODAY), given), TODAY)
    return [verdict.scheme.slug for verdict in verdicts]


def person(**facts: Any) -> dict[str, Any]:
    pension = {"kind": "state_pension", "amount": 18_490, "period": "week"}
    born = {"role": "applicant", "date_of_birth": "1948-04-03"}
    return {**born, "benefits": ["state_pension"], "income": [pension], **facts}


def test_a_pensioner_with_little_is_told_what_it_would_open() -> None:
    assert opens(person()) == ["cold-weather-payment", "warm-home-discount"]
    assert opens(person(), pays_electricity_bill=None) == ["cold-weather-payment", "warm-home-discount"]


@pytest.mark.parametrize(
    "facts",
    [
        {"benefits": ["state_pension", "pension_credit_savings"]},
        {"benefits": None},
        {"date_of_birth": "1960-11-25"},
        {"date_of_birth": None},
        {"income": [{"kind": "occupational_pension", "amount": PLENTY + 1, "period": "year"}]},
    ],
    ids=["has it", "may have it", "is 65", "of unknown age", "has plenty"],
)
def test_nobody_else_is(facts: dict[str, Any]) -> None:
    assert opens(person(**facts)) == []


def test_the_age_of_one_of_a_couple_will_do() -> None:
    young = person(date_of_birth="1965-01-01", benefits=[], income=[])
    assert opens(young, person(role="partner"))
    assert not opens(young, person(role="lodger"))


def test_what_somebody_gets_already_is_not_opened() -> None:
    assert opens(person(benefits=["housing_benefit"])) == ["cold-weather-payment"]


def test_there_is_none_in_ireland() -> None:
    assert opens(person(), nation="ireland") == []
