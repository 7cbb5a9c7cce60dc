"""The form of rent's pages."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form

LONGEST = 40
"""Characters of what is typed from a letter, with some room for blanks and hyphens."""


class ConnectForm(Form):
    reference = StringField(
        _l("Payment reference"),
        validators=[
            InputRequired(_l("Enter the payment reference from the letter")),
            Length(max=LONGEST, message=_l("Enter the payment reference as the letter gives it")),
        ],
    )
    code = StringField(
        _l("Code"),
        validators=[
            InputRequired(_l("Enter the code from the letter")),
            Length(max=LONGEST, message=_l("Enter the code as the letter gives it")),
        ],
    )
