"""Filling in a form: its list of parts, each of its pages, and deleting it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.actions.drafting import Answer, ChangedMeanwhile, NoSuchDraft
from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.detail import DetailForm
from portal.blueprints.energy.forms.details import FORMS as DETAIL_FORMS
from portal.blueprints.energy.forms.paying import ending
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.applicant import applicant
from portal.blueprints.energy.routes import common, kept, part_words
from portal.blueprints.energy.routes.addresses import ANSWERS, step_address
from portal.blueprints.energy.routes.choosing import asked_again
from portal.blueprints.energy.routes.drafts import Draft, draft_or_404, step_or_404
from portal.blueprints.energy.rules.details import DETAILS, Bank, Contact, Detail
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.known import compared
from portal.blueprints.energy.rules.parts import Step
from portal.blueprints.energy.rules.questions import page_named
from portal.i18n import gettext as _
from portal.models import Channel
from portal.web import current, helping
from portal.web.pages import page, see_other

_BY_CHANNEL = {Channel.TEXT: "phone", Channel.EMAIL: "email", Channel.POST: "post"}


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
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


def tasks(draft: Draft) -> Response:
    """Show the parts of a form that isn't sent."""
    sections = part_words.sections(draft)
    done, of, told = part_words.how_far([task for _heading, those in sections for task in those])
    before = asked_again(draft.others, draft.editions)
    return page(
        "energy/tasks.html",
        draft=draft,
        sections=sections,
        done=done,
        of=of,
        how_far=told,
        states=part_words.STATES,
        step_address=step_address,
        is_ready=part_words.is_ready(draft),
        urgent=part_words.urgent(draft) if draft.is_urgent else (),
        before=[(name, before[slug]) for slug, name in draft.names_by_slug.items() if slug in before],
        asks_for_facts=not helping.now() and common.has_to_ask(current.party()),
    )


def step(application: UUID, slug: str, person: int | None = None) -> AnyResponse:
    draft = draft_or_404(application)
    asked = _asked(draft, slug, person)
    if asked.name == "evidence":
        return see_other(step_address(application, asked))
    return page("energy/step.html", **_shown(draft, asked, _form_of(draft, asked)))


def answer(application: UUID, slug: str, person: int | None = None) -> AnyResponse:
    draft = draft_or_404(application)
    asked = _asked(draft, slug, person)
    if asked.name == "evidence":
        abort(404)
    form = _sent(draft, asked)
    is_unknown = "unknown" in request.form and bool(form.dont_know)
    if not is_unknown and not form.is_good():
        return page("energy/step.html", status=422, **_shown(draft, asked, form))
    given = Answer(
        asked.name,
        request.form.get("seen", ""),
        lambda before: _answered(before, draft, asked, form, is_unknown=is_unknown),
    )
    try:
        after = drafting.answer(
            current.db(),
            current.sealer(),
            current.party(),
            application,
            given,
            nation=common.nation(),
            now=current.now(),
        )
    except NoSuchDraft:
        abort(404)
    except ChangedMeanwhile as changed:
        if asked.page and page_named(asked.name, changed.now.household) is None:
            flash(
                _("Who lives with you was changed elsewhere since you opened that page. It isn’t asked now."), "problem"
            )
            return see_other(url_for(".application", application=application))
        return page("energy/step.html", status=409, **_changed(draft, asked, form, changed.now))
    return see_other(_onward(draft, asked, after))


def _asked(draft: Draft, slug: str, person: int | None) -> Step:
    """Return the page of an address. That of evidence is elsewhere."""
    return step_or_404(draft, slug if person is None else f"{slug}/{person}") if slug != "evidence" else abort(404)


def _answered(before: Form, draft: Draft, asked: Step, form: Any, *, is_unknown: bool) -> Form:
    """Return a form with the answer that was sent."""
    if asked.page is None:
        after = before.with_detail(asked.name, form.left_open() if is_unknown else form.detail())
        if asked.name == "tells-health":
            agreed = form.tells.data == "yes"
            after = after.with_health_of(common.answers()) if agreed else after.without_health()
    else:
        household = (
            before.answers.unanswered(asked.page) if is_unknown else form.put_into(Asked(asked.page, before.household))
        )
        after = before.with_answer(asked.name, household)
    return compared(after, asked.name, draft.known(asked.name))


