"""What somebody answered, as a list to look over: each question with its answer in a line."""

from collections.abc import Iterable, Iterator
from typing import Any

from portal.blueprints.energy.forms.base import Asked, QuestionForm
from portal.blueprints.energy.forms.fields import BirthdayField, BoxesField, MoneyField
from portal.blueprints.energy.forms.names import EACH
from portal.blueprints.energy.forms.questions import FORMS
from portal.blueprints.energy.rules.answers import missing_amounts
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import Household
from portal.i18n import format_date, format_money
from portal.i18n import gettext as _
from portal.web import current


def in_words(page: Page, household: Household) -> list[str]:
    """Return what a page was answered with, a line for each thing that was said."""
    form = FORMS[page.question.slug].of(Asked(page, household, before=True))
    missing = sorted(missing_amounts(page.people(household)[0])) if page.question.slug == "income" else []
    said = list(_lines(form, missing)) if page.is_answered(household) else []
    return said or [str(form.dont_know)]


def _lines(form: QuestionForm, missing: Iterable[str]) -> Iterator[str]:
    fields = [field for field in form if field.data is not None and field.data != ""]
    alone = len(list(form)) == 1
    for field in fields:
        if field.name.endswith("-period") or field.name in ("period", BoxesField.NONE):
            continue
        text = _said(form, field)
        if text:
            label = str(field.label.text)
            yield (
                text
                if alone or field.name == "amount"
                else f"{label} {text}"
                if label.endswith("?")
                else f"{label}: {text}"
            )
    yield from (_("%(what)s: we don’t know how much", what=form[kind].label.text) for kind in missing)
    if form.data.get(BoxesField.NONE) is True:
        yield _("No money of any kind")


def _said(form: QuestionForm, field: Any) -> str:
    if isinstance(field, BirthdayField):
        return format_date(field.data, "long")
    if isinstance(field, MoneyField):
        return _sum(form, field)
    choices = getattr(field, "choices", None)
    if choices is None:
        return str(field.data)
    chosen = field.data if isinstance(field.data, list) else [field.data]
    return ", ".join(str(choice.label) for choice in choices if choice.value in chosen)


def _sum(form: QuestionForm, field: MoneyField) -> str:
    amount = format_money(field.data, current.council().currency)
    every = "period" if field.name == "amount" else f"{field.name}-period"
    if every not in form or not form[every].data:
        return amount
    return str(EACH[form[every].data]) % {"amount": amount}
