"""Forms for getting in and for one's account. A password that was typed is never shown again."""

from typing import Any

from email_validator import validate_email
from wtforms import EmailField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length

from portal.i18n import LANGUAGES
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.passwords import LONGEST, SHORTEST, Weakness
from portal.web import current
from portal.web.forms import Form

LONGEST_ADDRESS = 254
"""Characters of an e-mail address (RFC 5321, 4.5.3.1.3, without the angle brackets)."""


class SignInForm(Form):
    name = StringField(
        _l("E-mail address or username"),
        validators=[
            InputRequired(_l("Enter your e-mail address or username")),
            Length(max=LONGEST_ADDRESS, message=_l("Enter your e-mail address or username")),
        ],
    )
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password"))])


class ProveAgainForm(Form):
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password"))])


class NameForm(Form):
    name = SignInForm.name


class EmailForm(Form):
    email = EmailField(
        _l("E-mail address"),
        validators=[
            InputRequired(_l("Enter your e-mail address")),
            Length(max=LONGEST_ADDRESS, message=_l("Enter your e-mail address")),
            Email(_l("Enter an e-mail address in the right form, like name@example.org")),
        ],
    )

    def address(self) -> str:
        """Return the address in its usual form: one for all ways to write it."""
        return validate_email(self.email.data, check_deliverability=False).normalized


class NewPasswordForm(Form):
    password = PasswordField(_l("New password"), validators=[InputRequired(_l("Enter a new password"))])


class ChangePasswordForm(NewPasswordForm):
    present = PasswordField(
        _l("Present password"), validators=[InputRequired(_l("Enter the password that you have now"))]
    )


class LetterForm(NewPasswordForm):
    code = StringField(
        _l("Code from our letter"),
        validators=[
            InputRequired(_l("Enter the code from our letter")),
            Length(max=39, message=_l("Enter the code from our letter")),
        ],
    )


class RegisterForm(Form):
    name = StringField(
        _l("Your full name"),
        validators=[
            DataRequired(_l("Enter your full name")),
            Length(max=100, message=_l("Your name must be 100 characters or fewer")),
        ],
    )
    password = PasswordField(_l("Choose a password"), validators=[InputRequired(_l("Enter a password"))])


class LanguageForm(Form):
    language = RadioField(_l("Which language shall we use?"), validators=[InputRequired(_l("Select a language"))])

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.language.choices = [SelectChoice(code, LANGUAGES[code]) for code in current.council().languages]


def weakness_in_words(reason: Weakness) -> str:
    """Return what to do about a password that can't be taken."""
    match reason:
        case Weakness.SHORT:
            return _("Your password must be %(shortest)s characters or more", shortest=SHORTEST)
        case Weakness.LONG:
            return _("Your password must be %(longest)s characters or fewer", longest=LONGEST)
        case Weakness.COMMON:
            return _("That password is on a list that thieves have. Choose another, such as four words at random.")
        case Weakness.GUESSABLE:
            return _("That password is easy to guess. Choose another, such as four words at random.")


class ObjectForm(Form):
    words = TextAreaField(
        _l("What was not right?"),
        validators=[
            DataRequired(_l("Say in a few words what was not right")),
            Length(max=1000, message=_l("Say it in 1000 characters or fewer")),
        ],
    )