def ask_to_delete(application: UUID) -> Response:
    """Ask before a form is deleted, whether it can be read or not."""
    view = applications.one(current.db(), current.party(), application, at=current.now())
    return page("energy/delete.html", view=view) if view and not view.sent_at else abort(404)


def delete_form(application: UUID) -> AnyResponse:
    try:
        drafting.forget(current.db(), current.sealer(), current.party(), application, now=current.now())
    except NoSuchDraft:
        abort(404)
    flash(_("Your form is deleted."), "success")
    return see_other(url_for(".index"))


def _onward(draft: Draft, asked: Step, after: Form) -> str:
    """Return where to go from a page: where it was changed from, the next page of its part, or the list."""
    if _then():
        return url_for(".answers", application=draft.view.id)
    following = part_words.next_in_part(draft, asked, after)
    return step_address(draft.view.id, following) if following else url_for(".application", application=draft.view.id)


def _then() -> str | None:
    return ANSWERS if ANSWERS in (request.args.get("then"), request.form.get("then")) else None


def _form_of(draft: Draft, asked: Step) -> QuestionForm | DetailForm:
    """Return the form of a page with what was answered, or else with what is known already."""
    is_before = draft.form.is_answered(asked.name)
    told = None if is_before else draft.known(asked.name)
    if asked.page is None:
        known = draft.form.details.get(asked.name)
        if known is None and told:
            known = DETAILS[asked.name].model_validate(told.facts)
        return DETAIL_FORMS[asked.name].of(draft.form, known or _of_account(asked))
    household = draft.form.household.model_copy(update=told.facts) if told else draft.form.household
    return FORMS[asked.page.question.slug].of(Asked(asked.page, household, before=is_before))


def _of_account(asked: Step) -> Detail | None:
    """Return what the account knows that a page asks for."""
    if asked.name != "contact":
        return None
    known = applicant(current.db(), current.party())
    by = next((way for channel, way in _BY_CHANNEL.items() if channel in known.ways), "post")
    phone, email = known.ways.get(Channel.TEXT, ""), known.ways.get(Channel.EMAIL, "")
    return Contact.model_validate({"name": known.name, "by": by, "phone": phone, "email": email})


def _sent(draft: Draft, asked: Step) -> Any:
    """Return the form of a page as it was sent."""
    if asked.page is None:
        return DETAIL_FORMS[asked.name].made_for(draft.form)()
    return FORMS[asked.page.question.slug].made_for(Asked(asked.page, draft.form.household))()


def _changed(draft: Draft, asked: Step, form: Any, now: Form) -> dict[str, Any]:
    """Return what the template shows where somebody else has answered a page meanwhile: both answers."""
    other = part_words.said(asked, now) if now.is_answered(asked.name) else []
    return _shown(draft, asked, form) | {"seen": now.seen(asked.name), "other": other or [_("No answer")]}


def _shown(draft: Draft, asked: Step, form: Any) -> dict[str, Any]:
    """Return what the template shows of a page. other: what somebody else has answered meanwhile."""
    slug, _slash, person = asked.name.partition("/")
    back = ".answers" if _then() else ".application"
    return {
        "draft": draft,
        "form": form,
        "title": part_words.title(asked, draft.form),
        "slug": slug,
        "person": int(person) if person else None,
        "here": step_address(draft.view.id, asked),
        "back": url_for(back, application=draft.view.id),
        "seen": draft.form.seen(asked.name),
        "then": _then(),
        "told": _told(draft, asked),
        "correction": part_words.corrected(asked, draft.form),
        "part": part_words.name_of(part_words.part_of(draft, asked)),
        "other": None,
    }


def _told(draft: Draft, asked: Step) -> str:
    """Return where what a page shows at first is from; of an account that is kept, how it ends."""
    account = draft.form.detail(Bank)
    if asked.name == "bank" and account and account.holder:
        return _("We have the account that ends in %(digits)s. To change it, write it again.", digits=ending(account))
    if draft.form.is_answered(asked.name):
        return ""
    if asked.name == "contact":
        return _("From your account. Change it if it isn’t right.")
    told = draft.known(asked.name)
    return kept.told(told) if told else ""
