"""Conditions, weighed: exact borders on both sides, what isn't known, and what decided it."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.blueprints.energy.schemes.ages import birthdays
from portal.blueprints.energy.schemes.clauses import Clause
from portal.blueprints.energy.schemes.conditions import compiled_at_best, compiled_test
from portal.blueprints.energy.schemes.edition import Edition, IncomeCounted
from portal.blueprints.energy.schemes.household import HouseholdError, household_of
from portal.blueprints.energy.schemes.weighing import TO_CONFIRM, Weighed, case_of
from tests.support.schemes import edition_with

TODAY = date(2026, 11, 24)
YES, NO, UNKNOWN = True, False, None


def weigh(clause: dict[str, Any], edition: Edition | None = None, limits: Any = (), **household: Any) -> Weighed:
    test = compiled_test(edition or edition_with(clause), Clause.model_validate(clause), dict(limits))
    return test(case_of(household_of(household), TODAY))


def answer(clause: dict[str, Any], edition: Edition | None = None, **household: Any) -> bool | None:
    return weigh(clause, edition, **household).answer


def earning(amount: int, period: str = "year", **more: Any) -> dict[str, Any]:
    income = [{"kind": "earnings", "amount": amount, "period": period}]
    return {"role": "applicant", "date_of_birth": "1970-01-01", "income": income, **more}


class TestANumber:
    @pytest.mark.parametrize(
        ("bound", "below", "at", "above"),
        [("at least", NO, YES, YES), ("more than", NO, NO, YES), ("at most", YES, YES, NO), ("less than", YES, NO, NO)],
    )
    def test_is_weighed_exactly_at_the_border(self, bound: str, below: bool, at: bool, above: bool) -> None:
        clause = {"months at address": {bound: 6}}
        found = [answer(clause, months_at_address=months) for months in (5, 6, 7)]
        assert found == [below, at, above]

    @pytest.mark.parametrize(
        ("bound", "below", "at", "above"),
        [("at least", NO, YES, YES), ("more than", NO, NO, YES), ("at most", YES, YES, NO), ("less than", YES, NO, NO)],
    )
    def test_money_is_weighed_to_the_penny(self, bound: str, below: bool, at: bool, above: bool) -> None:
        clause = {"savings": {bound: "£6,000"}}
        assert [answer(clause, savings=minor) for minor in (599_999, 600_000, 600_001)] == [below, at, above]

    def test_a_floor_may_be_measured_in_parts(self) -> None:
        clause = {"floor area": {"at most": 230}}
        assert [answer(clause, floor_area_m2=area) for area in (230, 230.01)] == [YES, NO]

    def test_the_score_of_a_rating_stands_in_for_its_letter(self) -> None:
        assert weigh({"epc band": ["E", "F"]}, epc_score=54) == (YES, ("epc_score",))
        assert answer({"epc band": ["E", "F"]}, epc_score=55) is NO

    def test_the_letter_stands_in_for_the_score_where_it_can(self) -> None:
        assert weigh({"epc score": {"at most": 54}}, epc_band="E") == (YES, ("epc_band",))
        assert answer({"epc score": {"at most": 54}}, epc_band="D") is NO
        assert weigh({"epc score": {"at most": 50}}, epc_band="E") == (UNKNOWN, ("epc_score",))


class TestAnIncome:
    LESS = {"income": {"less than": "£31,000 a year"}}

    @pytest.mark.parametrize(("minor", "expected"), [(3_099_999, YES), (3_100_000, NO)])
    def test_less_than_is_not_at_most(self, minor: int, expected: bool) -> None:
        assert answer(self.LESS, people=[earning(minor)]) is expected

    @pytest.mark.parametrize(
        ("period", "least_too_much"),
        [("month", 258_334), ("four_weeks", 238_462), ("fortnight", 119_231), ("week", 59_616)],
    )
    def test_periods_are_converted_before_anything_is_rounded(self, period: str, least_too_much: int) -> None:
        at_most = {"income": {"at most": "£31,000 a year"}}
        assert answer(at_most, people=[earning(least_too_much - 1, period)]) is YES
        assert answer(at_most, people=[earning(least_too_much, period)]) is NO

    def test_a_scheme_may_count_its_periods_otherwise(self) -> None:
        edition = edition_with(self.LESS, periods={"month": 13})
        assert answer(self.LESS, edition, people=[earning(240_000, "month")]) is NO
        assert answer(self.LESS, people=[earning(240_000, "month")]) is YES

    def test_enough_of_it_is_known_to_be_too_much(self) -> None:
        people = [earning(3_100_000), {"role": "partner"}]
        assert weigh(self.LESS, people=people) == (NO, ("people.income",))

    def test_what_is_missing_is_named(self) -> None:
        assert weigh(self.LESS) == (UNKNOWN, ("people",))
        assert weigh(self.LESS, people=[earning(1), {"role": "partner"}]) == (UNKNOWN, ("people.income",))

    def test_a_childs_counts_from_an_age(self) -> None:
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"from age": 18}))
        child = earning(4_000_000, role="child")
        assert answer(self.LESS, edition, people=[child | {"date_of_birth": "2008-11-24"}]) is NO
        assert answer(self.LESS, edition, people=[child | {"date_of_birth": "2008-11-25"}]) is YES
        assert weigh(self.LESS, edition, people=[child | {"date_of_birth": None}]) == (
            UNKNOWN,
            ("people.date_of_birth",),
        )

    def test_who_somebody_is_matters_only_where_not_everybody_counts(self) -> None:
        person = earning(3_100_000, role=None)
        assert weigh(self.LESS, people=[person]) == (NO, ("people.income",))
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"whose": ["applicant"]}))
        assert weigh(self.LESS, edition, people=[person]) == (UNKNOWN, ("people.role",))

    @pytest.mark.parametrize("role", ["child", "adult", "lodger"])
    def test_that_of_others_counts_from_it_too_and_is_open_until_their_age_is_known(self, role: str) -> None:
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"from age": 18}))
        person = earning(4_000_000) | {"role": role}
        assert answer(self.LESS, edition, people=[person | {"date_of_birth": "2008-11-24"}]) is NO
        assert answer(self.LESS, edition, people=[person | {"date_of_birth": "2008-11-25"}]) is YES
        unknown = [person | {"date_of_birth": None}]
        assert weigh(self.LESS, edition, people=unknown) == (UNKNOWN, ("people.date_of_birth",))

    @pytest.mark.parametrize("role", ["applicant", "partner"])
    @pytest.mark.parametrize("born", ["2008-11-25", None])
    def test_that_of_those_whose_home_it_is_always_counts(self, role: str, born: str | None) -> None:
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"from age": 18}))
        assert answer(self.LESS, edition, people=[earning(3_100_000, role=role, date_of_birth=born)]) is NO

    def test_of_whom_nothing_is_known_may_be_either(self) -> None:
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"from age": 18}))
        person = earning(4_000_000, role=None)
        assert answer(self.LESS, edition, people=[person]) is NO
        young = [person | {"date_of_birth": "2008-11-25"}]
        assert weigh(self.LESS, edition, people=young) == (UNKNOWN, ("people.role",))

    def test_an_age_that_is_not_known_matters_only_where_the_income_does(self) -> None:
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate({"from age": 18}))
        adult = {"role": "adult", "income": [{"kind": "earnings", "amount": 1_000_000, "period": "year"}]}
        assert answer(self.LESS, edition, people=[earning(2_099_999), adult]) is YES
        assert answer(self.LESS, edition, people=[earning(2_100_000), adult]) is UNKNOWN
        assert answer(self.LESS, edition, people=[earning(3_100_000), adult]) is NO

    def test_students_lodgers_and_kinds_may_be_left_out(self) -> None:
        counted = {"whose": ["applicant", "partner"], "not students": True, "leaves out": ["attendance_allowance"]}
        edition = edition_with(self.LESS, income=IncomeCounted.model_validate(counted))
        allowance = {"kind": "attendance_allowance", "amount": 9_000_000, "period": "year"}
        people = [
            {"role": "applicant", "in_full_time_education": False, "income": [allowance]},
            earning(9_000_000, role="lodger"),
            earning(9_000_000, role="partner", in_full_time_education=True),
        ]
        assert answer(self.LESS, edition, people=people) is YES
        assert answer(self.LESS, edition, people=[earning(9_000_000)]) is UNKNOWN

    def test_costs_of_the_home_come_off(self) -> None:
        clause = {"income after housing costs": {"less than": "£20,500 a year"}}
        costs = {"amount": 50_000, "period": "month"}
        assert answer(clause, people=[earning(2_649_999)], housing_costs=costs) is YES
        assert answer(clause, people=[earning(2_650_000)], housing_costs=costs) is NO
        assert weigh(clause, people=[earning(2_049_999)]) == (YES, ("people.income",))
        assert weigh(clause, people=[earning(2_050_000)]) == (UNKNOWN, ("housing_costs",))


class TestAnAge:
    @pytest.mark.parametrize(
        ("bound", "born", "expected"),
        [
            ("at least", "1960-11-24", YES),
            ("at least", "1960-11-25", NO),
            ("more than", "1960-11-24", NO),
            ("more than", "1959-11-24", YES),
            ("at most", "1959-11-25", YES),
            ("at most", "1959-11-24", NO),
            ("less than", "1960-11-25", YES),
            ("less than", "1960-11-24", NO),
        ],
    )
    def test_counts_by_the_birthday(self, bound: str, born: str, expected: bool) -> None:
        person = {"role": "applicant", "date_of_birth": born}
        assert answer({"somebody": {"aged": {bound: 66}}}, people=[person]) is expected

    def test_whoever_is_born_on_29_february_is_older_on_1_march(self) -> None:
        leap_day = date(2008, 2, 29)
        assert birthdays(date(2026, 2, 28), 18, None).latest == date(2008, 2, 28)
        assert birthdays(date(2026, 3, 1), 18, None).latest == date(2008, 3, 1)
        assert birthdays(date(2026, 2, 28), None, 17).earliest == leap_day

    @pytest.mark.parametrize(("born", "expected"), [("1960-06-27", YES), ("1960-06-28", NO)])
    def test_or_by_the_day_of_birth(self, born: str, expected: bool) -> None:
        clause = {"somebody": {"born": {"on or before": "1960-06-27"}}}
        assert answer(clause, people=[{"date_of_birth": born}]) is expected


class TestSomebody:
    CLAIMS = {"somebody": {"role": ["applicant", "partner"], "benefits": "universal_credit"}}

    def test_has_to_be_one_person_of_whom_all_is_so(self) -> None:
        people = [{"role": "applicant", "benefits": []}, {"role": "adult", "benefits": ["universal_credit"]}]
        assert answer(self.CLAIMS, people=people) is NO
        assert answer({"nobody": self.CLAIMS["somebody"]}, people=people) is YES

    def test_is_not_known_where_one_might_be(self) -> None:
        people = [{"role": "applicant", "benefits": []}, {"role": "partner"}]
        assert weigh(self.CLAIMS, people=people) == (UNKNOWN, ("people.benefits",))
        assert weigh({"nobody": self.CLAIMS["somebody"]}, people=people) == (UNKNOWN, ("people.benefits",))

    def test_is_sure_where_what_is_missing_cannot_matter(self) -> None:
        people = [{"role": "applicant", "benefits": ["universal_credit"]}, {"role": "partner"}]
        assert weigh(self.CLAIMS, people=people) == (YES, ("people.role", "people.benefits"))

    @pytest.mark.parametrize(
        ("benefits", "expected"), [([], YES), (["farm_assist", "state_pension"], NO), (None, UNKNOWN)]
    )
    def test_can_be_somebody_who_gets_none_of_some_benefits(self, benefits: list[str] | None, expected: Any) -> None:
        clause = {"somebody": {"without benefits": ["state_pension", "blind_pension"]}}
        assert answer(clause, people=[{} if benefits is None else {"benefits": benefits}]) is expected

    def test_is_nobody_in_a_home_without_people(self) -> None:
        assert answer(self.CLAIMS, people=[]) is NO
        assert weigh(self.CLAIMS) == (UNKNOWN, ("people",))

    def test_earns_or_does_not(self) -> None:
        assert answer({"somebody": {"earning": True}}, people=[earning(1)]) is YES
        assert answer({"somebody": {"earning": True}}, people=[earning(0)]) is NO
        assert answer({"somebody": {"earning": False}}, people=[earning(0)]) is YES


class TestAGroup:
    OR = {"any of": [{"tenure": "owner"}, {"crisis": True}]}
    PAIRS = {
        "two of": [
            {"id": "a", "yes": {"en": "x"}, "no": {"en": "x"}, "energy debt": True},
            {"id": "b", "yes": {"en": "x"}, "no": {"en": "x"}, "crisis": True},
            {"id": "c", "yes": {"en": "x"}, "no": {"en": "x"}, "prepayment meter": True},
        ],
        "not together": [["a", "b"]],
    }

    def test_says_no_more_than_it_needs_to_know(self) -> None:
        assert weigh(self.OR, tenure="owner") == (YES, ("tenure",))
        assert weigh(self.OR, tenure="council") == (UNKNOWN, ("crisis",))
        assert weigh(self.OR, tenure="council", crisis=False) == (NO, ("tenure", "crisis"))

    def test_several_tests_must_all_be_so(self) -> None:
        both = {"tenure": "owner", "crisis": True}
        assert weigh(both, tenure="council") == (NO, ("tenure",))
        assert weigh(both, tenure="owner") == (UNKNOWN, ("crisis",))

    @pytest.mark.parametrize(
        ("household", "expected"),
        [
            ({"energy_debt": True, "crisis": True, "prepayment_meter": False}, NO),
            ({"energy_debt": True, "crisis": False, "prepayment_meter": True}, YES),
            ({"energy_debt": True, "crisis": True}, UNKNOWN),
            ({"prepayment_meter": False}, NO),
        ],
    )
    def test_two_of_leaves_out_the_pairs_that_do_not_count(self, household: dict[str, Any], expected: Any) -> None:
        assert answer(self.PAIRS, **household) is expected


class TestWhatIsToBeConfirmed:
    CONFIRM = {"to confirm": "yes"}

    def test_is_marked_and_nothing_else(self) -> None:
        assert weigh(self.CONFIRM) == (UNKNOWN, ("to_confirm",))

    def test_does_not_enter_the_answer(self) -> None:
        owner = {"tenure": "owner"}
        assert answer({"all of": [owner, self.CONFIRM]}, tenure="owner") is YES
        assert answer({"any of": [owner, self.CONFIRM]}, tenure="council") is NO
        assert weigh({"any of": [self.CONFIRM, self.CONFIRM]}) is TO_CONFIRM

    def test_leaves_a_pair_open_unless_the_other_part_is_not_so(self) -> None:
        pair = {"two of": [{"tenure": "owner"}, self.CONFIRM]}
        assert weigh(pair, tenure="owner") is TO_CONFIRM
        assert weigh(pair) is TO_CONFIRM
        assert weigh(pair, tenure="council") == (NO, ("tenure",))

    def test_enters_what_the_answer_could_be_at_best(self) -> None:
        group = {"any of": [{"tenure": "owner"}, self.CONFIRM]}
        at_best = compiled_at_best(edition_with(group), {})
        assert at_best(case_of(household_of({"tenure": "council"}), TODAY)).answer is YES

    def test_may_be_so_unless_something_is_sure(self) -> None:
        clause = {"to confirm": "unless so", "savings": {"at most": "£50,000"}}
        assert weigh(clause, savings=5_000_000) == (YES, ("savings",))
        assert weigh(clause, savings=5_000_001) is TO_CONFIRM
        assert weigh(clause) is TO_CONFIRM
        both = {"all of": [{"tenure": "owner"}, clause]}
        assert [answer(both, tenure="owner", savings=savings) for savings in (0, 5_000_001)] == [YES, YES]
        assert weigh(both) == (UNKNOWN, ("tenure",)), "nobody is asked for what can turn no answer"

    @pytest.mark.parametrize(
        "clause",
        [
            {"to confirm": "unless so"},
            {"to confirm": "yes", "tenure": "owner"},
            {"any of": [{"crisis": True}, {"to confirm": "unless so", "tenure": "owner"}]},
            {"two of": [{"crisis": True}, {"to confirm": "unless so", "tenure": "owner"}]},
            {"all of": [{"to confirm": "yes"}, {"to confirm": "unless so", "tenure": "owner"}]},
        ],
    )
    def test_stands_where_more_answers_turn_no_sure_one(self, clause: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="to confirm: "):
            Clause.model_validate(clause)

    def test_is_what_a_council_has_not_set(self) -> None:
        clause = {"savings": {"less than": {"set by the council": "savings-limit"}}}
        assert weigh(clause, savings=0) is TO_CONFIRM
        assert weigh(clause, limits={"savings-limit": 600_000}, savings=599_999).answer is YES
        assert weigh(clause, limits={"savings-limit": 600_000}, savings=600_000).answer is NO


class TestAHousehold:
    @pytest.mark.parametrize(
        ("given", "fault"),
        [
            ({"savings": -1}, "savings: "),
            ({"savings": 1.5}, "savings: "),
            ({"savings": True}, "savings: "),
            ({"crisis": "yes"}, "crisis: "),
            ({"colour": 1}, "colour: there is no such key"),
            ({"people": [{}, {"benefits": ["dole"]}]}, "people[1].benefits[0]: "),
            ({"people": [{"income": [{"kind": "earnings", "amount": 1}]}]}, "people[0].income[0].period: is missing"),
            ({"people": [{"date_of_birth": "1970-02-30"}]}, "people[0].date_of_birth: "),
            ({"people": [{"date_of_birth": 0}]}, "people[0].date_of_birth: "),
            ({"people": [{"date_of_birth": "19700101"}]}, "people[0].date_of_birth: is no day"),
            ({"people": [{"date_of_birth": "1899-12-31"}]}, "people[0].date_of_birth: "),
            ({"epc_score": 0}, "epc_score: should be greater than or equal to 1"),
            ({"epc_score": 151}, "epc_score: should be less than or equal to 150"),
            ({"epc_band": "E", "epc_score": 55}, "epc_score: 55 doesn't belong to the letter E"),
            ({"epc_band": "E", "epc_score": 38}, "epc_score: 38 doesn't belong to the letter E"),
            ({"year_built": 999}, "year_built: "),
            ({"year_built": 2101}, "year_built: "),
            ({"floor_area_m2": 0}, "floor_area_m2: "),
            ({"floor_area_m2": 10_001}, "floor_area_m2: "),
            ({"floor_area_m2": float("nan")}, "floor_area_m2: should be a finite number"),
            ({"floor_area_m2": "80"}, "floor_area_m2: "),
            ({"floor_area_m2": True}, "floor_area_m2: "),
            ({"months_at_address": -1}, "months_at_address: "),
            ({"months_at_address": 1441}, "months_at_address: "),
            ({"tenure": "rented"}, "tenure: should be 'council', 'housing_association', 'private_rented' or 'owner'"),
            (
                {"people": [{"benefits": ["universal-credit"]}]},
                "people[0].benefits[0]: 'universal-credit' is none of 28 codes; nearest: universal_credit",
            ),
            (
                {"people": [{"income": [{"kind": "wages", "amount": 1, "period": "week"}]}]},
                "people[0].income[0].kind: 'wages' is none of 32 codes; docs/schemes.md has them",
            ),
            ({"people": {}}, "people: must be a list"),
            ([], "must be an object"),
        ],
    )
    def test_that_is_wrong_is_refused_by_its_key(self, given: Any, fault: str) -> None:
        with pytest.raises(HouseholdError) as error:
            household_of(given)
        assert str(error.value).startswith(fault)

    @pytest.mark.parametrize(
        "given",
        [
            {"epc_band": "E", "epc_score": 54},
            {"epc_band": "E", "epc_score": 39},
            {"epc_score": 150},
            {"floor_area_m2": 48.5, "year_built": 1066, "months_at_address": 1440},
            {"people": [{"date_of_birth": "1900-01-01"}]},
        ],
    )
    def test_at_the_border_of_what_can_be_is_taken(self, given: dict[str, Any]) -> None:
        assert household_of(given).model_dump(mode="json", exclude_unset=True).keys() == given.keys()

    def test_may_leave_out_everything(self) -> None:
        assert household_of({}) == household_of({"nation": None, "people": None})
