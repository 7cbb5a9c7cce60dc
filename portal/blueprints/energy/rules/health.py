"""What leaves an application of somebody's health: one yes or no for each scheme, if that counts it at all.

A referral has to say whether somebody has a condition that counts, never which or who.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from portal.blueprints.energy.schemes.catalogue import Ready
from portal.blueprints.energy.schemes.clauses import Clause, Test
from portal.blueprints.energy.schemes.conditions import compiled_test
from portal.blueprints.energy.schemes.household import Household
from portal.blueprints.energy.schemes.weighing import any_of, case_of


def counts(ready: Ready, household: Household, on: date) -> str | None:
    """Return ``yes`` or ``no``: whether somebody was told of who has a health condition, or is pregnant, as a scheme
    counts it; None if the scheme doesn't look at health. on: the day that counts.

    Whoever has none and whoever said nothing are alike, so that nobody learns who didn't want to tell.
    """
    tests = [Test(somebody=clause.somebody) for clause in _about_health(ready.edition.conditions)]
    if not tests:
        return None
    case = case_of(household, ready.edition.counts_on or on)
    found = any_of(compiled_test(ready.edition, test, ready.limits)(case) for test in tests)
    return "yes" if found.answer else "no"


def _about_health(clauses: Iterable[Clause]) -> Iterator[Clause]:
    for clause in clauses:
        if clause.somebody and (clause.somebody.health or clause.somebody.pregnant is not None):
            yield clause
        yield from _about_health(clause.groups())
