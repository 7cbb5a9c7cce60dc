"""What the routes of a form read of a request: which application it is, what it needs, what is known already."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort

from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.evidence import Kind, is_settled, kinds
from portal.blueprints.energy.rules.form import Form, Unreadable
from portal.blueprints.energy.rules.known import Known
from portal.blueprints.energy.rules.needs import Needs, needs
from portal.blueprints.energy.rules.parts import Step, steps
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import words
from portal.web import current


@dataclass(frozen=True, slots=True)
class Draft:
    """A form, sent or not. editions: of the schemes that it is for. known: what other services know, by the page."""

    view: ApplicationView
    form: Form
    editions: tuple[Ready, ...]
    needs: Needs
    known: dict[str, Known]

    @property
    def steps(self) -> list[Step]:
        return steps(self.form, self.needs)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return what is to be shown."""
        return kinds(self.form, self.needs, self.known, is_sent=self.view.sent_at is not None)

    def is_answered(self, name: str) -> bool:
        """Tell whether a page is answered. That of evidence is when there is nothing to do for any kind of it."""
        if name == "evidence":
            return all(is_settled(kind, self.view.shown) for kind in self.kinds)
        return self.form.is_answered(name)

    @property
    def names(self) -> list[str]:
        """Return what its schemes are called."""
        return [words(ready.edition.name) for ready in self.editions]


def draft_or_404(application: UUID) -> Draft:
    """Return a form that isn't sent."""
    found = form_or_404(application)
    if found.view.sent_at:
        abort(404)
    return found


def form_or_404(application: UUID) -> Draft:
    """Return a form, sent or not."""
    found = whole_or_404(application)
    editions = editions_of(found.view)
    return Draft(
        found.view,
        found.form,
        editions,
        needs(editions, found.form.answers.weighable, common.local_day()),
        common.known(),
    )


def whole_or_404(application: UUID) -> applications.Whole:
    """Return one of the subject's applications, sent or not."""
    try:
        found = applications.whole(
            current.db(), current.sealer(), current.party(), application, common.nation(), at=current.now()
        )
    except Unreadable:
        found = None
    return found or abort(404)


def editions_of(view: ApplicationView) -> tuple[Ready, ...]:
    """Return the editions that an application's schemes are decided by, as far as this release has them."""
    wanted = {(case.scheme, case.edition) for case in view.cases}
    return tuple(
        ready
        for scheme in common.schemes()
        for ready in scheme.editions
        if (scheme.slug, ready.edition.edition) in wanted
    )


def step_or_404(draft: Draft, name: str) -> Step:
    """Return a page that the form has now."""
    return next((step for step in draft.steps if step.name == name), None) or abort(404)
