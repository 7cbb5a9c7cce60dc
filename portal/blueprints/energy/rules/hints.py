"""What may be worth asking for beside the schemes: a benefit that would open some of them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from portal.blueprints.energy.rules.answers import with_person
from portal.blueprints.energy.rules.findings import Finding, Found, found
from portal.blueprints.energy.rules.questions import UK
from portal.blueprints.energy.schemes.ages import birthdays, born_within
from portal.blueprints.energy.schemes.catalogue import Scheme
from portal.blueprints.energy.schemes.engine import Verdict, assess
from portal.blueprints.energy.schemes.household import Household, Person
from portal.blueprints.energy.schemes.money import PER_YEAR

PENSION_AGE: Final = 66
"""As the Priority Services Register counts it (its scheme's file)."""
PLENTY: Final = 20_000_00
"""A year: whoever has more isn't sent to ask. How much is too much changes each year, and hangs on more than income."""
PENSION_CREDIT: Final = "pension_credit_guarantee"


def pension_credit_opens(schemes: Sequence[Scheme], present: Found, on: date) -> list[Verdict]:
    """Return what a household may get with Pension Credit and can't without; nothing if it isn't worth asking for."""
    household = present.household
    if household.nation not in UK or not _may_ask(household, on):
        return []
    applicant = (household.people or ())[0]
    with_it = with_person(household, 0, benefits=(*(applicant.benefits or ()), PENSION_CREDIT))
    then = found(assess(schemes, with_it, on), with_it).verdicts
    closed = {one.scheme.slug for finding in (Finding.NO, Finding.PERHAPS) for one in present.verdicts[finding]}
    return [one for finding in (Finding.YES, Finding.OPEN) for one in then[finding] if one.scheme.slug in closed]


def _may_ask(household: Household, on: date) -> bool:
    couple = [person for person in household.people or () if person.role in ("applicant", "partner")]
    if not couple or any(_has_it(person) for person in couple):
        return False
    limit = birthdays(on, PENSION_AGE, None)
    is_old = any(person.date_of_birth and born_within(limit, person).answer for person in couple)
    return is_old and sum(_a_year(person) for person in couple) <= PLENTY


def _has_it(person: Person) -> bool:
    """Tell whether somebody gets Pension Credit, or may, since it isn't known what they get."""
    return person.benefits is None or any(benefit.startswith("pension_credit") for benefit in person.benefits)


def _a_year(person: Person) -> int:
    return sum(one.amount * PER_YEAR[one.period] for one in person.income or ())
