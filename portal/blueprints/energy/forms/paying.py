"""Where energy comes from and where money goes: supplier, meters, bank account."""

from typing import Any, ClassVar, Final

from wtforms import StringField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.blueprints.energy.forms.detail import DetailForm, text_of
from portal.blueprints.energy.rules.details import Bank, Meter, Supplier
from portal.blueprints.energy.rules.form import Form as Application
from portal.blueprints.energy.rules.numbers import has_digits, is_iban, is_mpan, without_blanks
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current

SHORT: Final = 100
"""Characters of a name."""
_NUMBER: Final = {"inputmode": "numeric", "spellcheck": "false", "autocomplete": "off"}
SHOWN: Final = 4
"""Digits of an account that are shown once it is kept."""


def ending(kept: Bank) -> str:
    """Return what may be shown of an account that is kept; empty if there is none."""
    return (kept.iban or kept.account)[-SHOWN:]


class SupplierForm(DetailForm):
    title = _l("Who is your energy supplier?")
    intro = _l("The company that sends your bill, or whose meter you top up. If energy comes with your rent, say so.")
    why = _l("What you owe is often settled with your supplier, and some suppliers have help of their own.")
    bare = frozenset(("name",))
    name = StringField(
        _l("Name of the supplier"),
        [
            DataRequired(_l("Write the name of your energy supplier")),
            Length(max=SHORT, message=_l("Write the supplier’s name in %(most)s characters or fewer", most=SHORT)),
        ],
    )
    account = StringField(
        _l("Account number"),
        [Length(max=30, message=_l("Write the account number in %(most)s characters or fewer", most=30))],
        description=_l("It is on your bill. Leave it out if you don’t have it to hand."),
        render_kw=_NUMBER | {"inputmode": "text"},
    )

    def detail(self) -> Supplier:
        return Supplier(name=text_of(self.name), account=text_of(self.account))


class MeterForm(DetailForm):
    """Of Great Britain: an MPAN; for gas an MPRN of six to ten digits (energylinx.co.uk/mprn.htm, 28 November 2026)."""

    title = _l("What are the numbers of your meters?")
    intro = _l("They are on your bills, and not on the meter itself. Write one or both.")
    why = _l("With them, whoever does the work or pays knows for certain which supply is yours.")
    dont_know = _l("I don’t have them to hand")
    electricity = StringField(
        _l("Electricity: the number that is called MPAN"),
        description=_l("13 digits, in the box with a large S on your bill: the bottom line of it."),
        render_kw=_NUMBER,
    )
    gas = StringField(
        _l("Gas: the number that is called MPRN"),
        description=_l("6 to 10 digits. Leave it out if you have no gas."),
        render_kw=_NUMBER,
    )

    @classmethod
    def made_for(cls, application: Application) -> type[DetailForm]:
        return _IrishMeterForm if application.household.nation == "ireland" else cls

    def validate_electricity(self, field: Any) -> None:
        number = without_blanks(field.data)
        if number and not has_digits(number, 13):
            raise ValidationError(_("The MPAN has 13 digits: check it against your bill"))
        if number and not is_mpan(number):
            raise ValidationError(_("Check each digit of the MPAN: one of them can’t be right"))

    def validate_gas(self, field: Any) -> None:
        if field.data and not has_digits(without_blanks(field.data), 6, 10):
            raise ValidationError(_("The MPRN of gas has 6 to 10 digits: check it against your bill"))

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if not (text_of(self.electricity) or text_of(self.gas)):
            self.fail("electricity", _("Write the number of a meter, or say that you don’t have it to hand"))
            return False
        return True

    def detail(self) -> Meter:
        return Meter(electricity=without_blanks(self.electricity.data), gas=without_blanks(self.gas.data))

    @classmethod
    def left_open(cls) -> Meter:
        return Meter()

    @classmethod
    def in_words(cls, detail: Meter) -> list[str]:
        return super().in_words(detail) or [str(cls.dont_know)]


