"""The check that anybody can do, without signing in: questions, and what they find."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy import queries
from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.names import of_person
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.routes import common, words
from portal.blueprints.energy.routes.answers import in_words
from portal.blueprints.energy.routes.document import document
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.findings import found
from portal.blueprints.energy.rules.questions import BY_SLUG, Page, page_named
from portal.blueprints.energy.rules.walk import ENOUGH, Standing, deciding, settling
from portal.blueprints.energy.schemes.household import Household
from portal.documents import guide as as_pdf
from portal.party import Party
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page, see_other

bp = Blueprint("energy_check", __name__, url_prefix="/energy/check", template_folder="../templates")

OFFERED = frozenset(("home", "rent", "bills", "benefits/0"))
"""Names of pages of which another service may know something; for the others none is asked."""
RESULT = "result"
"""Where an answer that is changed from the result leads back to: ``then`` in an address."""


@bp.get("")
def start() -> Response:
    standing, resident = common.standing(), common.party()
    return page(
        "energy/start.html",
        onward=_onward(standing),
        is_begun=bool(standing.answers.asked),
        is_resident=resident is not None,
        asks_for_facts=resident is not None and _has_to_ask(resident),
    )


def _has_to_ask(resident: Party) -> bool:
    """Tell whether to ask if facts of other services may be used: once, and only where there are any."""
    return queries.permission(current.db(), resident) is None and bool(common.facts(resident))


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
    return page(
        "energy/result.html",
        found=_found(standing),
        questions=_left(standing),
        more=_question(standing.page, standing) if standing.page else None,
        is_resident=common.party() is not None,
    )


def _left(standing: Standing) -> dict[str, list[tuple[str, str]]]:
    """Return the questions that could still settle each scheme, by its slug: what is asked, and where."""
    answers = standing.answers
    return {
        verdict.scheme.slug: [
            (title(left, answers), address(left, then=RESULT)) for left in settling(verdict, answers.household)
        ]
        for verdict in standing.assessment.verdicts
        if verdict.answer is None
    }


@bp.get("/result.pdf")
def result_pdf() -> AnyResponse:
    standing = common.standing()
    if not standing.answers.asked:
        return redirect(url_for(".start"), code=303)
    response = make_response(as_pdf(document(_found(standing)), council=current.council()))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="energy-help.pdf"'
    return response


def _found(standing: Standing) -> words.Found:
    return words.in_words(found(standing.assessment, common.nation()))


@bp.get("/answers")
def answers() -> AnyResponse:
    standing = common.standing()
    given = standing.answers
    pages = [asked for name in given.asked if (asked := page_named(name, given.household))]
    if not pages:
        return redirect(url_for(".start"), code=303)
    return page(
        "energy/answers.html",
        answers=[
            (title(asked, given), in_words(asked, given.household), _source(asked, given), address(asked, then=RESULT))
            for asked in pages
        ],
    )


def _source(asked: Page, given: Answers) -> str:
    source = given.sources.get(asked.name)
    return words.confirmed(source) if source else ""


@bp.post("/forget")
@needs(in_help=True)
def forget() -> AnyResponse:
    common.forget()
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
    if asked is None:
        return see_other(_onward(standing))
    if "unknown" in request.form:
        household = asked.forgotten(known.household)
    else:
        about = Asked(asked, known.household)
        form = FORMS[asked.question.slug].made_for(about)()
        if not form.is_good():
            return page("energy/question.html", status=422, **_question(asked, standing, form))
        household = form.put_into(about)
    common.keep(known.answered(asked.name, household, _confirmed(asked, household)))
    return see_other(url_for(".result") if _then() else _onward(common.standing()))


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


def address(asked: Page, *, then: str | None = None) -> str:
    if asked.person is None:
        return url_for("energy_check.ask", question=asked.question.slug, then=then)
    return url_for("energy_check.ask_about", question=asked.question.slug, person=asked.person, then=then)


def _then() -> str | None:
    return RESULT if RESULT in (request.args.get("then"), request.form.get("then")) else None


def _question(asked: Page, standing: Standing, form: QuestionForm | None = None) -> dict[str, Any]:
    """Return what the templates show of a question. form: as it was sent, where it can't be taken."""
    answers = standing.answers
    is_asked = asked.name in answers.asked
    told = common.known().get(asked.name) if asked.name in OFFERED and not is_asked else None
    household = answers.household.model_copy(update=told.facts) if told else answers.household
    form = form or FORMS[asked.question.slug].of(Asked(asked, household, before=is_asked))
    number = answers.asked.index(asked.name) + 1 if is_asked else len(answers.asked) + 1
    return {
        "form": form,
        "title": title(asked, answers, form),
        "address": address(asked),
        "slug": asked.question.slug,
        "person": asked.person,
        "number": number,
        "about": max(number, min(len(answers.asked) + standing.left, ENOUGH)),
        "decides": [words.name_of(verdict) for verdict in deciding(standing.assessment, asked)],
        "before": _before(asked, answers),
        "then": _then(),
        "told": words.told(told) if told else "",
    }


def title(asked: Page, answers: Answers, form: QuestionForm | type[QuestionForm] | None = None) -> str:
    """Return the question of a page, which names whom it is about, unless that is the reader."""
    form = form or FORMS[asked.question.slug].made_for(Asked(asked, answers.household))
    if not asked.person or not form.of_other:
        return str(form.title)
    return str(form.of_other) % {"who": of_person(answers.household, asked.person)}


def _before(asked: Page, answers: Answers) -> str:
    """Return the page that comes before one: the result if it was changed from there, or the question before."""
    if _then():
        return url_for("energy_check.result")
    done = answers.asked[: answers.asked.index(asked.name)] if asked.name in answers.asked else answers.asked
    pages = [found for name in reversed(done) if (found := page_named(name, answers.household))]
    return address(pages[0]) if pages else url_for("energy_check.start")
