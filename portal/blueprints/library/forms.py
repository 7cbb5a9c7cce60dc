"""The forms of the library's pages. A PIN that was typed is never shown again."""

from typing import Any

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from portal.i18n import lazy_gettext as _l
from portal.web.forms import DayField, Form

LONGEST = 40
"""Characters of a number or a PIN, with some room for blanks."""
PRINTED = r"^[^\x00-\x1f\x7f]*$"
"""No line ends and the like: they end a message to the library system."""


class CardForm(Form):
    number = StringField(
        _l("Number of your library card"),
        validators=[
            DataRequired(_l("Enter the number of the library card")),
            Length(max=LONGEST, message=_l("Enter the number as it stands on the card")),
            Regexp(PRINTED, message=_l("Enter the number as it stands on the card")),
        ],
    )
    pin = PasswordField(
        _l("PIN"),
        validators=[
            DataRequired(_l("Enter the PIN of the library card")),
            Length(max=LONGEST, message=_l("Enter the PIN of the library card")),
            Regexp(PRINTED, message=_l("Enter the PIN of the library card")),
        ],
    )
    keep = BooleanField(_l("Keep my PIN until I disconnect the card"))


class ChildForm(CardForm):
    number = StringField(_l("Number of the child’s card"), validators=CardForm.number.kwargs["validators"])
    name = StringField(
        _l("What you call the child here"),
        validators=[
            DataRequired(_l("Enter a name for the child")),
            Length(max=LONGEST, message=_l("The name must be 40 characters or fewer")),
        ],
    )
    born_on = DayField(_l("The child’s date of birth"), validators=[Optional()])


class PinForm(Form):
    pin = CardForm.pin
    keep = CardForm.keep


class PickupForm(Form):
    branch = SelectField(_l("Collect it at"), validators=[InputRequired(_l("Select a library"))])

    def __init__(self, branches: list[tuple[str, str]], **data: Any) -> None:
        """branches: codes and names."""
        super().__init__(**data)
        self.branch.choices = [SelectChoice(code, name) for code, name in branches]
