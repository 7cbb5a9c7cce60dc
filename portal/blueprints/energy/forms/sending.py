"""The forms around a result: keeping it, having it sent."""

from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form


class KeepForm(Form):
    with_health = BooleanField(_l("Keep what I said of health and pregnancy, too"))


class SendForm(Form):
    contact = RadioField(_l("Where to?"), validators=[InputRequired(_l("Choose where to send it"))])

    def __init__(self, ways: list[tuple[str, str]]) -> None:
        """ways: the person's own confirmed contacts, ids and what they are."""
        super().__init__()
        self.contact.choices = [SelectChoice(*way) for way in ways]
