"""What somebody enters at a computer. Codes are taken however they are typed."""

from uuid import uuid4

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import UUID, DataRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form

LONGEST = 40
"""Characters of a code, with some room for blanks."""


class CheckInForm(Form):
    """policy: which text was shown, by its begin. key: of the form, so that it begins once."""

    code = StringField(
        _l("Code on the computer’s screen"),
        validators=[
            DataRequired(_l("Enter the code that the computer shows")),
            Length(max=LONGEST, message=_l("Enter the code as the computer shows it")),
        ],
    )
    agree = BooleanField(
        _l("I agree to these rules"), validators=[DataRequired(_l("Tick the box if you agree to the rules"))]
    )
    policy = HiddenField()
    key = HiddenField(default=lambda: str(uuid4()), validators=[UUID()])


class GuestForm(CheckInForm):
    ticket = StringField(
        _l("Code on your ticket"),
        validators=[
            DataRequired(_l("Enter the code on your ticket")),
            Length(max=LONGEST, message=_l("Enter the code as it stands on your ticket")),
        ],
    )
