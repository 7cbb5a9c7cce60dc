"""What somebody has told the check so far. It is a value: each answer makes another one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

from portal.blueprints.energy.rules.questions import GROWN, QUESTIONS, Page, page_named
from portal.blueprints.energy.schemes.engine import HEALTH
from portal.blueprints.energy.schemes.household import Household, HouseholdError, Nation, Person, household_of


@dataclass(frozen=True, slots=True)
class Answers:
    """asked: names of the pages that were answered, "I don't know" included, in order. sources: of facts that another
    service knew and the person confirmed: the service's slug by the page's name.
    """

    household: Household
    asked: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def none(cls, nation: Nation) -> Self:
        """Return what is known of everybody here: in which nation they live."""
        return cls(Household(nation=nation))

    @classmethod
    def from_text(cls, text: str, nation: Nation) -> Self | None:
        """Read what ``text`` wrote. None if this release can't: then the check begins again."""
        try:
            given = json.loads(text)
            household = household_of(given["household"] | {"nation": nation})
            return cls(household, tuple(given["asked"]), dict(given["sources"]))
        except (ValueError, KeyError, TypeError, HouseholdError):
            return None

    @property
    def text(self) -> str:
        household = self.household.model_dump(mode="json", exclude_none=True)
        return json.dumps({"household": household, "asked": self.asked, "sources": dict(self.sources)})

    @property
    def weighable(self) -> Household:
        """Return the household as schemes weigh it: what somebody has isn't known as long as an amount is missing."""
        people = self.household.people or ()
        for number in _without_amount(self.household):
            people = _with(people, number, income=None)
        return self.household.model_copy(update={"people": people}) if people else self.household

    @property
    def told(self) -> tuple[str, ...]:
        """Return the names of the pages that something is known from, those that are asked again among them."""
        known = (
            page.name
            for question in QUESTIONS
            if question.about
            for page in question.pages(self.household)
            if page.is_answered(self.household)
        )
        return (*self.asked, *(name for name in known if name not in self.asked))

    def answered(self, page: str, household: Household, source: str | None = None) -> Self:
        """Return the answers with those of one page. household: as it is known now. source: service that knew it.

        What somebody who is new, or who gets another benefit, hasn't told yet is asked again; the rest stays.
        """
        told = replace(self, household=household)
        asked = self.asked if page in self.asked else (*self.asked, page)
        asked = tuple(name for name in asked if name == page or self.leaves_open(name) or not told.leaves_open(name))
        sources = {name: known for name, known in self.sources.items() if name != page}
        if source:
            sources[page] = source
        return replace(self, household=household, asked=asked, sources=sources)

    def leaves_open(self, name: str) -> bool:
        """Tell whether a page about people leaves something open, for one of them."""
        page = page_named(name, self.household)
        if page is None or not page.question.about:
            return False
        return page.lacks_any(self.weighable, page.question.keys)

    def unanswered(self, page: Page) -> Household:
        """Return the household when "I don't know" was said to a page. An amount that is missing takes none with it."""
        if page.question.slug == "income" and page.person in _without_amount(self.household):
            return self.household
        return page.forgotten(self.household)

    def without_health(self) -> Self:
        """Return the answers as if nothing had been said of anybody's health."""
        people = self.household.people
        if people is None:
            return self
        names = {key.removeprefix("people.") for key in HEALTH}
        bare = tuple(person.model_copy(update=dict.fromkeys(names)) for person in people)
        asked = tuple(page for page in self.asked if page.partition("/")[0] not in names_of_health())
        return replace(self, household=self.household.model_copy(update={"people": bare}), asked=asked)

    def is_part_of(self, other: Self) -> bool:
        """Tell whether these are the same answers as others, or the same without what was said of health."""
        return self.text in (other.text, other.without_health().text)

    @property
    def has_health(self) -> bool:
        """Tell whether anything was said of anybody's health."""
        return self != self.without_health()


def names_of_health() -> frozenset[str]:
    """Return the slugs of the questions about health."""
    return frozenset(("pregnancy", "health"))


def with_person(household: Household, number: int, **facts: Any) -> Household:
    """Return a household with other facts of one of its people."""
    return household.model_copy(update={"people": _with(household.people or (), number, **facts)})


def _with(people: tuple[Person, ...], number: int, **facts: Any) -> tuple[Person, ...]:
    return (*people[:number], people[number].model_copy(update=facts), *people[number + 1 :])


def _without_amount(household: Household) -> set[int]:
    """Return whose income, as they told it, lacks something."""
    people = household.people or ()
    return {number for number, person in enumerate(people) if person.role in GROWN and missing_amounts(person)}


def missing_amounts(person: Person) -> set[str]:
    """Return the benefits that somebody gets and whose amount they didn't tell, though they told of their income."""
    told = {one.kind for one in person.income or ()}
    return (
        set() if person.income is None else {str(benefit) for benefit in person.benefits or () if benefit not in told}
    )


def with_people(household: Household, name: str, values: Iterable[Any]) -> Household:
    """Return a household with another value of one fact for each of its people."""
    people = tuple(
        person.model_copy(update={name: value}) for person, value in zip(household.people or (), values, strict=True)
    )
    return household.model_copy(update={"people": people})


def with_roles(household: Household, roles: Iterable[str], *, none_of: Mapping[str, Any]) -> Household:
    """Return a household of people with these roles. Who is still there keeps what is known of them.

    none_of: what is known of a child before anything is asked.
    """
    known: dict[str, list[Person]] = {}
    for person in household.people or ():
        known.setdefault(str(person.role), []).append(person)
    people = []
    for role in roles:
        left = known.get(role)
        new = {"role": role, **(none_of if role == "child" else {})}
        people.append(left.pop(0) if left else Person.model_validate(new))
    return household.model_copy(update={"people": tuple(people)})
