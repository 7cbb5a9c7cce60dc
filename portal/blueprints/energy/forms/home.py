"""Questions about the home, what it costs and who sent somebody."""

from typing import Any, ClassVar, Final

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.blueprints.energy.forms.base import (
    DO_YOU,
    HAS_TOLD,
    HAVE_YOU,
    IS_IT,
    IS_THIS,
    WOULD_ALLOW,
    Asked,
    FactsForm,
    QuestionForm,
    or_unknown,
    radios,
)
from portal.blueprints.energy.forms.fields import BoxesField, MoneyField, NumberField
from portal.blueprints.energy.forms.names import PERIODS
from portal.blueprints.energy.schemes.household import BANDS, Household, Payment
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp

MOST_POINTS: Final = 150


class HomeForm(FactsForm):
    title = _l("Do you rent your home or own it?")
    why = _l("Some help is for people who rent, other help for people who own their home.")
    tenure = radios(
        title,
        (
            ("council", _l("I rent it from the council")),
            ("housing_association", _l("I rent it from a housing association")),
            ("private_rented", _l("I rent it from somebody else")),
            ("owner", _l("I own it, or I’m paying a mortgage on it")),
        ),
        _l("Choose if you rent your home or own it"),
    )

    def put_into(self, asked: Asked) -> Household:
        """Whoever owns their home has no heating in their rent; of whoever rents it now, that isn't known."""
        was, now = asked.household.tenure, self.tenure.data
        answered = super().put_into(asked)
        if was == "owner" and now != "owner":
            return answered.model_copy(update={"heating_included_in_rent": None})
        return answered


class EmergencyForm(FactsForm):
    title = _l("Is this an emergency?")
    intro = _l("It is one if you have no heating or hot water, no money on the meter, or nothing left to live on.")
    why = _l("If you can’t wait, we tell you first whom to call. There is help that comes within days.")
    crisis = radios(title, IS_THIS, _l("Choose if this is an emergency"))


class LandlordForm(FactsForm):
    title = _l("Would your landlord allow work on your home?")
    intro = _l("Such as insulation or a new heating system. If you haven’t asked yet, you don’t know.")
    why = _l("Work on a home that is rented needs its owner’s permission.")
    landlord_consents = radios(title, WOULD_ALLOW, _l("Choose if your landlord would allow it"))


class BillsForm(FactsForm):
    with_unknown = True
    title = _l("How do you pay for energy?")
    why = _l("Some help is for whoever pays the electricity bill, for homes with a prepayment meter, or with debt.")
    pays_electricity_bill = radios(
        _l("Is your name, or your partner’s, on the electricity bill?"),
        or_unknown(IS_IT),
        _l("Choose if your name, or your partner’s, is on the electricity bill"),
    )
    prepayment_meter = radios(
        _l("Do you have a prepayment meter?"),
        or_unknown(HAVE_YOU),
        _l("Choose if you have a prepayment meter"),
        _l("One that you top up before you use energy."),
    )
    energy_debt = radios(
        _l("Has your energy supplier told you that you are in debt?"),
        or_unknown(HAS_TOLD),
        _l("Choose if your supplier has told you that you are in debt"),
    )
    heating_included_in_rent = radios(
        _l("Is all of your heating included in the rent?"),
        or_unknown(IS_IT),
        _l("Choose if all of your heating is included in the rent"),
    )

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        """Leave out what only tenants can answer, where somebody owns their home."""
        return _BillsOfOwnerForm if asked.household.tenure == "owner" else cls

    def put_into(self, asked: Asked) -> Household:
        answered = super().put_into(asked)
        if asked.household.tenure == "owner":
            return answered.model_copy(update={"heating_included_in_rent": False})
        return answered


class _BillsOfOwnerForm(BillsForm):
    heating_included_in_rent = None


class LowIncomeForm(FactsForm):
    with_unknown = True
    title = _l("Do you get Council Tax Reduction or free school meals?")
    intro = _l("Only if you get it because your income is low.")
    why = _l("Councils take it as a sign that a household needs help.")
    council_tax_reduction = radios(
        _l("Do you get Council Tax Reduction?"),
        or_unknown(DO_YOU),
        _l("Choose if you get Council Tax Reduction"),
        _l("Not the discount for people who live alone."),
    )
    free_school_meals = radios(
        _l("Does a child get free school meals?"), or_unknown(IS_IT), _l("Choose if a child gets free school meals")
    )

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        """Leave school meals out where no child lives."""
        people = asked.household.people
        has_children = people is None or any(person.role == "child" for person in people)
        return cls if has_children else _LowIncomeWithoutChildrenForm


class _LowIncomeWithoutChildrenForm(LowIncomeForm):
    """One question, which the button leaves open: no choice for what isn't known."""

    with_unknown = False
    title = _l("Do you get Council Tax Reduction?")
    council_tax_reduction = radios(
        _l("Do you get Council Tax Reduction?"),
        DO_YOU,
        _l("Choose if you get Council Tax Reduction"),
        _l("Not the discount for people who live alone."),
    )
    free_school_meals = None


