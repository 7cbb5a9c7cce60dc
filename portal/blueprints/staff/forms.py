"""Forms of staff."""

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, EmailField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, Regexp

from portal.i18n import lazy_gettext as _l
from portal.party import Role
from portal.web.forms import Form

ROLE_NAMES = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.HOUSING_OFFICER: _l("Housing officer"),
    Role.AUDITOR: _l("Auditor"),
    Role.CUSTOMER_SERVICES: _l("Customer services"),
    Role.MANAGER: _l("Manager"),
}
ROLE_HINTS = {
    Role.ADMINISTRATOR: _l("Looks after staff accounts, reads the audit"),
    Role.HOUSING_OFFICER: _l("Helps residents with their rent, looks after imports"),
    Role.AUDITOR: _l("Reads the audit"),
    Role.CUSTOMER_SERVICES: _l("Helps residents at a desk and on the phone"),
    Role.MANAGER: _l("Looks over how residents were helped"),
}


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
    """Read from the address: a filter changes nothing."""

    act = StringField(
        _l("What was done"),
        validators=[
            Optional(),
            Regexp(r"^[a-z.-]{1,40}$", message=_l("Enter the beginning of an act, like rent.view")),
        ],
    )
    on = DateField(_l("Day"), validators=[Optional()])
