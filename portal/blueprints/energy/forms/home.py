"""Questions about the home, what it costs and who sent somebody."""

from typing import Any, ClassVar

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.blueprints.energy.forms.base import UNKNOWN, YES_NO, QuestionForm, as_answer, as_word, radios, yes_no
from portal.blueprints.energy.forms.fields import BoxesField, MoneyField, NumberField
from portal.blueprints.energy.forms.names import PERIODS
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.household import BANDS, Household, Payment
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

YES_NO_UNKNOWN = (*YES_NO, (UNKNOWN, _l("I don’t know")))
CHOOSE = _l("Choose an answer")


class HomeForm(QuestionForm):
    title = _l("Do you rent your home or own it?")
    why = _l("Some help is for people who rent, other help for people who own their home.")
    tenure = radios(
        title,
        (
            ("council", _l("I rent it from the council")),
            ("housing_association", _l("I rent it from a housing association")),
            ("private_rented", _l("I rent it from somebody else")),
            ("owner", _l("I own it, also if I still pay it off")),
        ),
        _l("Choose if you rent your home or own it"),
    )

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"tenure": household.tenure}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"tenure": self.tenure.data})


class EmergencyForm(QuestionForm):
    title = _l("Is this an emergency?")
    intro = _l("It is one if you have no heating or hot water, no money on the meter, or nothing left to live on.")
    why = _l("There is help that comes within days, for people who can’t wait.")
    crisis = yes_no(title, _l("Choose if this is an emergency"))

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"crisis": as_word(household.crisis, asked=False)}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"crisis": as_answer(self.crisis.data)})


class LandlordForm(QuestionForm):
    title = _l("Would your landlord allow work on your home?")
    intro = _l("Such as insulation or a new heating system. If you haven’t asked yet, you don’t know.")
    why = _l("Work on a home that is rented needs its owner’s permission.")
    landlord_consents = yes_no(title, _l("Choose if your landlord would allow it"))

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"landlord_consents": as_word(household.landlord_consents, asked=False)}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"landlord_consents": as_answer(self.landlord_consents.data)})


class _FlagsForm(QuestionForm):
    """Several facts that are so or not, each of which may be unknown."""

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {key: as_word(getattr(household, key), asked=asked) for key in page.question.keys}

    def put_into(self, page: Page, household: Household) -> Household:
        answers = {key: as_answer(self[key].data) if key in self else None for key in page.question.keys}
        return household.model_copy(update=answers)


class BillsForm(_FlagsForm):
    title = _l("How do you pay for energy?")
    why = _l("Some help is for whoever pays the electricity bill, for homes with a prepayment meter, or with debt.")
    pays_electricity_bill = radios(
        _l("Is your name, or your partner’s, on the electricity bill?"), YES_NO_UNKNOWN, CHOOSE
    )
    prepayment_meter = radios(
        _l("Do you have a prepayment meter?"), YES_NO_UNKNOWN, CHOOSE, _l("One that you top up before you use energy.")
    )
    energy_debt = radios(_l("Has your energy supplier told you that you are in debt?"), YES_NO_UNKNOWN, CHOOSE)
    heating_included_in_rent = radios(_l("Is all of your heating included in the rent?"), YES_NO_UNKNOWN, CHOOSE)

    @classmethod
    def made_for(cls, page: Page, household: Household) -> type[QuestionForm]:
        """Leave out what only tenants can answer, where somebody owns their home."""
        return _BillsOfOwnerForm if household.tenure == "owner" else cls

    def put_into(self, page: Page, household: Household) -> Household:
        answered = super().put_into(page, household)
        return (
            answered.model_copy(update={"heating_included_in_rent": False}) if household.tenure == "owner" else answered
        )


class _BillsOfOwnerForm(BillsForm):
    heating_included_in_rent = None


