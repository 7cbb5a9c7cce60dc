"""The check that anybody can do, without signing in: questions, and what they find."""

from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.routes import common, kept, words
from portal.blueprints.energy.routes.answers import in_words
from portal.blueprints.energy.routes.asking import RESULT, address, name_of, title
from portal.blueprints.energy.routes.document import document
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.known import OFFERED
from portal.blueprints.energy.rules.questions import BY_SLUG, Page, page_named
from portal.blueprints.energy.rules.walk import ENOUGH, Standing, deciding
from portal.blueprints.energy.schemes.household import Household
from portal.documents import guide as as_pdf
from portal.i18n import gettext as _
from portal.web import current, sessions
from portal.web.guards import needs
from portal.web.pages import page, see_other

bp = Blueprint("energy_check", __name__, url_prefix="/energy/check", template_folder="../templates")


@bp.get("")
def start() -> Response:
    standing, resident = common.standing(), common.party()
    return page(
        "energy/start.html",
        onward=_onward(standing),
        is_begun=bool(standing.answers.asked),
        is_resident=resident is not None,
        asks_for_facts=resident is not None and common.has_to_ask(resident),
    )


@bp.get("/<question>")
def ask(question: str) -> AnyResponse:
    return _asked(question)


@bp.get("/<question>/<int:person>")
def ask_about(question: str, person: int) -> AnyResponse:
    return _asked(f"{question}/{person}")


@bp.post("/<question>")
@needs(in_help=True)
def answer(question: str) -> AnyResponse:
    return _answered(question)


@bp.post("/<question>/<int:person>")
@needs(in_help=True)
def answer_about(question: str, person: int) -> AnyResponse:
    return _answered(f"{question}/{person}")


@bp.get("/result")
def result() -> AnyResponse:
    standing = common.standing()
    if not standing.answers.asked:
        return redirect(url_for(".start"), code=303)
    resident = common.party()
    return page(
        "energy/result.html",
        found=words.in_words(standing),
        more=_question(standing.page, standing) if standing.page else None,
        is_resident=resident is not None,
        is_kept=common.is_kept(resident, standing.answers) if resident else None,
        has_sources=bool(standing.answers.sources),
    )


@bp.get("/result.pdf")
def result_pdf() -> AnyResponse:
    standing = common.standing()
    if not standing.answers.asked:
        return redirect(url_for(".start"), code=303)
    response = make_response(as_pdf(document(words.in_words(standing)), council=current.council()))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="energy-help.pdf"'
    return response


@bp.get("/answers")
def answers() -> AnyResponse:
    standing = common.standing()
    given = standing.answers
    pages = [asked for name in given.told if (asked := page_named(name, given.household))]
    if not pages:
        return redirect(url_for(".start"), code=303)
    return page(
        "energy/answers.html",
        answers=[
            (title(asked, given), in_words(asked, given.household), _source(asked, given), address(asked, then=RESULT))
            for asked in pages
        ],
        is_urgent=given.household.crisis is True,
    )


def _source(asked: Page, given: Answers) -> str:
    source = given.sources.get(asked.name)
    return kept.confirmed(source) if source else ""


@bp.post("/apply")
def apply() -> AnyResponse:
    """Go on to the form: who isn't signed in signs in on the way there, and has their answers still."""
    form = url_for("energy.choose")
    sessions.carry(common.KEPT, to=form)
    return see_other(form)


@bp.post("/forget")
@needs(in_help=True)
def forget() -> AnyResponse:
    common.forget()
    flash(_("Your answers are deleted."), "success")
    return see_other(url_for(".start"))


def _asked(name: str) -> AnyResponse:
    standing = common.standing()
    asked = _page(name, standing.answers)
    return (
        page("energy/question.html", **_question(asked, standing)) if asked else redirect(_onward(standing), code=303)
    )


