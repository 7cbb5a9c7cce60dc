"""What a result says is to be confirmed: only what could still make a difference."""

from datetime import date
from typing import Any

import pytest

from portal.blueprints.energy.rules.findings import to_confirm
from portal.blueprints.energy.schemes.catalogue import Ready, Scheme, schemes_of
from portal.blueprints.energy.schemes.engine import weigh
from portal.blueprints.energy.schemes.household import household_of
from portal.council import Council
from tests.support.schemes import edition_with

TODAY = date(2026, 11, 24)
WORDS = {"yes": {"en": "x"}, "no": {"en": "x"}}
CONFIRM = {"to confirm": "yes", **WORDS}


def confirmed(clause: dict[str, Any], **household: Any) -> list[str]:
    """Return what is to be confirmed of an edition with one condition, for a household in its nation."""
    scheme = Scheme("made-up", (Ready(edition_with(clause), {}),))
    return [reason.id for reason in to_confirm(weigh(scheme, household_of({"nation": "england", **household}), TODAY))]


class TestBesideSomethingThatHasToBeSoAsWell:
    CLAUSE = {"crisis": True, "all of": [{"id": "letter", **CONFIRM}]}

    def test_it_matters_where_that_is_so_or_may_be(self) -> None:
        assert confirmed(self.CLAUSE, crisis=True) == ["letter"]
        assert confirmed(self.CLAUSE) == ["letter"]

    def test_it_does_not_where_that_is_not_so(self) -> None:
        assert confirmed(self.CLAUSE, crisis=False) == []


class TestInOneOfSeveralWays:
    CLAUSE = {
        "any of": [
            {"id": "debt", "energy debt": True, **WORDS},
            {"id": "referred", "crisis": True, "all of": [{"id": "letter", **CONFIRM}], **WORDS},
            {"id": "other", **CONFIRM},
        ]
    }

    @pytest.mark.parametrize(
        ("household", "expected"),
        [
            ({"energy_debt": True, "crisis": True}, []),
            ({"energy_debt": False, "crisis": True}, ["letter"]),
            ({"energy_debt": False, "crisis": False}, ["other"]),
            ({}, ["letter", "other"]),
        ],
    )
    def test_it_matters_only_on_the_way_that_is_so_or_while_none_is(
        self, household: dict[str, bool], expected: list[str]
    ) -> None:
        assert confirmed(self.CLAUSE, **household) == expected

    def test_a_way_without_a_name_is_not_weighed_by_itself(self) -> None:
        unnamed = {"any of": [{"energy debt": True}, {"id": "other", **CONFIRM}]}
        assert confirmed(unnamed, energy_debt=True) == []
        assert confirmed(unnamed, energy_debt=False) == ["other"]
        inside = {"all of": [unnamed]}
        assert confirmed(inside, energy_debt=True) == []


class TestInTheSchemesThatComeAlong:
    IRISH = {"nation": "ireland", "heating_included_in_rent": False}
    SCOTTISH = {"nation": "scotland", "pays_electricity_bill": True}

    @pytest.fixture
    def schemes(self, council: Council) -> dict[str, Scheme]:
        return {scheme.slug: scheme for scheme in schemes_of(council)}

    def confirmed(self, scheme: Scheme, household: dict[str, Any], *benefits: str) -> set[str]:
        person = {"role": "applicant", "date_of_birth": "1990-01-01", "benefits": benefits, "income": []}
        verdict = weigh(scheme, household_of({**household, "people": [person]}), TODAY)
        return {reason.id for reason in to_confirm(verdict)}

    def test_days_on_jobseekers_allowance_are_for_those_who_get_it(self, schemes: dict[str, Scheme]) -> None:
        fuel = schemes["fuel-allowance"]
        assert self.confirmed(fuel, self.IRISH, "jobseekers_allowance_ie") == {"jobseekers-days", "means-under-66"}
        assert "jobseekers-days" not in self.confirmed(fuel, self.IRISH, "carers_allowance")
        assert "jobseekers-days" not in self.confirmed(fuel, self.IRISH)

    def test_living_with_the_person_cared_for_is_for_carers(self, schemes: dict[str, Scheme]) -> None:
        package, bill = schemes["household-benefits-package"], {"nation": "ireland", "pays_electricity_bill": True}
        assert self.confirmed(package, bill, "carers_allowance") == {"lives-with-cared-for"}
        assert self.confirmed(package, bill, "carers_allowance", "disability_allowance") == set()

    def test_a_suppliers_rules_are_for_those_whom_it_looks_at(self, schemes: dict[str, Scheme]) -> None:
        discount = schemes["warm-home-discount"]
        assert self.confirmed(discount, self.SCOTTISH, "pension_credit_guarantee") == {"qualifying-day", "supplier"}
        assert "supplier-rules" in self.confirmed(discount, self.SCOTTISH, "universal_credit")
        assert "scotland-other-rules" not in self.confirmed(discount, self.SCOTTISH, "universal_credit")
