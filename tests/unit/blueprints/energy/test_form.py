"""A form as a value: how it is kept, what it needs, and what other services know of it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.energy.rules.answers import Answers, names_of_health
from portal.blueprints.energy.rules.applying import asked_before
from portal.blueprints.energy.rules.details import (
    Address,
    Bank,
    Contact,
    Happened,
    Meter,
    Names,
    ShownLater,
    Supplier,
    TellsOfHealth,
    Who,
)
from portal.blueprints.energy.rules.form import Correction, Form, Unreadable
from portal.blueprints.energy.rules.known import Known, compared, said_otherwise
from portal.blueprints.energy.rules.needs import Needs, needs
from portal.blueprints.energy.rules.parts import Part, Progress, parts, progress, steps
from portal.blueprints.energy.rules.questions import QUESTIONS
from portal.blueprints.energy.schemes.catalogue import Ready, schemes_of
from portal.blueprints.energy.schemes.household import Household, Payment, household_of
from portal.council import load_council
from portal.settings import Settings
from tests.support.households import Given, households

DAY: Final = date(2026, 11, 24)
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
SCHEMES: Final = schemes_of(load_council(Settings().council))
DETAILS: Final[dict[str, Any]] = {
    "who": Who(applying_for="somebody_else", relation="Her son"),
    "contact": Contact(name="Mary", by="post"),
    "address": Address(lines=("1 Mill Lane", "Millbrook", "ZZ1 1AA")),
    "names": Names(names=("John",)),
    "supplier": Supplier(name="Bright Power"),
    "meter": Meter(),
    "happened": Happened(what="It broke", would_help="A heater", needed_by=DAY),
    "tells-health": TellsOfHealth(tells=True),
    "bank": Bank(holder="Mary", sort_code="309430", account="31926819"),
    "evidence": ShownLater(kinds=("savings", "health")),
}
CORRECTION: Final = Correction({"tenure": "council"}, "rent", NOON.isoformat())


def edition(slug: str) -> Ready:
    ready = next(scheme for scheme in SCHEMES if scheme.slug == slug).on(DAY)
    assert ready is not None
    return ready


CRISIS, WORKS, FLEX = map(edition, ("crisis-and-resilience-fund", "warm-homes-local-grant", "eco4-flex"))


def form_of(household: Household, **details: Any) -> Form:
    """Return a form in which every page of the check was answered that something is known from."""
    asked = [page.name for one in QUESTIONS for page in one.pages(household) if page.is_answered(household)]
    return Form(Answers(household, tuple(asked)), details)


def same(one: Form, other: Form) -> bool:
    """Tell whether two forms are the same, in whatever order their pages were answered."""
    in_order = [
        replace(form, answers=replace(form.answers, asked=tuple(sorted(form.answers.asked)))) for form in (one, other)
    ]
    return in_order[0] == in_order[1]


class TestKept:
    @given(households(), st.sets(st.sampled_from(sorted(DETAILS))), st.booleans())
    def test_comes_back_as_it_was(self, household: Given, slugs: set[str], corrected: bool) -> None:
        form = form_of(household_of(household), **{slug: DETAILS[slug] for slug in slugs})
        form = form.with_correction("home", CORRECTION if corrected else None)
        assert same(Form.from_texts(form.texts, form.household.nation or "england"), form)

    @given(households())
    def test_says_nothing_of_health_and_bank_where_others_read(self, household: Given) -> None:
        form = form_of(household_of(household), **DETAILS)
        kept = json.loads(form.texts.answers)
        for person in kept["answers"]["household"].get("people", ()):
            assert not person.keys() & {"health", "pregnant"}
        assert not {name.partition("/")[0] for name in kept["answers"]["asked"]} & names_of_health()
        assert kept["details"]["evidence"] == {"kinds": ["savings"]}
        assert "31926819" not in form.texts.answers
        assert "31926819" not in (form.texts.health or "")

    @given(households())
    def test_is_read_without_health_by_whoever_may_not_see_it(self, household: Given) -> None:
        form = form_of(household_of(household), bank=DETAILS["bank"])
        read = Form.from_texts(form.texts._replace(health=None, bank=None), form.household.nation or "england")
        assert not read.answers.has_health
        assert read.detail(Bank) is None

    def test_lets_nobody_else_know_that_something_about_health_will_be_shown(self) -> None:
        form = form_of(Household(nation="england"), evidence=ShownLater(kinds=("health",)))
        assert "evidence" not in form.texts.answers
        assert Form.from_texts(form.texts, "england") == form
        assert Form.from_texts(form.texts._replace(health=None), "england").detail(ShownLater) is None
        assert form.without_health().texts.health is None

    @pytest.mark.parametrize("text", ["", "{}", '{"answers": {}, "details": {}, "corrections": {}}', "[]"])
    def test_is_refused_where_it_is_no_form(self, text: str) -> None:
        form = form_of(Household(nation="england"))
        with pytest.raises(Unreadable):
            Form.from_texts(form.texts._replace(answers=text), "england")


class TestSeen:
    @given(households())
    def test_a_page_is_marked_the_same_until_it_is_answered_otherwise(self, household: Given) -> None:
        form = form_of(household_of(household), **DETAILS)
        changed = form.with_detail("supplier", Supplier(name="Other"))
        for step in steps(form, needs([CRISIS], form.household, DAY)):
            assert (form.seen(step.name) == changed.seen(step.name)) == (step.name != "supplier")

    def test_a_page_about_people_is_another_when_somebody_moves_in(self) -> None:
        alone = form_of(household_of({"nation": "england", "people": [{"role": "applicant"}]}))
        people = [{"role": "applicant"}, {"role": "adult"}]
        both = form_of(household_of({"nation": "england", "people": people}))
        assert alone.seen("birthdays") != both.seen("birthdays")

    def test_names_are_asked_again_when_somebody_moves_in(self) -> None:
        people = [{"role": "applicant"}, {"role": "partner"}]
        form = form_of(household_of({"nation": "england", "people": people}), names=Names(names=("John",)))
        assert form.is_answered("names")
        more = [*people, {"role": "child"}]
        assert not replace(
            form, answers=form_of(household_of({"nation": "england", "people": more})).answers
        ).is_answered("names")


class TestNeeds:
    @given(households())
    def test_nobody_is_asked_for_more_than_somebody_of_whom_nothing_is_known(self, household: Given) -> None:
        known = household_of(household)
        roles = [{"role": one.role} for one in known.people or ()]
        bare = household_of({"nation": known.nation, "people": roles})
        for one in (CRISIS, WORKS, FLEX):
            some, most = needs([one], known, DAY), needs([one], bare, DAY)
            assert some.keys <= most.keys
            assert set(some.evidence) <= set(most.evidence)

    @given(households())
    def test_whoever_gets_a_benefit_that_counts_is_not_asked_what_they_earn(self, household: Given) -> None:
        applicant, *others = household["people"]
        poor = household | {"people": [applicant | {"role": "applicant", "benefits": ["universal_credit"]}, *others]}
        needed = needs([CRISIS], household_of(poor), DAY)
        assert "people.income" not in needed.keys
        assert "income" not in needed.evidence

    @given(households())
    def test_several_schemes_need_together_what_each_needs(self, household: Given) -> None:
        known = household_of(household)
        each = [needs([one], known, DAY) for one in (CRISIS, WORKS, FLEX)]
        together = needs([CRISIS, WORKS, FLEX], known, DAY)
        assert together.keys == frozenset().union(*(one.keys for one in each))
        assert set(together.evidence) == {kind for one in each for kind in one.evidence}
        assert len(together.evidence) == len(set(together.evidence))

    def test_whoever_gets_none_is(self) -> None:
        rich = {"nation": "england", "people": [{"role": "applicant", "benefits": []}]}
        assert "people.income" in needs([CRISIS], household_of(rich), DAY).keys

    def test_nothing_shows_health_where_the_person_says_nothing_of_it(self) -> None:
        needed = Needs(frozenset(), ("identity", "health", "pregnancy"), frozenset())
        assert needed.without_health().evidence == ("identity",)


class TestParts:
    @given(households(), st.sets(st.sampled_from(sorted(DETAILS))))
    def test_each_page_is_there_once_and_in_one_part(self, household: Given, slugs: set[str]) -> None:
        form = form_of(household_of(household), **{slug: DETAILS[slug] for slug in slugs})
        found = parts(form, needs([CRISIS, WORKS, FLEX], form.household, DAY))
        names = [step.name for steps_of in found.values() for step in steps_of]
        assert len(names) == len(set(names))
        assert list(found) == [part for part in Part if part in found], "in order"
        assert all(found.values()), "a part has pages"

    @pytest.mark.parametrize(("tells", "is_asked"), [(None, False), (False, False), (True, True)])
    def test_health_is_asked_of_whoever_agrees(self, tells: bool | None, is_asked: bool) -> None:
        household = household_of({"nation": "england", "people": [{"role": "applicant"}]})
        details = {} if tells is None else {"tells-health": TellsOfHealth(tells=tells)}
        form = form_of(household, **details)
        names = [step.name for step in steps(form, needs([FLEX], household, DAY))]
        assert "tells-health" in names
        assert ("health/0" in names) == is_asked

    def test_a_part_is_done_when_all_of_it_is_and_to_be_checked_where_something_is_filled_in(self) -> None:
        form = form_of(household_of({"nation": "england", "people": [{"role": "applicant"}]}))
        found = parts(form, needs([CRISIS], form.household, DAY))
        who, home = found[Part.WHO], found[Part.HOME]
        assert progress(who, form.is_answered, ()) is Progress.TO_DO
        begun = form.with_detail("who", DETAILS["who"])
        assert progress(who, begun.is_answered, ()) is Progress.BEGUN
        assert progress(who, begun.with_detail("contact", DETAILS["contact"]).is_answered, ()) is Progress.DONE
        assert progress(home, form.is_answered, ("address",)) is Progress.CHECK
        assert (
            progress(home, form.with_detail("address", DETAILS["address"]).is_answered, ("address",)) is Progress.BEGUN
        )


class TestKnown:
    told = Known("rent", NOON, {"lines": ("14 Weavers Row", "Flat 2", "Millbrook", "ZZ1 1AA")})

    @pytest.mark.parametrize(
        "lines",
        [
            ("14 Weavers Row", "Flat 2", "Millbrook", "ZZ1 1AA"),
            ("14 weavers row", "Flat 2, Millbrook", "zz11aa"),
            ("14 Weavers Row, Flat 2", "Millbrook", "ZZ1 1AA"),
        ],
    )
    def test_an_address_is_the_same_however_it_is_written(self, lines: tuple[str, ...]) -> None:
        form = compared(form_of(Household(nation="england"), address=Address(lines=lines)), "address", self.told)
        assert not form.corrections
        assert form.answers.sources == {"address": "rent"}

    def test_another_address_is_a_correction_that_comes_back_as_it_was(self) -> None:
        other = Address(lines=("15 Weavers Row", "Millbrook", "ZZ1 1AA"))
        form = compared(form_of(Household(nation="england"), address=other), "address", self.told)
        assert form.answers.sources == {}
        assert said_otherwise(form.corrections["address"].fact, form, "address") == {"lines": list(other.lines)}
        assert same(Form.from_texts(form.texts, "england"), form)

    def test_whoever_does_not_know_says_nothing_else_and_confirms_nothing(self) -> None:
        rent = Known("rent", NOON, {"housing_costs": Payment(amount=100, period="week")})
        form = compared(form_of(Household(nation="england")), "rent", rent)
        assert not form.corrections
        assert not form.answers.sources

    def test_what_is_only_a_hint_is_neither_confirmed_nor_corrected(self) -> None:
        form = compared(form_of(Household(nation="england")), "benefits/0", Known("rent", NOON, {}, 1000))
        assert not form.corrections
        assert not form.answers.sources


class TestHealthOfTheCheck:
    def told(self, *people: Given) -> Answers:
        return form_of(household_of({"nation": "england", "people": list(people)})).answers

    def test_comes_into_the_form_of_the_same_people(self) -> None:
        told = self.told({"role": "applicant", "health": ["respiratory"], "pregnant": False})
        form = Form(told.without_health()).with_health_of(told)
        assert form.answers.household == told.household
        assert form.is_answered("health/0")

    def test_is_left_out_where_others_live_there(self) -> None:
        told = self.told({"role": "applicant", "health": ["respiratory"]}, {"role": "partner"})
        form = Form(self.told({"role": "applicant"}))
        assert form.with_health_of(told) == form

    def test_does_not_change_what_the_form_says(self) -> None:
        told = self.told({"role": "applicant", "health": ["respiratory"]})
        form = Form(self.told({"role": "applicant", "health": []}))
        assert form.with_health_of(told) == form


class TestAskedBefore:
    @given(st.lists(st.tuples(st.none() | st.datetimes(), st.sets(st.sampled_from("abc"), min_size=1))))
    def test_is_the_last_time_for_each_scheme_that_was_sent(
        self, applications: list[tuple[datetime | None, set[str]]]
    ) -> None:
        found = asked_before(applications)
        for scheme in "abc":
            days = [at for at, schemes in applications if at and scheme in schemes]
            assert found.get(scheme) == max(days, default=None)