def _answered(name: str) -> AnyResponse:
    standing = common.standing()
    asked, known = _page(name, standing.answers), standing.answers
    if "begun" in request.form and not known.asked:
        flash(_("Your answers are gone: they were deleted, or the visit had ended. Please begin again."), "problem")
        return see_other(url_for(".start"))
    if asked is None:
        return see_other(_onward(standing))
    if "unknown" in request.form:
        household = known.unanswered(asked)
    else:
        about = Asked(asked, known.household)
        form = FORMS[asked.question.slug].made_for(about)()
        if not form.is_good():
            return page("energy/question.html", status=422, **_question(asked, standing, form))
        household = form.put_into(about)
    given = known.answered(asked.name, household, _confirmed(asked, household))
    common.keep(given)
    if not _then():
        return see_other(_onward(common.standing()))
    if again := [one for name in known.asked if name not in given.asked and (one := _page(name, given))]:
        return see_other(address(again[0], then=RESULT))
    flash(_difference(standing, common.standing()), "success")
    return see_other(url_for(".result"))


def _difference(before: Standing, after: Standing) -> str:
    """Return what an answer has changed of what somebody could get."""
    parts = [
        _("New: %(names)s.", names=", ".join(map(name_of, new))) if (new := after.found.not_in(before.found)) else "",
        _("No longer: %(names)s.", names=", ".join(map(name_of, old)))
        if (old := before.found.not_in(after.found))
        else "",
    ]
    return " ".join(filter(None, parts)) or _("What you could get has not changed.")


def _confirmed(asked: Page, household: Household) -> str | None:
    """Return which service knew already what was answered; None if none did, or the person says something else."""
    told = common.known().get(asked.name) if asked.name in OFFERED else None
    if told is None or not told.facts:
        return None
    return told.source if all(getattr(household, key) == value for key, value in told.facts.items()) else None


def _page(name: str, answers: Answers) -> Page | None:
    """Return the page of an address; None where the household has nobody whom it is about. 404 if there is no such."""
    if name.partition("/")[0] not in BY_SLUG:
        abort(404)
    return page_named(name, answers.household)


def _onward(standing: Standing) -> str:
    """Return where to go from here: to the next question, or to the result."""
    return url_for(".result") if standing.is_enough or standing.page is None else address(standing.page)


def _then() -> str | None:
    return RESULT if RESULT in (request.args.get("then"), request.form.get("then")) else None


def _question(asked: Page, standing: Standing, form: QuestionForm | None = None) -> dict[str, Any]:
    """Return what the templates show of a question. form: as it was sent, where it can't be taken."""
    answers = standing.answers
    is_asked = asked.name in answers.asked
    told = common.known().get(asked.name) if asked.name in OFFERED and not is_asked else None
    household = answers.household.model_copy(update=told.facts) if told else answers.household
    form = form or FORMS[asked.question.slug].of(Asked(asked, household, before=is_asked))
    return {
        "form": form,
        "name": asked.name,
        "title": title(asked, answers, form),
        "address": address(asked),
        "slug": asked.question.slug,
        "person": asked.person,
        "number": answers.asked.index(asked.name) + 1 if is_asked else len(answers.asked) + 1,
        "most": ENOUGH,
        "decides": [name_of(verdict) for verdict in deciding(standing.assessment, asked)],
        "before": _before(asked, answers),
        "then": _then(),
        "told": kept.told(told) if told else _missing(asked, answers),
        "is_begun": bool(answers.asked),
        "is_urgent": household.crisis is True,
    }


def _missing(asked: Page, answers: Answers) -> str:
    """Return what a page says that is asked again for an amount that is missing; nothing for others."""
    if asked.name in answers.asked or not asked.is_answered(answers.household):
        return ""
    return _("You told us of another benefit. Write how much it is: the rest is as you told us.")


def _before(asked: Page, answers: Answers) -> str:
    """Return the page that comes before one: the result if it was changed from there, or the question before."""
    if _then():
        return url_for("energy_check.result")
    done = answers.asked[: answers.asked.index(asked.name)] if asked.name in answers.asked else answers.asked
    pages = [found for name in reversed(done) if (found := page_named(name, answers.household))]
    return address(pages[0]) if pages else url_for("energy_check.start")
