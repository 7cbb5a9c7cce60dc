"""Sending a form: the declaration, what follows, and a receipt to keep."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import sending
from portal.blueprints.energy.actions.drafting import NoSuchDraft
from portal.blueprints.energy.actions.sending import Declared, NotAsShown, Office
from portal.blueprints.energy.forms.declaring import DeclareForm
from portal.blueprints.energy.queries import afterwards, applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common, part_words, receipt, words
from portal.blueprints.energy.routes.declaration import Declaration, declaration, is_about_health
from portal.blueprints.energy.routes.drafts import Draft, as_if_for, draft_or_404, editions_of, sent_or_404
from portal.blueprints.energy.rules.applying import applied_for
from portal.blueprints.energy.rules.parts import Progress
from portal.documents import guide as as_pdf
from portal.i18n import gettext as _
from portal.i18n import words as in_words
from portal.web import current, helping
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/applications/<uuid:application>/send", view_func=send_form)
    bp.add_url_rule("/applications/<uuid:application>/send", view_func=send_now, methods=["POST"])
    bp.add_url_rule("/applications/<uuid:application>/receipt.pdf", endpoint="receipt", view_func=receipt_pdf)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A form that can be sent. left_out: those of its schemes that can't be applied for any more."""

    draft: Draft
    left_out: dict[str, str]


def send_form(application: UUID) -> AnyResponse:
    """Show what is declared; once the form is sent, its reference and what happens next."""
    view = applications.one(current.db(), current.party(), application, at=current.now()) or abort(404)
    if view.sent_at:
        return _confirmed(view)
    ready = _ready(draft_or_404(application))
    return _declaring(ready) if ready else see_other(url_for(".application", application=application))


def send_now(application: UUID) -> AnyResponse:
    view = applications.one(current.db(), current.party(), application, at=current.now()) or abort(404)
    if view.sent_at:
        return see_other(url_for(".send_form", application=application))
    ready = _ready(draft_or_404(application))
    if ready is None:
        return see_other(url_for(".application", application=application))
    shown, form = _declaration(ready), DeclareForm.of(_behalf_of())
    if request.form.get("seen") != shown.seen:
        return _declaring(ready, is_changed=True)
    if not form.is_good():
        return _declaring(ready, form)
    try:
        sending.send(
            current.db(), _office(application), current.party(), application, _declared(ready), now=current.now()
        )
    except NoSuchDraft:
        abort(404)
    except NotAsShown:
        again = _ready(draft_or_404(application))
        return (
            _declaring(again, is_changed=True) if again else see_other(url_for(".application", application=application))
        )
    return see_other(url_for(".send_form", application=application))


def _ready(draft: Draft) -> _Ready | None:
    """Return a form that can be sent; None if it can't, after having said why."""
    offered = {ready.edition.scheme for ready in applied_for(common.schemes(), common.nation(), common.local_day())}
    still = tuple(ready for ready in draft.editions if ready.edition.scheme in offered)
    ended = {ready.edition.scheme: in_words(ready.edition.name) for ready in draft.editions if ready not in still}
    if not still:
        names = words.listed(ended.values())
        flash(
            _("You can’t apply for this any more: %(names)s. Call us, and we will look at it with you.", names=names),
            "problem",
        )
        return None
    kept = as_if_for(draft, still)
    if missing := _missing(kept):
        flash(_("You can send the form when these parts are done: %(parts)s.", parts=words.listed(missing)), "problem")
        return None
    return _Ready(kept, ended)


def _missing(draft: Draft) -> list[str]:
    tasks = (task for _heading, those in part_words.sections(draft) for task in those)
    return [task.name for task in tasks if task.progress is not Progress.DONE]


def _behalf_of() -> str:
    """Return for whom staff send the form; empty where the person does so themselves."""
    help_ = helping.now()
    return help_.name if help_ else ""


def _declaration(ready: _Ready) -> Declaration:
    return declaration(ready.draft, common.nation(), behalf_of=_behalf_of())


def _declared(ready: _Ready) -> Declared:
    shown = _declaration(ready)
    editions = {one.edition.scheme: one.edition.edition for one in ready.draft.editions}
    return Declared(
        words=shown.words,
        language=shown.language,
        mark=ready.draft.form.mark,
        editions=editions,
        left_out=frozenset(ready.left_out),
        with_health=is_about_health(ready.draft),
    )


def _office(application: UUID) -> Office:
    secret = current.settings().secret_key.get_secret_value().encode()
    return Office(current.sealer(), current.council(), secret, common.link_to(application))


def _declaring(ready: _Ready, form: DeclareForm | None = None, *, is_changed: bool = False) -> Response:
    """Show what is declared. form: as it was sent, where its box isn't ticked. is_changed: since it was shown."""
    return page(
        "energy/declare.html",
        view=ready.draft.view,
        names=ready.draft.names,
        left_out=list(ready.left_out.values()),
        declared=_declaration(ready),
        behalf_of=_behalf_of(),
        form=form or DeclareForm.of(_behalf_of()),
        is_changed=is_changed,
        status=409 if is_changed else 422 if form else 200,
    )


def _confirmed(view: ApplicationView) -> Response:
    schemes = [
        (
            in_words(ready.edition.name),
            words.sentence(in_words(ready.edition.clocks.decision)) if ready.edition.clocks.decision else "",
        )
        for ready in editions_of(view)
    ]
    return page("energy/sent.html", view=view, schemes=schemes)


def receipt_pdf(application: UUID) -> AnyResponse:
    """Return what was sent and declared, to keep."""
    sent = sent_or_404(application)
    declared = afterwards.declaration(current.db(), application)
    content = as_pdf(receipt.document(sent, declared), council=current.council())
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="energy-receipt.pdf"'
    return response
