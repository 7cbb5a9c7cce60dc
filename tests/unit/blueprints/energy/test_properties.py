"""What holds of every scheme and every household, however much of it is known."""

from datetime import date
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.blueprints.energy.schemes.engine import HEALTH, IN_FORCE, NATION, Assessment, Verdict, assess
from portal.blueprints.energy.schemes.household import Benefit, Condition, household_of
from portal.council import load_council
from portal.settings import Settings
from tests.support.households import (
    EXAMPLES,
    FEW_VALUES,
    Given,
    Place,
    households,
    known_in_part,
    places,
    places_of,
    values_of,
    without,
)

SCHEMES: Final = schemes_of(load_council(Settings().council))
days = st.sampled_from((date(2025, 11, 24), date(2026, 2, 24), date(2026, 11, 24), date(2027, 10, 1)))
"""In two seasons, before and after a change in mid-season, and in a season that is to be announced."""

InPart = tuple[Given, frozenset[Place]]


def assessed(household: Given, on: date) -> Assessment:
    return assess(SCHEMES, household_of(household), on)


def answers(household: Given, on: date) -> dict[str, bool | None]:
    return {verdict.scheme.slug: verdict.answer for verdict in assessed(household, on).verdicts}


def settled(household: Given, on: date) -> set[tuple[str, str, bool]]:
    """Return what is settled: the sure answers, and whether a "no" could be more at best."""
    return {
        (verdict.scheme.slug, name, found)
        for verdict in assessed(household, on).verdicts
        for name, found in (("answer", verdict.answer), ("at best", verdict.at_best))
        if found is not None
    }


@given(known_in_part(), days)
def test_more_answers_never_turn_a_sure_yes_or_no(known: InPart, on: date) -> None:
    household, unknown = known
    assert settled(without(household, unknown), on) <= settled(household, on)


SEVERAL_INCOMES: Final = [
    household
    for household in EXAMPLES
    if any(person.get("income") and person.get("role") != "applicant" for person in household.get("people", ()))
]
"""At whose borders the income of others than the applicant decides."""


@given(st.sampled_from(SEVERAL_INCOMES), st.dates(date(2007, 1, 1), date(2010, 12, 31)).map(date.isoformat), days)
def test_a_birth_date_never_turns_a_sure_yes_or_no(household: Given, born: str, on: date) -> None:
    """Of people who are just grown up or not yet, whatever their role says."""
    people = household["people"]
    unknown = [{key: value for key, value in person.items() if key != "date_of_birth"} for person in people]
    known = [person | {"date_of_birth": born} for person in people]
    assert settled(household | {"people": unknown}, on) <= settled(household | {"people": known}, on)


def unnamed(person: Given) -> Given:
    """Return a person as the check's pages know one who doesn't say which benefits they get: asked for in one sum."""
    known = {key: value for key, value in person.items() if key != "benefits"}
    if "income" in known:
        known["income"] = [one | {"kind": _unnamed(one["kind"])} for one in known["income"]]
    return known


def _unnamed(kind: str) -> str:
    return "other" if kind in get_args(Benefit) else kind


def _kinds(household: Given) -> set[str]:
    return {one["kind"] for person in household.get("people", ()) for one in person.get("income", ())}


WITH_BENEFITS: Final = [household for household in EXAMPLES if not _kinds(household).isdisjoint(get_args(Benefit))]
"""At whose borders it decides whether a benefit counts as income."""


@pytest.mark.parametrize("on", [date(2026, 2, 24), date(2026, 11, 24)])
def test_benefits_in_one_sum_never_make_a_wrong_yes_or_no(on: date) -> None:
    for household in WITH_BENEFITS:
        told = household | {"people": [unnamed(person) for person in household["people"]]}
        assert settled(told, on) <= settled(household, on), household


@given(known_in_part(), st.randoms(use_true_random=False), days)
def test_the_order_of_people_lists_and_keys_does_not_matter(known: InPart, chance: Any, on: date) -> None:
    household = without(*known)
    one, other = assessed(household, on), assessed(shuffled(household, chance), on)
    assert one.ask_next == other.ask_next
    assert [told(verdict) for verdict in one.verdicts] == [told(verdict) for verdict in other.verdicts]


