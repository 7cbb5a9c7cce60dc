"""What tenants tell the council as their landlord."""

from typing import Any, Final

from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation

from portal.blueprints.energy.rules.meters import meter
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form

AGREES, LIKES, NO = "agrees", "likes", "no"
ANSWERS: Final = {
    AGREES: _l("I would like it, and I agree to the works"),
    LIKES: _l("I would like it, but I don’t agree to any works yet"),
    NO: _l("I don’t want it"),
}


def _stripped(value: Any) -> Any:
    return " ".join(value.split()) if value else value


class WorksForm(Form):
    """One question for interest and consent, as nobody can agree to what they don't want."""

    answer = RadioField(
        _l("What do you want to tell us?"),
        choices=[SelectChoice(value, text) for value, text in ANSWERS.items()],
        validators=[InputRequired(_l("Select what you want to tell us"))],
    )
    signed_as = StringField(
        _l("Your full name"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Enter your full name")),
            Length(max=200, message=_l("Your name must have 200 letters or fewer")),
        ],
    )


class HelpedWorksForm(WorksForm):
    """The same, filled in by a member of staff on behalf of somebody."""

    answer = RadioField(
        _l("What do they want to tell us?"),
        choices=[SelectChoice(value, text) for value, text in ANSWERS.items()],
        validators=[InputRequired(_l("Select what they want to tell us"))],
    )
    signed_as = StringField(
        _l("Their full name"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Enter their full name")),
            Length(max=200, message=_l("Their name must have 200 letters or fewer")),
        ],
    )
    read_out = BooleanField(
        _l("I have read all of this out, and this is what they answered"),
        validators=[InputRequired(_l("Read it out to them, and say that you have"))],
    )


def _is_a_meter(_: Form, field: StringField) -> None:
    if meter(field.data or "") is None:
        raise StopValidation(
            _l("Enter the 11 digits of your electricity meter (MPRN), or the 7 digits of your gas meter (GPRN)")
        )


class LetterForm(Form):
    number = StringField(
        _l("What is the number of your meter?"),
        validators=[DataRequired(_l("Enter the number of your meter")), _is_a_meter],
    )
