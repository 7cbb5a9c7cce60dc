"""What a scheme's file holds: one edition of one scheme. Policy officers write it; ``docs/schemes.md`` tells how."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from portal.blueprints.energy.schemes.files import Place, SchemeError, Source, read
from portal.blueprints.energy.schemes.household import (
    Band,
    Benefit,
    Condition,
    Fuel,
    Household,
    IncomeKind,
    Nation,
    Referrer,
    Role,
    Tenure,
)
from portal.blueprints.energy.schemes.money import PER_YEAR, Period, Sum, as_sum
from portal.council import Availability, HttpsAddress, Name, Text, Words

Kind = Literal["council_decides", "council_refers", "landlord", "elsewhere", "automatic"]
"""What the portal can do for a scheme, in the order in which a reader should look at them."""
Answer = Literal["yes", "no", "unknown"]
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

LANGUAGES: Final[dict[Nation, tuple[str, ...]]] = {
    "england": ("en", "cy"),
    "wales": ("en", "cy"),
    "scotland": ("en", "cy"),
    "northern_ireland": ("en", "ga"),
    "ireland": ("en", "ga"),
}
"""In which languages a scheme of a nation is described: those that its councils may offer."""


def _several(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else (given,)


def _a_sum(given: Any) -> Any:
    return as_sum(given) if isinstance(given, str) else given


def _from_strings(given: Any) -> Any:
    """Turn what an example says, which comes as strings, into the values of JSON: sums of money into minor units."""
    match given:
        case dict():
            return {key: _from_strings(value) for key, value in given.items()}
        case list():
            return [_from_strings(value) for value in given]
        case "true" | "false":
            return given == "true"
        case str() if given.isdecimal():
            return int(given)
        case str() if given.startswith(("£", "€")):
            return as_sum(given).minor
        case _:
            return given


class _Part(BaseModel):
    """Keys are written with spaces: ``at most``."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=AliasGenerator(alias=lambda name: name.strip("_").replace("_", " ")),
    )


class SetByCouncil(_Part):
    """A threshold that each council sets, in its ``council.toml``. period: of what the council gives."""

    set_by_the_council: Name
    a: Period | None = None


Threshold = Annotated[Sum | SetByCouncil, BeforeValidator(_a_sum)]


class Bounds(_Part):
    """A whole number, or an age in years."""

    at_least: int | None = None
    more_than: int | None = None
    at_most: int | None = None
    less_than: int | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says neither at least, more than, at most nor less than")
        return self


BOUNDS: Final = ("at_least", "more_than", "at_most", "less_than")


class AtMost(_Part):
    """Of what isn't counted in whole numbers."""

    at_most: int