class LowIncomeForm(_FlagsForm):
    title = _l("Do you get this because of a low income?")
    why = _l("Councils take it as a sign that a household needs help.")
    council_tax_reduction = radios(
        _l("Council Tax Reduction"),
        YES_NO_UNKNOWN,
        CHOOSE,
        _l("Not the discount for people who live alone."),
    )
    free_school_meals = radios(_l("Free school meals for a child"), YES_NO_UNKNOWN, CHOOSE)


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
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        known = getattr(household, cls.key)
        return {"amount": known.amount, "period": known.period} if known else {"period": ""}

    def put_into(self, page: Page, household: Household) -> Household:
        payment = Payment(amount=self.amount.data, period=self.period.data)
        return household.model_copy(update={self.key: payment})


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


class SavingsForm(QuestionForm):
    title = _l("How much do you have in savings?")
    intro = _l("Everything that you and your partner have put by, together. A good guess is fine. If none, write 0.")
    why = _l("Some help is for people with savings under a certain sum.")
    savings = MoneyField(_l("Savings"), validators=[InputRequired(_l("Write the amount, or 0"))])

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"savings": household.savings}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"savings": self.savings.data})


class RatingForm(QuestionForm):
    title = _l("What is your home’s energy rating?")
    intro = _l("It is the letter on the energy certificate that came with your home: the EPC, or BER in Ireland.")
    why = _l("Help with insulation and heating is for homes that are hard to keep warm.")
    epc_band = radios(
        _l("Letter"),
        [(band, band) for band in BANDS],
        _l("Choose the letter"),
    )
    epc_score = NumberField(_l("Number beside the letter, if you have it"), least=1, most=150, validators=[Optional()])

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"epc_band": household.epc_band, "epc_score": household.epc_score}

    def validate_epc_score(self, field: NumberField) -> None:
        if field.data is None or self.epc_band.data not in BANDS:
            return
        least, most = BANDS[self.epc_band.data]
        if not least <= field.data <= most:
            raise ValueError(_("This number doesn’t belong to the letter %(letter)s", letter=self.epc_band.data))

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"epc_band": self.epc_band.data, "epc_score": self.epc_score.data})


class BuildingForm(QuestionForm):
    title = _l("How old and how large is your home?")
    intro = _l("Leave out what you don’t know.")
    why = _l("Some help is for homes that were built before a certain year.")
    year_built = NumberField(_l("Year in which it was built"), least=1000, most=2100, validators=[Optional()])
    floor_area_m2 = NumberField(_l("Floor area in square metres"), least=1, most=2000, validators=[Optional()])

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        area = household.floor_area_m2
        return {"year_built": household.year_built, "floor_area_m2": None if area is None else round(area)}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.year_built.data is None and self.floor_area_m2.data is None:
            self.fail("year_built", _("Write the year, or the area, or both"))
            return False
        return True

    def put_into(self, page: Page, household: Household) -> Household:
        area = self.floor_area_m2.data
        return household.model_copy(
            update={"year_built": self.year_built.data, "floor_area_m2": None if area is None else float(area)}
        )


class MovedInForm(QuestionForm):
    title = _l("How long have you lived in your home?")
    why = _l("Some help is for people who have lived in their home for a while.")
    years = NumberField(_l("Years"), most=120, validators=[Optional()])
    months = NumberField(_l("Months"), most=11, validators=[Optional()])

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        if household.months_at_address is None:
            return {}
        years, months = divmod(household.months_at_address, 12)
        return {"years": years, "months": months}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.years.data is None and self.months.data is None:
            self.fail("years", _("Write how many years, or how many months"))
            return False
        return True

    def put_into(self, page: Page, household: Household) -> Household:
        months = (self.years.data or 0) * 12 + (self.months.data or 0)
        return household.model_copy(update={"months_at_address": months})


class FuelForm(QuestionForm):
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

    @classmethod
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"main_fuel": household.main_fuel}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"main_fuel": self.main_fuel.data})


class ReferredForm(QuestionForm):
    title = _l("Has one of these told you to ask for help?")
    why = _l("Some help can be given to people whom somebody else has sent.")
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
    def shown(cls, page: Page, household: Household, *, asked: bool) -> dict[str, Any]:
        return {"referred_by": household.referred_by}

    def put_into(self, page: Page, household: Household) -> Household:
        return household.model_copy(update={"referred_by": self.referred_by.ticked})
