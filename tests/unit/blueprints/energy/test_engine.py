"""The engine: which edition answers, what is asked next, what is paid; on schemes made up for the test."""

from datetime import date
from typing import Any

import pytest

from portal.blueprints.energy.schemes.catalogue import Ready, Scheme, schemes_of
from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.engine import assess, weigh
from portal.blueprints.energy.schemes.household import household_of
from portal.blueprints.energy.schemes.money import Sum
from portal.council import Council, CouncilError
from tests.support.schemes import edition_with

TODAY = date(2026, 11, 24)


def scheme(*editions: Edition, slug: str = "made-up", **more: Any) -> Scheme:
    return Scheme(slug, tuple(Ready(edition, {}) for edition in editions), **more)


def owners(**more: Any) -> Edition:
    return edition_with({"tenure": "owner"}, **more)


class TestTheEditionThatHolds:
    OLD = {"in force": {"from": "2025-10-01", "until": "2026-03-31"}, "edition": "2025-26"}
    NEW = {"in force": {"from": "2026-10-01"}, "edition": "2026-27"}

    @pytest.mark.parametrize(
        ("on", "edition"),
        [
            (date(2025, 9, 30), None),
            (date(2025, 10, 1), "2025-26"),
            (date(2026, 3, 31), "2025-26"),
            (date(2026, 4, 1), None),
            (date(2026, 10, 1), "2026-27"),
            (date(2036, 10, 1), "2026-27"),
        ],
    )
    def test_is_that_of_the_day(self, on: date, edition: str | None) -> None:
        ready = scheme(owners(**self.OLD), owners(**self.NEW)).on(on)
        assert (ready.edition.edition if ready else None) == edition

    def test_says_no_where_there_is_none(self) -> None:
        verdict = weigh(scheme(owners(**self.OLD)), household_of({"nation": "england", "tenure": "owner"}), TODAY)
        assert (verdict.answer, verdict.availability) == (False, "closed")
        assert [(reason.id, reason.weighed.answer) for reason in verdict.reasons] == [("in-force", False)]

    def test_says_unknown_where_it_is_still_to_be_announced(self) -> None:
        coming = edition_with({"tenure": "owner"}, announced=False, conditions=[], examples=[])
        verdict = weigh(scheme(coming), household_of({"nation": "england"}), TODAY)
        assert (verdict.answer, verdict.availability, verdict.missing) == (None, "to_be_announced", ())
        assert weigh(scheme(coming), household_of({"nation": "wales"}), TODAY).answer is False

    def test_counts_ages_on_its_own_day(self) -> None:
        clause = {"somebody": {"aged": {"at least": 66}}}
        person = {"nation": "england", "people": [{"date_of_birth": "1960-10-01"}]}
        assert weigh(scheme(edition_with(clause)), household_of(person), TODAY).answer is True
        earlier = edition_with(clause, **{"counts on": "2026-09-27"})
        assert weigh(scheme(earlier), household_of(person), TODAY).answer is False


class TestTheAnswer:
    @pytest.mark.parametrize("availability", ["open", "paused", "no_funding", "closed"])
    def test_is_about_the_household_alone(self, availability: Any) -> None:
        verdict = weigh(scheme(owners(), availability=availability), household_of({"tenure": "owner"}), TODAY)
        assert (verdict.answer, verdict.missing) == (None, ("nation",))
        assert verdict.availability == availability

    def test_at_best_waits_for_the_nation_too(self) -> None:
        group = scheme(edition_with({"any of": [{"tenure": "owner"}, {"to confirm": "yes"}]}))
        for nation, expected in (("england", True), ("wales", False), (None, None)):
            verdict = weigh(group, household_of({"nation": nation, "tenure": "council"}), TODAY)
            assert (verdict.answer, verdict.at_best) == (False, expected)

    def test_needs_the_nation(self) -> None:
        assert weigh(scheme(owners()), household_of({"nation": "wales", "tenure": "owner"}), TODAY).answer is False

    @pytest.mark.parametrize(
        ("born", "amount"), [("1946-11-24", Sum(30_000)), ("1946-11-25", Sum(20_000)), (None, None)]
    )
    def test_brings_the_sum_that_fits(self, born: str | None, amount: Sum | None) -> None:
        amounts = [{"is": "£300", "somebody": {"aged": {"at least": 80}}}, {"is": "£200"}]
        household = household_of({"nation": "england", "tenure": "owner", "people": [{"date_of_birth": born}]})
        assert weigh(scheme(owners(amount=amounts)), household, TODAY).amount == amount


class TestWhatIsAskedNext:
    def ask(self, *clauses: dict[str, Any], **household: Any) -> str | None:
        schemes = [scheme(edition_with(clause)) for clause in clauses]
        return assess(schemes, household_of({"nation": "england", **household}), TODAY).ask_next

    def test_is_what_would_settle_most(self) -> None:
        assert self.ask({"crisis": True}, {"savings": {"at most": "£1"}}, {"savings": {"at most": "£2"}}) == "savings"

    def test_is_what_settles_by_itself_before_one_of_several(self) -> None:
        either = {"any of": [{"tenure": "owner"}, {"epc band": "G"}, {"free school meals": True}]}
        assert self.ask({"crisis": True}, either, either) == "crisis"

    def test_of_equals_is_what_people_know_by_heart(self) -> None:
        assert self.ask({"epc band": "G"}, {"tenure": "owner"}) == "tenure"

    def test_is_health_last_of_all(self) -> None:
        ill = {"somebody": {"health": "respiratory"}}
        assert self.ask(ill, ill, ill, {"crisis": True}, people=[{}]) == "crisis"
        assert self.ask(ill, {"crisis": True}, people=[{}], crisis=False) == "people.health"

    def test_is_nothing_that_cannot_turn_an_answer(self) -> None:
        both = {"tenure": "owner", "savings": {"at most": "£1"}}
        assert self.ask(both, tenure="council") is None

    def test_leaves_out_what_is_only_to_be_confirmed(self) -> None:
        assert self.ask({"to confirm": "yes"}) is None


class TestWhatACouncilSays:
    def test_is_refused_for_a_scheme_that_there_is_not(self, council: Council) -> None:
        energy = council.energy.model_copy(update={"availability": {"free-money": "open"}})
        with pytest.raises(CouncilError, match="there is no scheme free-money"):
            schemes_of(council.model_copy(update={"energy": energy}))

    def test_makes_a_scheme_paused(self, council: Council) -> None:
        energy = council.energy.model_copy(update={"availability": {"eco4-flex": "paused"}})
        schemes = schemes_of(council.model_copy(update={"energy": energy}))
        assert next(one for one in schemes if one.slug == "eco4-flex").available(TODAY) == "paused"
        assert next(one for one in schemes if one.slug == "eco4-flex").available(date(2027, 1, 1)) == "closed"

    def test_is_refused_in_a_language_that_a_scheme_of_its_nation_lacks(self, council: Council) -> None:
        with pytest.raises(CouncilError, match="lacks ga"):
            schemes_of(council.model_copy(update={"languages": ("en", "ga")}))
