"""What a condition in a scheme's file can test."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from portal.blueprints.energy.schemes.household import (
    Band,
    Benefit,
    Condition,
    Fuel,
    Nation,
    Referrer,
    Role,
    Tenure,
)
from portal.blueprints.energy.schemes.money import Sum
from portal.blueprints.energy.schemes.parts import AtMost, Born, Bounds, MoneyBounds, Part, a_sum, fills, several
from portal.council import Name, Words

Evidence = Literal[
    "identity",
    "address",
    "energy_bill",
    "bank_statements",
    "income",
    "benefit_award",
    "savings",
    "housing_costs",
    "ownership",
    "landlord_permission",
    "energy_certificate",
    "health",
    "pregnancy",
    "council_tax",
    "what_happened",
    "account_number",
    "meter_number",
]
"""What a person may have to show; the words for each are the portal's (``routes/words``)."""
SHOWS_HEALTH: Final[frozenset[Evidence]] = frozenset(("health", "pregnancy"))
"""What only those see who may know of health."""


UNLESS_SO: Final = "unless so"


def _of(values: Any) -> Any:
    return Annotated[tuple[values, ...], BeforeValidator(several), Field(min_length=1)]


class Somebody(Part):
    """A person of whom all of this is so; lists are "one of these". without_benefits: none of these is paid."""

    role: _of(Role) | None = None  # type: ignore[valid-type]
    born: Born | None = None
    aged: Bounds | None = None
    benefits: _of(Benefit) | None = None  # type: ignore[valid-type]
    without_benefits: _of(Benefit) | None = None  # type: ignore[valid-type]
    health: _of(Condition) | None = None  # type: ignore[valid-type]
    pregnant: bool | None = None
    in_full_time_education: Annotated[bool | None, Field(alias="in full-time education")] = None
    earning: bool | None = None
    income: MoneyBounds | None = None


class Test(Part):
    """Everything that is said here must be so. A list of values means one of them.

    income: of the household, as the scheme counts it. children: how many there are. to_confirm: nothing that the portal
    asks for; shown, and left out of the answer. "unless so": it is to be confirmed unless the rest is sure to be so.
    """

    tenure: _of(Tenure) | None = None  # type: ignore[valid-type]
    nation: _of(Nation) | None = None  # type: ignore[valid-type]
    epc_band: _of(Band) | None = None  # type: ignore[valid-type]
    main_fuel: _of(Fuel) | None = None  # type: ignore[valid-type]
    referred_by: _of(Referrer) | None = None  # type: ignore[valid-type]
    landlord_consents: bool | None = None
    heating_included_in_rent: bool | None = None
    prepayment_meter: bool | None = None
    pays_electricity_bill: bool | None = None
    energy_debt: bool | None = None
    council_tax_reduction: bool | None = None
    free_school_meals: bool | None = None
    crisis: bool | None = None
    epc_score: Bounds | None = None
    year_built: Bounds | None = None
    floor_area: AtMost | None = None
    months_at_address: Bounds | None = None
    imd_decile: Bounds | None = None
    children: Bounds | None = None
    savings: MoneyBounds | None = None
    energy_costs: MoneyBounds | None = None
    income: MoneyBounds | None = None
    income_after_housing_costs: MoneyBounds | None = None
    somebody: Somebody | None = None
    nobody: Somebody | None = None
    to_confirm: Literal["yes", "unless so"] | None = None
    any_of: Annotated["tuple[Clause, ...] | None", Field(min_length=1)] = None
    all_of: Annotated["tuple[Clause, ...] | None", Field(min_length=1)] = None
    two_of: Annotated["tuple[Clause, ...] | None", Field(min_length=2)] = None
    not_together: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        if not self.tests():
            raise ValueError("tests nothing")
        if self.not_together and self.two_of is None:
            raise ValueError("not together: belongs to two of")
        names = {clause.id for clause in self.two_of or ()}
        for pair in self.not_together:
            if unknown := set(pair) - names:
                raise ValueError(f"not together: there is no {', '.join(sorted(unknown))} among the two of")
        return self

    @model_validator(mode="after")
    def _confirms_what_can_turn_no_answer(self) -> Self:
        """As somebody says more, what is to be confirmed "unless so" can become so: beside something that decides, that
        turns no sure answer.
        """
        if self.to_confirm and (self.to_confirm == UNLESS_SO) == (len(self.tests()) == 1):
            raise ValueError("to confirm: is yes where nothing else is tested, and unless so beside other tests")
        either = {clause.to_confirm for clause in (*(self.any_of or ()), *(self.two_of or ()))}
        every = {clause.to_confirm for clause in self.all_of or ()}
        if UNLESS_SO in either or (UNLESS_SO in every and None not in every):
            raise ValueError("to confirm: unless so belongs in all of, beside something that decides")
        return self

    def tests(self) -> dict[str, Any]:
        """Return what is tested, by the field's name."""
        return {name: found for name in _TESTS if (found := getattr(self, name)) is not None}

    def groups(self) -> Iterator["Clause"]:
        yield from (*(self.any_of or ()), *(self.all_of or ()), *(self.two_of or ()))


class Clause(Test):
    """A part of a group. id: it is shown by itself. yes, no: why, in the reader's words; ``{limit}`` stands in them for
    the threshold. evidence: what to show for it. unconfirmed: no source was found for it.
    """

    id: Name | None = None
    yes: Words | None = None
    no: Words | None = None
    evidence: Annotated[tuple[Evidence, ...], BeforeValidator(several)] = ()
    unconfirmed: bool = False

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        if self.id and not (self.yes and self.no):
            raise ValueError("has an id, so it needs its yes and its no")
        return self

    @model_validator(mode="after")
    def _fills_its_words(self) -> Self:
        names = ("{limit}",) if any(True for _ in money_bounds(self)) else ()
        for text in filter(None, (self.yes, self.no)):
            fills(text, *names)
        return self

    def named(self) -> Iterator["Clause"]:
        """Yield this clause, if it has an id, and those inside it that have one."""
        if self.id:
            yield self
        for clause in self.groups():
            yield from clause.named()


class NamedClause(Clause):
    id: Name
    yes: Words
    no: Words


class Amount(Test):
    """A fixed sum, for a household of which the rest is so."""

    is_: Annotated[Sum, BeforeValidator(a_sum)]

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        return self

    def depends(self) -> bool:
        """Tell whether it depends on anything."""
        return bool(self.tests())


_TESTS: Final = tuple(name for name in Test.model_fields if name != "not_together")


def money_bounds(clause: Test) -> Iterator[MoneyBounds]:
    """Yield the limits in money that a clause itself tests, those of its groups left out."""
    persons = (person.income for person in (clause.somebody, clause.nobody) if person)
    for found in (clause.savings, clause.energy_costs, clause.income, clause.income_after_housing_costs, *persons):
        if found:
            yield found
