"""Which schemes a form is for: chosen when it is begun, and again as long as it isn't sent."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.actions.drafting import NoSuchDraft, OtherSchemes
from portal.blueprints.energy.forms.choosing import ChooseForm
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.applications import ApplicationView
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.routes.drafts import Draft, draft_or_404
from portal.blueprints.energy.rules.applying import applied_for, asked_before
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.blueprints.energy.schemes.edition import APPLIED_FOR
from portal.i18n import format_date, words
from portal.i18n import gettext as _
from portal.web import current
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/apply", view_func=choose)
    bp.add_url_rule("/apply", view_func=begin, methods=["POST"])
    bp.add_url_rule("/applications/<uuid:application>/schemes", view_func=schemes)
    bp.add_url_rule("/applications/<uuid:application>/schemes", view_func=choose_schemes, methods=["POST"])


def choose() -> Response:
    offered = _offered()
    suits = {verdict.scheme.slug for verdict in common.standing().found.open_to(APPLIED_FOR)}
    return _choosing(ChooseForm.of(offered, chosen=suits), offered)


def begin() -> AnyResponse:
    """Begin a form with what the check was told. What was said of health is left out until the person agrees."""
    offered = _offered()
    form = ChooseForm.of(offered)
    if not form.is_good():
        return _choosing(form, offered, status=422)
    chosen = {slug: offered[slug].edition.edition for slug in form.schemes.data}
    application = drafting.begin(
        current.db(), current.sealer(), current.party(), chosen, common.answers().without_health(), now=current.now()
    )
    return see_other(url_for(".application", application=application))


def schemes(application: UUID) -> Response:
    draft = draft_or_404(application)
    offered = _offered() | _chosen(draft)
    return _changing(draft, ChooseForm.of(offered, chosen=draft.view.schemes), offered)


def choose_schemes(application: UUID) -> AnyResponse:
    draft = draft_or_404(application)
    offered = _offered() | _chosen(draft)
    form = ChooseForm.of(offered)
    if not form.is_good():
        return _changing(draft, form, offered, status=422)
    chosen = {slug: offered[slug].edition.edition for slug in form.schemes.data}
    try:
        drafting.choose(
            current.db(),
            current.sealer(),
            current.party(),
            application,
            chosen,
            seen=request.form.get("seen", "").split(),
            now=current.now(),
        )
    except NoSuchDraft:
        abort(404)
    except OtherSchemes:
        now = draft_or_404(application)
        offered |= _chosen(now)
        return _changing(now, ChooseForm.of(offered), offered, status=409)
    flash(_("The form asks now for what these need. What you have answered stays."), "success")
    return see_other(url_for(".application", application=application))


def _offered() -> dict[str, Ready]:
    """Return the schemes that there is a form for, by slug."""
    found = applied_for(common.schemes(), common.nation(), common.local_day())
    return {ready.edition.scheme: ready for ready in found}


def _chosen(draft: Draft) -> dict[str, Ready]:
    """Return what a form is for already, even where it can't be begun any more."""
    return {ready.edition.scheme: ready for ready in draft.editions}


def _choosing(form: ChooseForm, offered: dict[str, Ready], *, status: int = 200) -> Response:
    mine = applications.of_person(current.db(), current.party(), at=current.now())
    return page(
        "energy/choose.html",
        form=form,
        offered=offered,
        hints=_hints(offered, mine),
        draft=next((one for one in mine if not one.sent_at), None),
        status=status,
    )


def _changing(draft: Draft, form: ChooseForm, offered: dict[str, Ready], *, status: int = 200) -> Response:
    hints = _hints(offered, draft.others)
    return page("energy/schemes.html", draft=draft, form=form, hints=hints, is_changed=status == 409, status=status)


def _hints(offered: dict[str, Ready], mine: Iterable[ApplicationView]) -> dict[str, str]:
    """Return what each scheme gives, and when it was asked for before."""
    before = asked_again(mine, offered.values())
    given = {slug: words(ready.edition.gives) for slug, ready in offered.items()}
    return {slug: f"{text}. {before[slug]}" if slug in before else text for slug, text in given.items()}


def asked_again(mine: Iterable[ApplicationView], editions: Iterable[Ready]) -> dict[str, str]:
    """Return for each of these schemes that was asked for before when that was, and how often one may."""
    last = asked_before((one.sent_at, one.schemes) for one in mine)
    return {slug: _asked_again(ready, slug, last) for ready in editions if (slug := ready.edition.scheme) in last}


def _asked_again(ready: Ready, slug: str, last: dict[str, datetime]) -> str:
    told = _("You asked for it before, on %(day)s.", day=format_date(last[slug], "long"))
    return f"{told} {words(ready.edition.again.words)}" if ready.edition.again else told
