"""What the routes of a form read of a request: which application it is, what it needs, what is known already."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from flask import abort

from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.details import TellsOfHealth
from portal.blueprints.energy.rules.evidence import Kind, is_settled, kinds
from portal.blueprints.energy.rules.form import Form, Unreadable
from portal.blueprints.energy.rules.known import OFFERED, Known
from portal.blueprints.energy.rules.needs import Needs, needs
from portal.blueprints.energy.rules.parts import Step, steps
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import words
from portal.web import current


@dataclass(frozen=True, slots=True)
class Draft:
    """A form, on its way or as it was sent. editions: of the schemes that it is for. others: what else the person has
    asked for.
    """

    view: ApplicationView
    form: Form
    editions: tuple[Ready, ...]
    needs: Needs
    others: tuple[ApplicationView, ...]

    @property
    def steps(self) -> list[Step]:
        return steps(self.form, self.needs)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return what is to be shown."""
        return kinds(self.form, self.needs, self.view.shown, is_sent=self.view.sent_at is not None)

    def is_answered(self, name: str) -> bool:
        """Tell whether a page is answered. That of evidence is when there is nothing to do for any kind of it."""
        if name == "evidence":
            return all(is_settled(kind, self.view.shown) for kind in self.kinds)
        return self.form.is_answered(name)

    @property
    def names(self) -> list[str]:
        """Return what its schemes are called."""
        return list(self.names_by_slug.values())

    @property
    def names_by_slug(self) -> dict[str, str]:
        return {ready.edition.scheme: words(ready.edition.name) for ready in self.editions}

    @property
    def is_urgent(self) -> bool:
        return self.form.household.crisis is True

    @property
    def filled_in(self) -> dict[str, Known]:
        """Return what other services know that pages show filled in, by the page's name."""
        return {name: told for name, told in common.known().items() if told.facts}

    def known(self, name: str) -> Known | None:
        """Return what another service knows of one page."""
        return common.known().get(name) if name in OFFERED else None


def draft_or_404(application: UUID) -> Draft:
    """Return a form that isn't sent."""
    return draft_or_none(application) or abort(404)


def draft_or_none(application: UUID) -> Draft | None:
    """Return a form that isn't sent; None where it was, isn't there, or can't be read any more."""
    found = _whole(application)
    return _as_draft(found, editions_now(found.view), common.local_day()) if found and not found.view.sent_at else None


def form_or_404(application: UUID) -> Draft:
    """Return a form, sent or not: one that was sent with the pages that it had then."""
    found = _whole(application) or abort(404)
    if found.view.sent_at is None:
        return _as_draft(found, editions_now(found.view), common.local_day())
    sent_on = found.view.sent_at.astimezone(current.council().zone).date()
    return _as_draft(found, editions_of(found.view), sent_on)


def sent_or_404(application: UUID) -> Draft:
    """Return a form as it was sent."""
    found = form_or_404(application)
    return found if found.view.sent_at else abort(404)


def as_if_for(draft: Draft, editions: tuple[Ready, ...]) -> Draft:
    """Return a form as it would be if it were for these alone."""
    return replace(draft, editions=editions, needs=_needed(draft.form, editions, common.local_day()))


def _as_draft(found: applications.Whole, editions: tuple[Ready, ...], on: date) -> Draft:
    return Draft(found.view, found.form, editions, _needed(found.form, editions, on), found.others)


def _needed(form: Form, editions: tuple[Ready, ...], on: date) -> Needs:
    needed = needs(editions, form.answers.weighable, on)
    told = form.detail(TellsOfHealth)
    return needed.without_health() if told and not told.tells else needed


def _whole(application: UUID) -> applications.Whole | None:
    """Return one of the subject's applications, sent or not, if it can be read."""
    try:
        return applications.whole(
            current.db(), current.sealer(), current.party(), application, common.nation(), at=current.now()
        )
    except Unreadable:
        return None


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