def shuffled(given: Any, chance: Any) -> Any:
    """Return JSON with its lists and keys in another order."""
    match given:
        case dict():
            keys = chance.sample(list(given), len(given))
            return {key: shuffled(given[key], chance) for key in keys}
        case list():
            return [shuffled(item, chance) for item in chance.sample(given, len(given))]
        case _:
            return given


def told(verdict: Verdict) -> tuple[object, ...]:
    """Return what a reader is told; of the keys that decided, only which."""
    reasons = [(reason.id, reason.weighed.answer, set(reason.weighed.because)) for reason in verdict.reasons]
    return verdict.scheme.slug, verdict.answer, verdict.at_best, verdict.amount, set(verdict.missing), reasons


@given(known_in_part(), days)
def test_each_no_names_a_condition_that_is_false_by_itself(known: InPart, on: date) -> None:
    for verdict in assessed(without(*known), on).verdicts:
        conditions = verdict.ready.edition.conditions if verdict.ready else ()
        whole = {NATION, IN_FORCE, *(condition.id for condition in conditions)}
        refused = [reason for reason in verdict.reasons if reason.id in whole and reason.weighed.answer is False]
        assert (verdict.answer is False) == bool(refused), verdict.scheme.slug
        assert all(reason.weighed.because or reason.id == IN_FORCE for reason in refused)


@given(known_in_part(), st.sampled_from(sorted(FEW_VALUES)), days)
def test_a_missing_fact_that_cannot_matter_never_blocks_a_sure_answer(drawn: InPart, key: str, on: date) -> None:
    household, unknown = drawn
    known = without(household, unknown | {(key,)})
    found = answers(known, on)
    tried = [answers(known | {key: value}, on) for value in values_of(known, key)]
    for slug, answer in found.items():
        with_each = {one[slug] for one in tried}
        assert len(with_each) > 1 or with_each == {answer}, (slug, key)


def test_what_is_not_known_of_health_never_makes_a_no() -> None:
    """In the examples, at whose borders health decides: hardly any other household stands there."""
    on, ill = date(2026, 11, 24), {"health": get_args(Condition), "pregnant": True}
    for household in EXAMPLES:
        people = household.get("people", [])
        unknown = [{key: value for key, value in person.items() if key not in ill} for person in people]
        if people:
            best = answers(household | {"people": [person | ill for person in people]}, on)
            for slug, answer in answers(household | {"people": unknown}, on).items():
                assert answer is not False or best[slug] is False, (slug, household)


@given(known_in_part(), days)
def test_what_is_asked_next_is_missing_and_nothing_is_asked_in_vain(known: InPart, on: date) -> None:
    household, unknown = known
    found = assessed(without(household, unknown), on)
    missing = {key for verdict in found.verdicts for key in verdict.missing}
    assert (found.ask_next in missing) if missing else (found.ask_next is None)
    if found.ask_next is None:
        assert answers(without(household, unknown), on) == answers(household, on)


@given(known_in_part(), days)
def test_where_one_answer_alone_is_missing_it_settles_the_scheme(known: InPart, on: date) -> None:
    household = without(*known)
    for verdict in assessed(household, on).verdicts:
        if len(verdict.missing) == 1 and verdict.missing[0] in FEW_VALUES:
            key, slug = verdict.missing[0], verdict.scheme.slug
            tried = {answers(household | {key: value}, on)[slug] for value in values_of(household, key)}
            assert tried - {None}, (slug, key)


@given(households(), days)
def test_whoever_answers_what_is_asked_is_asked_it_once_and_health_last(household: Given, on: date) -> None:
    unknown = set(places(household))
    asked: list[str] = []
    while (key := assessed(without(household, unknown), on).ask_next) is not None:
        assert key not in asked
        asked.append(key)
        unknown -= places_of(household, key)
    assert answers(without(household, unknown), on) == answers(household, on)
    assert sorted(asked, key=HEALTH.__contains__) == asked
