"""The questions of the check: what each is called, where it is asked, and which of them are open."""

from dataclasses import dataclass

from flask import url_for

from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.names import of_person
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.findings import Finding, edition_of
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.rules.walk import Standing, settling
from portal.blueprints.energy.schemes.engine import Verdict
from portal.i18n import words

RESULT = "result"
"""Where an answer that is changed from the result leads back to: ``then`` in an address."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question whose answer could open something. opens: names of the schemes."""

    name: str
    title: str
    address: str
    opens: tuple[str, ...]


def still_open(standing: Standing) -> tuple[OpenQuestion, ...]:
    """Return what could still be answered, each question once, the one first that could open most."""
    answers, verdicts = standing.answers, standing.found.verdicts[Finding.OPEN]
    return tuple(
        OpenQuestion(page.name, title(page, answers), address(page, then=RESULT), tuple(name_of(one) for one in those))
        for page, those in settling(verdicts, answers.weighable)
    )


def address(asked: Page, *, then: str | None = None) -> str:
    if asked.person is None:
        return url_for("energy_check.ask", question=asked.question.slug, then=then)
    return url_for("energy_check.ask_about", question=asked.question.slug, person=asked.person, then=then)


def title(asked: Page, answers: Answers, form: QuestionForm | type[QuestionForm] | None = None) -> str:
    """Return the question of a page, which names whom it is about, unless that is the reader."""
    form = form or FORMS[asked.question.slug].made_for(Asked(asked, answers.household))
    if not asked.person or not form.of_other:
        return str(form.title)
    return str(form.of_other) % {"who": of_person(answers.household, asked.person)}


def name_of(verdict: Verdict) -> str:
    return words(edition_of(verdict).name)
