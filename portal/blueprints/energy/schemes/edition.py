"""What a scheme's file holds: one edition of one scheme. Policy officers write it; ``docs/schemes.md`` tells how."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from portal.blueprints.energy.schemes.clauses import Amount, NamedClause, Test, money_bounds
from portal.blueprints.energy.schemes.household import Household, IncomeKind, Nation, Role
from portal.blueprints.energy.schemes.money import PER_YEAR, Period, Sum, as_sum
from portal.blueprints.energy.schemes.parts import Part, PlainWords, a_sum, several
from portal.council import Availability, HttpsAddress, Name, Text

Kind = Literal["council_decides", "council_refers", "landlord", "elsewhere", "automatic"]
"""What the portal can do for a scheme, in the order in which a reader should look at them."""
Answer = Literal["yes", "no", "unknown"]
Detail = Literal["names", "supplier", "account_number", "meter_number", "what_happened", "bank"]
"""What a form may ask for beside the facts of a household, and how to reach the person, which each asks for."""
LandlordDoes = Literal["works", "letter"]
"""What the council does as landlord: works on homes, or a letter for whoever decides."""
APPLIED_FOR: Final[frozenset[Kind]] = frozenset(("council_decides", "council_refers"))
"""Kinds of schemes that the portal has a form for."""


class InForce(Part):
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


class IncomeCounted(Part):
    """Whose income counts, and which. whose: roles. from_age: that of younger children doesn't.

    not_students: that of people in full-time education doesn't. leaves_out: kinds that don't.
    """

    whose: tuple[Role, ...] = EVERYBODY
    from_age: int = 0
    not_students: bool = False
    leaves_out: tuple[IncomeKind, ...] = ()


def _as_amounts(given: Any) -> Any:
    return ({"is": given},) if isinstance(given, str) else given


class Clocks(Part):
    """How long things may take, in the reader's words."""

    decision: PlainWords | None = None
    ask_for_review: PlainWords | None = None
    review: PlainWords | None = None


class Again(Part):
    """How often one may ask. awards: so many in ``months``. days: between two of them."""

    awards: Annotated[int, Field(ge=1)] | None = None
    months: Annotated[int, Field(ge=1)] | None = None
    days: Annotated[int, Field(ge=1)] | None = None
    words: PlainWords


class Reference(Part):
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


_NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def _from_strings(given: Any) -> Any:
    """Turn what an example says, which comes as strings, into the values of JSON: sums of money into minor units."""
    match given:
        case dict():
            return {key: _from_strings(value) for key, value in given.items()}
        case list():
            return [_from_strings(value) for value in given]
        case "true" | "false":
            return given == "true"
        case str() if _NUMBER.fullmatch(given):
            return float(given) if "." in given else int(given)
        case str() if given.startswith(("£", "€")):
            return as_sum(given).minor
        case _:
            return given


class Example(Part):
    """A household and the answer that it must get. on: on that day; else on the first on which the edition holds.

    conditions: by id, where they are to be checked as well. amount: the same.
    """

    about: Text
    household: Annotated[Household, BeforeValidator(_from_strings)]
    on: date | None = None
    answer: Answer
    amount: Annotated[Sum, BeforeValidator(a_sum)] | None = None
    conditions: dict[Name, Answer] = {}


class Edition(Part):
    """One edition of a scheme. scheme, edition: their slugs, as the file's place has them too.

    gives: what one gets. run_by: who decides. how: what to do. by_when: until when, or when it comes. otherwise: what
    to do if what comes by itself doesn't. in_force: when it is the edition that holds. counts_on: the day of which ages
    count, if not that of asking. announced: False where its rules aren't known yet. availability: unless the council
    says otherwise. periods: how many of each make a year, where this scheme counts otherwise than ``PER_YEAR``.
    example_limits: what a council sets itself, as the examples take it to be. asks: what its form asks for beside the
    facts that its conditions look at. landlord_does: of a scheme that is the council's as landlord.
    """

    scheme: Name
    edition: Name
    kind: Kind
    nations: Annotated[tuple[Nation, ...], BeforeValidator(several), Field(min_length=1)]
    in_force: InForce
    counts_on: date | None = None
    announced: bool = True
    availability: Availability = "open"
    name: PlainWords
    gives: PlainWords
    run_by: PlainWords
    how: PlainWords
    by_when: PlainWords | None = None
    otherwise: PlainWords | None = None
    link: HttpsAddress | None = None
    basis: Text
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]
    unconfirmed: tuple[PlainWords, ...] = ()
    clocks: Clocks = Clocks()
    again: Again | None = None
    asks: Annotated[tuple[Detail, ...], BeforeValidator(several)] = ()
    landlord_does: LandlordDoes | None = None
    amount: Annotated[tuple[Amount, ...], BeforeValidator(_as_amounts)] = ()
    income: IncomeCounted = IncomeCounted()
    periods: dict[Period, Annotated[int, Field(ge=1)]] = {}
    conditions: tuple[NamedClause, ...] = ()
    example_limits: dict[Name, Annotated[Sum, BeforeValidator(a_sum)]] = {}
    examples: tuple[Example, ...] = ()

    @property
    def sign(self) -> str:
        """Return that of the money that it is paid in."""
        return "€" if self.nations == ("ireland",) else "£"

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
    def _asks_where_there_is_a_form(self) -> Self:
        if self.asks and self.kind not in APPLIED_FOR:
            raise ValueError("asks: there is a form only for what the council decides or refers")
        return self

    @model_validator(mode="after")
    def _says_what_the_landlord_does(self) -> Self:
        if (self.kind == "landlord") != (self.landlord_does is not None):
            raise ValueError("landlord does: works or letter, where the kind is landlord and nowhere else")
        return self

    @model_validator(mode="after")
    def _counts_in_its_own_money(self) -> Self:
        for threshold in _sums((*self.conditions, *self.amount)):
            if threshold.sign != self.sign:
                raise ValueError(f"has a sum in {threshold.sign}, but is paid in {self.sign}")
        return self


def _sums(clauses: tuple[Test, ...]) -> Iterator[Sum]:
    for clause in clauses:
        if isinstance(clause, Amount):
            yield clause.is_
        for bounds in money_bounds(clause):
            yield from (found for _, found in bounds.thresholds() if isinstance(found, Sum))
        yield from _sums(tuple(clause.groups()))
