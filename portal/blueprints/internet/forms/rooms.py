"""What staff enter while they run a room. ``key``: of a form, so that sending it twice does once."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import validators as checks
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.blueprints.internet.actions.programs import MOST_LETTERS
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import DayField, Form

MORE = (5, 10, 15, 30, 60)
LENGTHS = (15, 30, 45, 60, 90, 120)
WORDS_LENGTH = 200


def _minutes(label: Any, choices: Iterable[int], default: int) -> SelectField:
    named = [SelectChoice(minutes, _l("%(minutes)s minutes", minutes=minutes)) for minutes in choices]
    return SelectField(label, coerce=int, choices=named, default=default)


def _key() -> HiddenField:
    return HiddenField(default=lambda: str(uuid4()), validators=[checks.UUID()])


def _why(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[
            DataRequired(_l("Say why, in a few words")),
            Length(max=WORDS_LENGTH, message=_l("Say it in %(most)s characters or fewer", most=WORDS_LENGTH)),
        ],
    )


class ClockField(TimeField):  # type: ignore[misc]  # WTForms has no types
    """A time by the clock on the wall, with a message in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a time such as 14:30")) from None


class MoreForm(Form):
    """until: the end that was shown."""

    minutes = _minutes(_l("How much longer?"), MORE, 15)
    until = HiddenField(validators=[InputRequired()])


class MoveForm(Form):
    """to: computers that are free for what is left, by id."""

    to = SelectField(_l("To which computer?"))

    def __init__(self, to: Iterable[tuple[UUID, str]]) -> None:
        super().__init__()
        self.to.choices = [SelectChoice(str(id_), name) for id_, name in to]


class MessageForm(Form):
    text = StringField(
        _l("What shall its screen say?"),
        validators=[
            DataRequired(_l("Enter what its screen shall say")),
            Length(max=MOST_LETTERS, message=_l("Say it in %(most)s characters or fewer", most=MOST_LETTERS)),
        ],
    )


class FaultForm(Form):
    how_long = RadioField(
        _l("For how long?"),
        choices=[
            SelectChoice("today", _l("Today: what is booked here on later days stays")),
            SelectChoice("longer", _l("For longer: what is booked here on later days moves as well")),
        ],
        default="today",
    )


class BlockForm(Form):
    computers = SelectMultipleField(_l("Which computers?"), validators=[InputRequired(_l("Select computers"))])
    from_day = DayField(_l("From: day"), validators=[DataRequired(_l("Enter the day on which it begins"))])
    from_time = ClockField(_l("From: time"), validators=[InputRequired(_l("Enter the time at which it begins"))])
    until_day = DayField(_l("Until: day"), validators=[DataRequired(_l("Enter the day on which it ends"))])
    until_time = ClockField(_l("Until: time"), validators=[InputRequired(_l("Enter the time at which it ends"))])
    why = _why(_l("What for?"))
    key = _key()

    def __init__(self, choices: Iterable[tuple[UUID, str]], **given: Any) -> None:
        super().__init__(**given)
        self.computers.choices = [SelectChoice(str(id_), name) for id_, name in choices]


class TicketForm(Form):
    minutes = _minutes(_l("For how long?"), LENGTHS, 60)
    key = _key()


class BirthForm(Form):
    """latest: nobody is born after it."""

    born_on = DayField(_l("Date of birth"), validators=[DataRequired(_l("Enter when they were born"))])

    def __init__(self, *, latest: date, **given: Any) -> None:
        super().__init__(**given)
        self._latest = latest

    def is_good(self) -> bool:
        good = super().is_good()
        if good and not date(1900, 1, 1) <= self.born_on.data <= self._latest:
            self.fail("born_on", _("Enter a date of birth in the past"))
            return False
        return good


class SuspendForm(Form):
    """earliest: the first day on which it may end."""

    until = DayField(_l("Until and including"), validators=[DataRequired(_l("Enter the last day"))])
    why = _why(_l("Why? Only staff read it"))

    def __init__(self, *, earliest: date, **given: Any) -> None:
        super().__init__(**given)
        self._earliest = earliest

    def is_good(self) -> bool:
        good = super().is_good()
        if self.until.data and not 0 <= (self.until.data - self._earliest).days <= 366:
            self.fail("until", _("Enter a day between today and a year from now"))
            return False
        return good


class GrantForm(Form):
    """before: how many minutes were granted when it was shown."""

    minutes = _minutes(_l("How many more today?"), (15, 30, 60, 120), 30)
    before = IntegerField(validators=[InputRequired(), NumberRange(min=0)])


class DeskForm(Form):
    """Booking for somebody at the desk. at: empty for now."""

    branch = SelectField(_l("Where?"))
    kind = SelectField(_l("What kind of computer?"))
    day = DayField(_l("Which day?"), validators=[DataRequired(_l("Enter a day"))])
    at = ClockField(_l("From when?"), validators=[Optional()])
    minutes = _minutes(_l("How long?"), LENGTHS, 60)
    sits = BooleanField(_l("They sit down now, and agree to the rules for using the computers"))
    waits = BooleanField(_l("If nothing is free now, put them in the queue"))
    key = _key()

    def __init__(self, branches: Iterable[tuple[UUID, str]], kinds: Iterable[tuple[str, str]], **given: Any) -> None:
        super().__init__(**given)
        self.branch.choices = [SelectChoice(str(id_), name) for id_, name in branches]
        self.kind.choices = [SelectChoice("", _("Any")), *(SelectChoice(kind, name) for kind, name in kinds)]


class SheetForm(Form):
    day = DayField(_l("Day"), validators=[Optional()])
