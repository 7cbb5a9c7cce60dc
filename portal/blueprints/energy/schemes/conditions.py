"""Whether a condition is so, for what is known of a household: yes, no, or not known yet, and what decided it.

A clause of a scheme's file becomes a function once; weighing a household is calling it. A group is weighed part by
part: what isn't known makes it unknown only where it could still turn it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

from portal.blueprints.energy.schemes.ages import Birthdays, birthdays, born_within
from portal.blueprints.energy.schemes.clauses import UNLESS_SO, Clause, Somebody, Test
from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.household import BANDS, EARNED, Household
from portal.blueprints.energy.schemes.incomes import Counted, a_year, household_income, income_of, left_after
from portal.blueprints.energy.schemes.money import Sum
from portal.blueprints.energy.schemes.parts import AtMost, Born, Bounds, MoneyBounds, SetByCouncil
from portal.blueprints.energy.schemes.weighing import (
    CONFIRM,
    TO_CONFIRM,
    Case,
    Limit,
    PersonCase,
    Range,
    Weighed,
    all_of,
    answers,
    any_of,
    opposite,
    pair,
    within,
)

Weigh = Callable[[Case], Weighed]
WeighPerson = Callable[[PersonCase], Weighed]
AnyCase = TypeVar("AnyCase", Case, PersonCase)
Limits = Mapping[str, int]
"""What a council sets itself for a scheme, by name: minor units."""


def compiled(edition: Edition, limits: Limits) -> Weigh:
    """Make a function that weighs all conditions of an edition together.

    limits: what the council sets itself; what it doesn't is to be confirmed.
    """
    return _Maker(edition, limits, TO_CONFIRM).group(edition.conditions, all_of)


def compiled_at_best(edition: Edition, limits: Limits) -> Weigh:
    """Make a function that does the same as if whatever is to be confirmed were so."""
    return _Maker(edition, limits, Weighed(True, (CONFIRM,))).group(edition.conditions, all_of)


def compiled_test(edition: Edition, test: Test, limits: Limits) -> Weigh:
    """Make one test of an edition ready."""
    return _Maker(edition, limits, TO_CONFIRM).test(test)


class _Maker:
    """Makes functions of one edition's clauses. to_confirm: what those are taken for that nobody asks about."""

    def __init__(self, edition: Edition, limits: Limits, to_confirm: Weighed) -> None:
        self.income_counted = edition.income
        self.limits = limits
        self.to_confirm = to_confirm
        self.per_year = edition.per_year

    def test(self, test: Test) -> Weigh:
        made = [self._one(name, wanted, test) for name, wanted in test.tests().items() if wanted != UNLESS_SO]
        weigh = _each_of(made)
        return self._unless_so(weigh) if test.to_confirm == UNLESS_SO else weigh

    def _unless_so(self, weigh: Weigh) -> Weigh:
        def unless_so(case: Case) -> Weighed:
            weighed = weigh(case)
            return weighed if weighed.answer else self.to_confirm

        return unless_so

    def group(self, clauses: Sequence[Clause], combine: Callable[[Iterable[Weighed]], Weighed]) -> Weigh:
        made = [self._clause(clause) for clause in clauses]
        return lambda case: combine([weigh(case) for weigh in made])

    def _clause(self, clause: Clause) -> Weigh:
        """Make a clause ready, one with a name so that it tells what it came to."""
        test, name = self.test(clause), clause.id
        if name is None:
            return test

        def weigh(case: Case) -> Weighed:
            weighed = case.told[name] = test(case)
            return weighed

        return weigh

    def _one(self, name: str, wanted: Any, test: Test) -> Weigh:
        makers: dict[str, Callable[[], Weigh]] = {
            "any_of": lambda: self.group(wanted, any_of),
            "all_of": lambda: self.group(wanted, all_of),
            "two_of": lambda: self._pairs(wanted, test.not_together),
            "to_confirm": lambda: lambda _: self.to_confirm,
            "somebody": lambda: self._somebody(wanted),
            "nobody": lambda: _opposite(self._somebody(wanted)),
            "income": lambda: self._income(wanted, after_costs=False),
            "income_after_housing_costs": lambda: self._income(wanted, after_costs=True),
            "savings": lambda: self._money("savings", wanted),
            "energy_costs": lambda: self._money("energy_costs", wanted),
            "referred_by": lambda: _listed("referred_by", frozenset(wanted)),
            "epc_band": lambda: _rated(frozenset(wanted)),
        }
        return makers[name]() if name in makers else _plain(name, wanted)

    def _pairs(self, clauses: Sequence[Clause], not_together: tuple[tuple[str, str], ...]) -> Weigh:
        made = [self._clause(clause) for clause in clauses]
        forbidden = {frozenset(names) for names in not_together}
        pairs = [
            (one, other)
            for one, other in combinations(range(len(clauses)), 2)
            if frozenset((clauses[one].id, clauses[other].id)) not in forbidden
        ]

        def weigh(case: Case) -> Weighed:
            weighed = [test(case) for test in made]
            return any_of([pair(weighed[one], weighed[other]) for one, other in pairs])

        return weigh

    def _money(self, name: str, bounds: MoneyBounds) -> Weigh:
        return self._limited(bounds, lambda case: a_year(name, getattr(case.household, name), self.per_year))

    def _income(self, bounds: MoneyBounds, *, after_costs: bool) -> Weigh:
        counted = self._counted(bounds)

        def after(case: Case) -> Range:
            costs = a_year("housing_costs", case.household.housing_costs, self.per_year)
            return left_after(household_income(case, counted), costs)

        return self._limited(bounds, after if after_costs else lambda case: household_income(case, counted))

    def _limited(self, bounds: MoneyBounds, known: Callable[[Case], Range]) -> Weigh:
        limit = self._limit(bounds)
        if limit is None:
            return lambda _: self.to_confirm
        return lambda case: within(limit, known(case))

    def _limit(self, bounds: MoneyBounds) -> Limit | None:
        """Return which sums are within bounds, None if the council hasn't set one that it has to."""
        thresholds = {}
        for name, threshold in bounds.thresholds():
            minor = self._threshold(threshold)
            if minor is None:
                return None
            thresholds[name] = minor
        return _limit(thresholds)

    def _threshold(self, given: Sum | SetByCouncil) -> int | None:
        if isinstance(given, Sum):
            return given.a_year(self.per_year)
        minor = self.limits.get(given.set_by_the_council)
        return None if minor is None else Sum(minor, period=given.a).a_year(self.per_year)

    def _counted(self, bounds: MoneyBounds) -> Counted:
        left_out = frozenset((*self.income_counted.leaves_out, *bounds.leaves_out))
        return Counted(self.income_counted, left_out, self.per_year)

    def _somebody(self, wanted: Somebody) -> Weigh:
        weigh_person = _each_of([self._personal(name, value) for name, value in wanted if value is not None])
        told = answers("people")

        def weigh(case: Case) -> Weighed:
            if not case.people:
                return told[None if case.people is None else False]
            return any_of(weigh_person(person) for person in case.people)

        return weigh

    def _personal(self, name: str, wanted: Any) -> WeighPerson:
        makers: dict[str, Callable[[], WeighPerson]] = {
            "born": lambda: _born(wanted),
            "aged": lambda: _aged(wanted),
            "benefits": lambda: _person_listed("benefits", wanted),
            "without_benefits": lambda: _opposite(_person_listed("benefits", wanted)),
            "health": lambda: _person_listed("health", wanted),
            "earning": lambda: _earning(wanted=wanted),
            "income": lambda: self._personal_income(wanted),
        }
        return makers[name]() if name in makers else _personal_value(name, wanted)

    def _personal_income(self, bounds: MoneyBounds) -> WeighPerson:
        limit, counted = self._limit(bounds), self._counted(bounds)
        if limit is None:
            return lambda _: self.to_confirm
        return lambda case: within(limit, income_of(case, counted))


