"""What every question's form has: its words, what it shows at first, and what its answers make of the household."""

from typing import Any, ClassVar, Self

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import Household
from portal.i18n import Lazy
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form

UNKNOWN = "unknown"
YES_NO = (("yes", _l("Yes")), ("no", _l("No")))
_AS_WORD = {True: "yes", False: "no", None: UNKNOWN}
_AS_ANSWER = {word: answer for answer, word in _AS_WORD.items()}


def radios(label: Lazy, choices: Any, message: Lazy, hint: Lazy | str = "") -> RadioField:
    """Return a field of which one choice has to be made. choices: values and words. message: what to do if none was."""
    return RadioField(
        label,
        choices=[SelectChoice(value, text) for value, text in choices],
        validators=[InputRequired(message)],
        description=hint,
    )


def yes_no(label: Lazy, message: Lazy, hint: Lazy | str = "") -> RadioField:
    return radios(label, YES_NO, message, hint)


def as_word(answer: bool | None, *, asked: bool = True) -> str | None:
    """Return the value of the choice that says so; None, for no choice, if it wasn't asked."""
    return _AS_WORD[answer] if answer is not None or asked else None


def as_answer(word: str) -> bool | None:
    return _AS_ANSWER[word]


class QuestionForm(Form):
    """A question's form. title: the question; ``of_other`` the same about somebody else, with ``%(who)s``.

    intro: a paragraph below it. why: why it is asked. dont_know: what the button says that leaves it open.
    """

    title: ClassVar[Lazy]
    of_other: ClassVar[Lazy | str] = ""
    intro: ClassVar[Lazy | str] = ""
    why: ClassVar[Lazy]
    dont_know: ClassVar[Lazy] = _l("I don’t know")

    @classmethod
    def of(cls, page: Page, household: Household, *, asked: bool, **given: Any) -> Self:
        """Return the form of a page. asked: it was answered before, so that what isn't known is an answer too.

        given: values to show at first instead of what is known.
        """
        form = cls.made_for(page, household)
        return form(data=cls.shown(page, household, asked=asked) | given)  # type: ignore[return-value]  # a subclass

    @classmethod
    def made_for(cls, page: Page, household: Household) -> type["QuestionForm"]:  # noqa: ARG003 -- of those that differ
        """Return the class with the fields that this page has."""
        return cls

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        """Return what is known, as the fields show it."""
        raise NotImplementedError

    def put_into(self, page: Page, household: Household) -> Household:
        """Return the household as the answers say."""
        raise NotImplementedError
