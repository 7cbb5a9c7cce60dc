"""Energy help as somebody sees it who is signed in: what there is, what was found, what is kept and sent."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import keeping, permitting
from portal.blueprints.energy.actions.keeping import NoSuchContact
from portal.blueprints.energy.forms.sending import KeepForm, SendForm
from portal.blueprints.energy.queries import applications, checks
from portal.blueprints.energy.routes import (
    afterwards,
    applying,
    choosing,
    common,
    evidence,
    letter,
    looking_over,
    sending,
    standing_words,
    words,
    works,
)
from portal.blueprints.energy.routes import kept as kept_words
from portal.blueprints.energy.routes.document import message
from portal.blueprints.energy.routes.drafts import draft_or_none
from portal.blueprints.energy.rules.again import look_again
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.applying import applied_for
from portal.blueprints.energy.rules.walk import stand
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page, see_other

bp = Blueprint("energy", __name__, url_prefix="/energy", template_folder="../templates")
choosing.add_to(bp)
applying.add_to(bp)
looking_over.add_to(bp)
sending.add_to(bp)
afterwards.add_to(bp)
evidence.add_to(bp)
works.add_to(bp)
letter.add_to(bp)


@bp.get("/applications/<uuid:application>")
def application(application: UUID) -> AnyResponse:
    """Show an application: the list of its parts until it is sent, and then how it stands."""
    if draft := draft_or_none(application):
        return applying.tasks(draft)
    view = applications.one(current.db(), current.party(), application, at=current.now()) or abort(404)
    return afterwards.show(view) if view.sent_at else page("energy/unreadable.html", view=view)


@bp.get("")
def index() -> Response:
    kept = checks.kept(current.db(), current.party())
    before, now = common.opened(kept.answers) if kept else None, common.answers()
    draft = standing_words.draft(current.db(), current.party(), current.now())
    is_changed = bool(now.asked) and (before is None or not before.is_part_of(now))
    shown = now if is_changed else before
    return page(
        "energy/index.html",
        offered=words.offered(common.schemes(), common.nation()),
        kept=kept,
        is_changed=is_changed,
        in_short=words.in_short(common.found_in(shown)) if shown else "",
        again=kept_words.again(kept) if kept else "",
        is_due=kept is not None and kept_words.is_due(kept),
        draft=draft,
        draft_for=standing_words.names(draft) if draft else [],
        has_forms=bool(applied_for(common.schemes(), common.nation(), common.local_day())),
        is_permitted=checks.permission(current.db(), current.party()),
        sent=standing_words.sent(current.db(), current.party(), current.now()),
        told=works.told(),
    )


@bp.post("/open")
@needs(in_help=True)
def open_kept() -> AnyResponse:
    """Go on with the answers that are kept."""
    answers = keeping.open_kept(
        current.db(), current.sealer(), current.party(), Answers.none(common.nation()), now=current.now()
    )
    if answers is None:
        flash(_("There is nothing kept any more. Answer the questions again."), "problem")
        return see_other(url_for("energy_check.start"))
    common.keep(answers)
    return see_other(url_for("energy_check.result"))


@bp.get("/keep")
def keep() -> AnyResponse:
    answers = common.answers()
    if not answers.asked:
        return see_other(url_for(".index"))
    return page("energy/keep.html", form=KeepForm(), has_health=answers.has_health)


@bp.post("/keep")
def keep_answers() -> AnyResponse:
    answers, form = common.answers(), KeepForm()
    if not answers.asked:
        return see_other(url_for(".index"))
    with_health = bool(form.with_health.data) and answers.has_health
    household = (answers if with_health else answers.without_health()).weighable
    again = look_again(common.schemes(), household, common.local_day())
    keeping.keep(
        current.db(),
        current.sealer(),
        current.party(),
        answers,
        again=again,
        with_health=with_health,
        zone=current.council().zone,
        now=current.now(),
    )
    flash(_("Your answers are kept. You’ll find them here."), "success")
    return see_other(url_for(".index"))


@bp.post("/delete")
def delete() -> AnyResponse:
    zone = current.council().zone
    if keeping.forget(current.db(), current.sealer(), current.party(), zone=zone, now=current.now()):
        common.forget()
        flash(_("What was kept is deleted."), "success")
    return see_other(url_for(".index"))


@bp.post("/facts")
@needs(alone="permission")
def permit() -> AnyResponse:
    """Note whether facts of other services may be used. form: the application that is gone on with."""
    if request.form.get("facts") not in ("yes", "no"):
        abort(400)
    form = request.form.get("form", type=UUID)
    given = request.form["facts"] == "yes"
    permitting.decide(current.db(), current.party(), given=given, now=current.now())
    if given:
        flash(_("We will use what your rent account says. You see each fact before it counts."), "success")
    else:
        flash(_("We will not use your rent account."), "success")
    return see_other(url_for(".application", application=form) if form else url_for("energy_check.start"))


@bp.post("/facts/take-back")
@needs(alone="permission")
def take_back() -> AnyResponse:
    permitting.take_back(current.db(), current.party(), now=current.now())
    flash(
        _("We don’t use what other services know any more. We ask you again when you begin another check."), "success"
    )
    return see_other(url_for(".index"))


@bp.get("/send")
def send() -> AnyResponse:
    if not common.answers().asked:
        return see_other(url_for(".index"))
    return page("energy/send.html", form=SendForm(_ways()))


@bp.post("/send")
def send_result() -> AnyResponse:
    answers = common.answers()
    form = SendForm(_ways())
    if not answers.asked:
        return see_other(url_for(".index"))
    if not form.is_good():
        return page("energy/send.html", form=form, status=422)
    try:
        keeping.send_to(
            current.db(),
            current.sealer(),
            current.party(),
            UUID(form.contact.data),
            text=message(words.in_words(stand(common.schemes(), answers.without_health(), common.local_day()))),
            link=current.settings().base_url + url_for(".index"),
            language=current_language(),
            now=current.now(),
        )
    except NoSuchContact:
        abort(404)
    flash(_("It is on its way to you."), "success")
    return see_other(url_for("energy_check.result"))


def _ways() -> list[tuple[str, str]]:
    ways = keeping.ways_of(current.db(), current.party())
    return [(str(way.id), ", ".join(way.value.splitlines())) for way in ways]
