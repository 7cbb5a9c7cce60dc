"""Which schemes a form is to be for."""

from collections.abc import Collection, Mapping
from typing import Self

from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.blueprints.energy.schemes.catalogue import Ready
from portal.i18n import lazy_gettext as _l
from portal.i18n import words
from portal.web.forms import Form


class ChooseForm(Form):
    schemes = SelectMultipleField(
        _l("What do you want to apply for?"), validators=[InputRequired(_l("Choose what you want to apply for"))]
    )

    @classmethod
    def of(cls, offered: Mapping[str, Ready], *, chosen: Collection[str] = ()) -> Self:
        """Return the form with a box for each scheme that can be applied for. chosen: those ticked at first."""
        form = cls(data={"schemes": [slug for slug in offered if slug in chosen]})
        form.schemes.choices = [SelectChoice(slug, words(ready.edition.name)) for slug, ready in offered.items()]
        return form