def _limit(bounds: Mapping[str, int]) -> Limit:
    """Return which whole numbers are within bounds: less than 5 is at most 4."""
    lowest = [bounds[name] + more for name, more in (("at_least", 0), ("more_than", 1)) if name in bounds]
    highest = [bounds[name] - less for name, less in (("at_most", 0), ("less_than", 1)) if name in bounds]
    return Limit(max(lowest, default=None), min(highest, default=None))


def _each_of(made: Sequence[Callable[[AnyCase], Weighed]]) -> Callable[[AnyCase], Weighed]:
    """Weigh all of several, each of them: parts with a name tell what they came to. One alone is weighed as it is."""
    return made[0] if len(made) == 1 else lambda case: all_of([weigh(case) for weigh in made])


def _opposite(weigh: Callable[[AnyCase], Weighed]) -> Callable[[AnyCase], Weighed]:
    return lambda case: opposite(weigh(case))


def _set(wanted: Any) -> frozenset[Any]:
    """Return the values that will do: what is given, or each of several."""
    return frozenset(wanted) if isinstance(wanted, tuple) else frozenset((wanted,))


def _plain(name: str, wanted: Any) -> Weigh:
    """Weigh a key that has one value: a number, a flag, or one of several words."""
    if isinstance(wanted, Bounds | AtMost):
        limit = _limit(wanted.model_dump(exclude_none=True))
        return lambda case: within(limit, _counted(case.household, name))
    values, told = _set(wanted), answers(name)

    def weigh(case: Case) -> Weighed:
        found = getattr(case.household, name)
        return told[None if found is None else found in values]

    return weigh


