"""Questions about the people of a household."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final, cast

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from portal.blueprints.energy.forms.base import DO_YOU, Asked, QuestionForm, radios
from portal.blueprints.energy.forms.fields import BirthdayField, BoxesField, MoneyField, NumberField
from portal.blueprints.energy.forms.names import ON_STATEMENTS, PERIODS, benefit_groups, incomes_of, of_person
from portal.blueprints.energy.rules.answers import with_people, with_person, with_roles
from portal.blueprints.energy.rules.questions import UK
from portal.blueprints.energy.schemes.household import Household, Income
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current

NONE = BoxesField.NONE
GROWN_UP: Final = 16
"""At least so old, in years, is whoever answers, and everybody who isn't a child."""


class PeopleForm(QuestionForm):
    title = _l("Who lives with you?")
    why = _l("Much of the help depends on how many you are, and on what you have together.")
    partner = radios(
        _l("Do you live with a partner?"),
        DO_YOU,
        _l("Choose if you live with a partner"),
        _l("Married, in a civil partnership, or living as a couple."),
    )
    children = NumberField(_l("How many children?"), most=15, description=_l("Aged 17 or under, or still at school."))
    adults = NumberField(_l("How many other adults?"), most=15, description=_l("Grown-up children, parents, friends."))
    lodgers = NumberField(_l("How many lodgers?"), most=10, description=_l("People who pay you to live in your home."))

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        if asked.household.people is None:
            return {"children": 0, "adults": 0, "lodgers": 0}
        roles = [person.role for person in asked.household.people]
        counts = {"children": roles.count("child"), "adults": roles.count("adult"), "lodgers": roles.count("lodger")}
        return {"partner": "yes" if "partner" in roles else "no", **counts}

    def put_into(self, asked: Asked) -> Household:
        """Children are taken to have no income, and in Ireland no benefit of their own."""
        roles = ["applicant"] + ["partner"] * (self.partner.data == "yes")
        for role, count in (("child", self.children), ("adult", self.adults), ("lodger", self.lodgers)):
            roles += [role] * (count.data or 0)
        known: dict[str, Any] = {"income": ()} if asked.household.nation in UK else {"income": (), "benefits": ()}
        household = with_roles(asked.household, roles, none_of=known)
        return household.model_copy(update={"free_school_meals": self._school_meals(asked.household)})

    def _school_meals(self, before: Household) -> bool | None:
        """Return whether a child gets free school meals: none does where none lives, and of new ones it isn't known."""
        if not self.children.data:
            return False
        had_children = any(person.role == "child" for person in before.people or ())
        return before.free_school_meals if had_children else None


class BirthdaysForm(QuestionForm):
    title = _l("When was everybody born?")
    intro = _l("Leave a date blank if you don’t know it.")
    why = _l("Some help is for people above a certain age, or for families with young children.")

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        fields = {_field(number): _birthday(asked.household, number) for number in asked.numbers}
        title = _l("When were you born?") if len(fields) == 1 else cls.title
        intro = "" if len(fields) == 1 else cls.intro
        return cast(type[QuestionForm], type("BirthdaysForm", (cls,), {**fields, "title": title, "intro": intro}))

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        return {_field(number): person.date_of_birth for number, person in enumerate(asked.household.people or ())}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if not any(field.data for field in self):
            self.fail(_field(0), _("Write when you were born"))
            return False
        return True

    def put_into(self, asked: Asked) -> Household:
        return with_people(asked.household, "date_of_birth", (self[_field(number)].data for number in asked.numbers))


class BenefitsForm(QuestionForm):
    title = _l("Which benefits or pensions do you get?")
    of_other = _l("%(who)s: which benefits or pensions?")
    why = _l("Whoever gets some benefits often gets help with energy too, some of it without asking.")

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        groups = benefit_groups(asked.household.nation)
        choices = [SelectChoice(code, name) for _heading, names in groups for code, name in names.items()]
        field = BoxesField(cls.title, choices=[*choices, SelectChoice(NONE, _l("None of these"))], groups=groups)
        return cast(type[QuestionForm], type("BenefitsForm", (cls,), {"benefits": field}))

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        return {"benefits": asked.person.benefits}

    def put_into(self, asked: Asked) -> Household:
        """What comes from a benefit which isn't ticked any more is forgotten with it; other amounts stay."""
        ticked = self["benefits"].ticked
        gone = set(asked.person.benefits or ()).difference(ticked)
        return with_person(asked.household, asked.number, benefits=ticked, income=_without(asked.person.income, gone))


