"""Which question comes next, and when there are enough answers: whatever can still change one is asked, and no more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from portal.blueprints.energy.rules.answers import Answers, names_of_health, with_person
from portal.blueprints.energy.rules.findings import Found, found
from portal.blueprints.energy.rules.questions import FIRST, QUESTIONS, Page, page_named
from portal.blueprints.energy.schemes.catalogue import Scheme
from portal.blueprints.energy.schemes.engine import Assessment, Verdict, ask_next, assess
from portal.blueprints.energy.schemes.household import Benefit, Condition, Household, Income

ENOUGH: Final = 10
"""After so many pages the result is shown; what could still be asked is asked there, one by one."""
EMERGENCY: Final = "crisis"
"""What is asked first: whoever can't wait shouldn't have to answer anything else."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a check has come. page: to be asked next, None if nothing is left that could change an answer.

    deciding: the schemes that it could settle. left: how many pages there may be, this one included.
    """

    answers: Answers
    assessment: Assessment
    page: Page | None
    deciding: tuple[Verdict, ...]
    left: int

    @property
    def found(self) -> Found:
        return found(self.assessment, self.answers.weighable)

    @property
    def is_enough(self) -> bool:
        """Tell whether the result is to be shown before anything more is asked. Nobody has to speak of health."""
        return self.page is None or len(self.answers.asked) >= ENOUGH or self.page.question.slug in names_of_health()


def stand(schemes: Sequence[Scheme], answers: Answers, on: date) -> Standing:
    """Return how far a check has come."""
    assessment = assess(schemes, answers.weighable, on)
    page = _next(schemes, answers, assessment)
    return Standing(
        answers,
        assessment,
        page,
        deciding(assessment, page) if page else (),
        len({one.name for one in _open(assessment, answers)}),
    )


def deciding(assessment: Assessment, page: Page) -> tuple[Verdict, ...]:
    """Return the schemes whose answers depend on what a page asks."""
    return tuple(verdict for verdict in assessment.verdicts if not set(page.question.keys).isdisjoint(verdict.missing))


def settling(verdicts: Iterable[Verdict], household: Household) -> list[tuple[Page, tuple[Verdict, ...]]]:
    """Return the pages whose answers could still settle something, whether answered with "I don't know" or not at all,
    each with the schemes that it could settle: first what could settle most, health last.
    """
    verdicts = tuple(verdicts)
    pages = [
        (page, tuple(one for one in verdicts if page.lacks_any(household, one.missing)))
        for question in QUESTIONS
        for page in question.pages(household)
    ]
    found = [(page, those) for page, those in pages if those]
    return sorted(found, key=lambda one: (one[0].question.slug in names_of_health(), -len(one[1])))


def _open(assessment: Assessment, answers: Answers) -> Iterator[Page]:
    """Yield the pages that could be asked, in the order of the table.

    Whether it is an emergency is asked where no scheme depends on it, too: it decides what the result says first.
    """
    missing = {EMERGENCY, *(key for verdict in assessment.verdicts for key in verdict.missing)}
    for question in QUESTIONS:
        for page in question.pages(answers.household):
            if page.name not in answers.asked and page.lacks_any(answers.weighable, missing):
                yield page


def _next(schemes: Sequence[Scheme], answers: Answers, assessment: Assessment) -> Page | None:
    waiting = list(_open(assessment, answers))
    if waiting and EMERGENCY in waiting[0].question.keys:
        return waiting[0]
    skipped: set[str] = set()
    while key := ask_next(assessment.verdicts, skip=skipped):
        for page in waiting:
            if key in page.question.keys and _matters(schemes, answers, key, page, assessment):
                return _first(page, answers)
        skipped.add(key)
    return None


def _matters(schemes: Sequence[Scheme], answers: Answers, key: str, page: Page, assessment: Assessment) -> bool:
    """Tell whether it matters what is so of the one person whom a page is about: if nothing were, or everything,
    something would be settled that isn't. A lodger's income counts for few schemes.
    """
    name, number = key.partition(".")[2], page.person
    if number is None:
        return True
    for extreme in _EXTREMES[name]:
        household = with_person(answers.household, number, **{name: extreme})
        for before, after in zip(assessment.verdicts, assess(schemes, household, assessment.on).verdicts, strict=True):
            if (before.answer, before.missing) != (after.answer, after.missing):
                return True
    return False


_EXTREMES: Final[dict[str, tuple[Any, ...]]] = {
    "benefits": ((), get_args(Benefit)),
    "income": ((), (Income(kind="earnings", amount=10**12, period="year"),)),
    "health": ((), get_args(Condition)),
}


def _first(page: Page, answers: Answers) -> Page:
    """Return the page, or the one that has to be answered before it."""
    before = FIRST.get(page.question.slug)
    earlier = page_named(page.name.replace(page.question.slug, before), answers.household) if before else None
    return page if earlier is None or earlier.name in answers.asked else earlier
