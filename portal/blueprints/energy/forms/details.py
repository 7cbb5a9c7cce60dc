"""What a form asks for beside the questions of the check: a form for each page of ``rules/details``."""

from typing import Any, ClassVar, Final

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.blueprints.energy.forms.base import radios
from portal.blueprints.energy.rules.details import Address, Detail, Who
from portal.blueprints.energy.rules.form import Form as Application
from portal.i18n import Lazy
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form


class DetailForm(Form):
    """title: the question. intro: a paragraph below it. why: why it is asked."""

    title: ClassVar[Lazy]
    intro: ClassVar[Lazy | str] = ""
    why: ClassVar[Lazy]

    @classmethod
    def of(cls, application: Application, known: Detail | None) -> "DetailForm":
        """Return the form with what was answered, or else with what another service knows."""
        made = cls.made_for(application)
        return made(data=made.shown(known) if known else {})

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


class WhoForm(DetailForm):
    title = _l("Who are you applying for?")
    why = _l("Somebody may apply for a person who can’t. Then we need to know who they are.")
    applying_for = radios(
        title,
        (("myself", _l("Myself and those who live with me")), ("somebody_else", _l("Somebody else"))),
        _l("Choose who you are applying for"),
    )
    relation = StringField(
        _l("How you know them, and what allows you to apply for them"),
        [Length(max=300, message=_l("Use 300 characters or fewer"))],
        description=_l("Only if you apply for somebody else. For example: I am her son, with a power of attorney."),
    )

    def validate_relation(self, field: Any) -> None:
        if self.applying_for.data == "somebody_else" and not (field.data or "").strip():
            raise ValueError(str(_l("Say how you know them, and what allows you to apply for them")))

    def detail(self) -> Who:
        other = self.applying_for.data == "somebody_else"
        return Who(applying_for=self.applying_for.data, relation=self.relation.data.strip() if other else "")


class AddressForm(DetailForm):
    title = _l("What is your address?")
    why = _l("Help with energy is for one home.")
    first = StringField(_l("Address line 1"), [InputRequired(_l("Write the first line of your address"))])
    second = StringField(_l("Address line 2, if there is one"))
    town = StringField(_l("Town or city"), [InputRequired(_l("Write your town or city"))])
    postcode = StringField(_l("Postcode"), [InputRequired(_l("Write your postcode"))])

    @classmethod
    def shown(cls, detail: Address) -> dict[str, Any]:
        first, *middle, postcode = detail.lines
        return {"first": first, "second": ", ".join(middle[:-1]), "town": "".join(middle[-1:]), "postcode": postcode}

    def detail(self) -> Address:
        given = (self.first.data, self.second.data, self.town.data, self.postcode.data)
        return Address(lines=tuple(line.strip() for line in given if line and line.strip()))


FORMS: Final[dict[str, type[DetailForm]]] = {"who": WhoForm, "address": AddressForm}
"""By the slug of the page."""
