"""What staff are handed of an application: all but health and bank details, and one yes or no of health."""

import json
from datetime import date

import pytest

from portal.blueprints.energy.queries.sent import by_name
from portal.blueprints.energy.rules import handover
from portal.blueprints.energy.rules.doubles import is_close
from portal.blueprints.energy.rules.health import counts
from portal.blueprints.energy.schemes.catalogue import Ready, schemes_of
from portal.blueprints.energy.schemes.edition import Again
from portal.blueprints.energy.schemes.household import household_of
from portal.council import Council
from tests.support.applied import HOUSEHOLD, MARKER, WITH_HEALTH, WITHOUT_HEALTH, a_form, retold

DAY = date(2026, 11, 24)
SEVEN_DAYS = Again.model_validate({"days": 7, "words": {"en": "x"}}, context=("en",))
SIX_MONTHS = Again.model_validate({"awards": 1, "months": 6, "words": {"en": "x"}}, context=("en",))


def scheme(council: Council, slug: str) -> Ready:
    return max(
        (ready for (name, _), ready in by_name(schemes_of(council)).items() if name == slug),
        key=lambda ready: ready.edition.in_force.from_,
    )


class TestContent:
    def test_has_no_trace_of_health_or_bank_details_unless_asked(self) -> None:
        told = json.dumps(handover.content(a_form(), health=False, bank=False))
        for trace in ("health", "respiratory", "pregnan", MARKER, "12345678", "112233"):
            assert trace not in told

    def test_has_them_if_asked(self) -> None:
        told = handover.content(a_form(), health=True, bank=True)
        assert told["people"][1]["health"] == ["respiratory"]
        assert told["details"]["evidence"]["kinds"] == ["savings", "health", "pregnancy"]
        assert told["tells_of_health"] is True
        assert told["bank"]["account"] == "12345678"

    def test_can_be_read(self) -> None:
        told = handover.content(a_form(), health=False, bank=False)
        home = handover.lines(told["home"], sign="£")
        assert ("Savings:", "£1,200.50") in home
        assert ("Housing costs:", "£500.00 a month") in home
        assert list(handover.called(told["people"])) == ["Applicant", "Partner"]
        assert ("Benefits:", "universal credit") in handover.lines(told["people"][0], sign="£")


class TestHealth:
    def test_of_a_scheme_that_counts_it_is_yes_if_somebody_has_a_condition_that_counts(self, council: Council) -> None:
        assert counts(scheme(council, WITH_HEALTH), household_of(HOUSEHOLD), DAY) == "yes"

    @pytest.mark.parametrize(
        ("people", "answer"),
        [
            ([{"role": "applicant", "pregnant": False, "health": []}], "no"),
            ([{"role": "applicant", "pregnant": False, "health": ["limited_mobility"]}], "no"),
            ([{"role": "applicant", "pregnant": True}], "yes"),
            ([{"role": "applicant"}], "no"),
        ],
    )
    def test_goes_by_what_was_said(self, council: Council, people: list[dict[str, object]], answer: str) -> None:
        household = retold(a_form(), people=people).household
        assert counts(scheme(council, WITH_HEALTH), household, DAY) == answer

    def test_of_another_scheme_nothing_is_said(self, council: Council) -> None:
        assert counts(scheme(council, WITHOUT_HEALTH), household_of(HOUSEHOLD), DAY) is None


class TestDoubles:
    @pytest.mark.parametrize(
        ("again", "other", "close"),
        [
            (None, date(2025, 11, 25), True),
            (None, date(2025, 11, 24), False),
            (None, date(2027, 11, 23), True),
            (SEVEN_DAYS, date(2026, 11, 18), True),
            (SEVEN_DAYS, date(2026, 11, 17), False),
            (SIX_MONTHS, date(2026, 5, 25), True),
            (SIX_MONTHS, date(2026, 5, 24), False),
        ],
    )
    def test_are_within_the_time_in_which_a_scheme_is_not_asked_for_again(
        self, again: Again | None, other: date, close: bool
    ) -> None:
        assert is_close(DAY, other, again) is close
        assert is_close(other, DAY, again) is close

    def test_a_month_that_is_shorter_ends_on_its_last_day(self) -> None:
        assert is_close(date(2026, 8, 31), date(2027, 2, 27), SIX_MONTHS)
        assert not is_close(date(2026, 8, 31), date(2027, 2, 28), SIX_MONTHS)
