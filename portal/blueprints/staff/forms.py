"""Forms of staff."""

from collections.abc import Mapping
from typing import Any

from wtforms import EmailField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    UUID,
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.party import Role
from portal.web.forms import DayField, Form

ROLE_NAMES = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.HOUSING_OFFICER: _l("Housing officer"),
    Role.AUDITOR: _l("Auditor"),
    Role.CUSTOMER_SERVICES: _l("Customer services"),
    Role.LIBRARY: _l("Library"),
    Role.LIBRARY_MANAGER: _l("Library manager"),
    Role.ENERGY: _l("Energy help"),
    Role.ENERGY_HEALTH: _l("Energy help, with health"),
    Role.MANAGER: _l("Manager"),
}
ROLE_HINTS = {
    Role.ADMINISTRATOR: _l("Looks after staff accounts, reads the audit"),
    Role.HOUSING_OFFICER: _l("Helps residents with their rent, looks after imports"),
    Role.AUDITOR: _l("Reads the audit"),
    Role.CUSTOMER_SERVICES: _l("Helps residents at a desk and on the phone"),
    Role.LIBRARY: _l("Runs a library’s computers, and helps residents at its desk"),
    Role.LIBRARY_MANAGER: _l("Changes libraries’ hours, computers and rules"),
    Role.ENERGY: _l("Reads and answers applications for energy help, without what was said of health"),
    Role.ENERGY_HEALTH: _l("Reads and answers applications for energy help, with what was said of health"),
    Role.MANAGER: _l("Looks over how residents were helped"),
}


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class PasswordForm(Form):
    password = PasswordField(_l("Choose a password"), validators=[InputRequired(_l("Enter a password"))])


class CodeForm(Form):
    code = StringField(
        _l("Code"),
        validators=[InputRequired(_l("Enter the code from your authenticator app")), Length(max=40)],
    )


def _roles() -> SelectMultipleField:
    return SelectMultipleField(
        _l("Roles"),
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        validators=[InputRequired(_l("Select at least one role"))],
    )


def _team() -> SelectField:
    return SelectField(_l("Team"), validators=[Optional()])


class TeamForm(Form):
    """teams: codes and names of the council's teams."""

    team = _team()

    def __init__(self, teams: Mapping[str, str], **data: Any) -> None:
        super().__init__(**data)
        none = SelectChoice("", _l("No team"))
        self.team.choices = [none, *(SelectChoice(code, name) for code, name in teams.items())]


class InviteForm(TeamForm):
    name = StringField(
        _l("Full name"),
        validators=[
            DataRequired(_l("Enter their full name")),
            Length(max=100, message=_l("Their name must be 100 characters or fewer")),
        ],
    )
    email = EmailField(
        _l("Work e-mail address"),
        validators=[
            InputRequired(_l("Enter their work e-mail address")),
            Email(_l("Enter an e-mail address in the right form, like name@example.org")),
        ],
    )
    roles = _roles()
    team = _team()


class RolesForm(Form):
    roles = _roles()


class NearForm(Form):
    record = StringField(
        _l("Payment reference of their rent, or what they sign in with as a resident"),
        validators=[
            DataRequired(_l("Enter a payment reference, an e-mail address or a username")),
            Length(max=254, message=_l("Enter a payment reference, an e-mail address or a username")),
        ],
    )


class AuditForm(Form):
    """Read from the address: a filter changes nothing. Ids alone: addresses hold nothing personal."""

    act = StringField(
        _l("What was done"),
        validators=[
            Optional(),
            Regexp(r"^[a-z.-]{1,40}$", message=_l("Enter the beginning of an act, like rent.view")),
        ],
    )
    outcome = StringField(
        _l("What came of it"),
        validators=[Optional(), Regexp(r"^[a-z-]{1,40}$", message=_l("Enter an outcome, like done or refused"))],
    )
    person = StringField(
        _l("Whose data"),
        filters=[_stripped],
        validators=[Optional(), UUID(message=_l("Enter the whole number of a person, as the records show it"))],
    )
    actor = StringField(
        _l("Who did it"),
        filters=[_stripped],
        validators=[Optional(), UUID(message=_l("Enter the whole number of a person, as the records show it"))],
    )
    object = StringField(
        _l("What it was done to"),
        filters=[_stripped],
        validators=[
            Optional(),
            Regexp(r"^[a-z._-]+:[\w.:-]{0,80}$", message=_l("Enter a kind and a number, as the records show it")),
        ],
    )
    since = DayField(_l("From"), name="from", validators=[Optional()])
    until = DayField(_l("To"), name="to", validators=[Optional()])

    def validate_until(self, field: DayField) -> None:
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError(_("The second date must not be before the first"))
