"""What staff set up: branches with hours and computers, rules, the acceptable-use policy, files to import."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Who
from portal.blueprints.internet.rules.limits import Limits
from portal.blueprints.internet.rules.written import NoHours, Overlap, read_hours, read_time, write_hours
from portal.i18n import LANGUAGES
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import DayField, Form

WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
MOST_DAYS = 366
PLAIN_CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$"
"""A branch's code: no blanks, nothing that a spreadsheet would work out."""
NAME_LENGTH = 80
POLICY_LENGTH = 20_000
LIMITS = {
    "minutes_a_day": (5, 1500),
    "minutes_a_session": (5, 720),
    "bookings_at_once": (0, 50),
    "days_ahead": (0, 90),
    "grace_minutes": (1, 60),
    "stops_before": (0, 120),
    "extend_by": (5, 240),
}
"""The least and the most that the table takes of each number of a rule."""


class HoursField(StringField):  # type: ignore[misc]  # WTForms has no types
    """Hours of a day, as ``rules.written`` reads them: ``data`` is a tuple of ``Hours``."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else write_hours(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        try:
            self.data = read_hours(valuelist[0])
        except NoHours:
            raise ValueError(_("%(day)s: enter hours such as 09:00-12:30, 13:30-17:00", day=self.label.text)) from None
        except Overlap:
            raise ValueError(_("%(day)s: two of these times overlap", day=self.label.text)) from None


def by_language(
    form: type[Form], name: str, languages: Iterable[str], label: Any, *, most: int, is_text: bool = False
) -> type[Form]:
    """Return a form with one more field for each language, ``name_<language>``; the first must be filled in, of texts
    each.
    """
    kind = TextAreaField if is_text else StringField
    fields = {}
    for number, language in enumerate(languages):
        called = LANGUAGES[language]
        asked = DataRequired(_l("%(what)s: fill it in, in %(language)s", what=label, language=called))
        fields[f"{name}_{language}"] = kind(
            _l("%(what)s (%(language)s)", what=label, language=called),
            filters=[_stripped],
            validators=[
                asked if is_text or not number else Optional(),
                Length(max=most, message=_l("%(what)s: %(most)s characters or fewer", what=label, most=most)),
            ],
        )
    return type(form.__name__, (form,), fields)


def texts(form: Form, name: str) -> dict[str, str]:
    """Return what was entered by language; languages left empty are left out."""
    return {
        field.name.removeprefix(f"{name}_"): field.data
        for field in form
        if field.name.startswith(f"{name}_") and field.data
    }


def as_fields(name: str, by: Mapping[str, str]) -> dict[str, str]:
    """Return texts by language as the values of their fields."""
    return {f"{name}_{language}": text for language, text in by.items()}


def _stripped(text: str | None) -> str | None:
    return text.strip().replace("\r\n", "\n") if text else text


def _yes_no(label: Any, yes: Any, no: Any) -> RadioField:
    return RadioField(
        label,
        choices=[SelectChoice("yes", yes), SelectChoice("no", no)],
        validators=[InputRequired(_l("%(what)s: choose one", what=label))],
    )


class DetailsForm(Form):
    code = StringField(
        _l("Code"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Code: enter the branch’s code, as your lists have it")),
            Regexp(PLAIN_CODE, message=_l("Code: 20 letters, digits or dashes at most, no blanks")),
        ],
    )
    address = StringField(
        _l("Address"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("Address: enter it, in one line")),
            Length(max=200, message=_l("Address: 200 characters or fewer")),
        ],
    )
    phone = StringField(
        _l("Phone number, if it has one"),
        filters=[_stripped],
        validators=[
            Optional(),
            Regexp(r"^\+?[0-9][0-9 ()]{4,24}$", message=_l("Phone number: digits and blanks, such as 01632 960 001")),
        ],
    )
    on_bank_holidays = _yes_no(_l("On bank holidays"), _l("Open, as on any such weekday"), _l("Closed"))


class WeekForm(Form):
    """One field for each weekday: ``day_0`` is Monday."""

    @property
    def week(self) -> dict[int, tuple[Hours, ...]]:
        return {number: self[f"day_{number}"].data or () for number in range(len(WEEKDAYS))}


for _number, _day in enumerate(WEEKDAYS):
    setattr(WeekForm, f"day_{_number}", HoursField(_day))


class DaysForm(Form):
    first = DayField(_l("First day"), validators=[InputRequired(_l("First day: enter a date"))])
    last = DayField(_l("Last day, if there are several"), validators=[Optional()])
    hours = HoursField(_l("Hours on these days"))

    def validate_hours(self, field: HoursField) -> None:
        if len(field.data or ()) > 1:
            raise ValidationError(_("Hours on these days: one stretch of time, such as 10:00-14:00"))

    def validate_last(self, field: DayField) -> None:
        if not self.first.data:
            return
        if field.data < self.first.data:
            raise ValidationError(_("Last day: it must not be before the first"))
        if (field.data - self.first.data).days >= MOST_DAYS:
            raise ValidationError(_("Last day: a year after the first at most"))


class ComputerForm(Form):
    """kinds: what each is called."""

    name = StringField(
        _l("What stands on it"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("What stands on it: enter a number or a name")),
            Length(max=20, message=_l("What stands on it: 20 characters or fewer")),
            Regexp(r"^[^=+@\-\s]", message=_l("What stands on it: begin with a letter or a digit")),
        ],
    )
    kind = SelectField(_l("Kind"))

    def __init__(self, kinds: Mapping[Any, Any], **data: Any) -> None:
        super().__init__(**data)
        self.kind.choices = [SelectChoice(str(kind), name) for kind, name in kinds.items()]


STATUSES = {
    "in-service": _l("It works"),
    "out-of-order": _l("Out of order"),
    "retired": _l("Retired: it is gone for good"),
}


class ChangedComputerForm(ComputerForm):
    status = RadioField(_l("Does it work?"), choices=[SelectChoice(status, name) for status, name in STATUSES.items()])


def _number_of(name: str, label: Any) -> IntegerField:
    least, most = LIMITS[name]
    says = _l("%(what)s: a whole number from %(least)s to %(most)s", what=label, least=least, most=most)
    return _Whole(label, says, validators=[InputRequired(says), NumberRange(least, most, message=says)])


class _Whole(IntegerField):  # type: ignore[misc]  # as above
    """says: what is wrong with what isn't a number."""

    def __init__(self, label: Any, says: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self.says = says

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(self.says) from None


class RuleForm(Form):
    """branches: names by id. named: what each kind of computer is called."""

    branch = SelectField(_l("Where"))
    from_day = DayField(_l("From which day on"), validators=[InputRequired(_l("From which day on: enter a date"))])
    minutes_a_day = _number_of("minutes_a_day", _l("Minutes a day"))
    minutes_a_session = _number_of("minutes_a_session", _l("Minutes at a time"))
    bookings_at_once = _number_of("bookings_at_once", _l("Bookings at once"))
    days_ahead = _number_of("days_ahead", _l("Days ahead"))
    grace_minutes = _number_of("grace_minutes", _l("Minutes a computer is kept"))
    stops_before = _number_of("stops_before", _l("Minutes before closing"))
    extend_by = _number_of("extend_by", _l("Minutes more in one step"))
    on_line = _yes_no(_l("How they book"), _l("By themselves or at the desk"), _l("At the desk only"))
    kinds = SelectMultipleField(_l("Which computers"), validators=[InputRequired(_l("Which computers: choose one"))])

    def __init__(self, branches: Mapping[str, str], named: Mapping[Any, Any], **data: Any) -> None:
        super().__init__(**data)
        everywhere = SelectChoice("", _l("All branches that have no rule of their own"))
        self.branch.choices = [everywhere, *(SelectChoice(id_, name) for id_, name in branches.items())]
        self.kinds.choices = [SelectChoice(str(kind), name) for kind, name in named.items()]

    def validate_minutes_a_session(self, field: IntegerField) -> None:
        if self.minutes_a_day.data is not None and field.data > self.minutes_a_day.data:
            raise ValidationError(_("Minutes at a time: no more than the %(most)s a day", most=self.minutes_a_day.data))

    def limits(self, who: Who, kinds: frozenset[Any]) -> Limits:
        """Return what was entered, for one kind of person. kinds: those that were chosen."""
        numbers = {name: self[name].data for name in LIMITS}
        return Limits(who=who, on_line=self.on_line.data == "yes", kinds=kinds, **numbers)


class PolicyForm(Form):
    day = DayField(_l("From which day on"), validators=[Optional()])
    time = StringField(_l("From what time on"), filters=[_stripped], validators=[Optional()])

    def validate_time(self, field: StringField) -> None:
        try:
            read_time(field.data)
        except NoHours:
            raise ValidationError(_("From what time on: enter a time such as 09:00")) from None
        if not self.day.data:
            raise ValidationError(_("From which day on: enter a date for this time"))


class ImportForm(Form):
    file = FileField(_l("File (CSV)"), validators=[InputRequired(_l("Choose a file"))])


class PeriodForm(Form):
    """Read from the address. branches: names by id."""

    branch = SelectField(_l("Branch"), validators=[Optional()])
    since = DayField(_l("From"), name="from", validators=[Optional()])
    until = DayField(_l("To"), name="to", validators=[Optional()])

    def __init__(self, branches: Mapping[str, str], **data: Any) -> None:
        super().__init__(**data)
        everywhere = SelectChoice("", _l("All branches"))
        self.branch.choices = [everywhere, *(SelectChoice(id_, name) for id_, name in branches.items())]

    def validate_until(self, field: DayField) -> None:
        if self.since.data and field.data < self.since.data:
            raise ValidationError(_("To: it must not be before the first day"))
