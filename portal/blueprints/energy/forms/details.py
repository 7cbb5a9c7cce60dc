"""What a form asks for beside the questions of the check: a form for each page of ``rules/details``."""

from datetime import date, timedelta
from typing import Any, ClassVar, Final

from wtforms import EmailField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp, ValidationError

from portal.blueprints.energy.forms import paying
from portal.blueprints.energy.forms.base import radios
from portal.blueprints.energy.forms.detail import DetailForm, text_of
from portal.blueprints.energy.forms.fields import DayAheadField
from portal.blueprints.energy.forms.names import of_person
from portal.blueprints.energy.rules.details import Address, Contact, Happened, Names, TellsOfHealth, Who
from portal.blueprints.energy.rules.form import Form as Application
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.web import current, helping

SHORT, LONG = 300, 2000
"""Characters of what people write: in a line or two, and to tell what happened."""
LONGEST_ADDRESS: Final = 254
"""Characters of an e-mail address (RFC 5321, 4.5.3.1.3, without the angle brackets)."""
_PHONE: Final = r"^\+?[0-9][0-9 ()/-]{4,24}$"
_YEAR: Final = timedelta(days=366)


def _at_most(most: int) -> Length:
    return Length(max=most, message=_l("Use %(most)s characters or fewer", most=most))


class WhoForm(DetailForm):
    title = _l("Who are you applying for?")
    why = _l("Somebody may apply for a person who can’t. Then we need to know who they are.")
    bare = frozenset(("applying_for", "relation"))
    applying_for = radios(
        title,
        (("myself", _l("Myself and those who live with me")), ("somebody_else", _l("Somebody else"))),
        _l("Choose who you are applying for"),
    )
    relation = StringField(
        _l("How you know them, and what allows you to apply for them"),
        [_at_most(SHORT)],
        description=_l("Only if you apply for somebody else. For example: I am her son, with a power of attorney."),
    )

    def validate_relation(self, field: Any) -> None:
        if self.applying_for.data == "somebody_else" and not text_of(field):
            raise ValidationError(_("Say how you know them, and what allows you to apply for them"))

    def detail(self) -> Who:
        other = self.applying_for.data == "somebody_else"
        return Who(applying_for=self.applying_for.data, relation=text_of(self.relation) if other else "")


