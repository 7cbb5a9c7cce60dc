"""The forms of rent's pages."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import DayField, Form

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


class StatementForm(Form):
    """What of a statement to show. ``show`` is a rent year, by the calendar year that it begins in, or ``dates``.

    Whoever gives dates and leaves ``show`` as it was means the dates.
    """

    show = SelectField(_l("Show"), validators=[Optional()])
    since = DayField(_l("From"), name="from", validators=[Optional()])
    until = DayField(_l("To"), name="to", validators=[Optional()])
    kind = SelectField(
        _l("What"),
        choices=[
            SelectChoice("all", _l("Everything")),
            SelectChoice("charges", _l("What you were charged")),
            SelectChoice("payments", _l("What was paid")),
            SelectChoice("benefit", _l("Benefit")),
            SelectChoice("other", _l("Other")),
        ],
        default="all",
    )
    charges = SelectField(
        _l("A day’s charges"),
        choices=[SelectChoice("together", _l("As one line")), SelectChoice("apart", _l("One by one"))],
        default="together",
    )

    def __init__(self, given: MultiDict[str, str], years: list[tuple[str, str]], *, has_benefit: bool) -> None:
        """given: of the address; what it leaves out is the default. years: value and words, the default first.

        has_benefit: whether there is any that could be asked for.
        """
        present = years[0][0]
        chosen = {"show": present, "kind": "all", "charges": "together"} | given.to_dict()
        if chosen["show"] == present and (chosen.get("from") or chosen.get("to")):
            chosen["show"] = "dates"
        super().__init__(formdata=MultiDict(chosen))
        self.show.choices = [*(SelectChoice(*year) for year in years), SelectChoice("dates", _("Dates that I choose"))]
        if not has_benefit:
            self.kind.choices = [choice for choice in self.kind.choices if choice.value != "benefit"]

    @property
    def kind_in_words(self) -> str:
        """Return what was chosen of what happened, as the form says it."""
        return str(next(choice.label for choice in self.kind.choices if choice.value == self.kind.data))

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.show.data != "dates":
            if self.since.data or self.until.data:
                self.fail("since", _("Choose “Dates that I choose”, or take the dates out"))
            return not self.errors
        if not (self.since.data and self.until.data):
            self.fail("since" if not self.since.data else "until", _("Enter both dates"))
            return False
        if self.since.data > self.until.data:
            self.fail("until", _("The second date must not be before the first"))
            return False
        return True
