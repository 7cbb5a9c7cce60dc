"""The one door to Flask-WTF, which has no types; and fields that several slices have."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField

from portal.i18n import gettext as _


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form. Tokens against forgery are checked for the whole application, so forms hold none."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

    def is_good(self) -> bool:
        """Tell whether the form was sent and all of it is right; else its fields have errors."""
        return bool(self.validate_on_submit())

    def fail(self, field: str, message: Any) -> None:
        """Add an error that only an action could find."""
        errors = self[field].errors
        self[field].errors = [*errors, message]


class DayField(DateField):  # type: ignore[misc]  # WTForms has no types
    """A day, with a message in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a date such as 2026-11-23")) from None
