"""What every question's form has: its words, what it shows at first, and what its answers make of the household."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import Household, Person
from portal.i18n import Lazy
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.web.forms import Form

UNKNOWN = "unknown"
DONT_KNOW = _l("I don’t know")
YesNo = tuple[tuple[str, Lazy], tuple[str, Lazy]]
DO_YOU: Final[YesNo] = (("yes", _lp("Do you …?", "Yes")), ("no", _lp("Do you …?", "No")))
HAVE_YOU: Final[YesNo] = (("yes", _lp("Have you got …?", "Yes")), ("no", _lp("Have you got …?", "No")))
IS_IT: Final[YesNo] = (("yes", _lp("Is it …?", "Yes")), ("no", _lp("Is it …?", "No")))
IS_THIS: Final[YesNo] = (("yes", _lp("Is this a …?", "Yes")), ("no", _lp("Is this a …?", "No")))
HAS_TOLD: Final[YesNo] = (("yes", _lp("Has it told you …?", "Yes")), ("no", _lp("Has it told you …?", "No")))
WOULD_ALLOW: Final[YesNo] = (("yes", _lp("Would they allow …?", "Yes")), ("no", _lp("Would they allow …?", "No")))
"""Irish and Welsh have no word for yes: they answer with the verb of the question."""
_AS_WORD: Final[dict[Any, str]] = {True: "yes", False: "no"}
_AS_ANSWER: Final[dict[Any, bool | None]] = {"yes": True, "no": False, UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of the check, and the household that it is about. before: it was answered already, so that what isn't
    known is an answer, too.
    """

    page: Page
    household: Household
    before: bool = False

    @property
    def number(self) -> int:
        """Return the place in the household of the one person that the page is about."""
        return self.page.person or 0

    @property
    def person(self) -> Person:
        return (self.household.people or ())[self.number]

    @property
    def numbers(self) -> list[int]:
        """Return the places of all whom the page is about."""
        about = self.page.question.about
        return [number for number, person in enumerate(self.household.people or ()) if person.role in about]


def radios(label: Lazy, choices: Any, message: Lazy, hint: Lazy | str = "") -> RadioField:
    """Return a field of which one choice has to be made. choices: values and words. message: what to do if none was."""
    return RadioField(
        label,
        choices=[SelectChoice(value, text) for value, text in choices],
        validators=[InputRequired(message)],
        description=hint,
    )


def or_unknown(words: YesNo) -> tuple[tuple[str, Lazy], ...]:
    """Return yes and no, and "I don't know"."""
    return (*words, (UNKNOWN, DONT_KNOW))


class QuestionForm(Form):
    """A question's form. title: the question; ``of_other`` the same about somebody else, with ``%(who)s``.

    intro: a paragraph below it. why: why it is asked. dont_know: what the button says that leaves it open.
    """

    title: ClassVar[Lazy]
    of_other: ClassVar[Lazy | str] = ""
    intro: ClassVar[Lazy | str] = ""
    why: ClassVar[Lazy]
    dont_know: ClassVar[Lazy] = DONT_KNOW

    @classmethod
    def of(cls, asked: Asked) -> "QuestionForm":
        """Return the form of a page, with what is known."""
        form = cls.made_for(asked)
        return form(formdata=None, data=form.shown(asked))

    @classmethod
    def made_for(cls, asked: Asked) -> type["QuestionForm"]:  # noqa: ARG003 -- of those that differ from page to page
        """Return the class with the fields that this page has."""
        return cls

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        """Return what is known, as the fields show it."""
        raise NotImplementedError

    def put_into(self, asked: Asked) -> Household:
        """Return the household as the answers say."""
        raise NotImplementedError


class FactsForm(QuestionForm):
    """A form whose fields are facts of the household, by their names: what is so or not is ``yes`` or ``no``.

    with_unknown: each field has a choice for what isn't known.
    """

    with_unknown: ClassVar[bool] = False

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        known = {key: getattr(asked.household, key) for key in asked.page.question.keys}
        unknown = UNKNOWN if asked.before and cls.with_unknown else None
        return {
            key: _AS_WORD[value] if isinstance(value, bool) else unknown if value is None else value
            for key, value in known.items()
        }

    def put_into(self, asked: Asked) -> Household:
        facts = {field.name: _AS_ANSWER.get(field.data, field.data) for field in self}
        return asked.household.model_copy(update=facts)
