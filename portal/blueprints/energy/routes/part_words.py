"""The parts and pages of a form, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.blueprints.energy.forms.details import FORMS as DETAIL_FORMS
from portal.blueprints.energy.routes import asking, kept
from portal.blueprints.energy.routes.answers import in_words
from portal.blueprints.energy.routes.drafts import Draft
from portal.blueprints.energy.routes.words import EVIDENCE, listed, sentence
from portal.blueprints.energy.rules.details import DETAILS, TellsOfHealth
from portal.blueprints.energy.rules.form import Correction, Form
from portal.blueprints.energy.rules.parts import Part, Progress, Step, parts, progress
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import Household
from portal.i18n import Lazy, ngettext, words
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
STATES: Final[dict[Progress, tuple[Lazy, str]]] = {
    Progress.DONE: (_l("Done"), ""),
    Progress.CHECK: (_l("Check it"), "yellow"),
    Progress.BEGUN: (_l("Begun"), "teal"),
    Progress.TO_DO: (_l("To do"), "blue"),
}
"""A word and the colour of its tag; none where nothing is left to do."""
FEW: Final = 3
"""So many kinds of papers are named in the list of parts."""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list. step: where it leads: to its first page that is open, or to its first."""

    part: Part
    name: str
    hint: str
    progress: Progress
    step: Step


@dataclass(frozen=True, slots=True)
class Row:
    """One page with its answer. lines: empty where there is none yet. source: who knew it before. correction: what
    another service says instead, its first line saying who.
    """

    step: Step
    title: str
    lines: list[str]
    source: str
    correction: list[str]


def sections(draft: Draft) -> list[tuple[str, list[Task]]]:
    """Return the list of parts under their headings."""
    there = parts(draft.form, draft.needs)
    found = [
        (str(heading), [_task(draft, part, there[part]) for part in those if part in there])
        for heading, those in SECTIONS
    ]
    return [(heading, tasks) for heading, tasks in found if tasks]


def _task(draft: Draft, part: Part, steps: tuple[Step, ...]) -> Task:
    stands = progress(steps, draft.is_answered, draft.filled_in)
    open_step = next((step for step in steps if not draft.is_answered(step.name)), steps[0])
    return Task(part, name_of(part), _hint(draft, part, steps, stands), stands, open_step)


def _hint(draft: Draft, part: Part, steps: tuple[Step, ...], stands: Progress) -> str:
    told = draft.form.detail(TellsOfHealth)
    if part is Part.HEALTH:
        return _("You chose to say nothing. That’s fine.") if told and not told.tells else _("You may say nothing here")
    if part is Part.EVIDENCE and stands is not Progress.DONE:
        return _papers(draft)
    if stands is Progress.CHECK:
        open_to_check = (step.name for step in steps if not draft.form.is_answered(step.name))
        return kept.filled_in(next(draft.filled_in[name].source for name in open_to_check if name in draft.filled_in))
    confirmed = next((draft.form.answers.sources[one.name] for one in steps if _is_confirmed(draft.form, one)), None)
    return kept.confirmed(confirmed) if confirmed and stands is Progress.DONE else ""


def _papers(draft: Draft) -> str:
    """Return what has to be shown: all of it where that is little, else a part."""
    wanted = [str(EVIDENCE[one.name]) for one in draft.kinds if not one.source]
    papers = listed(wanted) if len(wanted) <= FEW else ", ".join((*wanted[: FEW - 1], _("and more")))
    return _("%(papers)s You can use your phone.", papers=sentence(papers[:1].upper() + papers[1:])).strip()


def _is_confirmed(form: Form, step: Step) -> bool:
    return step.name in form.answers.sources and step.name not in form.corrections


def answered(draft: Draft) -> list[tuple[str, list[Row]]]:
    """Return all pages with their answers, under the names of their parts."""
    there = parts(draft.form, draft.needs)
    return [(name_of(part), [_row(step, draft.form) for step in steps]) for part, steps in there.items()]


def _row(step: Step, form: Form) -> Row:
    source = kept.confirmed(form.answers.sources[step.name]) if _is_confirmed(form, step) else ""
    lines = said(step, form) if form.is_answered(step.name) else []
    return Row(step, title(step, form), lines, source, corrected(step, form))


def how_far(tasks: Sequence[Task]) -> tuple[int, int, str]:
    """Return how many parts are done, of how many, and a sentence that says so."""
    done = sum(task.progress is Progress.DONE for task in tasks)
    told = ngettext("%(done)s of %(num)d part is done.", "%(done)s of %(num)d parts are done.", len(tasks), done=done)
    return done, len(tasks), told


def is_ready(draft: Draft) -> bool:
    """Tell whether every page is answered, so that the form can be sent."""
    return all(draft.is_answered(step.name) for step in draft.steps)


def urgent(draft: Draft) -> list[str]:
    """Return how soon the council decides about what a form is for."""
    return [
        f"{words(ready.edition.name)}: {sentence(words(ready.edition.clocks.decision))}"
        for ready in draft.editions
        if ready.edition.kind == "council_decides" and ready.edition.clocks.decision
    ]


def part_of(draft: Draft, asked: Step) -> Part:
    """Return the part that a page belongs to."""
    return next(part for part, steps in parts(draft.form, draft.needs).items() if asked in steps)


def name_of(part: Part) -> str:
    return str(NAMES[part])


def next_in_part(draft: Draft, asked: Step, after: Form) -> Step | None:
    """Return the next page of the same part that is open; None if there is none."""
    those = {step.name: step for step in parts(after, draft.needs).get(part_of(draft, asked), ())}
    names = list(those)
    later = names[names.index(asked.name) + 1 :] if asked.name in names else names
    return next((those[name] for name in later if not after.is_answered(name)), None)


def title(asked: Step, form: Form) -> str:
    """Return the question of a page."""
    if asked.page is not None:
        return asking.title(asked.page, form.answers)
    detail = DETAIL_FORMS.get(asked.name)
    return str(detail.made_for(form).title) if detail else name_of(Part.EVIDENCE)


def said(asked: Step, form: Form) -> list[str]:
    """Return what a page was answered with, a line for each thing."""
    if asked.page is not None:
        return in_words(asked.page, form.household)
    return detail_in_words(asked.name, form)


def detail_in_words(slug: str, form: Form) -> list[str]:
    """Return what a page of details was answered with."""
    known, detail = form.details.get(slug), DETAIL_FORMS.get(slug)
    return detail.made_for(form).in_words(known) if known and detail else []


def corrected(asked: Step, form: Form) -> list[str]:
    """Return what another service says of a page that the person answered otherwise: who, and what; empty if they
    agree.
    """
    told = form.corrections.get(asked.name)
    return [_said_by(told), ", ".join(_fact(asked.page, asked.name, form, told.fact))] if told else []


def _said_by(told: Correction) -> str:
    return kept.said_by(told.source, datetime.fromisoformat(told.as_of))


def _fact(page: Page | None, slug: str, form: Form, fact: Any) -> list[str]:
    if page is None:
        return detail_in_words(slug, form.with_detail(slug, DETAILS[slug].model_validate(fact)))
    household = Household.model_validate(form.household.model_dump(exclude_none=True) | dict(fact))
    return in_words(page, household)
