"""The parts and pages of a form, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.blueprints.energy.forms.details import FORMS as DETAIL_FORMS
from portal.blueprints.energy.routes import asking, kept
from portal.blueprints.energy.routes.answers import in_words
from portal.blueprints.energy.routes.drafts import Draft
from portal.blueprints.energy.rules.details import DETAILS
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.parts import Part, Progress, Step, parts, progress
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import Household
from portal.i18n import Lazy, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

NAMES: Final[dict[Part, Lazy]] = {
    Part.WHO: _l("Who is applying"),
    Part.HOME: _l("Your home"),
    Part.HOUSEHOLD: _l("Who lives with you"),
    Part.INCOME: _l("Income and benefits"),
    Part.COSTS: _l("Rent and other costs of your home"),
    Part.ENERGY: _l("Energy"),
    Part.HAPPENED: _l("What happened, and what would help"),
    Part.HEALTH: _l("Health, if you want to tell us"),
    Part.BANK: _l("Where to pay the money"),
    Part.EVIDENCE: _l("Photos of your papers"),
}
SECTIONS: Final[tuple[tuple[Lazy, tuple[Part, ...]], ...]] = (
    (_l("About you and your home"), (Part.WHO, Part.HOME, Part.HOUSEHOLD)),
    (_l("Money"), (Part.INCOME, Part.COSTS, Part.ENERGY)),
    (_l("What happened"), (Part.HAPPENED, Part.HEALTH)),
    (_l("What we need to pay and to check"), (Part.BANK, Part.EVIDENCE)),
)
STATES: Final[dict[Progress, Lazy]] = {
    Progress.DONE: _l("Done"),
    Progress.CHECK: _l("Check it"),
    Progress.BEGUN: _l("Begun"),
    Progress.TO_DO: _l("To do"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list. step: where it leads: to its first page that is open, or to its first."""

    part: Part
    name: str
    hint: str
    progress: Progress
    step: Step


def sections(draft: Draft) -> list[tuple[str, list[Task]]]:
    """Return the list of parts under their headings."""
    there = parts(draft.form, draft.needs)
    found = [
        (str(heading), [_task(draft, part, there[part]) for part in those if part in there])
        for heading, those in SECTIONS
    ]
    return [(heading, tasks) for heading, tasks in found if tasks]


def _task(draft: Draft, part: Part, steps: tuple[Step, ...]) -> Task:
    stands = progress(steps, draft.form, draft.known)
    open_step = next((step for step in steps if not draft.form.is_answered(step.name)), steps[0])
    return Task(part, name_of(part), _hint(part, stands), stands, open_step)


def _hint(part: Part, stands: Progress) -> str:
    if stands is Progress.CHECK:
        return _("We have filled this in from your rent account")
    if part is Part.HEALTH and stands is Progress.TO_DO:
        return _("You may say nothing here")
    return ""


def how_far(tasks: Sequence[Progress]) -> str:
    """Return how many parts are done."""
    done = sum(stands is Progress.DONE for stands in tasks)
    return ngettext("%(done)s of %(num)d part is done.", "%(done)s of %(num)d parts are done.", len(tasks), done=done)


def is_ready(draft: Draft) -> bool:
    """Tell whether every page is answered, so that the form can be sent."""
    return all(draft.form.is_answered(step.name) for step in draft.steps)


def part_of(draft: Draft, asked: Step) -> Part:
    """Return the part that a page belongs to."""
    return next(part for part, steps in parts(draft.form, draft.needs).items() if asked in steps)


def name_of(part: Part) -> str:
    return str(NAMES[part])


def next_in_part(draft: Draft, asked: Step, after: Form) -> Step | None:
    """Return the next page of the same part that is open; None if there is none."""
    part = part_of(draft, asked)
    names = [step.name for step in parts(after, draft.needs).get(part, ())]
    those = {step.name: step for step in parts(after, draft.needs).get(part, ())}
    later = names[names.index(asked.name) + 1 :] if asked.name in names else names
    return next((those[name] for name in later if not after.is_answered(name)), None)


def title(asked: Step, form: Form) -> str:
    """Return the question of a page."""
    if asked.page is not None:
        return asking.title(asked.page, form.answers)
    return str(DETAIL_FORMS[asked.name].made_for(form).title)


def said(asked: Step, form: Form) -> list[str]:
    """Return what a page was answered with, a line for each thing."""
    if asked.page is not None:
        return in_words(asked.page, form.household)
    return detail_in_words(asked.name, form)


def detail_in_words(slug: str, form: Form) -> list[str]:
    """Return what a page of details was answered with."""
    known = form.details.get(slug)
    if known is None:
        return []
    return DETAIL_FORMS[slug].made_for(form).in_words(known)


def corrected(asked: Step, form: Form) -> list[str]:
    """Return what another service says of a page that the person answered otherwise; empty if they agree."""
    told = form.corrections.get(asked.name)
    if told is None:
        return []
    return [kept.said_by(told.source), *_fact(asked.page, asked.name, form, told.fact)]


def _fact(page: Page | None, slug: str, form: Form, fact: Any) -> list[str]:
    if page is None:
        return detail_in_words(slug, form.with_detail(slug, DETAILS[slug].model_validate(fact)))
    household = Household.model_validate(form.household.model_dump(exclude_none=True) | dict(fact))
    return in_words(page, household)
