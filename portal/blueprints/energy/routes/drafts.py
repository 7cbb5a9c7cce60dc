"""What the routes of a form read of a request: which application it is, what it needs, what is known already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from flask import abort

from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.form import Form, Unreadable
from portal.blueprints.energy.rules.known import Known
from portal.blueprints.energy.rules.needs import Needs, needs
from portal.blueprints.energy.rules.parts import Step, steps
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import words
from portal.web import current

_NOTHING: Mapping[str, Known] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Draft:
    """A form on its way. editions: of the schemes that it is for. known: what other services know, by the page."""

    view: ApplicationView
    form: Form
    editions: tuple[Ready, ...]
    needs: Needs
    known: dict[str, Known]

    @property
    def steps(self) -> list[Step]:
        return steps(self.form, self.needs)

    @property
    def names(self) -> list[str]:
        """Return what its schemes are called."""
        return [words(ready.edition.name) for ready in self.editions]


def draft_or_404(application: UUID) -> Draft:
    """Return a form that isn't sent."""
    found = whole_or_404(application)
    if found.view.sent_at:
        abort(404)
    return as_draft(found, editions_now(found.view), common.local_day(), common.known())


def as_draft(
    found: applications.Whole, editions: tuple[Ready, ...], on: date, known: Mapping[str, Known] = _NOTHING
) -> Draft:
    """Return a form with what these editions need of it on a day."""
    return Draft(found.view, found.form, editions, needs(editions, found.form.answers.weighable, on), dict(known))


def sent_or_404(application: UUID) -> Draft:
    """Return a form as it was sent, with what was needed on that day."""
    found = whole_or_404(application)
    if found.view.sent_at is None:
        abort(404)
    sent_on = found.view.sent_at.astimezone(current.council().zone).date()
    return as_draft(found, editions_of(found.view), sent_on)


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


def editions_now(view: ApplicationView) -> tuple[Ready, ...]:
    """Return the editions that a draft's schemes are decided by if it is sent today; of a scheme that has ended the one
    that it was begun with.
    """
    begun_with = {ready.edition.scheme: ready for ready in editions_of(view)}
    found = {
        scheme.slug: scheme.on(common.local_day()) or begun_with.get(scheme.slug)
        for scheme in common.schemes()
        if scheme.slug in view.schemes
    }
    return tuple(ready for ready in found.values() if ready)


def step_or_404(draft: Draft, name: str) -> Step:
    """Return a page that the form has now."""
    return next((step for step in draft.steps if step.name == name), None) or abort(404)
