"""Registering somebody who has no account: who they are, how that is known, how they will sign in."""

from uuid import UUID

from flask import Blueprint, abort, flash, make_response, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.assist.actions import registering
from portal.blueprints.assist.actions.registering import Newcomer, NotRegistered, Reason
from portal.blueprints.assist.forms import (
    QUESTION_HINTS,
    AccountForm,
    HowForm,
    NewcomerForm,
    QuestionsForm,
    questions_form,
)
from portal.blueprints.assist.routes import found, identified
from portal.blueprints.assist.rules import How
from portal.i18n import format_moment
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity import contacts, identifying, persons
from portal.identity.finding import Clue, Somebody
from portal.identity.identifying import Identifying, Question
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttled
from portal.models import Channel
from portal.web import current
from portal.web.guards import needs
from portal.web.pages import page, see_other

TOLD_ALREADY = {Clue.BORN: Question.BORN, Clue.POSTCODE: Question.POSTCODE}
"""What was said when they were looked for is no question any more."""
OF_A_FIELD = {
    Reason.EMAIL_TAKEN: ("email", _l("An account has this address already. Find it, or leave the address out.")),
    Reason.USERNAME_TAKEN: ("username", _l("Somebody else has this username. Choose another.")),
    Reason.BAD_USERNAME: (
        "username",
        _l("A username has 3 to 40 letters, digits, dots, hyphens and underscores, and begins with a letter or digit"),
    ),
}
OF_ALL = {
    Reason.GONE: _l("This record isn’t there any more."),
    Reason.REGISTERED: _l("They have an account already: find them again to help them. Nothing was changed."),
    Reason.PROTECTED: _l("This record is protected from you. Let a colleague register them."),
    Reason.NO_ADDRESS: _l(
        "Their record has no address for a letter. They have to come to a desk, with an e-mail address."
    ),
    Reason.BY_LETTER: _l("By phone, the way to sign in comes by letter to the address of their record."),
}


def add_to(bp: Blueprint) -> None:
    for address, shows, takes in (
        ("/register", register, register_now),
        ("/register/<uuid:holder>", register_holder, say_how),
        ("/register/<uuid:holder>/questions", questions, check_answers),
        ("/register/<uuid:holder>/account", account, make_account),
    ):
        bp.add_url_rule(address, view_func=shows)
        bp.add_url_rule(address, view_func=takes, methods=["POST"])
    bp.add_url_rule("/<uuid:person>/registered", view_func=registered)
    bp.register_error_handler(NotRegistered, _not_registered)


@needs(fresh=True)
def register() -> AnyResponse:
    return page("assist/register.html", form=NewcomerForm(current.council().languages))


@needs(fresh=True)
def register_now() -> AnyResponse:
    """Make an account for somebody whom no record names, with what their document says."""
    form = NewcomerForm(current.council().languages)
    if not form.is_good():
        return page("assist/register.html", form=form, status=422)
    newcomer = Newcomer(
        how=How(form.how.data),
        language=form.language.data,
        email=form.address(),
        username=form.name_to_sign_in_with(),
        name=form.name.data.strip(),
        address=form.address_lines(),
    )
    return _registered(newcomer, form) or page("assist/register.html", form=form, status=409)


@needs(fresh=True)
def register_holder(holder: UUID) -> AnyResponse:
    return page("assist/register_how.html", form=HowForm(), who=_holder(holder))


@needs(fresh=True)
def say_how(holder: UUID) -> AnyResponse:
    form, who = HowForm(), _holder(holder)
    if not form.is_good():
        return page("assist/register_how.html", form=form, who=who, status=422)
    how = How(form.how.data)
    if how is not How.PHONE:
        identified.remember(holder, how)
        return see_other(url_for(".account", holder=holder))
    if not _drawn(who, holder):
        form.fail("how", _("Their record holds too little to ask about. They have to come to a desk, with a document."))
        return page("assist/register_how.html", form=form, who=who, status=409)
    return see_other(url_for(".questions", holder=holder))


@needs(fresh=True)
def questions(holder: UUID) -> AnyResponse:
    who, asked = _holder(holder), identified.asked(holder)
    if not asked:
        return see_other(url_for(".register_holder", holder=holder))
    return page("assist/register_questions.html", form=questions_form(asked), who=who, hints=QUESTION_HINTS)