class _IrishMeterForm(MeterForm):
    """An MPRN of eleven digits for electricity, a GPRN of seven for gas (ESB Networks; Gas Networks Ireland)."""

    electricity = StringField(
        _l("Electricity: the number that is called MPRN"),
        description=_l("11 digits, at the top of your bill. It begins with 10."),
        render_kw=_NUMBER,
    )
    gas = StringField(
        _l("Gas: the number that is called GPRN"),
        description=_l("7 digits. Leave it out if you have no gas."),
        render_kw=_NUMBER,
    )

    def validate_electricity(self, field: Any) -> None:
        number = without_blanks(field.data)
        if number and not (has_digits(number, 11) and number.startswith("10")):
            raise ValidationError(_("The MPRN has 11 digits and begins with 10: check it against your bill"))

    def validate_gas(self, field: Any) -> None:
        if field.data and not has_digits(without_blanks(field.data), 7):
            raise ValidationError(_("The GPRN has 7 digits: check it against your bill"))


class BankForm(DetailForm):
    """What was kept is never shown whole again: whoever changes it writes it anew.

    Source of the fields: the GOV.UK Design System's pattern for bank details.
    """

    title = _l("Where should money be paid to?")
    intro = _l("An account of your own, or of your partner’s. We use it only to pay what you are given.")
    why = _l("So that money can come to you at once if we say yes. We don’t check what is in the account.")
    dont_know = _l("I have no bank account")
    numbers: ClassVar[tuple[str, ...]] = ("sort_code", "account")
    holder = StringField(
        _l("Name on the account"),
        [
            DataRequired(_l("Write the name on the account")),
            Length(max=SHORT, message=_l("Write the name on the account in %(most)s characters or fewer", most=SHORT)),
        ],
        render_kw={"autocomplete": "name", "spellcheck": "false"},
    )
    sort_code: StringField | None = StringField(
        _l("Sort code"),
        [DataRequired(_l("Write the sort code"))],
        description=_l("6 digits, such as 30 94 30."),
        render_kw=_NUMBER | {"class": "govuk-input--width-5"},
    )
    account: StringField | None = StringField(
        _l("Account number"),
        [DataRequired(_l("Write the account number"))],
        description=_l("6 to 8 digits."),
        render_kw=_NUMBER | {"class": "govuk-input--width-10"},
    )

    @classmethod
    def made_for(cls, application: Application) -> type[DetailForm]:  # noqa: ARG003 -- goes by the council's money
        return _IbanForm if current.council().currency == "EUR" else cls

    @classmethod
    def shown(cls, detail: Bank) -> dict[str, Any]:
        return {"holder": detail.holder}

    def validate_sort_code(self, field: Any) -> None:
        if not has_digits(without_blanks(field.data), 6):
            raise ValidationError(_("Write the sort code as 6 digits, like 30 94 30"))

    def validate_account(self, field: Any) -> None:
        if not has_digits(without_blanks(field.data), 6, 8):
            raise ValidationError(_("Write the account number as 6 to 8 digits"))

    def detail(self) -> Bank:
        given = {name: without_blanks(self[name].data) for name in self.numbers}
        return Bank(holder=text_of(self.holder), **given)

    @classmethod
    def left_open(cls) -> Bank:
        return Bank()

    @classmethod
    def in_words(cls, detail: Bank) -> list[str]:
        if not detail.holder:
            return [_("You have no bank account. We will ask how to pay you.")]
        return [detail.holder, _("The account that ends in %(digits)s", digits=ending(detail))]


class _IbanForm(BankForm):
    numbers = ("iban",)
    sort_code = None
    account = None
    iban = StringField(
        _l("IBAN"),
        [DataRequired(_l("Write the IBAN"))],
        description=_l("It begins with two letters, such as IE, and is on your card or bank statement."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )

    def validate_iban(self, field: Any) -> None:
        if not is_iban(without_blanks(field.data)):
            raise ValidationError(_("Check the IBAN: a letter or a digit of it can’t be right"))


FORMS: Final[dict[str, type[DetailForm]]] = {"supplier": SupplierForm, "meter": MeterForm, "bank": BankForm}