class ContactForm(DetailForm):
    title = _l("How can we reach you about this?")
    why = _l("We may have a question, or news that shouldn’t wait for a letter.")
    bare = frozenset(("name", "by", "phone", "email"))
    name = StringField(
        _l("Full name"),
        [DataRequired(_l("Write your full name")), _at_most(paying.SHORT)],
        render_kw={"autocomplete": "name", "spellcheck": "false"},
    )
    by = radios(
        _l("How would you like us to reach you?"),
        (("phone", _l("By phone")), ("email", _l("By e-mail")), ("post", _l("By letter, to your address"))),
        _l("Choose how you would like us to reach you"),
    )
    phone = TelField(
        _l("Phone number"),
        [Optional(), Regexp(_PHONE, message=_l("Write a phone number in digits, like 01632 960 001"))],
        render_kw={"autocomplete": "tel"},
    )
    email = EmailField(
        _l("E-mail address"),
        [
            Optional(),
            _at_most(LONGEST_ADDRESS),
            Email(_l("Write an e-mail address in the right form, like name@example.org")),
        ],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    needs = TextAreaField(
        _l("Is there something that we should do so that we understand each other?"),
        [_at_most(SHORT)],
        description=_l("For example an interpreter, large print, or a call after 6pm. You may leave it out."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        is_good = super().validate(extra_validators)
        if self.by.data == "phone" and not text_of(self.phone):
            self.fail("phone", _("Write your phone number, or choose another way"))
            return False
        if self.by.data == "email" and not text_of(self.email):
            self.fail("email", _("Write your e-mail address, or choose another way"))
            return False
        return bool(is_good)

    def detail(self) -> Contact:
        given = {name: text_of(self[name]) for name in ("name", "phone", "email", "needs")}
        return Contact(by=self.by.data, **given)

    @classmethod
    def in_words(cls, detail: Contact) -> list[str]:
        said = super().in_words(detail.model_copy(update={"needs": ""}))
        return [*said, detail.needs] if detail.needs else said


class AddressForm(DetailForm):
    title = _l("What is your address?")
    why = _l("Help with energy is for one home.")
    first = StringField(
        _l("Address line 1"),
        [DataRequired(_l("Write the first line of your address")), _at_most(paying.SHORT)],
        render_kw={"autocomplete": "address-line1"},
    )
    second = StringField(
        _l("Address line 2, if there is one"), [_at_most(paying.SHORT)], render_kw={"autocomplete": "address-line2"}
    )
    town = StringField(
        _l("Town or city"),
        [DataRequired(_l("Write your town or city")), _at_most(paying.SHORT)],
        render_kw={"autocomplete": "address-level2"},
    )
    postcode = StringField(
        _l("Postcode"),
        [DataRequired(_l("Write your postcode")), _at_most(12)],
        render_kw={"autocomplete": "postal-code", "class": "govuk-input--width-10", "autocapitalize": "characters"},
    )

    @classmethod
    def shown(cls, detail: Address) -> dict[str, Any]:
        first, *middle, postcode = detail.lines if len(detail.lines) > 1 else (*detail.lines, "")
        return {"first": first, "second": ", ".join(middle[:-1]), "town": "".join(middle[-1:]), "postcode": postcode}

    def detail(self) -> Address:
        given = map(text_of, (self.first, self.second, self.town, self.postcode))
        return Address(lines=tuple(line for line in given if line))

    @classmethod
    def in_words(cls, detail: Address) -> list[str]:
        return list(detail.lines)


class NamesForm(DetailForm):
    """A field for each person who lives with the applicant. people: their fields, with what each is called here."""

    title = _l("What are the names of those who live with you?")
    why = _l("Help is given once for a home. We look at who lives there.")
    people: ClassVar[dict[str, str]] = {}

    @classmethod
    def made_for(cls, application: Application) -> type[DetailForm]:
        household = application.household
        people = {f"person-{n}": of_person(household, n) for n in range(1, len(household.people or ()))}
        return type("NamesOfThese", (cls,), {"people": people} | {name: _name(who) for name, who in people.items()})

    @classmethod
    def shown(cls, detail: Names) -> dict[str, Any]:
        return dict(zip(cls.people, detail.names, strict=False))

    def detail(self) -> Names:
        return Names(names=tuple(text_of(self[name]) for name in self.people))


def _name(who: str) -> StringField:
    required = DataRequired(_l("%(who)s: write the full name", who=who))
    return StringField(
        who, [required, _at_most(paying.SHORT)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )


class HappenedForm(DetailForm):
    title = _l("What happened, and what would help?")
    intro = _l("Write it in your own words. A few sentences are enough.")
    why = _l("Whoever decides reads this first. It tells them what your answers can’t.")
    what = TextAreaField(
        _l("What happened?"),
        [DataRequired(_l("Write what happened")), _at_most(LONG)],
        description=_l("For example: my hours were cut, the boiler broke, the bill was larger than I could pay."),
    )
    would_help = TextAreaField(
        _l("What would help?"),
        [DataRequired(_l("Write what would help")), _at_most(LONG)],
        description=_l("For example: money for the meter until I am paid, or a heater."),
    )

    @classmethod
    def made_for(cls, application: Application) -> type[DetailForm]:  # noqa: ARG003 -- goes by the day
        today = current.now().astimezone(current.council().zone).date()
        return type("HappenedToday", (cls,), {"needed_by": _needed_by(today)})

    def detail(self) -> Happened:
        needed_by: Any = self["needed_by"].data
        return Happened(what=text_of(self.what), would_help=text_of(self.would_help), needed_by=needed_by)

    @classmethod
    def in_words(cls, detail: Happened) -> list[str]:
        said = [*detail.what.splitlines(), *detail.would_help.splitlines()]
        if detail.needed_by:
            said.append(_("Needed by %(day)s", day=format_date(detail.needed_by, "long")))
        return [line for line in said if line.strip()]


def _needed_by(today: date) -> DayAheadField:
    return DayAheadField(
        _l("Is there a day by which you need it?"),
        earliest=today,
        too_early=_l("this day is over"),
        latest=today + _YEAR,
        too_late=_l("this day is more than a year away"),
        description=_l("Leave it out if there is none. Such as 4 12 2026."),
    )


class TellsOfHealthForm(DetailForm):
    """Explicit consent (UK GDPR and GDPR, article 9(2)(a)), by a choice of which neither is made beforehand.

    In a help it is the person's: staff read the page out, and say with a yes that they did. A no needs nothing.
    """

    title = _l("Do you want to tell us about health?")
    intro = _l(
        "You don’t have to. An illness, a disability or a pregnancy in your home can count for some kinds of help. Only"
        " those who decide about this form see what you say, and whoever helps you with it, if you let them. For"
        " somebody else, ask them first."
    )
    why = _l(
        "The law protects what is said of health more than anything else, so we ask before you say it. You can take"
        " it back here until you send the form: choose No, and what you said is deleted."
    )
    bare = frozenset(("tells",))
    tells = radios(
        title,
        (
            ("yes", _lp("health", "Yes, and I agree that you use what I say of health to decide about this form")),
            ("no", _lp("health", "No, I’d rather say nothing of health")),
        ),
        _l("Choose if you want to tell us about health"),
    )

    @classmethod
    def made_for(cls, application: Application) -> type[DetailForm]:  # noqa: ARG003 -- goes by who fills it in
        help_ = helping.now()
        return type("TellsOfHealthReadOut", (cls,), {"agreed": _read_out(help_.name)}) if help_ else cls

    def validate_agreed(self, field: Any) -> None:
        help_ = helping.now()
        if help_ and self.tells.data == "yes" and not field.data:
            raise ValidationError(_("Read it out to %(name)s, and tick the box if they agree", name=help_.name))

    @classmethod
    def shown(cls, detail: TellsOfHealth) -> dict[str, Any]:
        return {"tells": "yes" if detail.tells else "no"}

    def detail(self) -> TellsOfHealth:
        return TellsOfHealth(tells=self.tells.data == "yes")


def _read_out(name: str) -> SelectMultipleField:
    """Return the box by which staff say that they read a page out. name: of the person to whom."""
    choice = SelectChoice("yes", _l("I have read this out to %(name)s, and they agree", name=name))
    return SelectMultipleField(_l("Read out"), choices=[choice])


FORMS: Final[dict[str, type[DetailForm]]] = {
    "who": WhoForm,
    "contact": ContactForm,
    "address": AddressForm,
    "names": NamesForm,
    "happened": HappenedForm,
    "tells-health": TellsOfHealthForm,
    **paying.FORMS,
}
"""By the slug of the page."""