@needs(fresh=True)
def check_answers(holder: UUID) -> AnyResponse:
    who, asked = _holder(holder), identified.asked(holder)
    if not asked:
        return see_other(url_for(".register_holder", holder=holder))
    form = questions_form(asked)
    if not form.is_good():
        return page("assist/register_questions.html", form=form, who=who, hints=QUESTION_HINTS, status=422)
    try:
        is_known = registering.identify(
            current.db(),
            current.throttle(),
            _identifying(who),
            current.party(),
            who=who.held,
            answers=form.answers(),
            now=current.now(),
        )
    except Throttled as throttled:
        return _too_often(form, who, throttled)
    if not is_known:
        form.form_errors.append(_("These answers aren’t enough. We can’t say which; check them with the caller."))
        return page("assist/register_questions.html", form=form, who=who, hints=QUESTION_HINTS, status=422)
    identified.remember(holder, How.PHONE)
    return see_other(url_for(".account", holder=holder))


@needs(fresh=True)
def account(holder: UUID) -> AnyResponse:
    who, how = _holder(holder), identified.how(holder)
    if how is None:
        return see_other(url_for(".register_holder", holder=holder))
    return page("assist/register_account.html", form=_account_form(how), who=who)


@needs(fresh=True)
def make_account(holder: UUID) -> AnyResponse:
    who, how = _holder(holder), identified.how(holder)
    if how is None:
        return see_other(url_for(".register_holder", holder=holder))
    form = _account_form(how)
    if not form.is_good():
        return page("assist/register_account.html", form=form, who=who, status=422)
    newcomer = Newcomer(
        how=how,
        language=form.language.data,
        email=form.address(),
        username=form.name_to_sign_in_with(),
        holder=holder,
    )
    return _registered(newcomer, form) or page("assist/register_account.html", form=form, who=who, status=409)


def _account_form(how: How) -> AccountForm:
    return AccountForm(current.council().languages, by_letter=how is How.PHONE)


def registered(person: UUID) -> AnyResponse:
    """Tell what was sent, and go on to help them."""
    details = persons.details(current.db(), found.only_registered(person))
    if details is None:
        abort(404)
    ways = contacts.of_person(current.db(), person)
    email = next((way.value for way in ways if way.channel is Channel.EMAIL), None)
    return page("assist/registered.html", person=details, email=email)


def _registered(newcomer: Newcomer, form: AccountForm) -> AnyResponse | None:
    """Register somebody and go on to what to tell them; None if the form says what is wrong with it."""
    mailing = Mailing(current.sealer(), current.settings().base_url)
    try:
        person = registering.register(
            current.db(), mailing, current.finders(), current.party(), newcomer, now=current.now()
        )
    except NotRegistered as why:
        if why.reason not in OF_A_FIELD:
            raise
        form.fail(*OF_A_FIELD[why.reason])
        return None
    identified.forget()
    found.remember_registered(person)
    return see_other(url_for(".registered", person=person))


def _holder(holder: UUID) -> Somebody:
    """Return who holds a row, if they were found last and have no account. Raises NotRegistered."""
    return registering.holder(
        current.db(), current.finders(), current.party(), found.only_holder(holder), now=current.now()
    )


def _not_registered(why: NotRegistered) -> AnyResponse:
    flash(str(OF_ALL[why.reason]), "problem")
    return see_other(url_for("assist.index"))


def _identifying(who: Somebody) -> Identifying:
    """Return how the service of somebody's record makes sure. 404 if it can't."""
    service = next((one for one in current.services() if one.slug == who.held[0]), None)
    return (service.identify if service else None) or abort(404)


def _drawn(who: Somebody, holder: UUID) -> list[Question]:
    """Return the questions to ask, drawn once for this sign-in; none if the record holds too little."""
    asked = identified.asked(holder)
    if not asked:
        told = {TOLD_ALREADY[clue] for clue in found.by() if clue in TOLD_ALREADY}
        can_be_asked = set(_identifying(who).questions(current.db(), holder)) - told
        asked = list(identifying.draw(can_be_asked))
        identified.ask(holder, asked)
    return asked


def _too_often(form: QuestionsForm, who: Somebody, throttled: Throttled) -> AnyResponse:
    message = _(
        "There were too many wrong answers. They can try again from %(time)s on, or come to a desk.",
        time=format_moment(throttled.until),
    )
    form.form_errors.append(message)
    response = make_response(
        page("assist/register_questions.html", form=form, who=who, hints=QUESTION_HINTS, status=429)
    )
    response.headers["Retry-After"] = str(round((throttled.until - current.now()).total_seconds()))
    return response
