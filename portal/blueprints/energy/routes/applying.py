"""Filling in a form: which schemes it is for, its list of parts, each of its pages."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.actions.drafting import Answer, ChangedMeanwhile, NoSuchDraft
from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.choosing import ChooseForm
from portal.blueprints.energy.forms.detail import DetailForm
from portal.blueprints.energy.forms.details import FORMS as DETAIL_FORMS
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.routes import common, kept, part_words
from portal.blueprints.energy.routes.drafts import Draft, draft_or_404, step_or_404
from portal.blueprints.energy.rules.applying import applied_for
from portal.blueprints.energy.rules.details import DETAILS
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.known import correction
from portal.blueprints.energy.rules.parts import Step
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import gettext as _
from portal.i18n import words
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/apply", view_func=choose)
    bp.add_url_rule("/apply", view_func=begin, methods=["POST"])
    bp.add_url_rule("/applications/<uuid:application>/form/<slug>", view_func=step)
    bp.add_url_rule("/applications/<uuid:application>/form/<slug>/<int:person>", view_func=step, endpoint="step_about")
    bp.add_url_rule("/applications/<uuid:application>/form/<slug>", view_func=answer, methods=["POST"])
    bp.add_url_rule(
        "/applications/<uuid:application>/form/<slug>/<int:person>",
        view_func=answer,
        endpoint="answer_about",
        methods=["POST"],
    )
    bp.add_url_rule("/applications/<uuid:application>/delete", view_func=ask_to_delete)
    bp.add_url_rule("/applications/<uuid:application>/delete", view_func=delete_form, methods=["POST"])


def choose() -> Response:
    offered = _offered()
    found = common.standing().found
    suits = {verdict.scheme.slug for verdict in found.open_to(("council_decides", "council_refers"))}
    form = ChooseForm.of(offered, chosen=suits)
    return _choosing(form, offered)


def begin() -> AnyResponse:
    offered = _offered()
    form = ChooseForm.of(offered)
    if not form.is_good():
        return _choosing(form, offered, status=422)
    chosen = {slug: offered[slug].edition.edition for slug in form.schemes.data}
    application = drafting.begin(
        current.db(), current.sealer(), current.party(), chosen, common.answers(), now=current.now()
    )
    return see_other(url_for(".application", application=application))


def _offered() -> dict[str, Ready]:
    """Return the schemes that there is a form for, by slug."""
    found = applied_for(common.schemes(), common.nation(), common.local_day())
    return {ready.edition.scheme: ready for ready in found}


def _choosing(form: ChooseForm, offered: dict[str, Ready], *, status: int = 200) -> Response:
    draft = applications.draft(current.db(), current.party(), at=current.now())
    hints = {slug: words(ready.edition.gives) for slug, ready in offered.items()}
    return page("energy/choose.html", form=form, offered=offered, hints=hints, draft=draft, status=status)


def tasks(application: UUID) -> Response:
    """Show the parts of a form that isn't sent."""
    draft = draft_or_404(application)
    sections = part_words.sections(draft)
    tasks = [task for _heading, those in sections for task in those]
    return page(
        "energy/tasks.html",
        draft=draft,
        sections=sections,
        how_far=part_words.how_far([task.progress for task in tasks]),
        states=part_words.STATES,
        step_address=step_address,
    )


def step(application: UUID, slug: str, person: int | None = None) -> AnyResponse:
    draft = draft_or_404(application)
    asked = step_or_404(draft, _name(slug, person))
    return page("energy/step.html", **_shown(draft, asked, _form_of(draft, asked)))


def answer(application: UUID, slug: str, person: int | None = None) -> AnyResponse:
    draft = draft_or_404(application)
    asked = step_or_404(draft, _name(slug, person))
    form = _sent(draft, asked)
    is_unknown = "unknown" in request.form and bool(form.dont_know)
    if not is_unknown and not form.is_good():
        return page("energy/step.html", status=422, **_shown(draft, asked, form))
    try:
        after = drafting.answer(
            current.db(),
            current.sealer(),
            current.party(),
            application,
            Answer(
                asked.name,
                request.form.get("seen", ""),
                lambda before: _answered(before, draft, asked, form, is_unknown=is_unknown),
            ),
            nation=common.nation(),
            now=current.now(),
        )
    except NoSuchDraft:
        abort(404)
    except ChangedMeanwhile as changed:
        other = part_words.said(asked, changed.now) or [_("No answer")]
        shown = _shown(draft, asked, form) | {"seen": changed.now.seen(asked.name), "other": other}
        return page("energy/step.html", status=409, **shown)
    return see_other(_onward(draft, asked, after))


