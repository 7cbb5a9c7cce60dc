"""The questions of the check: which facts each asks for, and of whom. Their words are in ``forms``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from portal.blueprints.energy.schemes.household import Household, Nation, Person

UK: Final[frozenset[Nation]] = frozenset(("england", "scotland", "wales", "northern_ireland"))
EVERYWHERE: Final[frozenset[Nation]] = UK | {"ireland"}
GROWN: Final = frozenset(("applicant", "partner", "adult", "lodger"))
EVERYBODY: Final = GROWN | {"child"}


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the check, or one for each of some people. keys: of the household, that its answer tells.

    about: roles of those whom it is about; empty if it is about the home. apart: each of them has a page. tenures: of
    homes that it is asked about once it is known which it is, None for all.
    """

    slug: str
    keys: tuple[str, ...]
    about: frozenset[str] = frozenset()
    apart: bool = False
    nations: frozenset[Nation] = EVERYWHERE
    tenures: frozenset[str] | None = None

    def pages(self, household: Household) -> "Iterator[Page]":
        """Yield its pages for a household, whether they were answered or not."""
        if household.nation not in self.nations:
            return
        if self.tenures and household.tenure not in self.tenures:
            return
        people = [number for number, person in enumerate(household.people or ()) if person.role in self.about]
        if self.apart:
            yield from (Page(self, number) for number in people)
        elif people or not self.about:
            yield Page(self)


@dataclass(frozen=True, slots=True)
class Page:
    """A question, or a question about one person. person: their place in the household."""

    question: Question
    person: int | None = None

    @property
    def name(self) -> str:
        return self.question.slug if self.person is None else f"{self.question.slug}/{self.person}"

    def lacks(self, household: Household, key: str) -> bool:
        """Tell whether a fact isn't known that the page asks for."""
        of_home, of_person = key.removeprefix("people."), key.partition(".")[2]
        if not of_person:
            return getattr(household, of_home) is None
        return any(getattr(person, of_person) is None for person in self.people(household))

    def lacks_any(self, household: Household, keys: Collection[str]) -> bool:
        """Tell whether one of these facts isn't known that the page asks for."""
        return any(self.lacks(household, key) for key in self.question.keys if key in keys)

    def is_answered(self, household: Household) -> bool:
        """Tell whether anything is known that the page asks for."""
        if self.question.slug == "people":
            return household.people is not None
        keys = self.question.keys
        if all("." in key for key in keys):
            names = [key.partition(".")[2] for key in keys]
            return any(getattr(one, name) is not None for one in self.people(household) for name in names)
        return any(getattr(household, key) is not None for key in keys)

    def people(self, household: Household) -> list[Person]:
        """Return those whom it is about."""
        people = household.people or ()
        if self.person is not None:
            return [people[self.person]]
        return [person for person in people if person.role in self.question.about]

    def forgotten(self, household: Household) -> Household:
        """Return a household of which nothing is known that the page asks for."""
        home = {key: None for key in self.question.keys if "." not in key and key != "people"}
        of_people = {key.partition(".")[2] for key in self.question.keys if "." in key} - {"role"}
        people = household.people
        if people and of_people:
            about = self.people(household)
            people = tuple(
                person.model_copy(update=dict.fromkeys(of_people)) if any(person is one for one in about) else person
                for person in people
            )
        return household.model_copy(update={**home, "people": None if "people" in self.question.keys else people})


QUESTIONS: Final = (
    Question("emergency", ("crisis",)),
    Question("home", ("tenure",)),
    Question("people", ("people", "people.role")),
    Question("birthdays", ("people.date_of_birth",), EVERYBODY),
    Question("benefits", ("people.benefits",), GROWN, apart=True),
    Question("child-benefits", ("people.benefits",), frozenset(("child",)), nations=UK),
    Question("income", ("people.income",), GROWN, apart=True),
    Question("savings", ("savings",)),
    Question("bills", ("pays_electricity_bill", "prepayment_meter", "heating_included_in_rent", "energy_debt")),
    Question("rent", ("housing_costs",)),
    Question("low-income", ("council_tax_reduction", "free_school_meals"), nations=UK),
    Question("studying", ("people.in_full_time_education",), EVERYBODY),
    Question("rating", ("epc_band", "epc_score")),
    Question("building", ("year_built", "floor_area_m2")),
    Question("moved-in", ("months_at_address",)),
    Question("fuel", ("main_fuel",)),
    Question(
        "landlord", ("landlord_consents",), tenures=frozenset(("council", "housing_association", "private_rented"))
    ),
    Question("energy-costs", ("energy_costs",)),
    Question("referred", ("referred_by",)),
    Question("pregnancy", ("people.pregnant",), GROWN),
    Question("health", ("people.health",), EVERYBODY, apart=True),
)
"""Where one fact has two questions, they are about different people."""

FIRST: Final = {"income": "benefits"}
"""Questions that are asked after another about the same person, whose answer they build on."""
BY_SLUG: Final = {question.slug: question for question in QUESTIONS}


def page_named(name: str, household: Household) -> Page | None:
    """Return the page of a name; None if there is none for this household."""
    question = BY_SLUG.get(name.partition("/")[0])
    return next((page for page in question.pages(household) if page.name == name), None) if question else None
