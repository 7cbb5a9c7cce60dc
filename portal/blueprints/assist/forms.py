"""Forms of staff who help."""

from datetime import date
from typing import Any

from wtforms import DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.helping import Agreement
from portal.web.forms import Form

REASONS = {
    "question": _l("They have a question about it"),
    "cannot-use": _l("They can’t use the website: no device, no internet, or not used to it"),
    "health": _l("Health, sight, hearing or hands make it hard"),
    "language": _l("Language or reading makes it hard"),
    "went-wrong": _l("Something went wrong when they tried"),
    "urgent": _l("It’s urgent"),
    "other": _l("Something else"),
}
AGREEMENTS = {
    Agreement.IN_PERSON: _l("They are here with me"),
    Agreement.PHONE: _l("On the phone"),
    Agreement.STANDING: _l("They agreed for longer, in writing"),
    Agreement.LEGAL: _l("Somebody acts for them by law"),
}
AGREEMENT_HINTS = {
    Agreement.STANDING: _l("Say which document, and until when it counts"),
    Agreement.LEGAL: _l("Power of attorney, deputy, or the like: say which document, and until when it counts"),
}
MINUTES = (15, 30, 45, 60)


def _minutes(label: Any) -> RadioField:
    return RadioField(
        label,
        coerce=int,
        choices=[SelectChoice(minutes, _l("%(minutes)s minutes", minutes=minutes)) for minutes in MINUTES],
        default=MINUTES[0],
    )


class StartForm(Form):
    """services: slugs and names that may be chosen."""

    agreement = RadioField(
        _l("How was it agreed?"),
        choices=[SelectChoice(how.value, words) for how, words in AGREEMENTS.items()],
        validators=[InputRequired(_l("Say how it was agreed"))],
    )
    agreed = StringField(_l("Call reference or document"), validators=[Optional(), Length(max=100)])
    agreed_until = DateField(_l("It counts until"), validators=[Optional()])
    reason = RadioField(
        _l("Why do they need help?"),
        choices=[SelectChoice(code, words) for code, words in REASONS.items()],
        validators=[InputRequired(_l("Say why they need help"))],
    )
    words = TextAreaField(
        _l("What is it about?"),
        validators=[
            DataRequired(_l("Say in a few words what it is about")),
            Length(max=500, message=_l("Say it in 500 characters or fewer")),
        ],
    )
    services = SelectMultipleField(_l("With what?"), validators=[InputRequired(_l("Say with what you help"))])
    may = RadioField(
        _l("What may you do?"),
        choices=[SelectChoice("look", _l("Look only")), SelectChoice("act", _l("Look, and do things for them"))],
        validators=[InputRequired(_l("Say whether you may do things for them"))],
    )
    minutes = _minutes(_l("For how long?"))

    def __init__(self, services: list[tuple[str, Any]], *, today: date) -> None:
        super().__init__()
        self.services.choices = [SelectChoice(slug, name) for slug, name in services]
        self._today = today

    def is_good(self) -> bool:
        good = super().is_good()
        if self.agreement.data in (Agreement.STANDING, Agreement.LEGAL):
            good = self._has_until() and good
        if self.agreement.data not in (None, Agreement.IN_PERSON) and not (self.agreed.data or "").strip():
            self.fail("agreed", self._reference_missing())
            return False
        return good

    def _has_until(self) -> bool:
        if self.agreed_until.errors:
            return False
        if self.agreed_until.data is None:
            self.fail("agreed_until", _("Enter the last day on which the document counts"))
        elif self.agreed_until.data < self._today:
            self.fail("agreed_until", _("The document doesn’t count any more on that day"))
        return not self.agreed_until.errors

    def _reference_missing(self) -> str:
        if self.agreement.data == Agreement.PHONE:
            return _("Enter the call’s reference")
        return _("Enter which document it is")


class MoreTimeForm(Form):
    minutes = _minutes(_l("How much longer, from now?"))
    words = TextAreaField(
        _l("Why do you need more time?"),
        validators=[
            DataRequired(_l("Say in a few words why you need more time")),
            Length(max=500, message=_l("Say it in 500 characters or fewer")),
        ],
    )


class FindingForm(Form):
    words = TextAreaField(
        _l("What did you find?"),
        validators=[
            DataRequired(_l("Say what you found")),
            Length(max=1000, message=_l("Say it in 1000 characters or fewer")),
        ],
    )
