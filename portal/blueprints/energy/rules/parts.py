"""The parts of a form and their pages: which there are for the schemes that it is for, and how far each has come.

The order is that of the facts on what forms really ask: who and where first, bank details late and by themselves.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.blueprints.energy.rules.details import TellsOfHealth
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.needs import Needs
from portal.blueprints.energy.rules.questions import BY_SLUG, Page
from portal.blueprints.energy.schemes.edition import Detail
from portal.blueprints.energy.schemes.engine import HEALTH


class Part(StrEnum):
    WHO = "who"
    HOME = "home"
    HOUSEHOLD = "household"
    INCOME = "income"
    COSTS = "costs"
    ENERGY = "energy"
    HAPPENED = "happened"
    HEALTH = "health"
    BANK = "bank"
    EVIDENCE = "evidence"


class Progress(StrEnum):
    """How far a part has come. CHECK: something was filled in that the person hasn't confirmed."""

    DONE = "done"
    CHECK = "check"
    BEGUN = "begun"
    TO_DO = "to-do"


@dataclass(frozen=True, slots=True)
class Step:
    """One page. page: the question of the check that it asks; None if it asks for a detail."""

    name: str
    page: Page | None = None


PAGES: Final[dict[Part, tuple[str, ...]]] = {
    Part.WHO: ("who", "contact"),
    Part.HOME: ("address", "home", "landlord", "moved-in", "rating", "building", "fuel"),
    Part.HOUSEHOLD: ("people", "names", "birthdays", "studying"),
    Part.INCOME: ("benefits", "child-benefits", "income", "savings", "low-income"),
    Part.COSTS: ("rent",),
    Part.ENERGY: ("bills", "energy-costs", "supplier", "meter"),
    Part.HAPPENED: ("emergency", "referred", "happened"),
    Part.HEALTH: ("tells-health", "pregnancy", "health"),
    Part.BANK: ("bank",),
    Part.EVIDENCE: ("evidence",),
}
"""The pages of each part, by slug, in order."""
_ALWAYS: Final = frozenset(("who", "contact", "address", "home", "people"))
_FOR_DETAIL: Final[dict[Detail, str]] = {
    "names": "names",
    "supplier": "supplier",
    "account_number": "supplier",
    "meter_number": "meter",
    "what_happened": "happened",
    "bank": "bank",
}


def parts(form: Form, needs: Needs) -> dict[Part, tuple[Step, ...]]:
    """Return the parts of a form with their pages, in order: only what its schemes need."""
    found = {part: tuple(_steps(slugs, form, needs)) for part, slugs in PAGES.items()}
    return {part: steps for part, steps in found.items() if steps}


def steps(form: Form, needs: Needs) -> list[Step]:
    """Return all pages of a form, in order."""
    return [step for those in parts(form, needs).values() for step in those]


def may_keep_health(form: Form, needs: Needs) -> bool:
    """Tell whether what was said of health may be sent: its schemes ask for it, and the person agreed to tell of it.

    What the check was told of health is in a form before anybody was asked for that.
    """
    told = form.detail(TellsOfHealth)
    return bool(needs.keys & HEALTH) and told is not None and told.tells


def progress(of: Sequence[Step], is_answered: Callable[[str], bool], known: Collection[str]) -> Progress:
    """Return how far a part has come. is_answered: tells of each page, by its name. known: names of pages that another
    service knows something of.
    """
    answered = [is_answered(step.name) for step in of]
    if all(answered):
        return Progress.DONE
    if any(not done and step.name in known for step, done in zip(of, answered, strict=True)):
        return Progress.CHECK
    return Progress.BEGUN if any(answered) else Progress.TO_DO


def _steps(slugs: Iterable[str], form: Form, needs: Needs) -> Iterator[Step]:
    wanted = {_FOR_DETAIL[detail] for detail in needs.details} | _ALWAYS
    if needs.evidence:
        wanted.add("evidence")
    if needs.keys & HEALTH:
        wanted.add("tells-health")
    for slug in slugs:
        question = BY_SLUG.get(slug)
        if question is None:
            if slug in wanted and (slug != "names" or _others(form)):
                yield Step(slug)
        elif slug in wanted or _is_asked(frozenset(question.keys), form, needs):
            yield from (Step(page.name, page) for page in question.pages(form.household))


def _is_asked(keys: frozenset[str], form: Form, needs: Needs) -> bool:
    told = form.detail(TellsOfHealth)
    if keys <= HEALTH and not (told and told.tells):
        return False
    return not keys.isdisjoint(needs.keys)


def _others(form: Form) -> int:
    """Return how many people live with the applicant, as far as is known."""
    return len(form.household.people or ()) - 1
