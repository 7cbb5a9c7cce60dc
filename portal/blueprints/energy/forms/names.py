"""What people, kinds of benefit and kinds of income are called in the check."""

from typing import Final

from portal.blueprints.energy.schemes.household import Benefit, Household, Nation
from portal.i18n import Lazy
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

BENEFITS: Final[dict[Benefit, Lazy]] = {
    "universal_credit": _l("Universal Credit"),
    "pension_credit_guarantee": _l("Pension Credit, with Guarantee Credit"),
    "pension_credit_savings": _l("Pension Credit, with Savings Credit alone"),
    "housing_benefit": _l("Housing Benefit"),
    "income_support": _l("Income Support"),
    "jsa_income": _l("Jobseeker’s Allowance that depends on income"),
    "esa_income": _l("Employment and Support Allowance that depends on income"),
    "state_pension": _l("State Pension"),
    "carers_allowance": _l("Carer’s Allowance"),
    "attendance_allowance": _l("Attendance Allowance"),
    "personal_independence_payment": _l("Personal Independence Payment"),
    "disability_living_allowance": _l("Disability Living Allowance"),
    "armed_forces_independence_payment": _l("Armed Forces Independence Payment"),
    "exceptionally_severe_disablement_allowance": _l("Exceptionally Severe Disablement Allowance"),
    "constant_attendance_allowance": _l("Constant Attendance Allowance"),
    "industrial_injuries_disablement_benefit": _l("Industrial Injuries Disablement Benefit"),
    "fuel_allowance": _l("Fuel Allowance"),
    "working_family_payment": _l("Working Family Payment"),
    "disability_allowance": _l("Disability Allowance"),
    "invalidity_pension": _l("Invalidity Pension"),
    "blind_pension": _l("Blind Pension"),
    "widows_pension": _l("Widow’s, Widower’s or Surviving Civil Partner’s Pension"),
    "one_parent_family_payment": _l("One-Parent Family Payment"),
    "jobseekers_allowance_ie": _l("Jobseeker’s Allowance"),
    "domiciliary_care_allowance": _l("Domiciliary Care Allowance"),
    "farm_assist": _l("Farm Assist"),
}
"""Those that can be got now: tax credits ended in April 2025."""
LOW_INCOME, PENSIONS, CARE = _l("Low income or no work"), _l("Pensions"), _l("Illness, disability and caring")
_Groups = tuple[tuple[Lazy, tuple[Benefit, ...]], ...]
_BRITISH: Final[_Groups] = (
    (LOW_INCOME, ("universal_credit", "housing_benefit", "income_support", "jsa_income", "esa_income")),
    (PENSIONS, ("state_pension", "pension_credit_guarantee", "pension_credit_savings")),
    (
        CARE,
        (
            "attendance_allowance",
            "personal_independence_payment",
            "disability_living_allowance",
            "carers_allowance",
            "armed_forces_independence_payment",
            "constant_attendance_allowance",
            "exceptionally_severe_disablement_allowance",
            "industrial_injuries_disablement_benefit",
        ),
    ),
)
_IRISH: Final[_Groups] = (
    (
        LOW_INCOME,
        (
            "fuel_allowance",
            "jobseekers_allowance_ie",
            "working_family_payment",
            "one_parent_family_payment",
            "farm_assist",
        ),
    ),
    (PENSIONS, ("state_pension", "widows_pension")),
    (
        CARE,
        (
            "disability_allowance",
            "invalidity_pension",
            "blind_pension",
            "carers_allowance",
            "domiciliary_care_allowance",
        ),
    ),
)
_SCOTTISH: Final[dict[Benefit, Lazy]] = {
    "personal_independence_payment": _l("Adult Disability Payment or Personal Independence Payment"),
    "attendance_allowance": _l("Pension Age Disability Payment or Attendance Allowance"),
    "disability_living_allowance": _l("Child Disability Payment or Disability Living Allowance"),
    "carers_allowance": _l("Carer Support Payment or Carer’s Allowance"),
}
INCOMES: Final[dict[str, Lazy]] = {
    "earnings": _l("Pay from work"),
    "self_employment": _l("Profit from working for yourself"),
    "occupational_pension": _l("Pension from work or a private one"),
    "other": _l("Other money"),
}
_OTHER_WITH_BENEFITS = _l("Benefits, State Pension and other money, together")
ON_STATEMENTS: Final[dict[str, Lazy]] = {"state_pension": _l("On your bank statement as “DWP SP”.")}
"""What the Department for Work and Pensions calls a payment on a bank statement."""
PERIODS: Final[dict[str, Lazy]] = {
    "week": _l("Every week"),
    "fortnight": _l("Every two weeks"),
    "four_weeks": _l("Every four weeks"),
    "month": _l("Every month"),
    "year": _l("Every year"),
}
EACH: Final[dict[str, Lazy]] = {
    "week": _l("%(amount)s a week"),
    "fortnight": _l("%(amount)s every two weeks"),
    "four_weeks": _l("%(amount)s every four weeks"),
    "month": _l("%(amount)s a month"),
    "year": _l("%(amount)s a year"),
}
"""A sum with how often it is paid."""


def benefit_groups(nation: Nation | None) -> list[tuple[Lazy, dict[Benefit, Lazy]]]:
    """Return the benefits of a nation under headings, by their codes; in each group those first that most get."""
    names = BENEFITS | _SCOTTISH if nation == "scotland" else BENEFITS
    groups = _IRISH if nation == "ireland" else _BRITISH
    return [(heading, {code: names[code] for code in codes}) for heading, codes in groups]


def incomes_of(household: Household, number: int) -> dict[str, Lazy]:
    """Return the kinds of income that a person is asked about: what they work for, and each benefit that they get.

    Whose benefits aren't known is asked for them together, and for what they told of before.
    """
    person = (household.people or ())[number]
    names = {code: name for _heading, group in benefit_groups(household.nation) for code, name in group.items()}
    told = {one.kind for one in person.income or ()} if person.benefits is None else set(person.benefits)
    paid = {code: name for code, name in names.items() if code in told}
    other = _OTHER_WITH_BENEFITS if person.benefits is None else INCOMES["other"]
    return {kind: name for kind, name in INCOMES.items() if kind != "other"} | paid | {"other": other}


def of_person(household: Household, number: int) -> str:
    """Return what a person of the household is called here: people give no names."""
    people = household.people or ()
    role = people[number].role
    before = sum(person.role == role for person in people[: number + 1])
    match role:
        case "applicant":
            return _("You")
        case "partner":
            return _("Your partner")
        case "child":
            return _("Child %(number)s", number=before)
        case "lodger":
            return _("Lodger %(number)s", number=before)
        case _:
            return _("Other adult %(number)s", number=before)
