"""Forms of staff who help."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from email_validator import validate_email
from wtforms import DateField, EmailField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from portal.blueprints.assist.rules import How
from portal.i18n import LANGUAGES
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity.helping import Agreement
from portal.identity.identifying import NEEDED, Question
from portal.web.forms import DayField, Form

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


class AskForm(Form):
    why = TextAreaField(
        _l("Why do you need to see it?"),
        validators=[
            DataRequired(_l("Say in a few words why you need to see it")),
            Length(max=500, message=_l("Say it in 500 characters or fewer")),
        ],
    )


HOW = {
    How.PASSPORT: _l("I saw their passport"),
    How.LICENCE: _l("I saw their driving licence"),
    How.PHOTO_CARD: _l("I saw another card with their photo"),
    How.PAPERS: _l("I saw two papers in their name, such as a bill and a bank statement"),
    How.PHONE: _l("They are on the phone: I’ll ask them what their record says"),
}
AT_THE_DESK: dict[How, Any] = {how: words for how, words in HOW.items() if how is not How.PHONE}
QUESTIONS = {
    Question.BORN: _l("When were you born?"),
    Question.POSTCODE: _l("What is the post code of your home?"),
    Question.SINCE: _l("In which year did your tenancy begin?"),
    Question.RENT: _l("About how much rent is charged each time?"),
    Question.PAID: _l("How much did you pay last, to the pound or euro?"),
    Question.TOGETHER: _l("What is the name of somebody else who holds the tenancy?"),
}
QUESTION_HINTS = {Question.SINCE: _l("Like 2019"), Question.RENT: _l("Like 95.20"), Question.PAID: _l("Like 80")}


def _how(words: dict[How, Any]) -> RadioField:
    return RadioField(
        _l("How do you know who they are?"),
        choices=[SelectChoice(how.value, text) for how, text in words.items()],
        validators=[InputRequired(_l("Say how you know who they are"))],
    )


def _email(label: Any) -> EmailField:
    return EmailField(
        label,
        validators=[
            Optional(),
            Length(max=254, message=_l("Enter a shorter address")),
            Email(_l("Enter an e-mail address in the right form, like name@example.org")),
        ],
    )


def _normal(email: str) -> str:
    """Return an e-mail address in its usual form: one for all ways to write it."""
    return validate_email(email, check_deliverability=False).normalized


class HowForm(Form):
    how = _how(HOW)


class AccountForm(Form):
    """What a new account needs besides its owner's name. languages: codes that the council offers.

    by_letter: the way to sign in comes by letter, to the address of the record, whatever else they say.
    """

    language = RadioField(_l("Which language do they read?"), validators=[InputRequired(_l("Select a language"))])
    email = _email(_l("E-mail address, if they have one"))
    username = StringField(_l("Username, if they have no e-mail address"), validators=[Optional(), Length(max=40)])

    def __init__(self, languages: Sequence[str], *, by_letter: bool = False) -> None:
        super().__init__()
        if by_letter:
            del self.email
        self.language.choices = [SelectChoice(code, LANGUAGES[code]) for code in languages]

    def is_good(self) -> bool:
        good = super().is_good()
        if self.email is None and not self.username.data:
            self.fail("username", _("Enter the username that they choose"))
            return False
        if self.email is not None and not self.email.errors and not (self.email.data or self.username.data):
            self.fail("username", _("Enter an e-mail address, or a username for somebody without one"))
            return False
        return good

    def name_to_sign_in_with(self) -> str | None:
        """Return the username, for somebody who has no e-mail address."""
        return None if self._email() else self.username.data.strip()

    def address(self) -> str | None:
        """Return the e-mail address in its usual form."""
        email = self._email()
        return _normal(email) if email else None

    def _email(self) -> str:
        return (self.email.data or "") if self.email is not None else ""


class NewcomerForm(AccountForm):
    """Somebody whom no record of the council names: at the desk, with a document."""

    how = _how(AT_THE_DESK)
    name = StringField(
        _l("Their full name"),
        validators=[
            DataRequired(_l("Enter their full name")),
            Length(max=100, message=_l("The name must be 100 characters or fewer")),
        ],
    )
    lines = TextAreaField(
        _l("Their postal address"),
        validators=[DataRequired(_l("Enter their postal address")), Length(max=300)],
    )

    def address_lines(self) -> tuple[str, ...]:
        return tuple(filter(None, map(str.strip, self.lines.data.splitlines())))


SAME, OTHER = "same", "other"


class WelcomeForm(Form):
    """Where the way to sign in goes. by_letter: to the address of the record, so that there is nothing to choose."""

    to = RadioField(
        _l("Where to?"),
        choices=[
            SelectChoice(SAME, _l("To where it went before")),
            SelectChoice(OTHER, _l("To another e-mail address: they are here, and that one was wrong")),
        ],
        validators=[InputRequired(_l("Say where it goes"))],
    )
    email = _email(_l("Their e-mail address"))
    how = RadioField(
        _l("How do you know who they are?"),
        choices=[SelectChoice(how.value, text) for how, text in AT_THE_DESK.items()],
        validators=[Optional()],
    )

    def __init__(self, *, by_letter: bool) -> None:
        super().__init__()
        if by_letter:
            for name in ("to", "email", "how"):
                del self[name]

    def is_good(self) -> bool:
        good = super().is_good()
        if self.to is None or self.to.data != OTHER:
            return good
        if not self.email.data and not self.email.errors:
            self.fail("email", _("Enter their e-mail address"))
        if not self.how.data:
            self.fail("how", _("Say how you know who they are"))
        return good and not self.errors

    def other_address(self) -> str | None:
        """Return the corrected e-mail address in its usual form; None if it goes to where it went before."""
        return _normal(self.email.data) if self.to is not None and self.to.data == OTHER else None


class QuestionsForm(Form):
    """The questions that were drawn, each a field by its code."""

    def is_good(self) -> bool:
        good = super().is_good()
        if good and sum(map(bool, self.answers().values())) < NEEDED:
            self.form_errors.append(_("Type at least two answers. Nothing was counted."))
            return False
        return good

    def answers(self) -> dict[Question, str]:
        return {Question(name): _as_text(value) for name, value in self.data.items()}


def questions_form(questions: Sequence[Question]) -> QuestionsForm:
    fields = {
        question.value: (DayField if question is Question.BORN else StringField)(
            QUESTIONS[question], validators=[Optional(), *([] if question is Question.BORN else [Length(max=100)])]
        )
        for question in questions
    }
    form: QuestionsForm = type("QuestionsForm", (QuestionsForm,), fields)()
    return form


def _as_text(answer: date | str | None) -> str:
    return answer.isoformat() if isinstance(answer, date) else answer or ""


class FindingForm(Form):
    words = TextAreaField(
        _l("What did you find?"),
        validators=[
            DataRequired(_l("Say what you found")),
            Length(max=1000, message=_l("Say it in 1000 characters or fewer")),
        ],
    )