def _answered(before: Form, draft: Draft, asked: Step, form: Any, *, is_unknown: bool) -> Form:
    """Return a form with the answer that was sent."""
    if asked.page is None:
        after = before.with_detail(asked.name, form.left_open() if is_unknown else form.detail())
        if asked.name == "tells-health" and form.data["tells"] == "no":
            after = after.without_health()
    elif is_unknown:
        household = before.answers.unanswered(asked.page)
        after = _with(before, asked, household)
    else:
        after = _with(before, asked, form.put_into(Asked(asked.page, before.household)))
    told = draft.known.get(asked.name)
    return after.with_correction(asked.name, correction(told, after, asked.name) if told else None)


def _with(before: Form, asked: Step, household: Any) -> Form:
    return Form(before.answers.answered(asked.name, household), before.details, before.corrections)


def ask_to_delete(application: UUID) -> Response:
    return page("energy/delete.html", draft=draft_or_404(application))


def delete_form(application: UUID) -> AnyResponse:
    try:
        drafting.forget(current.db(), current.sealer(), current.party(), application, now=current.now())
    except NoSuchDraft:
        abort(404)
    flash(_("Your form is deleted."), "success")
    return see_other(url_for(".index"))


def _name(slug: str, person: int | None) -> str:
    return slug if person is None else f"{slug}/{person}"


def step_address(application: UUID, asked: Step, *, then: str | None = None) -> str:
    """Return where a page is. then: ``answers`` to come back to the list of answers."""
    slug, _slash, person = asked.name.partition("/")
    if person:
        return url_for("energy.step_about", application=application, slug=slug, person=int(person), then=then)
    return url_for("energy.step", application=application, slug=slug, then=then)


def _onward(draft: Draft, asked: Step, after: Form) -> str:
    """Return where to go from a page: where it was changed from, the next page of its part, or the list."""
    if request.form.get("then") == "answers":
        return url_for(".answers", application=draft.view.id)
    following = part_words.next_in_part(draft, asked, after)
    return step_address(draft.view.id, following) if following else url_for(".application", application=draft.view.id)


def _form_of(draft: Draft, asked: Step) -> QuestionForm | DetailForm:
    """Return the form of a page with what was answered, or else with what another service knows."""
    told = None if draft.form.is_answered(asked.name) else draft.known.get(asked.name)
    if asked.page is None:
        known = draft.form.details.get(asked.name)
        if known is None and told:
            known = DETAILS[asked.name].model_validate(told.facts)
        return DETAIL_FORMS[asked.name].of(draft.form, known)
    household = draft.form.household.model_copy(update=told.facts) if told else draft.form.household
    is_before = draft.form.is_answered(asked.name)
    return FORMS[asked.page.question.slug].of(Asked(asked.page, household, before=is_before))


def _sent(draft: Draft, asked: Step) -> Any:
    """Return the form of a page as it was sent."""
    if asked.page is None:
        return DETAIL_FORMS[asked.name].made_for(draft.form)()
    return FORMS[asked.page.question.slug].made_for(Asked(asked.page, draft.form.household))()


def _shown(draft: Draft, asked: Step, form: Any) -> dict[str, Any]:
    """Return what the template shows of a page. other: what somebody else has answered meanwhile."""
    told = draft.known.get(asked.name)
    slug, _slash, person = asked.name.partition("/")
    return {
        "draft": draft,
        "form": form,
        "title": part_words.title(asked, draft.form),
        "slug": slug,
        "person": int(person) if person else None,
        "here": step_address(draft.view.id, asked),
        "back": url_for(".application", application=draft.view.id),
        "seen": draft.form.seen(asked.name),
        "then": "answers" if "answers" in (request.args.get("then"), request.form.get("then")) else None,
        "told": kept.told(told) if told and not draft.form.is_answered(asked.name) else "",
        "correction": part_words.corrected(asked, draft.form),
        "part": part_words.name_of(part_words.part_of(draft, asked)),
        "other": None,
    }