def _rated(wanted: frozenset[str]) -> Weigh:
    """Weigh the letter of an energy rating, or the letter that its score stands for."""

    def weigh(case: Case) -> Weighed:
        household = case.household
        if household.epc_band is not None:
            return Weighed(household.epc_band in wanted, ("epc_band",))
        score = household.epc_score
        if score is None:
            return Weighed(None, ("epc_band",))
        return Weighed(any(BANDS[band][0] <= score <= BANDS[band][1] for band in wanted), ("epc_score",))

    return weigh


def _listed(name: str, wanted: frozenset[Any]) -> Weigh:
    told = answers(name)

    def weigh(case: Case) -> Weighed:
        found = getattr(case.household, name)
        return told[None if found is None else not wanted.isdisjoint(found)]

    return weigh


def _counted(household: Household, name: str) -> Range:
    match name:
        case "children":
            return _children(household)
        case "epc_score" if household.epc_score is None:
            return _score_of_band(household)
        case "floor_area":
            name = "floor_area_m2"
    found = getattr(household, name)
    return Range(0, None, (), (name,)) if found is None else Range(found, found, (name,))


def _children(household: Household) -> Range:
    if household.people is None:
        return Range(0, None, (), ("people",))
    roles = [person.role for person in household.people]
    children, unknown = roles.count("child"), roles.count(None)
    return Range(children, children + unknown, ("people",), ("people.role",) if unknown else ())


def _score_of_band(household: Household) -> Range:
    if household.epc_band is None:
        return Range(1, None, (), ("epc_band",))
    return Range(*BANDS[household.epc_band], ("epc_band",), ("epc_score",))


def _personal_value(name: str, wanted: Any) -> WeighPerson:
    values, told = _set(wanted), answers(f"people.{name}")

    def weigh(case: PersonCase) -> Weighed:
        found = getattr(case.person, name)
        return told[None if found is None else found in values]

    return weigh


def _person_listed(name: str, wanted: Iterable[str]) -> WeighPerson:
    values, told = frozenset(wanted), answers(f"people.{name}")

    def weigh(case: PersonCase) -> Weighed:
        found = getattr(case.person, name)
        return told[None if found is None else not values.isdisjoint(found)]

    return weigh


def _earning(*, wanted: bool) -> WeighPerson:
    told = answers("people.income")

    def weigh(case: PersonCase) -> Weighed:
        income = case.person.income
        if income is None:
            return told[None]
        return told[any(one.kind in EARNED and one.amount for one in income) is wanted]

    return weigh


def _born(wanted: Born) -> WeighPerson:
    days = Birthdays(wanted.on_or_after, wanted.on_or_before)
    return lambda case: born_within(days, case.person)


def _aged(wanted: Bounds) -> WeighPerson:
    youngest, oldest = _limit(wanted.model_dump(exclude_none=True))
    return lambda case: born_within(birthdays(case.on, youngest, oldest), case.person)