class IncomeForm(QuestionForm):
    title = _l("What money do you get?")
    of_other = _l("%(who)s: what money comes in?")
    intro = _l(
        "Before tax. A good guess is fine. Leave blank what you don’t get. Your bank statement shows what comes in."
    )
    why = _l("Some help is for people under a certain income. Each kind of help counts it in its own way.")

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        periods = [SelectChoice("", _l("Choose")), *(SelectChoice(*period) for period in PERIODS.items())]
        fields: dict[str, Any] = {}
        for kind, name in incomes_of(asked.household, asked.number).items():
            hint = ON_STATEMENTS.get(kind, "") if asked.household.nation in UK else ""
            fields[kind] = MoneyField(name, description=hint)
            fields[f"{kind}-period"] = SelectField(_l("How often?"), choices=periods, default="")
        fields[NONE] = BooleanField(_l("No money of any kind"))
        return cast(type[QuestionForm], type("IncomeForm", (cls,), fields))

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        paid = [one for one in asked.person.income or () if one.amount]
        known: dict[str, Any] = {one.kind: one.amount for one in paid}
        periods = {f"{one.kind}-period": one.period for one in paid}
        return {**known, **periods, NONE: asked.person.income is not None and not paid}

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Return the fields of each kind of income: the amount and how often."""
        return [(field, self[f"{field.name}-period"]) for field in self if isinstance(field, MoneyField)]

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        for amount, period in self.rows:
            if amount.data and not period.data:
                self.fail(period.name, _("%(what)s: choose how often", what=amount.label.text))
        if not self.errors:
            given = any(amount.data for amount, _period in self.rows)
            if given and self[NONE].data:
                self.fail(NONE, _("Take out “No money of any kind”, or the amounts"))
            elif not given and not self[NONE].data:
                self.fail(NONE, _("Write at least one amount, or choose “No money of any kind”"))
        return not self.errors

    def put_into(self, asked: Asked) -> Household:
        """A benefit that nothing is written for pays nothing: so it is known that it was asked about."""
        paid = [
            Income(kind=amount.name, amount=amount.data, period=period.data)
            for amount, period in self.rows
            if amount.data
        ]
        unpaid = set(asked.person.benefits or ()) - {one.kind for one in paid}
        nothing = [Income(kind=kind, amount=0, period="week") for kind in sorted(unpaid)]
        return with_person(asked.household, asked.number, income=(*paid, *nothing))


class _WhoForm(QuestionForm):
    """Of which people something is so."""

    key = ""
    nobody = _l("Nobody")

    @classmethod
    def made_for(cls, asked: Asked) -> type[QuestionForm]:
        choices = [SelectChoice(str(number), of_person(asked.household, number)) for number in asked.numbers]
        field = BoxesField(cls.title, choices=[*choices, SelectChoice(NONE, cls.nobody)])
        return cast(type[QuestionForm], type(cls.__name__, (cls,), {"who": field}))

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        people = asked.household.people or ()
        known = {number: getattr(people[number], cls.key) for number in asked.numbers}
        ticked = [str(number) for number, so in known.items() if so]
        return {"who": ticked if ticked or None not in known.values() else None}

    def put_into(self, asked: Asked) -> Household:
        ticked, household = self["who"].ticked, asked.household
        for number in asked.numbers:
            household = with_person(household, number, **{self.key: self.as_fact(so=str(number) in ticked)})
        return household

    def as_fact(self, *, so: bool) -> Any:
        return so


class ChildBenefitsForm(_WhoForm):
    key = "benefits"
    title = _l("Which children get Disability Living Allowance?")
    intro = _l("Or Child Disability Payment, in Scotland.")
    why = _l("Some help is for families with a child who gets it.")

    def as_fact(self, *, so: bool) -> Any:
        return ("disability_living_allowance",) if so else ()


class StudyingForm(_WhoForm):
    key = "in_full_time_education"
    title = _l("Who is in full-time education?")
    why = _l("Some help counts students in another way.")


class PregnancyForm(_WhoForm):
    key = "pregnant"
    title = _l("Is anybody pregnant?")
    intro = _l("You don’t have to answer.")
    why = _l("Suppliers look after homes with a pregnancy first. We ask this last, and keep it only if you say so.")
    dont_know = _l("I’d rather not say")


class HealthForm(QuestionForm):
    title = _l("Do you have a health condition or disability?")
    of_other = _l("%(who)s: a health condition or disability?")
    intro = _l("You don’t have to answer.")
    why = _l("A cold home makes these worse, so some help is for people who have them. We keep it only if you say so.")
    dont_know = _l("I’d rather not say")
    health = BoxesField(
        title,
        choices=[
            SelectChoice("cardiovascular", _l("A condition of the heart or of blood vessels")),
            SelectChoice("respiratory", _l("A condition of the lungs, such as asthma")),
            SelectChoice("mental_health", _l("A mental health condition")),
            SelectChoice("immunosuppressed", _l("A weak immune system")),
            SelectChoice("limited_mobility", _l("Trouble with moving about")),
            SelectChoice("disability", _l("Another disability or long illness")),
            SelectChoice("terminal", _l("An illness that can’t be cured")),
            SelectChoice(NONE, _l("None of these")),
        ],
    )

    @classmethod
    def shown(cls, asked: Asked) -> dict[str, Any]:
        return {"health": asked.person.health}

    def put_into(self, asked: Asked) -> Household:
        return with_person(asked.household, asked.number, health=self.health.ticked)


def _field(number: int) -> str:
    return f"person-{number}"


def _birthday(household: Household, number: int) -> BirthdayField:
    name = of_person(household, number)
    today = current.now().astimezone(current.council().zone).date()
    if (household.people or ())[number].role == "child":
        return BirthdayField(name, latest=today, too_late=_l("this day is in the future"))
    young = _l("check the year, since this makes somebody younger than %(age)s", age=GROWN_UP)
    return BirthdayField(name, latest=_years_before(today, GROWN_UP), too_late=young)


def _years_before(day: date, years: int) -> date:
    """Return the same day so many years before; for 29 February, the day before where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _without(income: tuple[Income, ...] | None, kinds: Collection[str]) -> tuple[Income, ...] | None:
    """Return an income without some kinds. None if nothing is left of it: then it isn't known what there is instead."""
    left = tuple(one for one in income or () if one.kind not in kinds)
    had_something, has_something = (any(one.amount for one in those) for those in (income or (), left))
    return None if income is None or (had_something and not has_something) else left
