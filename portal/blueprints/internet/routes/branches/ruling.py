"""The rules of who may have how much, and the acceptable-use policy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions import ruling
from portal.blueprints.internet.actions.ruling import TooEarly
from portal.blueprints.internet.forms.branches import (
    LIMITS,
    POLICY_LENGTH,
    PolicyForm,
    RuleForm,
    as_fields,
    by_language,
    texts,
)
from portal.blueprints.internet.queries import kept, rooms
from portal.blueprints.internet.queries.rooms import PolicyText
from portal.blueprints.internet.routes import common
from portal.blueprints.internet.routes.branches.changing import keeper, languages
from portal.blueprints.internet.routes.branches.saying import WHO, sentence
from portal.blueprints.internet.routes.words import KINDS
from portal.blueprints.internet.rules.kinds import Kind, Who
from portal.blueprints.internet.rules.limits import TO_BEGIN_WITH, DatedLimits, Limits, limits_on
from portal.blueprints.internet.rules.written import read_time
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.forms import Form
from portal.web.pages import page, see_other


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the page shows it. from_day: None for what holds to begin with."""

    where: str
    from_day: date | None
    text: str
    state: str


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/rules", view_func=rules)
    bp.add_url_rule("/rules/<who>", view_func=rule)
    bp.add_url_rule("/rules/<who>", view_func=set_rule, methods=["POST"])
    bp.add_url_rule("/policy", view_func=policy)
    bp.add_url_rule("/policy", view_func=set_policy, methods=["POST"])


def rules() -> Response:
    """Show what holds now, what is to come and what has been, for each kind of person."""
    found, names, today = rooms.rules(current.db()), _names(), keeper().today
    every = {who: list(_lines(who, found, names, today)) for who in Who}
    return page(
        "internet/staff/rules.html",
        kinds_of_people=[
            (who, WHO[who], _in(lines, "now"), _in(lines, "coming"), _in(lines, "past")) for who, lines in every.items()
        ],
    )


def rule(who: str) -> Response:
    whose, of_branch = _who_or_404(who), request.args.get("branch", "")
    scope = UUID(of_branch) if of_branch in _names() else None
    holds = _holding(whose, scope)
    form = _rule_form(
        formdata=None,
        branch=str(scope or ""),
        from_day=keeper().today,
        on_line="yes" if holds.on_line else "no",
        kinds=[kind.value for kind in Kind if kind in holds.kinds],
        **{name: getattr(holds, name) for name in LIMITS},
    )
    return _rule_page(whose, form)


def set_rule(who: str) -> AnyResponse:
    whose, form = _who_or_404(who), _rule_form()
    if not form.is_good():
        return _rule_page(whose, form, status=422)
    limits = form.limits(whose, frozenset(Kind(kind) for kind in form.kinds.data))
    branch_id = UUID(form.branch.data) if form.branch.data else None
    try:
        ruling.set_rule(keeper(), branch_id, limits, from_day=form.from_day.data)
    except TooEarly:
        form.fail("from_day", _("From which day on: today at the earliest"))
        return _rule_page(whose, form, status=422)
    flash(sentence(limits), "success")
    return see_other(url_for(".rules"))


def policy() -> Response:
    found = rooms.policy(current.db(), now=current.now())
    return _policy_page(_policy_form()(formdata=None, **as_fields("body", found.body or {})))


def set_policy() -> AnyResponse:
    form = _policy_form()()
    if not form.is_good():
        return _policy_page(form, status=422)
    try:
        ruling.set_policy(keeper(), texts(form, "body"), from_moment=_from_moment(form))
    except TooEarly:
        form.fail("day", _("From which day on: a moment that is to come"))
        return _policy_page(form, status=422)
    flash(_("The text is kept. From then on residents agree to it when they sit down."), "success")
    return see_other(url_for(".policy"))


def _lines(who: Who, found: list[DatedLimits], names: dict[str, str], today: date) -> Iterator[Line]:
    """Yield the rules of a kind of person: of all branches first, the latest of each first."""
    for scope, where in ((None, _("All branches")), *((UUID(id_), name) for id_, name in names.items())):
        own = [one for one in found if one.limits.who is who and one.branch_id == scope]
        own.sort(key=lambda one: one.from_day, reverse=True)
        is_past = False
        for one in own:
            state = "coming" if one.from_day > today else "past" if is_past else "now"
            is_past = is_past or state == "now"
            yield Line(where, one.from_day, sentence(one.limits), state)
        if scope is None:
            yield Line(where, None, sentence(TO_BEGIN_WITH[who]), "past" if is_past else "now")


def _in(lines: list[Line], state: str) -> list[Line]:
    return [line for line in lines if line.state == state]


def _holding(who: Who, scope: UUID | None) -> Limits:
    """Return what holds today, to begin a new rule with."""
    found, today = rooms.rules(current.db()), keeper().today
    if scope:
        return limits_on(today, scope, who, found)
    begun = [one for one in found if one.branch_id is None and one.limits.who is who and one.from_day <= today]
    return max(begun, key=lambda one: one.from_day).limits if begun else TO_BEGIN_WITH[who]


def _names() -> dict[str, str]:
    """Return what branches are called, by id."""
    language = current_language()
    return {str(one.id): one.called(language) for one in rooms.branches(current.db(), since=keeper().today)}


def _who_or_404(who: str) -> Who:
    try:
        return Who(who)
    except ValueError:
        abort(404)


def _rule_form(**data: object) -> RuleForm:
    return RuleForm(_names(), KINDS, **data)


def _rule_page(who: Who, form: RuleForm, status: int = 200) -> Response:
    return page("internet/staff/rule.html", who=who, called=WHO[who], form=form, limits=LIMITS, status=status)


def _policy_form() -> type[Form]:
    return by_language(PolicyForm, "body", languages(), _l("Text"), most=POLICY_LENGTH, is_text=True)


def _from_moment(form: Form) -> datetime:
    if not form.day.data:
        return current.now()
    return common.where().moment(form.day.data, read_time(form.time.data) if form.time.data else 0)


def _policy_page(form: Form, status: int = 200) -> Response:
    now = current.now()
    written = kept.policies(current.db())
    holds = rooms.policy(current.db(), now=now)

    def state(text: PolicyText) -> str:
        return "coming" if text.since > now else "now" if text.since == holds.since else "past"

    return page(
        "internet/staff/policy.html",
        form=form,
        spoken=languages(),
        written=[(state(text), text) for text in written],
        is_own=holds.body is None,
        status=status,
    )
