"""What is known of a household: of its people, their home and their money. What is absent isn't known.

The keys are those of ``portal energy evaluate``. A list that is given is complete: ``[]`` means none.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from portal.blueprints.energy.schemes.faults import why
from portal.blueprints.energy.schemes.money import Period

Nation = Literal["england", "scotland", "wales", "northern_ireland", "ireland"]
Tenure = Literal["council", "housing_association", "private_rented", "owner"]
Band = Literal["A", "B", "C", "D", "E", "F", "G"]
Fuel = Literal["mains_gas", "electricity", "oil", "lpg", "solid_fuel", "heat_network"]
Referrer = Literal["energy_supplier", "citizens_advice", "council_scheme", "gp", "nhs"]
Role = Literal["applicant", "partner", "child", "adult", "lodger"]
Condition = Literal[
    "cardiovascular", "respiratory", "mental_health", "immunosuppressed", "limited_mobility", "disability", "terminal"
]
Benefit = Literal[
    "pension_credit_guarantee",
    "pension_credit_savings",
    "universal_credit",
    "housing_benefit",
    "income_support",
    "jsa_income",
    "esa_income",
    "working_tax_credit",
    "child_tax_credit",
    "state_pension",
    "carers_allowance",
    "attendance_allowance",
    "personal_independence_payment",
    "disability_living_allowance",
    "armed_forces_independence_payment",
    "exceptionally_severe_disablement_allowance",
    "constant_attendance_allowance",
    "industrial_injuries_disablement_benefit",
    "fuel_allowance",
    "working_family_payment",
    "disability_allowance",
    "invalidity_pension",
    "blind_pension",
    "widows_pension",
    "one_parent_family_payment",
    "jobseekers_allowance_ie",
    "domiciliary_care_allowance",
    "farm_assist",
]
IncomeKind = Literal["earnings", "self_employment", "occupational_pension", "other", Benefit]
EARNED: Final = ("earnings", "self_employment")


def _a_day(given: Any) -> Any:
    """Take a day as ISO 8601 writes it, and no number of seconds for one."""
    if isinstance(given, str):
        try:
            return datetime.strptime(given, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            raise ValueError("is no day: write 1950-02-01") from None
    return given


Birthday = Annotated[date, BeforeValidator(_a_day), Field(ge=date(1900, 1, 1), le=date(2100, 1, 1))]
Minor = Annotated[int, Field(ge=0, le=10**12)]
"""Pence or cents."""

BANDS: Final[dict[str, tuple[int, int]]] = {
    "A": (92, 999),
    "B": (81, 91),
    "C": (69, 80),
    "D": (55, 68),
    "E": (39, 54),
    "F": (21, 38),
    "G": (1, 20),
}
"""From which to which score an energy performance certificate has which letter (SAP 2012, table 14)."""


class HouseholdError(Exception):
    """What was given isn't a household; the message names each key and why."""


class _Known(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Payment(_Known):
    """So much in each period, in minor units, before tax."""

    amount: Minor
    period: Period


class Income(Payment):
    kind: IncomeKind


class Person(_Known):
    role: Role | None = None
    date_of_birth: Birthday | None = None
    in_full_time_education: bool | None = None
    pregnant: bool | None = None
    health: Annotated[tuple[Condition, ...], Field(strict=False)] | None = None
    benefits: Annotated[tuple[Benefit, ...], Field(strict=False)] | None = None
    income: Annotated[tuple[Income, ...], Field(strict=False)] | None = None


class Household(_Known):
    """imd_decile: 1 is most deprived. council_tax_reduction, free_school_meals: for low income. energy_debt: the
    supplier has found one. heating_included_in_rent: heating is provided in full with the home.
    """

    nation: Nation | None = None
    tenure: Tenure | None = None
    landlord_consents: bool | None = None
    epc_band: Band | None = None
    epc_score: Annotated[int, Field(ge=1, le=150)] | None = None
    year_built: Annotated[int, Field(ge=1000, le=2100)] | None = None
    floor_area_m2: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    months_at_address: Annotated[int, Field(ge=0, le=120 * 12)] | None = None
    imd_decile: Annotated[int, Field(ge=1, le=10)] | None = None
    main_fuel: Fuel | None = None
    heating_included_in_rent: bool | None = None
    prepayment_meter: bool | None = None
    pays_electricity_bill: bool | None = None
    energy_debt: bool | None = None
    savings: Minor | None = None
    housing_costs: Payment | None = None
    energy_costs: Payment | None = None
    council_tax_reduction: bool | None = None
    free_school_meals: bool | None = None
    referred_by: Annotated[tuple[Referrer, ...], Field(strict=False)] | None = None
    crisis: bool | None = None
    people: Annotated[tuple[Person, ...], Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _has_one_rating(self) -> Self:
        if self.epc_band and self.epc_score:
            least, most = BANDS[self.epc_band]
            if not least <= self.epc_score <= most:
                raise ValueError(f"epc_score: {self.epc_score} doesn't belong to the letter {self.epc_band}")
        return self


def household_of(given: Any) -> Household:
    """Read a household as JSON has it. Raises HouseholdError."""
    try:
        return Household.model_validate(given)
    except ValidationError as error:
        raise HouseholdError("; ".join(_in_words(error))) from None


def _in_words(error: ValidationError) -> list[str]:
    faults = error.errors(include_url=False)
    return [f"{_key(fault['loc'])}: {why(fault)}".removeprefix(": ") for fault in faults]


def _key(place: tuple[int | str, ...]) -> str:
    """Return a place as it would be written: ``people[1].income[0].period``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
