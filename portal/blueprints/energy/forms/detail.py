"""What every form has that asks for a detail: its words, what it shows, what its answer is, and how that reads."""

from typing import Any, ClassVar

from portal.blueprints.energy.rules.details import Detail
from portal.blueprints.energy.rules.form import Form as Application
from portal.i18n import Lazy
from portal.web.forms import Form


class DetailForm(Form):
    """title: the question. intro: a paragraph below it. why: why it is asked.

    dont_know: what the button says that leaves it open; empty where it has to be answered. bare: fields whose answer
    says by itself what it is, so that a list of answers leaves their label out.
    """

    title: ClassVar[Lazy]
    intro: ClassVar[Lazy | str] = ""
    why: ClassVar[Lazy]
    dont_know: ClassVar[Lazy | str] = ""
    bare: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def of(cls, application: Application, known: Detail | None) -> "DetailForm":
        """Return the form with what was answered, or else with what is known already."""
        made = cls.made_for(application)
        return made(formdata=None, data=made.shown(known) if known else {})

    @classmethod
    def made_for(cls, application: Application) -> "type[DetailForm]":  # noqa: ARG003 -- of those that differ
        """Return the class with the fields that this application has."""
        return cls

    @classmethod
    def shown(cls, detail: Any) -> dict[str, Any]:
        """Return an answer as the fields show it."""
        found: dict[str, Any] = detail.model_dump()
        return found

    def detail(self) -> Detail:
        """Return what was answered."""
        raise NotImplementedError

    @classmethod
    def left_open(cls) -> Detail:
        """Return what is kept of somebody who leaves it open, where they can."""
        raise NotImplementedError

    @classmethod
    def in_words(cls, detail: Any) -> list[str]:
        """Return an answer, a line for each thing that was said."""
        shown = cls(formdata=None, data=cls.shown(detail))
        lines = [(field, _said(field)) for field in shown]
        return [said if field.name in cls.bare else f"{field.label.text}: {said}" for field, said in lines if said]


def _said(field: Any) -> str:
    choices = getattr(field, "choices", None)
    if choices is None:
        return str(field.data or "")
    return next((str(choice.label) for choice in choices if choice.value == field.data), "")


def text_of(field: Any) -> str:
    """Return what was written into a field, without blanks around it."""
    return (field.data or "").strip()