class MoneyBounds(_Part):
    """leaves_out: kinds of income that don't count, beside those that the scheme leaves out."""

    at_least: Threshold | None = None
    more_than: Threshold | None = None
    at_most: Threshold | None = None
    less_than: Threshold | None = None
    leaves_out: tuple[IncomeKind, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not list(self.thresholds()):
            raise ValueError("says neither at least, more than, at most nor less than")
        return self

    def thresholds(self) -> Iterator[tuple[str, Sum | SetByCouncil]]:
        """Yield each, by the field's name."""
        yield from ((name, found) for name in BOUNDS if (found := getattr(self, name)))


class Born(_Part):
    """When somebody has to be born. Both days count."""

    on_or_after: date | None = None
    on_or_before: date | None = None


def _of(values: Any) -> Any:
    return Annotated[tuple[values, ...], BeforeValidator(_several), Field(min_length=1)]


class Somebody(_Part):
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


class Test(_Part):
    """Everything that is said here must be so. A list of values means one of them.

    income: of the household, as the scheme counts it. children: how many there are. to_confirm: nothing that the portal
    asks for; shown, and left out of the answer.
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
    to_confirm: Literal["yes"] | None = None
    any_of: "tuple[Clause, ...] | None" = None
    all_of: "tuple[Clause, ...] | None" = None
    two_of: "tuple[Clause, ...] | None" = None
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
    evidence: Annotated[tuple[Evidence, ...], BeforeValidator(_several)] = ()
    unconfirmed: bool = False

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        if self.id and not (self.yes and self.no):
            raise ValueError("has an id, so it needs its yes and its no")
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


_TESTS: Final = tuple(name for name in Test.model_fields if name != "not_together")


class InForce(_Part):
    """The days on which an edition is the one that holds, both counted. until: None where no end is known."""

    from_: date
    until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until and self.until < self.from_:
            raise ValueError("until: is before from")
        return self

    def holds(self, on: date) -> bool:
        return self.from_ <= on and (self.until is None or on <= self.until)


EVERYBODY: Final[tuple[Role, ...]] = get_args(Role)


class IncomeCounted(_Part):
    """Whose income counts, and which. whose: roles. from_age: that of younger children doesn't.

    not_students: that of people in full-time education doesn't. leaves_out: kinds that don't.
    """

    whose: tuple[Role, ...] = EVERYBODY
    from_age: int = 0
    not_students: bool = False
    leaves_out: tuple[IncomeKind, ...] = ()


class Amount(Test):
    """A fixed sum, for a household of which the rest is so."""

    is_: Annotated[Sum, BeforeValidator(_a_sum)]

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        return self

    def depends(self) -> bool:
        """Tell whether it depends on anything."""
        return bool(self.tests())


def _as_amounts(given: Any) -> Any:
    return ({"is": given},) if isinstance(given, str) else given


class Clocks(_Part):
    """How long things may take, in the reader's words."""

    decision: Words | None = None
    ask_for_review: Words | None = None
    review: Words | None = None


class Again(_Part):
    """How often one may ask. awards: so many in ``months``. days: between two of them."""

    awards: Annotated[int, Field(ge=1)] | None = None
    months: Annotated[int, Field(ge=1)] | None = None
    days: Annotated[int, Field(ge=1)] | None = None
    words: Words


class Reference(_Part):
    """Where something was read, and when. mark: S in the source itself, S-old in one of an earlier year, GK nowhere."""

    address: HttpsAddress | None = None
    checked: date
    mark: Literal["S", "S-old", "GK"]
    says: Text | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.mark != "GK" and self.address is None:
            raise ValueError("address: is missing; only what is marked GK has none")
        return self


class Example(_Part):
    """A household and the answer that it must get. on: on that day; else on the first on which the edition holds.

    conditions: by id, where they are to be checked as well. amount: the same.
    """

    about: Text
    household: Annotated[Household, BeforeValidator(_from_strings)]
    on: date | None = None
    answer: Answer
    amount: Annotated[Sum, BeforeValidator(_a_sum)] | None = None
    conditions: dict[Name, Answer] = {}


class Edition(_Part):
    """One edition of a scheme. scheme, edition: their slugs, as the file's place has them too.

    gives: what one gets. run_by: who decides. how: what to do. by_when: until when, or when it comes. otherwise: what
    to do if what comes by itself doesn't. in_force: when it is the edition that holds. counts_on: the day of which ages
    count, if not that of asking. announced: False where its rules aren't known yet. availability: unless the council
    says otherwise. periods: how many of each make a year, where this scheme counts otherwise than ``PER_YEAR``.
    example_limits: what a council sets itself, as the examples take it to be.
    """

    scheme: Name
    edition: Name
    kind: Kind
    nations: Annotated[tuple[Nation, ...], BeforeValidator(_several), Field(min_length=1)]
    in_force: InForce
    counts_on: date | None = None
    announced: bool = True
    availability: Availability = "open"
    name: Words
    gives: Words
    run_by: Words
    how: Words
    by_when: Words | None = None
    otherwise: Words | None = None
    link: HttpsAddress | None = None
    basis: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    unconfirmed: tuple[Words, ...] = ()
    clocks: Clocks = Clocks()
    again: Again | None = None
    amount: Annotated[tuple[Amount, ...], BeforeValidator(_as_amounts)] = ()
    income: IncomeCounted = IncomeCounted()
    periods: dict[Period, Annotated[int, Field(ge=1)]] = {}
    conditions: tuple[NamedClause, ...] = ()
    example_limits: dict[Name, Annotated[Sum, BeforeValidator(_a_sum)]] = {}
    examples: tuple[Example, ...] = ()

    @property
    def per_year(self) -> dict[Period, int]:
        return PER_YEAR | self.periods

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.announced and not self.conditions:
            raise ValueError("conditions: are missing; an edition without is marked announced: no")
        if self.announced and not self.examples:
            raise ValueError("examples: are missing")
        names = [clause.id for condition in self.conditions for clause in condition.named()]
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise ValueError(f"conditions: {', '.join(twice)} stands there twice")
        for position, example in enumerate(self.examples):
            if unknown := sorted(set(example.conditions) - set(names)):
                raise ValueError(
                    f"examples: number {position + 1} speaks of {', '.join(unknown)}, which is no condition"
                )
        return self

    @model_validator(mode="after")
    def _counts_in_its_own_money(self) -> Self:
        sign = "€" if self.nations == ("ireland",) else "£"
        for threshold in _sums((*self.conditions, *self.amount)):
            if threshold.sign != sign:
                raise ValueError(f"has a sum in {threshold.sign}, but is paid in {sign}")
        return self


def _sums(clauses: tuple[Test, ...]) -> Iterator[Sum]:
    for clause in clauses:
        if isinstance(clause, Amount):
            yield clause.is_
        for bounds in money_bounds(clause):
            yield from (found for _, found in bounds.thresholds() if isinstance(found, Sum))
        yield from _sums(tuple(clause.groups()))


def money_bounds(clause: Test) -> Iterator[MoneyBounds]:
    """Yield the limits in money that a clause itself tests, those of its groups left out."""
    persons = (person.income for person in (clause.somebody, clause.nobody) if person)
    for found in (clause.savings, clause.energy_costs, clause.income, clause.income_after_housing_costs, *persons):
        if found:
            yield found


def load_edition(path: Path) -> Edition:
    """Read one file. Raises SchemeError, which has a line for each fault: file, line, what and why."""
    source = read(path)
    if not isinstance(source.data, dict):
        raise SchemeError(f"{path}:1: is no mapping of keys to values")
    try:
        edition = Edition.model_validate(source.data, context=_languages(source.data.get("nations")))
    except ValidationError as error:
        raise SchemeError("\n".join(_complaints(source, error))) from None
    if (path.parent.name, path.stem) != (edition.scheme, edition.edition):
        raise SchemeError(source.complaint(("scheme",), f"belongs in {edition.scheme}/{edition.edition}.yaml"))
    return edition


def _languages(nations: object) -> tuple[str, ...]:
    given = [str(nation) for nation in (nations if isinstance(nations, list) else [nations])]
    found = (language for nation, languages in LANGUAGES.items() if nation in given for language in languages)
    return tuple(dict.fromkeys(found)) or ("en",)


_REASONS = {"missing": "is missing", "extra_forbidden": "there is no such key"}


def _complaints(source: Source, error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        place: Place = detail["loc"]
        why = _REASONS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if detail["type"] == "extra_forbidden" and str(place[-1])[:1].isdecimal():
            why += "; put a sum that has a comma in quotes"
        yield source.complaint(place, why)