class _PaymentForm(QuestionForm):
    """A sum and how often it is paid."""

    key: ClassVar[str]
    amount = MoneyField(_l("Amount"), validators=[InputRequired(_l("Write the amount"))])
    period = SelectField(
        _l("How often?"),
        choices=[SelectChoice("", _l("Choose")), *(SelectChoice(*period) for period in PERIODS.items())],
        validators=[InputRequired(_l("Choose how often"))],
    )

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        known = getattr(asked.household, cls.key)
        return {"amount": known.amount, "period": known.period} if known else {"period": ""}

    def put_into(self, asked: Asked) -> Household:
        payment = Payment(amount=self.amount.data, period=self.period.data)
        return asked.household.model_copy(update={self.key: payment})


class RentForm(_PaymentForm):
    key = "housing_costs"
    title = _l("What do you pay for your home?")
    intro = _l("Your rent or your mortgage, without bills. A good guess is fine. If you pay nothing, write 0.")
    why = _l("Some help looks at what is left of your income once your home is paid for.")


class EnergyCostsForm(_PaymentForm):
    key = "energy_costs"
    title = _l("What do you pay for energy?")
    intro = _l("Electricity, gas, oil and whatever else you heat with, together. A good guess is fine.")
    why = _l("Some help is for people whose energy costs are high.")


class SavingsForm(FactsForm):
    title = _l("How much do you have in savings?")
    intro = _l("Everything that you and your partner have saved, together. A good guess is fine. If nothing, write 0.")
    why = _l("Some help is for people with savings under a certain sum.")
    savings = MoneyField(_l("Savings"), validators=[InputRequired(_l("Write the amount, or 0"))])


class RatingForm(FactsForm):
    title = _l("What is your home’s energy rating?")
    intro = _l("It is the letter on the energy certificate (EPC) that came with your home.")
    why = _l("Help with insulation and heating is for homes that are hard to keep warm.")
    epc_band = radios(_lp("of the alphabet", "Letter"), [(band, band) for band in BANDS], _l("Choose the letter"))
    epc_score: NumberField | None = NumberField(
        _l("Number beside the letter, if you have it"), least=1, most=MOST_POINTS, validators=[Optional()]
    )

    def validate_epc_score(self, field: NumberField) -> None:
        if field.data is None or self.epc_band.data not in BANDS:
            return
        least, most = BANDS[self.epc_band.data]
        if not least <= field.data <= most:
            raise ValidationError(
                _(
                    "Check the number: with the letter %(letter)s it is from %(least)s to %(most)s",
                    letter=self.epc_band.data,
                    least=least,
                    most=min(most, MOST_POINTS),
                )
            )

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        """Ask in Ireland for what a BER says."""
        return _IrishRatingForm if asked.household.nation == "ireland" else cls


class _IrishRatingForm(RatingForm):
    """A BER has steps (B1, B2, B3), and no number of points."""

    intro = _l("It is on the BER certificate that came with your home. Choose its letter alone: E for E1 or E2.")
    epc_score = None


class BuildingForm(FactsForm):
    title = _l("How old and how large is your home?")
    intro = _l("Leave blank what you don’t know.")
    why = _l("Some help is for homes that were built before a certain year.")
    year_built = NumberField(_l("Year in which it was built"), least=1000, most=2100, validators=[Optional()])
    floor_area_m2 = NumberField(_l("Floor area in square metres"), least=1, most=2000, validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.year_built.data is None and self.floor_area_m2.data is None:
            self.fail("year_built", _("Write the year, or the area, or both"))
            return False
        return True


class MovedInForm(QuestionForm):
    title = _l("How long have you lived in your home?")
    why = _l("Some help is for people who have lived in their home for a while.")
    years = NumberField(_l("Years"), most=120, validators=[Optional()])
    months = NumberField(_l("Months"), most=11, validators=[Optional()])

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        if asked.household.months_at_address is None:
            return {}
        years, months = divmod(asked.household.months_at_address, 12)
        return {"years": years, "months": months}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.years.data is None and self.months.data is None:
            self.fail("years", _("Write how many years, or how many months"))
            return False
        return True

    def put_into(self, asked: Asked) -> Household:
        months = (self.years.data or 0) * 12 + (self.months.data or 0)
        return asked.household.model_copy(update={"months_at_address": months})


class FuelForm(FactsForm):
    title = _l("What do you heat your home with most?")
    why = _l("Some help depends on the fuel.")
    main_fuel = radios(
        title,
        (
            ("mains_gas", _l("Gas from the mains")),
            ("electricity", _l("Electricity")),
            ("oil", _l("Oil")),
            ("lpg", _l("Bottled gas or a gas tank")),
            ("solid_fuel", _l("Coal, peat or wood")),
            ("heat_network", _l("Heat that comes to several homes from one place")),
        ),
        _l("Choose what you heat with most"),
    )


class ReferredForm(QuestionForm):
    title = _l("Has your doctor, your supplier or somebody else sent you?")
    why = _l("Some help is for people who were sent by somebody who knows that they need it.")
    referred_by = BoxesField(
        title,
        choices=[
            SelectChoice("energy_supplier", _l("My energy supplier")),
            SelectChoice("citizens_advice", _l("Citizens Advice")),
            SelectChoice("council_scheme", _l("Somebody at the council")),
            SelectChoice("gp", _l("My doctor")),
            SelectChoice("nhs", _l("A hospital, or somebody else in health care")),
            SelectChoice(BoxesField.NONE, _l("None of these")),
        ],
    )

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        return {"referred_by": asked.household.referred_by}

    def put_into(self, asked: Asked) -> Household:
        return asked.household.model_copy(update={"referred_by": self.referred_by.ticked})
