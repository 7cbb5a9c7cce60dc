"""What people have in a year, as a scheme counts it: from so much to so much, where not all of it is known."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from portal.blueprints.energy.schemes.ages import birthdays, born_within
from portal.blueprints.energy.schemes.edition import EVERYBODY, IncomeCounted
from portal.blueprints.energy.schemes.household import Payment
from portal.blueprints.energy.schemes.money import Period
from portal.blueprints.energy.schemes.weighing import Case, PersonCase, Range, Weighed, all_of, any_of

_NOTHING = -(10**18)
HEADS: Final = ("applicant", "partner")
"""Whose home it is."""


class Counted(NamedTuple):
    """How a scheme counts. left_out: kinds of income that don't count. per_year: how many of a period make a year."""

    people: IncomeCounted
    left_out: frozenset[str]
    per_year: Mapping[Period, int]


def household_income(case: Case, counted: Counted) -> Range:
    """Return what the people whose income counts have together."""
    if case.people is None:
        return Range(0, None, (), ("people",))
    found = [
        _if_counted(one, counted)
        for one in case.people
        if one.person.role is None or one.person.role in counted.people.whose
    ]
    most = [one.most for one in found if one.most is not None]
    return Range(
        sum(one.least for one in found),
        sum(most) if len(most) == len(found) else None,
        ("people.income",),
        tuple(dict.fromkeys(key for one in found for key in one.missing)),
    )


def income_of(case: PersonCase, counted: Counted) -> Range:
    """Return what one person has."""
    if case.person.income is None:
        return Range(0, None, (), ("people.income",))
    total = sum(
        one.amount * counted.per_year[one.period] for one in case.person.income if one.kind not in counted.left_out
    )
    return Range(total, total, ("people.income",))


def left_after(income: Range, costs: Range) -> Range:
    """Return what is left of an income after costs: less than nothing where they are more."""
    least = _NOTHING if costs.most is None else income.least - costs.most
    most = None if income.most is None else income.most - costs.least
    return Range(least, most, (*income.because, *costs.because), (*income.missing, *costs.missing))


def a_year(name: str, given: int | Payment | None, per_year: Mapping[Period, int]) -> Range:
    """Return what a sum of the household comes to in a year; one without a period as it is. name: its key."""
    if given is None:
        return Range(0, None, (), (name,))
    minor = given if isinstance(given, int) else given.amount * per_year[given.period]
    return Range(minor, minor, (name,))


def _if_counted(case: PersonCase, counted: Counted) -> Range:
    counts = _counts(case, counted.people)
    if counts.answer is False:
        return Range(0, 0, counts.because)
    income = income_of(case, counted)
    if counts.answer or income.most == 0:
        return income
    return Range(0, income.most, income.because, (*counts.because, *income.missing))


def _counts(case: PersonCase, people: IncomeCounted) -> Weighed:
    """Tell whether a person's income counts, for one whose role does."""
    person = case.person
    tests = [] if person.role or people.whose == EVERYBODY else [Weighed(None, ("people.role",))]
    if people.from_age:
        tests.append(_old_enough(case, people.from_age))
    if people.not_students:
        studies = person.in_full_time_education
        tests.append(Weighed(None if studies is None else not studies, ("people.in_full_time_education",)))
    return all_of(tests) if tests else Weighed(True, ())


def _old_enough(case: PersonCase, age: int) -> Weighed:
    """Tell whether somebody is of an age.

    Whose home it is, is old enough: nobody under age owns or rents one. Nobody else's role tells it: a brother of 17
    may be called an adult.
    """
    role = case.person.role
    if role in HEADS:
        return Weighed(True, ("people.role",))
    aged = born_within(birthdays(case.on, age, None), case.person)
    return aged if role else any_of((aged, Weighed(None, ("people.role",))))
